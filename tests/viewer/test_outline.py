"""The outline of an atlas and the search over it, without a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.phantom import phantom_atlas
from viewer.outline import Kind, bones, found, outline, search


def test_every_structure_stands_in_the_outline_once() -> None:
    atlas = phantom_atlas()
    rows = [row for item in outline(atlas) for row in item.walk()]
    structures = [row.key for row in rows if row.kind is Kind.STRUCTURE]
    assert sorted(structures) == sorted(atlas)
    assert len({row.key for row in rows}) == len(rows)
    for region in outline(atlas):
        assert region.kind is Kind.REGION
        assert len(region.structures) == sum(len(layer.structures) for layer in region.children)
        for layer in region.children:
            assert set(layer.structures) == {row.key for row in layer.children}


def test_layers_go_inward_and_parts_hang_from_their_structure() -> None:
    atlas = phantom_atlas()
    back = next(item for item in outline(atlas) if item.key == "back")
    layers = [int(layer.key.partition("/")[2]) for layer in back.children]
    assert layers == sorted(layers)
    trapezius = next(row for row in back.walk() if row.key == "trapezius_left")
    assert [part.key for part in trapezius.children] == [
        "trapezius_left/descending", "trapezius_left/transverse", "trapezius_left/ascending",
    ]  # fmt: skip
    assert trapezius.latin == "Musculus trapezius"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("rhomboid major", "rhomboid_major_left"),
        ("RHOMB", "rhomboid_major_left"),
        ("right rhomboid maj", "rhomboid_major_right"),
        ("musculus tra", "trapezius_left"),
        ("traps", "trapezius_left"),  # a synonym
        ("2226", "trapezius_left"),  # TA2
        ("TA2 2226", "trapezius_left"),
        ("fma9626", "trapezius_left"),
        ("pars descendens", "trapezius_left/descending"),
        ("romboid", "rhomboid_major_left"),  # nearly
        ("T4", "vertebra_T4"),
    ],
)
def test_search_finds_names_synonyms_and_numbers(text: str, first: str) -> None:
    assert search(phantom_atlas(), text)[0] == first


@pytest.mark.parametrize("text", ["", "  ", "xyzzy", "lumbago", "22269"])
def test_search_finds_nothing_where_nothing_is_meant(text: str) -> None:
    assert search(phantom_atlas(), text) == ()


@given(st.text(max_size=12))
def test_search_answers_any_text_with_keys_of_the_outline(text: str) -> None:
    atlas = phantom_atlas()
    keys = {row.key for item in outline(atlas) for row in item.walk()}
    assert set(search(atlas, text)) <= keys


def test_the_found_outline_counts_only_what_was_found() -> None:
    atlas = phantom_atlas()
    kept = found(outline(atlas), frozenset(search(atlas, "rhomboid")))
    assert [item.key for item in kept] == ["back"]
    assert len(kept[0].structures) == 4
    parts = found(outline(atlas), frozenset(search(atlas, "pars descendens")))
    rows = [row.key for item in parts for row in item.walk() if row.kind is Kind.PART]
    assert rows == ["trapezius_left/descending", "trapezius_right/descending"]


def test_bones_are_bones() -> None:
    atlas = phantom_atlas()
    assert "scapula_left" in bones(atlas)
    assert "trapezius_left" not in bones(atlas)
