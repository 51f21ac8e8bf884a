"""The costal pleura: closed, inside the ribs, ending at the published line of reflection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.catalogue import load_catalogue
from meshes.landmarks import Landmarks
from meshes.pleura import Cage, generate_pleura
from meshes.structure import Structure
from tests.bones import skeleton, skeleton_landmarks


@pytest.fixture(scope="module")
def pleura() -> dict[str, Structure]:
    return generate_pleura(skeleton(), skeleton_landmarks())


def _lowest(item: Structure, x: float, behind: bool = True) -> float:
    points = item.surface.vertices
    near = np.abs(points[:, 0] - x) < 5.0
    if behind:
        near &= points[:, 1] > 0.0
    return float(points[near, 2].min())


def test_both_sides_are_closed_sheets(pleura: dict[str, Structure]) -> None:
    assert set(pleura) == {"pleura_left", "pleura_right"}
    for name, item in pleura.items():
        mesh = item.surface.to_trimesh()
        assert mesh.is_watertight, name
        assert mesh.is_winding_consistent, name
        assert mesh.volume > 0.0, name
        assert item.entry is load_catalogue()[name]
        assert set(item.parts) <= {part.id for part in item.entry.parts}
        for part in item.parts:
            assert len(item.part_faces(part)) > 100


def test_right_mirrors_left(pleura: dict[str, Structure]) -> None:
    left, right = (pleura[f"pleura_{side}"].surface for side in ("left", "right"))
    assert np.abs(left.vertices * [-1.0, 1.0, 1.0] - right.vertices).max() < 0.5


def test_it_lies_inside_the_ribs(pleura: dict[str, Structure]) -> None:
    points = pleura["pleura_left"].surface.vertices.astype(float)
    for rib in (2, 4, 6, 8, 10):
        inside = skeleton()[f"rib_{rib}_left"].surface.to_trimesh().contains(points)
        assert inside.mean() < 0.01, rib
        angle = skeleton_landmarks().point(f"rib_{rib}_left/angle")
        near = points[np.linalg.norm(points[:, [0, 2]] - angle[[0, 2]], axis=1) < 8.0]
        behind = near[near[:, 1] > 0.0]
        assert behind[:, 1].max() < angle[1], rib
        assert behind[:, 1].max() > angle[1] - 22.0, rib


def test_its_lower_edge_is_the_line_of_reflection(pleura: dict[str, Structure]) -> None:
    item, landmarks = pleura["pleura_left"], skeleton_landmarks()
    body = landmarks.point("vertebra_T12/body")
    # The head of rib 12 keeps the sheet 15 mm further from the midline than the published 20.
    assert _lowest(item, 38.0) == pytest.approx(body[2] - 20.0, abs=8.0)
    rib = landmarks.curve("rib_12_left/shaft")
    # Below rib 12 in the costovertebral angle, above it further out.
    medial = rib[np.abs(rib[:, 0] - 38.0).argmin()]
    lateral = rib[np.abs(rib[:, 0] - 76.0).argmin()]
    assert _lowest(item, 38.0) < medial[2] + 1.0
    assert _lowest(item, 76.0) > lateral[2]
    side = landmarks.point("rib_10_left/lateral")
    assert float(item.surface.vertices[:, 2].min()) == pytest.approx(side[2], abs=10.0)


def test_the_recess_is_below_the_lung(pleura: dict[str, Structure]) -> None:
    item, landmarks = pleura["pleura_right"], skeleton_landmarks()
    corners = item.surface.vertices[
        item.surface.faces[item.part_faces("costodiaphragmatic_recess")]
    ]
    lung = landmarks.point("vertebra_T10/body")[2]
    back = corners.mean(axis=1)
    back = back[back[:, 1] > 20.0]
    assert back[:, 2].max() < lung + 12.0


def test_an_atlas_keeps_its_own(pleura: dict[str, Structure]) -> None:
    own = {**skeleton(), "pleura_left": pleura["pleura_left"]}
    assert set(generate_pleura(own, skeleton_landmarks())) == {"pleura_right"}


def test_half_a_chest_gets_none() -> None:
    landmarks = skeleton_landmarks()
    fewer = {name: line for name, line in landmarks.curves.items() if "rib_3_" not in name}
    assert generate_pleura(skeleton(), Landmarks(landmarks.points, fewer)) == {}


@given(u=st.floats(0.02, 0.98), z=st.floats(0.0, 100.0), r=st.floats(5.0, 120.0))
def test_coordinates_around_the_lung_turn_back(u: float, z: float, r: float) -> None:
    levels = np.linspace(0.0, 100.0, 12)
    cage = Cage(
        levels,
        np.column_stack([np.linspace(60.0, 30.0, 12), np.linspace(10.0, -20.0, 12)]),
        np.tile([20.0, 15.0], (12, 1)),
        np.tile([12.0, -100.0], (12, 1)),
    )
    point = cage.points(np.array([u]), np.array([z]), np.array([r]))
    again = cage.coordinates(point)
    assert [float(one[0]) for one in again] == pytest.approx([u, z, r], abs=1e-6)
