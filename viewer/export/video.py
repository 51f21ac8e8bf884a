"""A timeline as a video: every frame drawn (``frames``) and handed to the encoder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from annotations.timeline import Timeline
from meshes.atlas import Atlas
from meshes.progress import Progress, silent
from viewer.export.encoder import Film, encode
from viewer.export.frames import Pixels, frame_count, frames


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
    encode(Path(path), _told(atlas, timeline, film, progress), film, title=timeline.title)


def _told(atlas: Atlas, timeline: Timeline, film: Film, progress: Progress) -> Iterator[Pixels]:
    count = frame_count(timeline, film)
    for index, frame in enumerate(frames(atlas, timeline, film)):
        yield frame
        progress((index + 1) / count, "drawing")
