"""The depth-order table, row by row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from meshes.atlas import Atlas
from meshes.depth_order import check_depth_order, check_row
from meshes.depth_order_table import depth_order_rows
from meshes.landmarks import Landmarks
from tests.phantom import phantom_atlas

ROWS = {row.n: row for row in depth_order_rows()}


@pytest.mark.reference
def test_every_row_of_the_facts_is_there(shared: Path) -> None:
    page = json.loads((shared / "facts" / "anatomy-facts.json").read_text(encoding="utf-8"))
    facts = page["depth_order"]
    assert [(row.n, row.site) for row in depth_order_rows()] == [
        (row["n"], row["site"]) for row in facts
    ]
    assert [row.confidence for row in depth_order_rows()] == [row["confidence"] for row in facts]


@pytest.mark.parametrize("number", [31, 33, 34, 36, 21, 24, 30])
def test_the_phantom_is_right_where_it_was_built_to_be(number: int) -> None:
    result = check_row(phantom_atlas(), ROWS[number])
    assert result.right, result.line()


def test_a_layer_that_is_not_met_is_missing() -> None:
    result = check_row(phantom_atlas(), ROWS[37])  # no latissimus there in the phantom
    assert result.missing == ("latissimus_dorsi",)
    assert result.way == "perpendicular"
    assert not result.right
    assert "WRONG" in result.line()


def test_a_layer_in_the_wrong_place_is_misplaced() -> None:
    row = ROWS[31]
    swapped = replace(row, layers=(row.layers[1], row.layers[0], *row.layers[2:]))
    result = check_row(phantom_atlas(), swapped)
    assert result.misplaced == ("trapezius",)


def test_a_structure_the_atlas_lacks_is_no_fault() -> None:
    result = check_row(phantom_atlas(), ROWS[31])
    assert "pleura" in result.not_held


def test_a_missing_landmark_skips_the_row() -> None:
    whole = phantom_atlas()
    result = check_row(replace(whole, landmarks=Landmarks()), ROWS[31])
    assert result.skipped == "no landmark vertebra_T4/spinous_process"
    assert not result.right


def test_rows_on_the_built_in_torso(builtin: Atlas) -> None:
    results = check_depth_order(builtin)
    for result in results:
        print(result.line())
    assert not [result.row.n for result in results if result.skipped]
    misplaced = [result.line() for result in results if result.misplaced]
    assert len(misplaced) <= 1, misplaced


@pytest.mark.reference
def test_order_on_z_anatomy(za: Atlas) -> None:
    results = check_depth_order(za)
    for result in results:
        print(result.line())
    misplaced = [result.line() for result in results if result.misplaced]
    # Facts section 9: quadratus lumborum of Z-Anatomy reaches the back surface.
    assert len(misplaced) <= 1, misplaced
