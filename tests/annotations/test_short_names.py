"""What people in the treatment room call a structure."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import annotations
from annotations.short_names import one_structure, structures_named, unknown
from meshes.catalogue import load_catalogue
from meshes.errors import InputError, UnknownName

HELD = ("trapezius_left", "trapezius_right", "skull")


@pytest.mark.parametrize(
    ("phrase", "ids"),
    [
        ("trapezius_left", ["trapezius_left"]),
        ("trapezius_left/descending", ["trapezius_left/descending"]),
        ("left trapezius", ["trapezius_left"]),
        ("traps", ["trapezius_left", "trapezius_right"]),
        ("lats right", ["latissimus_dorsi_right"]),
        ("QL", ["quadratus_lumborum_left", "quadratus_lumborum_right"]),
        ("delts L", ["deltoid_left"]),
        ("SCM", ["sternocleidomastoid_left", "sternocleidomastoid_right"]),
        ("upper traps left", ["trapezius_left/descending"]),
        ("rhomboids left", ["rhomboid_major_left", "rhomboid_minor_left"]),
        ("skull", ["skull"]),
        ("skull left", []),
        ("left right traps", []),
        ("no such thing", []),
        ("", []),
    ],
)
def test_phrases(phrase: str, ids: list[str]) -> None:
    assert list(structures_named(phrase)) == ids


def test_every_short_name_stands_for_something_there_is() -> None:
    page = tomllib.loads(
        Path(annotations.__file__).with_name("short_names.toml").read_text(encoding="utf-8")
    )
    catalogue = load_catalogue()
    for row in page["short"]:
        for name in row["names"]:
            found = structures_named(name)
            assert found, name
            assert name == name.lower()
            for item in found:
                whole, _, part = item.partition("/")
                assert not part or part in {known.id for known in catalogue[whole].parts}, name
        assert len(structures_named(row["names"][0])) >= len(row["structures"])


def test_one_structure_has_to_be_one() -> None:
    entry, part = one_structure("upper traps right", HELD)
    assert (entry.id, part) == ("trapezius_right", "descending")
    with pytest.raises(InputError, match="trapezius_left, trapezius_right"):
        one_structure("traps", HELD)


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("trapezus_left", "did you mean trapezius_left"),
        ("rhomboidds", "rhomboid_major_left"),
        ("xyz", "palpate list"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(phrase: str, told: str) -> None:
    error = unknown(phrase, HELD)
    assert isinstance(error, UnknownName)
    assert told in str(error)
    assert len(str(error)) < 200
