"""Stretches of one verdict on the time line."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotations.timeline import Mark
from annotations.verdict import Verdict
from meshes.progress import silent
from tests.phantom import phantom_atlas
from tests.viewer.desk import stroke
from viewer.stroke_marks import neighbour_start, strokes_at, verdict_runs

TIMELINE = stroke(phantom_atlas(), silent)


@given(st.lists(st.sampled_from(list(Verdict)), min_size=81, max_size=81))
def test_the_runs_cover_a_stroke_without_gaps(verdicts: list[Verdict]) -> None:
    passage = replace(TIMELINE.passages[0], verdict=np.array(verdicts, dtype=np.uint8))
    runs = verdict_runs(replace(TIMELINE, passages=(passage,)))
    in_time = sorted(runs, key=lambda run: run.start_s)
    assert in_time[0].start_s == passage.start_s
    assert in_time[-1].end_s == passage.end_s
    for one, next_one in pairwise(in_time):
        assert one.end_s == next_one.start_s
        assert one.verdict != next_one.verdict
    assert max(run.verdict for run in runs) == max(verdicts)
    assert [run.verdict for run in runs] == sorted(run.verdict for run in runs)


def test_strokes_and_their_neighbours() -> None:
    assert [item.stroke for item in strokes_at(TIMELINE, 5.0)] == ["kneading"]
    assert strokes_at(TIMELINE, 0.5) == ()
    marked = replace(TIMELINE, marks=(Mark(1.0, "one"), Mark(4.0, "two")))
    assert neighbour_start(marked, 0.0, 1) == 1.0
    assert neighbour_start(marked, 1.0, 1) == 4.0
    assert neighbour_start(marked, 4.2, -1) == 1.0
    assert neighbour_start(marked, 6.0, -1) == 4.0
    assert neighbour_start(marked, 0.2, -1) == 0.0
    assert neighbour_start(TIMELINE, 0.0, 1) == 1.0
