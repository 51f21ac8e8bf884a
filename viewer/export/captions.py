"""Captions beside a video, as WebVTT: the text that is drawn in, for who listens or translates.

Players show ``routine.vtt`` with ``routine.mp4`` when the two lie side by side.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from annotations.timeline import Timeline
from viewer.export.atomic import whole_file

SUFFIX = ".vtt"
#: A cue must end after it starts, and WebVTT counts milliseconds.
_SHORTEST_S = 0.002


def save_captions(path: Path, timeline: Timeline, credit: str) -> None:
    """Write a timeline's captions as WebVTT; the file appears when it is whole.

    Parameters
    ----------
    path : Path
        Usually the video's, ending in ``.vtt``.
    timeline : Timeline
    credit : str
        Licence and notice, kept as a comment.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    with whole_file(Path(path)) as beside:
        beside.write_text(web_vtt(timeline, credit), encoding="utf-8", newline="\n")


def web_vtt(timeline: Timeline, note: str = "") -> str:
    """Return a timeline's captions as a WebVTT document.

    Where two captions overlap the later one is shown, as in the picture: a cue ends where the
    next one starts.

    Parameters
    ----------
    timeline : Timeline
    note : str
        Credits, kept as a comment.
    """
    blocks = ["WEBVTT" + (f" - {_plain(timeline.title)}" if timeline.title else "")]
    if note:
        blocks.append("NOTE " + _plain(note))
    for number, (start, end, text) in enumerate(cues(timeline), 1):
        blocks.append(f"{number}\n{_clock(start)} --> {_clock(end)}\n{_escaped(text)}")
    return "\n\n".join(blocks) + "\n"


def cues(timeline: Timeline) -> list[tuple[float, float, str]]:
    """Return what is shown when, in rising order and without overlap: start, end, text."""
    times = sorted(
        {0.0, timeline.duration_s}
        | {
            min(max(t, 0.0), timeline.duration_s)
            for item in timeline.captions
            for t in (item.start_s, item.end_s)
        }
    )
    found: list[tuple[float, float, str]] = []
    for start, end in pairwise(times):
        text = timeline.sample((start + end) / 2.0).caption
        if not text or end - start < _SHORTEST_S:
            continue
        if found and found[-1][2] == text and found[-1][1] == start:
            start = found.pop()[0]  # noqa: PLW2901
        found.append((start, end, text))
    return found


def _clock(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000.0), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def _plain(text: str) -> str:
    # In a header or a comment "-->" would end it.
    return " ".join(text.split()).replace("-->", "->")


def _escaped(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    joined = "\n".join(line for line in lines if line)
    return joined.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
