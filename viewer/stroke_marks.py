"""A timeline's strokes as stretches of one verdict, for the bar below the torso."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from annotations.verdict import Verdict

if TYPE_CHECKING:
    from annotations.timeline import Passage, Timeline


@dataclass(frozen=True)
class Run:
    """A stretch of time in which a stroke's verdict stays the same.

    Attributes
    ----------
    start_s, end_s : float
    verdict : Verdict
    """

    start_s: float
    end_s: float
    verdict: Verdict


def verdict_runs(timeline: Timeline) -> tuple[Run, ...]:
    """Return the runs of all passages, mildest first: drawn in this order the strictest shows."""
    runs = [run for passage in timeline.passages for run in _runs(passage)]
    return tuple(sorted(runs, key=lambda run: (run.verdict, run.start_s)))


def strokes_at(timeline: Timeline, t: float) -> tuple[Passage, ...]:
    """Return the passages that go on at a time."""
    return tuple(item for item in timeline.passages if item.start_s <= t <= item.end_s)


def neighbour_start(timeline: Timeline, t: float, way: int) -> float:
    """Return when the next (way 1) or the last (way -1) stroke or scene before a time begins.

    Parameters
    ----------
    timeline : Timeline
    t : float
        Seconds.
    way : int
        1 or -1.
    """
    passages = (item.start_s for item in timeline.passages)
    starts = sorted({mark.t for mark in timeline.marks} or set(passages))
    if way > 0:
        return next((start for start in starts if start > t + 0.05), timeline.duration_s)
    # Just after its beginning a stroke is left for the one before it.
    return next((start for start in reversed(starts) if start < t - 0.5), 0.0)


def _runs(passage: Passage) -> list[Run]:
    verdicts = passage.verdict
    edges = np.flatnonzero(np.diff(verdicts)) + 1
    bounds = [0, *(int(edge) for edge in edges), len(verdicts)]
    times = passage.times
    return [
        Run(
            float(times[low]),
            float(times[min(high, len(times) - 1)]),
            Verdict(int(verdicts[low])),
        )
        for low, high in pairwise(bounds)
    ]
