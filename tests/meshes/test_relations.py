"""What lies over, under and beside a structure."""

from __future__ import annotations

import pytest

from meshes.atlas import Atlas
from meshes.errors import UnknownName
from meshes.relations import Share, relations
from tests.phantom import phantom_atlas


def percent(shares: tuple[Share, ...], name: str) -> float:
    return next((item.percent for item in shares if item.structure == name), 0.0)


def test_trapezius_lies_over_the_rhomboid() -> None:
    found = relations(phantom_atlas(), "rhomboid_major_left")
    assert percent(found.superficial, "trapezius_left") > 80.0
    assert sum(item.percent for item in found.superficial) == pytest.approx(100.0, abs=3.0)
    assert percent(found.deep, "longissimus_thoracis_left") > 30.0
    assert "trapezius_left" in found.touches
    assert "kidney_left" not in found.touches


def test_what_covers_the_right_kidney() -> None:
    found = relations(phantom_atlas(), "kidney_right")
    above = {item.structure for item in found.covered_by}
    assert {"quadratus_lumborum_right", "rib_12_right"} <= above
    assert not any(name.endswith("_left") for name in above)
    assert percent(found.covered_by, "latissimus_dorsi_right") > 30.0


def test_fat_stands_for_nothing_between() -> None:
    found = relations(phantom_atlas(), "trapezius_left")
    assert found.superficial[0].structure == "subcutaneous_fat"
    assert found.covered_by == ()


def test_json_and_order() -> None:
    page = relations(phantom_atlas(), "scapula_left").as_json()
    assert set(page) == {"superficial", "deep", "covered_by", "touches"}
    shares = [row["percent"] for row in page["superficial"]]
    assert shares == sorted(shares, reverse=True)


def test_an_unknown_structure_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="rhomboid_major_left"):
        relations(phantom_atlas(), "rhomboid_mayor_left")


def test_trapezius_over_rhomboid_on_the_built_in_torso(builtin: Atlas) -> None:
    found = relations(builtin, "rhomboid_major_left")
    assert percent(found.superficial, "trapezius_left") > 50.0


def test_what_covers_the_kidney_of_the_built_in_torso(builtin: Atlas) -> None:
    above = {item.structure for item in relations(builtin, "kidney_right").covered_by}
    assert above & {
        "rib_12_right", "quadratus_lumborum_right", "iliocostalis_lumborum_right",
        "longissimus_thoracis_right",
    }  # fmt: skip
    low = builtin["kidney_right"].surface.bounds[0, 2]
    assert low < builtin["kidney_left"].surface.bounds[0, 2]
