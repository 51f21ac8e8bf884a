"""``palpate tour`` and ``palpate export``: videos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from meshes.errors import InputError
from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import say
from viewer.commands.picture import size_of

if TYPE_CHECKING:
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.progress import Progress
    from viewer.export.encoder import Film


def tour(
    *,
    out: Path = Path("tour.mp4"),
    size: str = "1280x720",
    fps: float = 30.0,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Write the guided demonstration as a video, on a machine without a screen too.

    Parameters
    ----------
    out : Path
        File to write: .mp4, .webm or .gif.
    size : str
        Width and height in pixels, WIDTHxHEIGHT.
    fps : float
        Frames per second.
    """
    from viewer.progress_bar import ProgressBar
    from viewer.tour import save_tour

    film = _film(out, size, fps)
    atlas = options.open()
    with ProgressBar(f"writing {out.name}") as progress:
        save_tour(out, atlas, film, progress)
    say(f"wrote {out.resolve()}")
    return 0


def export(
    protocol: str,
    /,
    *,
    out: Path,
    size: str = "1280x720",
    fps: float = 30.0,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Write a protocol as a video, a web page or an animated model.

    Parameters
    ----------
    protocol : str
        A protocol file, or the name of one that comes with Palpate.
    out : Path
        File to write: .mp4 or .webm (captions beside it as .vtt), .gif, .html (one page that
        works without a network) or .glb.
    size : str
        Width and height of a video in pixels, WIDTHxHEIGHT.
    fps : float
        Frames per second of a video.
    """
    from annotations.compose import protocol_timeline
    from annotations.protocol import open_protocol
    from viewer.progress_bar import ProgressBar

    film = None if out.suffix.lower() in _MODELS else _film(out, size, fps, _MODELS)
    strokes = open_protocol(protocol)
    atlas = options.for_protocol(strokes.pose).open()
    with ProgressBar("laying the strokes") as progress:
        timeline = protocol_timeline(atlas, strokes, progress)
    with ProgressBar(f"writing {out.name}") as progress:
        _save(out, atlas, timeline, film, progress)
    say(f"wrote {out.resolve()} ({timeline.duration_s:.0f} s)")
    return 0


#: What is not drawn here but on the reader's machine.
_MODELS = (".html", ".glb")


def _save(
    out: Path, atlas: Atlas, timeline: Timeline, film: Film | None, progress: Progress
) -> None:
    if film is None and out.suffix.lower() == ".html":
        from viewer.export.html import save_html

        save_html(out, atlas, timeline, progress)
    elif film is None:
        from viewer.export.glb import save_glb

        save_glb(out, atlas, timeline, progress)
    else:
        from viewer.export.video import save_video

        save_video(out, atlas, timeline, film, progress)


def _film(out: Path, size: str, fps: float, others: tuple[str, ...] = ()) -> Film:
    """Read what the video is to be; a mistake is told before anything is built."""
    from viewer.export.encoder import Film
    from viewer.export.video import SUFFIXES

    if out.suffix.lower() not in SUFFIXES:
        valid = ", ".join((*SUFFIXES, *others))
        raise InputError(f"--out ending in {valid} required, received {str(out)!r}")
    if not 1.0 <= fps <= 120.0:
        raise InputError(f"--fps 1 to 120 required, received {fps:g}")
    width, height = size_of(size)
    if not (64 <= width <= 7680 and 64 <= height <= 4320):
        raise InputError(f"--size 64x64 to 7680x4320 required, received {size!r}")
    return Film(width, height, fps)
