"""The frames of a timeline: each a pure function of its number, whoever draws it and when.

Segments of one film may be drawn in any order, by any process, and joined: a frame depends on
the atlas, the timeline, the film's size and rate and its own number, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np

from annotations.caution import CautionField, caution_field
from annotations.timeline import CameraPose, Moment, Pair, Timeline, ease
from meshes.atlas import Atlas
from viewer.camera import frame_of, lens_of
from viewer.export.encoder import Film
from viewer.export.frame import Frame
from viewer.export.page import Page
from viewer.fixed_view import FixedView
from viewer.labels import marks_of
from viewer.lettering import Lettering
from viewer.marks import Mark
from viewer.moving_view import MovingView
from viewer.palette import BACKGROUND
from viewer.renderer import OffScreen
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState
from viewer.static_anatomy import StaticAnatomy

#: Peel depth, caution pair, how far it has come up, title.
Look = tuple[float, Pair | None, float, str]

#: A caution surface comes up and goes away over this time.
CAUTION_FADE_S = 0.5
#: Pixels of a picture that is drawn larger and reduced.
_MOST_SMOOTHED = 3840 * 2160
_PICTURES_KEPT = 6
#: Of degrees, millimetres and zoom.
_DIGITS = 9


def frames(
    atlas: Atlas, timeline: Timeline, film: Film, start: int = 0, stop: int | None = None
) -> Iterator[Frame]:
    """Yield the frames ``start`` to ``stop`` (excluded) of a timeline.

    Parameters
    ----------
    atlas : Atlas
    timeline : Timeline
    film : Film
        Size and rate.
    start, stop : int
        Numbers of the first frame and of the one after the last; all frames unless given.

    Yields
    ------
    Frame
        Of shape (height, width, 3); equal consecutive frames may be one.

    Raises
    ------
    MachineError
        If this machine cannot draw.
    """
    stop = frame_count(timeline, film) if stop is None else stop
    with OffScreen(film.size, oversampling_of(film)) as screen:
        painter = _Painter(screen, atlas, timeline, film)
        for index in range(start, stop):
            yield painter.frame(index)
        painter.close()


def oversampling_of(film: Film) -> int:
    """Return how many pixels are drawn per pixel and direction: two, up to 4K.

    >>> oversampling_of(Film(3840, 2160)), oversampling_of(Film(7680, 4320))
    (2, 1)
    """
    return 2 if film.width * film.height <= _MOST_SMOOTHED else 1


class _Painter:
    """Draws frames, and of each only what differs from what stands still.

    Whether a frame is drawn whole or over a still picture is decided by its neighbours in the
    timeline, never by what was drawn before, so that every segment of a film decides alike.
    """

    def __init__(self, screen: OffScreen, atlas: Atlas, timeline: Timeline, film: Film) -> None:
        self._screen = screen
        self._atlas = atlas
        self._timeline = timeline
        self._film = film
        self._count = frame_count(timeline, film)
        self._scene = Scene(screen.plotter)
        self._fields: dict[Pair, CautionField] = {}
        self._alike: dict[Look, Picture] = {}
        self._pictures: dict[int, Picture] = {}
        self._lettered: dict[int, tuple[Mark, ...]] = {}
        self._words: tuple[Picture, tuple[Mark, ...]] | None = None
        self._lettering = Lettering(film.size)
        self._fixed: FixedView | None = None
        self._copies = StaticAnatomy(screen), StaticAnatomy(screen)
        self._keeps = True
        self._moving = MovingView(screen, self._scene, self._picture, self._poses)
        #: For a camera that stands, and for one that moves.
        self._page: Page | None = None
        self._blank: Page | None = None
        self._last: tuple[Picture, tuple[Mark, ...], Frame] | None = None

    def frame(self, index: int) -> Frame:
        """Return a frame by its number."""
        picture, marks = self._picture(index), self._marks(index)
        if self._last is not None and self._last[1] == marks and same(self._last[0], picture):
            return self._last[2]
        stands = any(
            0 <= near < self._count and still(picture, self._picture(near))
            for near in (index - 1, index + 1)
        )
        stands = stands and not picture.opened
        fixed = self._still(picture) if stands and self._keeps else None
        frame = self._whole(index) if fixed is None else self._over(fixed, index)
        self._last = (picture, marks, frame)
        return frame

    def close(self) -> None:
        """Take everything off the screen."""
        self._scene.close()

    def _picture(self, index: int) -> Picture:
        if index not in self._pictures:
            while len(self._pictures) > _PICTURES_KEPT:
                self._pictures.pop(next(iter(self._pictures)))
            t = index / self._film.fps
            self._pictures[index] = picture_at(
                self._atlas, self._timeline, t, self._fields, self._alike
            )
        return self._pictures[index]

    def _poses(self) -> list[CameraPose]:
        times = (index / self._film.fps for index in range(self._count))
        return [_rounded(self._timeline.camera_at(t)) for t in times]

    def _marks(self, index: int) -> tuple[Mark, ...]:
        if index not in self._lettered:
            picture, size = self._picture(index), self._film.size
            while len(self._lettered) > _PICTURES_KEPT:
                self._lettered.pop(next(iter(self._lettered)))
            self._lettered[index] = self._written(picture, size)
        return self._lettered[index]

    def _written(self, picture: Picture, size: tuple[int, int]) -> tuple[Mark, ...]:
        """Return what is written, the same object as long as it is the same."""
        last = self._words
        if last is not None and _reads_alike(last[0], picture):
            return last[1]
        lens = lens_of(picture.camera, frame_of(self._atlas), size[0] / size[1])
        marks = marks_of(picture, lens, size)
        if last is not None and marks == last[1]:
            marks = last[1]
        self._words = picture, marks
        return marks

    def _whole(self, index: int) -> Frame:
        marks = self._marks(index)
        if self._blank is None:
            ground = np.empty((self._film.height, self._film.width, 3), dtype=np.uint8)
            ground[:] = BACKGROUND
            self._blank = Page(ground, self._lettering, marks)
        return self._blank.frame(marks, [self._moving.part(index)])

    def _still(self, picture: Picture) -> FixedView | None:
        """Return the still picture under this one; None where it cannot be kept."""
        if self._fixed is None or not still(self._fixed.picture, picture):
            self._moving.leave()
            self._fixed = FixedView(self._screen, self._scene, self._copies, picture)
            self._keeps = self._copies[0].works()
        return self._fixed if self._keeps else None

    def _over(self, fixed: FixedView, index: int) -> Frame:
        if self._page is None or self._page.below is not fixed.pixels:
            self._page = Page(fixed.pixels, self._lettering, self._marks(index))

        parts = fixed.parts(self._picture(index), lambda: self._prepare(index + 1))
        return self._page.frame(self._marks(index), parts)

    def _prepare(self, index: int) -> None:
        """Work out what a frame will ask for, and is the same whenever it is worked out."""
        for near in (index, index + 1):
            if near < self._count:
                self._picture(near)
        if index < self._count:
            marks, picture = self._marks(index), self._picture(index)
            fixed = self._fixed
            if fixed is not None and still(fixed.picture, picture):
                fixed.prepare(picture)
                if self._page is not None and self._page.below is fixed.pixels:
                    self._page.prepare(marks)


def frame_count(timeline: Timeline, film: Film) -> int:
    """Return the number of frames, at least one."""
    return max(1, round(timeline.duration_s * film.fps))


def picture_at(
    atlas: Atlas,
    timeline: Timeline,
    t: float,
    kept: dict[Pair, CautionField],
    alike: dict[Look, Picture] | None = None,
) -> Picture:
    """Return the picture of a time.

    Parameters
    ----------
    atlas : Atlas
    timeline : Timeline
    t : float
        Seconds.
    kept : dict
        Caution fields by pair; missing ones are added.
    alike : dict, optional
        The last picture resolved; used again while nothing but camera, hands and words change.
    """
    moment = timeline.sample(t)
    pair, share = caution_at(timeline, moment)
    field = None
    if pair is not None and "skin" in atlas:
        if pair not in kept:
            kept[pair] = caution_field(atlas, *pair)
        field = kept[pair]
    moment = replace(moment, camera=_rounded(moment.camera))
    # Between strokes, while nothing is peeled, the picture bears the timeline's own title.
    title = moment.stroke or (timeline.title if moment.peel < 0.5 else "")
    state = replace(ViewState.at(moment, title=title), caution=pair, caution_share=share)
    if alike is None or state.lens is not None:
        # A window moves with its hand and opens and closes with it.
        return resolve(state, atlas, field)
    look = (state.peel, pair, share, title)
    if look not in alike:
        alike.clear()
        alike[look] = resolve(state, atlas, field)
    return replace(
        alike[look],
        camera=moment.camera,
        contacts=moment.contacts,
        trails=moment.trails,
        beneath=moment.beneath,
        caption=moment.caption,
    )


def _rounded(pose: CameraPose) -> CameraPose:
    """Between two equal keys the last digits waver; a camera that stands must stand."""
    return CameraPose(
        round(pose.azimuth_deg, _DIGITS),
        round(pose.elevation_deg, _DIGITS),
        round(pose.zoom, _DIGITS),
        np.round(pose.focus, _DIGITS),
    )


def caution_at(timeline: Timeline, moment: Moment) -> tuple[Pair | None, float]:
    """Return the caution pair to draw at a time and how far it has come up.

    After a pair is taken away it is still drawn, fading, for a moment.
    """
    before: Pair | None = None
    now: Pair | None = None
    since = -CAUTION_FADE_S
    for key in timeline.caution:
        if key.t > moment.t:
            break
        if key.value != now:
            before, now, since = now, key.value, key.t
    share = ease((moment.t - since) / CAUTION_FADE_S)
    if now is None:
        return (before, 1.0 - share) if before is not None and share < 1.0 else (None, 0.0)
    return now, share if before is None else 1.0


def still(one: Picture, other: Picture) -> bool:
    """Whether two pictures look the same but for hands, trails and lettering."""
    a, b = one.camera, other.camera
    return (
        one.draws == other.draws
        and one.caution is other.caution
        and one.chart is other.chart
        and one.caution_share == other.caution_share
        and one.lens == other.lens
        and a.azimuth_deg == b.azimuth_deg
        and a.elevation_deg == b.elevation_deg
        and a.zoom == b.zoom
        and bool(np.array_equal(a.focus, b.focus))
    )


def _reads_alike(one: Picture, other: Picture) -> bool:
    """Whether the same is written in two pictures of a film."""
    return (
        one.caption == other.caption
        and one.title == other.title
        and one.beneath == other.beneath
        and still(one, other)
    )


def same(one: Picture, other: Picture) -> bool:
    """Whether two pictures look the same but for their lettering."""
    return (
        _equal(one.contacts, other.contacts)
        and _equal(one.trails, other.trails)
        and still(one, other)
    )


def _equal(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether plain data with arrays in it is the same, field by field."""
    if len(one) != len(other):
        return False
    return all(
        np.array_equal(getattr(a, field.name), getattr(b, field.name))
        for a, b in zip(one, other, strict=True)
        for field in fields(a)
    )
