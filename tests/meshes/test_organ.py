"""Kidneys: size, level, tilt and place against the published figures (facts, section 7)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshes.atlas import Atlas, Body
from meshes.errors import InputError
from meshes.landmarks import Landmarks
from meshes.organ import bean, generate_kidneys
from meshes.surface import Surface
from meshes.terminology import Side, System

# body centres (y, z) of three vertebrae, anatomy facts 1.1
_SPINE = {"T10": (18.1, 254.0), "T12": (1.4, 190.8), "L1": (-7.2, 157.4), "L3": (-16.3, 88.4)}
_SPINE |= {"C7": (0.6, 497.8), "L5": (-5.8, 17.9)}


def _landmarks(factor: float = 1.0) -> Landmarks:
    return Landmarks(
        {f"vertebra_{k}/body": factor * np.array([0.0, y, z]) for k, (y, z) in _SPINE.items()}
    )


def _axis(surface: Surface) -> tuple[np.ndarray, np.ndarray, float]:
    points = surface.vertices.astype(np.float64)
    centre = points.mean(axis=0)
    axis = np.linalg.svd(points - centre, full_matrices=False)[2][0]
    axis *= np.sign(axis[2])
    return centre, axis, float(np.ptp((points - centre) @ axis))


@pytest.fixture(scope="module")
def alone() -> dict[Side, Surface]:
    kidneys = generate_kidneys({}, _landmarks(), Body())
    return {side: kidneys[f"kidney_{side.value}"].surface for side in (Side.LEFT, Side.RIGHT)}


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_kidney_is_closed_and_faces_outward(alone: dict[Side, Surface], side: Side) -> None:
    mesh = alone[side].to_trimesh()
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    assert 2000 <= len(mesh.faces) <= 4000  # 4 mm edges: the budget of the whole torso
    assert 100e3 < mesh.volume < 190e3  # mm^3; adult kidney


@pytest.mark.parametrize(("side", "length"), [(Side.LEFT, 108.0), (Side.RIGHT, 106.0)])
def test_kidney_length_and_tilts(alone: dict[Side, Surface], side: Side, length: float) -> None:
    _, axis, found = _axis(alone[side])
    assert found == pytest.approx(length, abs=7.0)  # SU19: SD 7
    coronal = np.degrees(np.arctan2(-side.sign * axis[0], axis[2]))
    sagittal = np.degrees(np.arctan2(axis[1], axis[2]))
    assert 10.0 <= coronal <= 25.0  # MOELL, HRA: upper pole nearer to the midline
    assert 9.0 <= sagittal <= 32.0  # HRA: upper pole behind


def test_right_kidney_lies_lower(alone: dict[Side, Surface]) -> None:
    left, right = (alone[side].centroid for side in (Side.LEFT, Side.RIGHT))
    assert 5.0 <= left[2] - right[2] <= 25.0  # MOELL: 16 (5-25)


def test_borders_from_the_midline(alone: dict[Side, Surface]) -> None:
    for surface in alone.values():
        reach = np.abs(surface.vertices[:, 0])
        assert 25.0 <= reach.min() <= 50.0  # DAVIS, HRA: medial border 37
        assert 88.0 <= reach.max() <= 112.0  # lateral border 98


def test_hilum_faces_forward_and_to_the_middle() -> None:
    points, _ = bean(Side.LEFT)
    middle = points[np.abs(points[:, 2]) < 6.0]
    ring = middle[np.abs(middle[:, 1]) < 3.0]
    hollow = ring[ring[:, 0] > 0.0][:, 0].max()
    assert hollow < points[:, 0].max() - 4.0  # the sinus opens on +x, the hilum's side


def test_bean_sides_are_not_mirror_copies() -> None:
    assert np.ptp(bean(Side.LEFT)[0][:, 2]) > np.ptp(bean(Side.RIGHT)[0][:, 2])


@settings(max_examples=8)
@given(st.floats(150.0, 195.0))
def test_kidney_grows_with_stature(stature: float) -> None:
    factor = stature / 175.0
    grown = generate_kidneys({}, _landmarks(factor), Body(stature_cm=stature))
    _, _, length = _axis(grown["kidney_left"].surface)
    assert length == pytest.approx(108.0 * factor, rel=0.03)
    assert grown["kidney_left"].surface.centroid[2] == pytest.approx(154.0 * factor, abs=6.0)


def test_without_vertebrae_the_error_says_what_to_do() -> None:
    with pytest.raises(InputError, match="at least three vertebrae"):
        generate_kidneys({}, Landmarks({}), Body())


def test_builtin_kidneys_meet_no_bone_or_muscle(builtin: Atlas) -> None:
    for side in ("left", "right"):
        kidney = builtin[f"kidney_{side}"].surface
        mesh = kidney.to_trimesh()
        low, high = kidney.bounds
        for item in builtin.select(system=System.SKELETAL) + builtin.select(system=System.MUSCULAR):
            vertices = item.surface.vertices
            near = vertices[((vertices > low) & (vertices < high)).all(axis=1)]
            if len(near):
                assert not mesh.contains(near[:4000]).any(), (side, item.id)


def test_builtin_kidney_levels(builtin: Atlas) -> None:
    marks = builtin.landmarks
    for side, upper, lower in (("left", "T11", "L4"), ("right", "T11", "L4")):
        z = builtin[f"kidney_{side}"].surface.vertices[:, 2]
        assert z.max() < marks.point(f"vertebra_{upper}/body")[2]
        assert z.min() > marks.point(f"vertebra_{lower}/body")[2]
        assert z.min() < marks.point("vertebra_L2/body")[2]
        assert z.max() > marks.point("vertebra_T12/body")[2] - 12.0


def test_builtin_kidney_depth(builtin: Atlas) -> None:
    # MOELL: skin to kidney from behind 50-90 mm in adults; here 7 cm left at T12-L1
    origin, inward = [[70.0, 400.0, 141.0]], [[0.0, -1.0, 0.0]]
    first = {}
    for name in ("skin", "kidney_left"):
        hits, _, _ = builtin[name].surface.to_trimesh().ray.intersects_location(origin, inward)
        first[name] = hits[:, 1].max()
    assert 50.0 <= first["skin"] - first["kidney_left"] <= 90.0
