"""The depth-order table, row by row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from meshes.atlas import Atlas
from meshes.depth_order import RowResult, check_depth_order, check_row
from meshes.depth_order_table import depth_order_rows
from meshes.landmarks import Landmarks
from meshes.terminology import Provenance
from tests.phantom import phantom_atlas

#: Rows of high confidence that are right on the built-in torso: all of them.
HIGH_RIGHT = 50
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


def real(atlas: Atlas, *names: str) -> Atlas:
    """The phantom as if somebody's own: some muscles imported, no body that could be asked for."""
    structures = {
        name: replace(item, origin=replace(item.origin, kind=Provenance.IMPORTED))
        if name in names
        else item
        for name, item in atlas.items()
    }
    return replace(atlas, structures=structures, body=None, digest="")


def test_what_lies_beside_the_needle_of_a_real_person_is_not_there() -> None:
    # The phantom's latissimus begins 62 mm from the midline, row 37 has it at 30 mm.
    names = ("latissimus_dorsi_left", "trapezius_left", "longissimus_thoracis_left")
    result = check_row(real(phantom_atlas(), *names), ROWS[37])
    assert result.missing == ()
    (words,) = result.not_there
    distance = float(words.partition("(")[2].split()[0])
    assert words.startswith("latissimus_dorsi")
    assert 20.0 < distance < 36.0
    assert result.right
    assert "not there: latissimus_dorsi" in result.line()


def test_what_palpate_laid_itself_has_to_be_met_on_a_real_person_too() -> None:
    result = check_row(real(phantom_atlas(), "trapezius_left"), ROWS[37])
    assert result.missing == ("latissimus_dorsi",)
    assert not result.right


def test_a_row_of_which_too_little_is_there_is_not_judged() -> None:
    whole = phantom_atlas()
    few = ("trapezius_left", "latissimus_dorsi_left")
    kept = {name: whole[name] for name in ("skin", *few)}
    result = check_row(real(replace(whole, structures=kept), *few), ROWS[37])
    assert not result.judged
    assert not result.right
    assert " none " in result.line()


def test_a_wrong_order_is_wrong_on_a_real_person_too() -> None:
    row = ROWS[31]
    swapped = replace(row, layers=(row.layers[1], row.layers[0], *row.layers[2:]))
    names = tuple(phantom_atlas())
    result = check_row(real(phantom_atlas(), *names), swapped)
    assert result.misplaced == ("trapezius",)
    assert not result.right


def table(results: list[RowResult], title: str) -> None:
    print(f"\n{title}")
    for result in results:
        print(result.line())
    judged = sum(result.judged for result in results)
    right = sum(result.right for result in results)
    print(f"{right} of {judged} rows right, {len(results) - judged} not judged")


def test_rows_on_the_built_in_torso(builtin: Atlas) -> None:
    results = check_depth_order(builtin)
    table(results, "Built-in torso")
    assert all(result.judged for result in results)
    wrong = [result.line() for result in results if not result.right]
    high = [item for item in results if item.row.confidence == "high"]
    assert sum(item.right for item in high) >= HIGH_RIGHT, wrong
    assert not wrong, wrong
    misplaced = [result.line() for result in results if result.misplaced]
    assert not misplaced, misplaced


@pytest.mark.reference
def test_order_on_z_anatomy(za: Atlas, shared: Path) -> None:
    results = check_depth_order(za)
    table(results, "Z-Anatomy")
    wrong = [result.line() for result in results if result.judged and not result.right]
    assert not wrong
    assert sum(result.judged for result in results) >= 49
    # The facts met so many of each row's layers with rays of their own on the same meshes;
    # pleura, lung and organs were theirs from elsewhere.
    page = json.loads((shared / "facts" / "anatomy-facts.json").read_text(encoding="utf-8"))
    for result, row in zip(results, page["depth_order"], strict=True):
        if row["ZA_check_valid"] and result.judged:
            found = len(result.matched) + len(result.not_held)
            assert found >= row["ZA_layers_found"] - 1, (row["n"], result.line())
