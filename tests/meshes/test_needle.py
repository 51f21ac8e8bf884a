"""The needle's column has one name at each depth."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.depth import Hit, probe
from meshes.needle import (
    LOOSE,
    LOOSE_GAP,
    NOT_MODELLED,
    gaps,
    needle_column,
    needle_plane,
    needle_section,
    solid,
)
from meshes.terminology import Provenance, System, TissueLayer
from tests.phantom import phantom_atlas, skin_point


def hit(name: str, enter: float, leave: float) -> Hit:
    return Hit(name, None, System.MUSCULAR, TissueLayer.SECOND_MUSCLE, enter, leave,
               leave - enter, Provenance.GENERATED)  # fmt: skip


def names(hits: list[Hit]) -> list[tuple[str | None, float, float]]:
    return [
        (None if band.hit is None else band.hit.structure, band.enter_mm, band.exit_mm)
        for band in needle_column(hits)
    ]


def test_gaps_and_overlaps() -> None:
    hits = [hit("a", 0, 10), hit("b", 4, 6), hit("c", 9, 14), hit("d", 20, 22)]
    assert names(hits) == [
        ("a", 0, 4), ("b", 4, 6), ("a", 6, 9), ("c", 9, 14), (None, 14, 20), ("d", 20, 22),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 40)), min_size=1, max_size=8))
def test_bands_follow_on_from_each_other(rows: list[tuple[float, float]]) -> None:
    hits = sorted(
        (hit(f"s{n}", enter, enter + thick) for n, (enter, thick) in enumerate(rows)),
        key=lambda item: item.enter_mm,
    )
    bands = needle_column(hits, 150.0)
    assert bands[0].enter_mm == 0.0
    assert bands[-1].exit_mm == 150.0
    assert all(a.exit_mm == b.enter_mm for a, b in pairwise(bands))


def test_of_the_phantom() -> None:
    bands = needle_column(probe(phantom_atlas(), skin_point(30.0, 402.2)))
    assert [band.hit.structure for band in bands if band.hit][:3] == [
        "skin", "subcutaneous_fat", "trapezius_left",
    ]  # fmt: skip
    assert bands[-1].exit_mm == pytest.approx(56.0, abs=0.5)


@pytest.mark.parametrize("lengthwise", [False, True])
def test_the_cut_holds_the_needle(lengthwise: bool) -> None:
    start = skin_point(30.0, 402.2)
    into = np.array([-0.1, -0.98, 0.15]) / np.linalg.norm([-0.1, -0.98, 0.15])
    plane = needle_plane(start, into, lengthwise=lengthwise)
    np.testing.assert_allclose(plane.flat(start + 50 * into), [0, -50], atol=1e-9)
    assert abs(plane.right[2]) > 0.9 if lengthwise else abs(plane.right[2]) < 0.05
    cut = needle_section(phantom_atlas(), start, into, lengthwise=lengthwise)
    assert {"skin", "trapezius_left", "rhomboid_major_left"} <= {
        item.structure.id for item in cut.slices
    }


def test_a_needle_straight_down_has_a_plane_too() -> None:
    plane = needle_plane(np.zeros(3), np.array([0.0, 0.0, -1.0]))
    np.testing.assert_allclose(np.abs(plane.right), [0, 1, 0], atol=1e-9)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 40)), min_size=1, max_size=8))
def test_hits_and_gaps_cover_the_needle(rows: list[tuple[float, float]]) -> None:
    hits = sorted(
        (hit(f"s{n}", enter, enter + thick) for n, (enter, thick) in enumerate(rows)),
        key=lambda item: item.enter_mm,
    )
    found = gaps(hits)
    end = max(item.exit_mm for item in hits)
    spans = [(item.enter_mm, item.exit_mm) for item in (*hits, *found)]
    for depth in np.linspace(0.0, end, 400):
        assert any(low - 0.06 <= depth <= high + 0.06 for low, high in spans), depth
    for gap in found:
        middle = (gap.enter_mm + gap.exit_mm) / 2.0
        assert not any(item.enter_mm <= middle <= item.exit_mm for item in hits)
        assert gap.kind == (LOOSE if gap.exit_mm - gap.enter_mm <= LOOSE_GAP else NOT_MODELLED)


def test_a_bone_of_ten_centimetres_is_a_solid() -> None:
    assert solid(replace(hit("skull", 24.0, 133.0), system=System.SKELETAL))
    assert not solid(replace(hit("vertebra_L3", 60.0, 100.0), system=System.SKELETAL))
    assert not solid(hit("gluteus_maximus_left", 0.0, 90.0))
