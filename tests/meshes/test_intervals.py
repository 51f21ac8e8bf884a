"""Entries and exits paired where meshes are closed, nested, open or inside out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.crossings import Crossings
from meshes.intervals import MERGE_GAP, mend, pair

IN, OUT = True, False


def crossings(depth: list[float], entering: list[bool]) -> Crossings:
    count = len(depth)
    zeros = np.zeros(count, dtype=np.int64)
    return Crossings(zeros, zeros, np.arange(count), np.array(depth), np.array(entering))


def spans(depth: list[float], entering: list[bool]) -> list[tuple[float, float]]:
    made = pair(crossings(depth, entering))
    return list(zip(made.enter.tolist(), made.exit.tolist(), strict=True))


@pytest.mark.parametrize(
    ("depth", "entering", "expected"),
    [
        ([2, 5], [IN, OUT], [(2, 5)]),
        ([2, 5, 9, 12], [IN, OUT, IN, OUT], [(2, 5), (9, 12)]),
        ([2, 5, 5.8, 12], [IN, OUT, IN, OUT], [(2, 12)]),
        ([1, 2, 8, 9], [IN, IN, OUT, OUT], [(1, 9)]),
        ([2, 5], [OUT, IN], [(2, 5)]),
        ([3], [IN], [(3, 3)]),
        ([3], [OUT], [(3, 3)]),
        ([1, 4, 6], [IN, OUT, OUT], [(1, 4), (6, 6)]),
        ([1, 4, 9], [IN, IN, OUT], [(1, 1), (4, 9)]),
        ([1, 4], [IN, IN], [(1, 4)]),
    ],
    ids=[
        "closed", "twice", "small gap merged", "nested", "inside out", "open sheet",
        "open sheet from behind", "lost entry", "lost exit", "facing both ways",
    ],
)  # fmt: skip
def test_pairs(
    depth: list[float], entering: list[bool], expected: list[tuple[float, float]]
) -> None:
    assert spans(depth, entering) == expected


def test_structures_and_rays_are_kept_apart() -> None:
    found = Crossings(
        np.array([0, 0, 0, 0, 1, 1]),
        np.array([0, 0, 1, 1, 0, 0]),
        np.arange(6),
        np.array([1.0, 9.0, 2.0, 4.0, 3.0, 6.0]),
        np.array([IN, OUT, IN, OUT, IN, OUT]),
    )
    made = pair(found)
    assert made.ray.tolist() == [0, 0, 1]
    assert made.structure.tolist() == [0, 1, 0]
    assert made.enter.tolist() == [1, 2, 3]
    assert made.exit.tolist() == [9, 4, 6]


@given(
    st.lists(st.tuples(st.floats(0.0, 200.0), st.booleans()), min_size=1, max_size=12).map(sorted)
)
def test_whatever_is_crossed_gives_ordered_intervals(rows: list[tuple[float, bool]]) -> None:
    depth = [row[0] for row in rows]
    made = spans(depth, [row[1] for row in rows])
    assert made
    assert all(0.0 <= enter <= leave for enter, leave in made)
    assert all(b[0] - a[1] > MERGE_GAP for a, b in pairwise(made))
    ends = {value for span in made for value in span}
    assert ends <= set(depth)


@given(st.lists(st.booleans(), min_size=1, max_size=11).filter(lambda row: len(row) % 2 == 1))
def test_mending_keeps_order_and_never_overlaps(entering: list[bool]) -> None:
    pairs = mend(np.arange(len(entering), dtype=np.float64), np.array(entering))
    assert pairs == sorted(pairs)
    assert all(a[1] < b[0] for a, b in pairwise(pairs))
