"""The guided demonstration as a video."""

from __future__ import annotations

from pathlib import Path

from annotations.tour import tour_timeline
from meshes.atlas import Atlas
from meshes.progress import Progress, part_of, silent
from viewer.export.encoder import Film
from viewer.export.video import save_video

#: Share of the time that laying the strokes takes.
_LAYING = 0.08


def save_tour(
    path: Path, atlas: Atlas, film: Film | None = None, progress: Progress = silent
) -> None:
    """Write the guided demonstration on an atlas as a video.

    Parameters
    ----------
    path : Path
        Ending in ``.mp4``, ``.webm`` or ``.gif``.
    atlas : Atlas
    film : Film, optional
        1280x720 at 30 frames per second unless given.
    progress : Progress

    Raises
    ------
    InputError, MachineError, WriteError
        See :func:`viewer.export.video.save_video`.
    """
    timeline = tour_timeline(atlas, progress=part_of(progress, 0.0, _LAYING))
    save_video(path, atlas, timeline, film, part_of(progress, _LAYING, 1.0))
