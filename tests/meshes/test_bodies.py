"""Small, middling and large men and women: as wide and as deep as ANSUR II says, within 5 %."""

from __future__ import annotations

import numpy as np
import pytest

from meshes.atlas import Atlas, Body
from meshes.build import builtin as build
from meshes.checks.table import all_checks
from meshes.outline import LevelMap, body_measure, measured_outline
from meshes.structure import Structure
from meshes.terminology import System
from meshes.validate import validate

#: ANSUR II, stature (cm) and BMI at the 5th, 50th and 95th percentile (anatomy facts, 8.1).
BODIES = {
    "man, 5th": Body(stature_cm=164.8, sex="male", bmi=21.4),
    "man, 50th": Body(stature_cm=175.5, sex="male", bmi=27.5),
    "man, 95th": Body(stature_cm=187.0, sex="male", bmi=34.8),
    "woman, 5th": Body(stature_cm=152.5, sex="female", bmi=20.3),
    "woman, 50th": Body(stature_cm=162.6, sex="female", bmi=25.3),
    "woman, 95th": Body(stature_cm=174.0, sex="female", bmi=31.7),
}
MEASURES = (
    "chestbreadth",
    "chestdepth",
    "waistbreadth",
    "waistdepth",
    "hipbreadth",
    "buttockdepth",
    "bideltoidbreadth",
)  # fmt: skip

#: Measured on bones, and the girth that the breadth and the depth of the waist make.
OTHERS = ("ansur.biacromialbreadth", "ansur.bicristalbreadth", "ansur.waistcircumference")


def _off(skin: Structure, atlas: Atlas, body: Body) -> dict[str, float]:
    """Return by how many hundredths each measure is off; the chest's where no arm touches it."""
    found = measured_outline(skin.surface, LevelMap.of(atlas.landmarks))
    return {
        name: 100.0 * (found[name] / body_measure(name, body) - 1.0)
        for name in MEASURES
        if name in found
    }


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_breadths_and_depths_are_those_of_the_percentile(body: Body) -> None:
    atlas = build(body)
    off = _off(atlas["skin"], atlas, body)
    assert set(MEASURES) - {"chestbreadth"} <= set(off)
    assert {name: share for name, share in off.items() if abs(share) > 5.0} == {}
    wide = [check for check in all_checks() if check.id in OTHERS]
    report = validate(atlas, wide)  # each within 5 % of its own regression
    assert len(report.findings) == len(OTHERS)
    assert [item for item in report.findings if not item.passed] == []
    fat = atlas["subcutaneous_fat"].surface
    lowest = float(fat.vertices[:, 2].min()) + 8.0
    mesh = fat.to_trimesh()
    for item in atlas.select(system=System.MUSCULAR):
        some = item.surface.vertices[::97].astype(np.float64)
        assert mesh.ray.contains_points(some[some[:, 2] > lowest]).all(), item.id


def test_another_bodys_breadths_and_depths_are_told_apart() -> None:
    lean, heavy = BODIES["man, 5th"], BODIES["man, 95th"]
    atlas = build(lean)
    off = _off(atlas["skin"], atlas, heavy)
    assert all(share < -5.0 for share in off.values()), off
