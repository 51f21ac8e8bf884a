"""The frames of a timeline: each a pure function of its number, whoever draws it and when.

Segments of one film may be drawn in any order, by any process, and joined: a frame depends on
the atlas, the timeline, the film's size and rate and its own number, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotations.caution import CautionField, caution_field
from annotations.timeline import Moment, Pair, Timeline, ease
from meshes.atlas import Atlas
from viewer.camera import lens_of
from viewer.export.encoder import Film
from viewer.labels import marks_of
from viewer.lettering import Lettering
from viewer.renderer import OffScreen
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState

Pixels = NDArray[np.uint8]

#: A caution surface comes up and goes away over this time.
CAUTION_FADE_S = 0.5


def frames(
    atlas: Atlas, timeline: Timeline, film: Film, start: int = 0, stop: int | None = None
) -> Iterator[Pixels]:
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
    ndarray of uint8, shape (height, width, 3)
        Not to be written to: equal consecutive frames may be one array.

    Raises
    ------
    MachineError
        If this machine cannot draw.
    """
    stop = frame_count(timeline, film) if stop is None else stop
    oversampling = 2 if film.width * film.height <= 2_100_000 else 1
    fields: dict[Pair, CautionField] = {}
    lettering = Lettering(film.size)
    last_picture: Picture | None = None
    pixels: Pixels | None = None
    with OffScreen(film.size, oversampling) as screen:
        scene = Scene(screen.plotter)
        for index in range(start, stop):
            picture = picture_at(atlas, timeline, index / film.fps, fields)
            if pixels is None or last_picture is None or not same(picture, last_picture):
                scene.show(picture)
                pixels = screen.picture()
            last_picture = picture
            lens = lens_of(picture.camera, scene.frame, film.width / film.height)
            yield lettering.over(pixels, marks_of(picture, lens, film.size))
        scene.close()


def frame_count(timeline: Timeline, film: Film) -> int:
    """Return the number of frames, at least one."""
    return max(1, round(timeline.duration_s * film.fps))


def picture_at(
    atlas: Atlas, timeline: Timeline, t: float, fields: dict[Pair, CautionField]
) -> Picture:
    """Return the picture of a time; caution fields are kept in ``fields``."""
    moment = timeline.sample(t)
    pair, share = caution_at(timeline, moment)
    field = None
    if pair is not None and "skin" in atlas:
        if pair not in fields:
            fields[pair] = caution_field(atlas, *pair)
        field = fields[pair]
    state = replace(ViewState.at(moment), caution=pair, caution_share=share)
    return resolve(state, atlas, field)


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


def same(one: Picture, other: Picture) -> bool:
    """Whether two pictures look the same but for their lettering."""
    a, b = one.camera, other.camera
    return (
        one.draws == other.draws
        and one.caution is other.caution
        and one.caution_share == other.caution_share
        and not one.contacts
        and not other.contacts
        and not one.trails
        and not other.trails
        and a.azimuth_deg == b.azimuth_deg
        and a.elevation_deg == b.elevation_deg
        and a.zoom == b.zoom
        and bool(np.array_equal(a.focus, b.focus))
    )
