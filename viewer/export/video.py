"""A timeline as a video: every frame resolved, drawn, lettered and handed to the encoder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotations.caution import CautionField, caution_field
from annotations.timeline import Moment, Pair, Timeline, ease
from meshes.atlas import Atlas
from meshes.progress import Progress, silent
from viewer.camera import lens_of
from viewer.export.encoder import Film, encode
from viewer.labels import marks_of
from viewer.lettering import Lettering
from viewer.renderer import OffScreen
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState

Pixels = NDArray[np.uint8]

#: A caution surface comes up and goes away over this time.
CAUTION_FADE_S = 0.5


def save_video(
    path: Path,
    atlas: Atlas,
    timeline: Timeline,
    film: Film | None = None,
    progress: Progress = silent,
) -> None:
    """Draw a timeline and write it as MP4, WebM or GIF, by the name's ending.

    Parameters
    ----------
    path : Path
    atlas : Atlas
    timeline : Timeline
    film : Film, optional
        1280x720 at 30 frames per second unless given.
    progress : Progress

    Raises
    ------
    InputError, MachineError, WriteError
        See :func:`viewer.export.encoder.encode`.
    """
    film = film or Film()
    encode(Path(path), frames(atlas, timeline, film, progress), film, title=timeline.title)


def frames(
    atlas: Atlas, timeline: Timeline, film: Film, progress: Progress = silent
) -> Iterator[Pixels]:
    """Yield every frame of a timeline, shape (height, width, 3).

    A frame in which nothing differs from the one before is not drawn again.
    """
    count = frame_count(timeline, film)
    oversampling = 2 if film.width * film.height <= 2_100_000 else 1
    fields: dict[Pair, CautionField] = {}
    lettering = Lettering(film.size)
    last_picture: Picture | None = None
    pixels: Pixels | None = None
    with OffScreen(film.size, oversampling) as screen:
        scene = Scene(screen.plotter)
        for index in range(count):
            picture = picture_at(atlas, timeline, index / film.fps, fields)
            if pixels is None or last_picture is None or not same(picture, last_picture):
                scene.show(picture)
                pixels = screen.picture()
            last_picture = picture
            lens = lens_of(picture.camera, scene.frame, film.width / film.height)
            yield lettering.over(pixels, marks_of(picture, lens, film.size))
            progress((index + 1) / count, "drawing")
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
