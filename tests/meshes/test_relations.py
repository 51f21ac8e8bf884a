"""What lies over, under and beside a structure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meshes import relations as module
from meshes.atlas import Atlas
from meshes.errors import UnknownName
from meshes.relations import Relations, Share, compute_relations, relations
from meshes.structure import Structure
from meshes.surface import Surface
from tests.phantom import phantom_atlas


def percent(shares: tuple[Share, ...], name: str) -> float:
    return next((item.percent for item in shares if item.structure == name), 0.0)


def test_trapezius_lies_over_the_rhomboid() -> None:
    found = relations(phantom_atlas(), "rhomboid_major_left")
    assert percent(found.superficial, "trapezius_left") > 80.0
    assert sum(item.percent for item in found.superficial) == pytest.approx(100.0, abs=3.0)
    assert percent(found.deep, "longissimus_thoracis_left") > 30.0
    touched = {item.structure for item in found.touching}
    assert "trapezius_left" in touched
    assert "kidney_left" not in touched


def test_what_covers_the_right_kidney() -> None:
    found = relations(phantom_atlas(), "kidney_right")
    above = {item.structure for item in found.covered_by}
    assert {"quadratus_lumborum_right", "rib_12_right"} <= above
    assert not any(name.endswith("_left") for name in above)
    assert percent(found.covered_by, "latissimus_dorsi_right") > 20.0


def test_fat_stands_for_nothing_between() -> None:
    found = relations(phantom_atlas(), "trapezius_left")
    assert found.superficial[0].structure == "subcutaneous_fat"
    assert found.covered_by == ()


def test_json_and_order() -> None:
    page = relations(phantom_atlas(), "scapula_left").as_json()
    assert set(page) == {
        "superficial",
        "deep",
        "covered_by",
        "bones_over",
        "touching",
        "partner",
        "sampled",
    }
    shares = [row["percent"] for row in page["superficial"]]
    assert shares == sorted(shares, reverse=True)


def box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Surface:
    """A closed box with faces outward."""
    corners = np.array([[x[i], y[j], z[k]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    faces = [
        (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
        (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
    ]  # fmt: skip
    return Surface.of(corners, np.array(faces))


def boxes(**surfaces: Surface) -> Atlas:
    """An atlas of boxes in the phantom's skin, under the phantom's names."""
    whole = phantom_atlas()
    made: dict[str, Structure] = {
        name: replace(whole[name], surface=surface, parts=()) for name, surface in surfaces.items()
    }
    return replace(whole, structures={"skin": whole["skin"]} | made, digest="")


def test_shares_are_of_the_structures_own_area() -> None:
    # A plate 40 mm wide, a quarter of whose back face lies under another one, touching it.
    atlas = boxes(
        trapezius_left=box((10, 20), (60, 64), (200, 240)),
        rhomboid_major_left=box((10, 50), (55, 59.5), (200, 240)),
        scapula_left=box((30, 50), (44, 54), (200, 240)),
        kidney_left=box((10, 30), (20, 40), (200, 240)),
    )
    found = compute_relations(atlas, "rhomboid_major_left")
    assert percent(found.superficial, "trapezius_left") == pytest.approx(25.0, abs=4.0)
    assert percent(found.superficial, "subcutaneous_fat") == pytest.approx(75.0, abs=4.0)
    assert percent(found.deep, "scapula_left") == pytest.approx(50.0, abs=4.0)
    assert percent(found.deep, "kidney_left") == pytest.approx(50.0, abs=4.0)
    # A strip of the back face, and of the three faces beside it what lies within 1.5 mm.
    whole = 2 * 40 * 40 + 4 * 40 * 4.5
    assert percent(found.touching, "trapezius_left") == pytest.approx(
        100 * (11.4 * 40 + 2 * 10 + 40) / whole, abs=2.0
    )
    assert percent(found.touching, "kidney_left") == 0.0
    assert [item.structure for item in found.bones_over] == []
    under = compute_relations(atlas, "kidney_left")
    assert percent(under.covered_by, "trapezius_left") == pytest.approx(50.0, abs=4.0)
    assert percent(under.covered_by, "rhomboid_major_left") == pytest.approx(100.0, abs=1.0)


def test_what_lies_far_below_is_not_directly_deep() -> None:
    atlas = boxes(
        rhomboid_major_left=box((10, 50), (55, 59.5), (200, 240)),
        kidney_left=box((10, 50), (0, 20), (200, 240)),
    )
    assert compute_relations(atlas, "rhomboid_major_left").deep == ()


def test_the_lower_kidney_says_by_how_much() -> None:
    found = relations(phantom_atlas(), "kidney_right")
    assert found.partner is not None
    assert found.partner.structure == "kidney_left"
    high, low = (phantom_atlas()[name].surface for name in ("kidney_left", "kidney_right"))
    assert found.partner.mm == pytest.approx(low.centroid[2] - high.centroid[2], abs=0.06)
    assert found.partner.mm < 0.0
    assert relations(phantom_atlas(), "scapula_left").partner is None


def test_kept_on_disk_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = relations(replace(phantom_atlas(), digest="relations-kept"), "kidney_right")
    relations(replace(phantom_atlas(), digest="relations-kept"), "scapula_left")
    monkeypatch.setattr(module, "compute_relations", lambda *_: pytest.fail("not read"))
    again = relations(replace(phantom_atlas(), digest="relations-kept"), "kidney_right")
    assert again == made
    assert Relations.from_json("kidney_right", made.as_json()) == made


@pytest.mark.parametrize("text", ["{", "[]", '{"kidney_right": {"superficial": 3}}'])
def test_a_damaged_page_is_made_anew(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    atlas = replace(phantom_atlas(), digest="relations-damaged")
    made = relations(atlas, "kidney_right")
    (path,) = tmp_path.rglob("*.json")
    path.write_text(text, encoding="utf-8")
    assert relations(atlas, "kidney_right") == made


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
    found = relations(builtin, "kidney_right")
    assert "rib_12_right" in {item.structure for item in found.bones_over}
    # Facts section 7: the right kidney lies some 1 to 2.5 cm lower.
    assert found.partner is not None
    assert -25.0 <= found.partner.mm <= -8.0


@pytest.mark.reference
def test_on_z_anatomy(za: Atlas) -> None:
    found = relations(za, "rhomboid_major_left")
    assert percent(found.superficial, "trapezius_left") > 60.0
    kidney = relations(za, "kidney_right")
    assert percent(kidney.covered_by, "rib_12_right") > 5.0
    assert kidney.partner is not None
    assert kidney.partner.mm < 0.0
