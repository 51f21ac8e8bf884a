"""The belly's front wall: as deep as it should be, closed, in layers, whatever the body."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from meshes.atlas import Atlas, Body
from meshes.front_wall import front_wall
from meshes.landmarks import Landmarks
from meshes.muscle.recipe import Recipe
from meshes.muscle.sheet import RestSheet
from meshes.muscle.solid import LEAST_MM, thickness
from meshes.outline import LevelMap, body_measure

L1, L3, S2 = 159.0, 89.0, -44.0
_LAYERS = ("external_oblique_left", "internal_oblique_left", "transversus_abdominis_left")


def _outlines(atlas: Atlas, name: str, z: float) -> list[np.ndarray]:
    section = atlas[name].surface.to_trimesh().section([0.0, 0.0, 1.0], [0.0, 0.0, z])
    assert section is not None, f"{name} does not reach z {z}"
    return [np.asarray(line)[:, :2] for line in section.discrete]


def _front(atlas: Atlas, name: str, z: float, x: float) -> float:
    """Return the foremost y of a structure at a height, between x and 4 mm to its left."""
    points = []
    for line in _outlines(atlas, name, z):
        steps = [a + (b - a) * t for a, b in pairwise(line) for t in np.linspace(0.0, 1.0, 9)]
        points += [p for p in steps if x <= p[0] <= x + 4.0 and p[1] < -20.0]
    assert points, f"{name} is not at x {x}, z {z}"
    return float(min(p[1] for p in points))


@pytest.mark.parametrize("z", [L1, L3])
@pytest.mark.parametrize("x", [20.0, 50.0])
def test_skin_and_fat_over_rectus_are_two_centimetres(builtin: Atlas, z: float, x: float) -> None:
    depth = _front(builtin, "external_oblique_left", z, x) - _front(builtin, "skin", z, x)
    assert 17.0 <= depth <= 26.0


@pytest.mark.parametrize("z", [L1, L3, S2])
def test_the_sheath_encloses_rectus_and_meets_in_the_midline(builtin: Atlas, z: float) -> None:
    middle = [
        _front(builtin, name, z, 28.0)
        for name in ("external_oblique_left", "rectus_abdominis_left", "transversus_abdominis_left")
    ]
    assert middle == sorted(middle)
    for name in ("external_oblique_left", "transversus_abdominis_left"):
        inner = min(float(line[:, 0].min()) for line in _outlines(builtin, name, z))
        assert inner < 3.0, name
    alba = np.concatenate(_outlines(builtin, "linea_alba", z))
    assert np.abs(alba[:, 0]).min() < 1.0
    assert np.ptp(alba[:, 0]) < 24.0


def test_the_flank_has_three_layers_at_l3(builtin: Atlas) -> None:
    caster = {name: builtin[name].surface.to_trimesh() for name in _LAYERS}
    for degrees in (50.0, 65.0, 80.0, 95.0):
        way = np.array([np.sin(np.radians(degrees)), -np.cos(np.radians(degrees)), 0.0])
        start = np.array([0.0, -15.0, L3])
        reach = []
        for name in _LAYERS:
            hits, _, _ = caster[name].ray.intersects_location(start[None], way[None])
            assert len(hits), f"{name} is not met at {degrees} degrees"
            reach.append(float(np.linalg.norm(hits - start, axis=1).min()))
        assert reach == sorted(reach, reverse=True), f"out of order at {degrees} degrees"


def _marks(scale: float = 1.0) -> Landmarks:
    table = {"L5": (-5.8, 17.9), "L1": (-7.2, 157.4), "T8": (30.5, 312.0), "C7": (0.6, 497.8)}
    return Landmarks(
        {f"vertebra_{k}/body": scale * np.array([0.0, y, z]) for k, (y, z) in table.items()}
    )


def test_the_wall_follows_the_depth_of_the_waist() -> None:
    marks = _marks()
    lean, stout = Body(bmi=19.0), Body(bmi=32.0)
    depths = [
        float(front_wall(marks, body).along("front_wall/linea_alba", 0.45)[1])
        for body in (lean, Body(), stout)
    ]
    assert depths[0] > depths[1] > depths[2]
    # part of what a stout body is deeper is fat in front of the wall and behind the back
    assert depths[0] - depths[2] < body_measure("waistdepth", stout) - body_measure(
        "waistdepth", lean
    )


def test_the_wall_is_mirrored_and_ordered() -> None:
    wall = front_wall(_marks(), Body())
    left, right = (wall.curve(f"front_wall/linea_semilunaris_{side}") for side in ("left", "right"))
    assert np.array_equal(left * np.array([-1.0, 1.0, 1.0]), right)
    half = wall.curve("front_wall/rectus_left")
    assert np.allclose(half[:, 0], 0.5 * left[:, 0])
    assert (np.diff(left[:, 2]) < 0.0).all()
    assert (left[:, 1] >= wall.curve("front_wall/linea_alba")[:, 1]).all()


def test_the_wall_scales_with_the_atlas() -> None:
    small = front_wall(_marks(0.9), Body(stature_cm=157.5)).curve("front_wall/linea_alba")
    whole = front_wall(_marks(), Body()).curve("front_wall/linea_alba")
    assert np.allclose(small[:, 2], 0.9 * whole[:, 2])
    assert LevelMap.of(_marks(0.9)).scale == pytest.approx(0.9)


def test_without_vertebrae_there_is_no_wall() -> None:
    assert front_wall(Landmarks(), Body()).curves == {}


def test_an_aponeurosis_keeps_its_thickness_up_to_the_belly() -> None:
    rows, columns = 41, 9
    grid = np.zeros((rows, columns, 3))
    sheet = RestSheet(
        grid,
        grid,
        np.full(columns, 7.0),
        np.tile([0.05, 0.4], (columns, 1)),
        np.zeros(columns),
    )
    flat = Recipe("test", 1, (), flat=(0.0, 1.2), rise=0.2, edge=20.0, fascia=True)
    plain = Recipe("test", 1, (), rise=0.2, edge=20.0, fascia=True)
    mm = thickness(sheet, flat, 1.0)[:, columns // 2]
    u = np.linspace(0.0, 1.0, rows)
    assert np.allclose(mm[u > 0.6], 1.2)
    assert mm[u < 0.4].max() == pytest.approx(7.0, rel=0.01)
    assert thickness(sheet, plain, 1.0)[u > 0.8, columns // 2].max() > 3.0
    assert thickness(sheet, plain, 1.0).min() >= LEAST_MM
