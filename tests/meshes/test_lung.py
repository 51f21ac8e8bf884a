"""The lungs: closed solids inside the pleura, two ribs above its edge, the left with its notch."""

from __future__ import annotations

import numpy as np
import pytest

from meshes.atlas import Atlas
from meshes.catalogue import load_catalogue
from meshes.landmarks import Landmarks
from meshes.lung import generate_lungs
from meshes.pleura import generate_pleura
from meshes.structure import Structure
from tests.bones import skeleton, skeleton_landmarks


@pytest.fixture(scope="module")
def lungs() -> dict[str, Structure]:
    return generate_lungs(skeleton(), skeleton_landmarks())


def test_both_are_closed_solids(lungs: dict[str, Structure]) -> None:
    assert set(lungs) == {"lung_left", "lung_right"}
    for name, item in lungs.items():
        mesh = item.surface.to_trimesh()
        assert mesh.is_watertight, name
        assert mesh.is_winding_consistent, name
        assert item.entry is load_catalogue()[name]
        assert len(item.part_faces("apex")) > 20
        # Both together hold 2 to 4 litres at rest (functional residual capacity and tissue).
        assert 1.0e6 < mesh.volume < 2.0e6, name


def test_the_heart_takes_its_room_from_the_left(lungs: dict[str, Structure]) -> None:
    left, right = (lungs[f"lung_{side}"].surface.to_trimesh().volume for side in ("left", "right"))
    # 10 % and more smaller (textbook: Moore; 45 : 55).
    assert 0.80 < left / right < 0.93


def test_they_lie_inside_the_pleura(lungs: dict[str, Structure]) -> None:
    pleura = generate_pleura(skeleton(), skeleton_landmarks())
    for side in ("left", "right"):
        lung = lungs[f"lung_{side}"].surface
        wall = pleura[f"pleura_{side}"].surface
        assert (np.abs(lung.vertices[:, 0]) <= np.abs(wall.vertices[:, 0]).max()).all()
        assert lung.bounds[1][2] <= wall.bounds[1][2] + 2.0
        inside = wall.to_trimesh().contains(lung.vertices.astype(float))
        assert inside.mean() < 0.01
        for bone in ("rib_3", "rib_6", "rib_9"):
            solid = skeleton()[f"{bone}_{side}"].surface.to_trimesh()
            assert not solid.contains(lung.vertices.astype(float)).any(), bone


def test_the_lower_edge_is_two_ribs_above_the_pleura(lungs: dict[str, Structure]) -> None:
    marks = skeleton_landmarks()
    points = lungs["lung_left"].surface.vertices
    behind = points[(points[:, 0] < 45.0) & (points[:, 1] > 20.0)]
    # Beside the spine it ends at T10 (facts, section 7), within half a vertebra.
    assert behind[:, 2].min() == pytest.approx(marks.point("vertebra_T10/body")[2], abs=20.0)


def test_an_atlas_keeps_its_own(lungs: dict[str, Structure]) -> None:
    own = {**skeleton(), "lung_left": lungs["lung_left"]}
    assert set(generate_lungs(own, skeleton_landmarks())) == {"lung_right"}


def test_without_ribs_there_is_no_lung() -> None:
    marks = skeleton_landmarks()
    fewer = {name: line for name, line in marks.curves.items() if "rib_7" not in name}
    assert generate_lungs(skeleton(), Landmarks(marks.points, fewer)) == {}


def test_in_the_torso_they_clear_the_diaphragm(builtin: Atlas) -> None:
    dome = builtin.structures["diaphragm"].surface.to_trimesh()
    for side in ("left", "right"):
        lung = builtin.structures[f"lung_{side}"].surface
        assert not dome.contains(lung.vertices.astype(float)).any()
        centres = dome.vertices[np.argsort(dome.vertices[:, 2])[-200:]]
        assert not lung.to_trimesh().contains(centres).any()
