from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from meshes.checks.yardstick import align, outline_overlap, surface_distance
from meshes.errors import InputError
from meshes.landmarks import Landmarks
from meshes.surface import Surface


def _skeleton(seed: int = 0) -> Landmarks:
    random = np.random.default_rng(seed)
    names = [f"vertebra_T{n}/{what}" for n in range(1, 9) for what in ("body", "spinous_process")]
    return Landmarks({name: random.normal(0.0, 100.0, 3) for name in names})


def _ball(radius: float) -> Surface:
    mesh = trimesh.creation.icosphere(subdivisions=3, radius=radius)
    return Surface.of(
        np.asarray(mesh.vertices, dtype=np.float32), np.asarray(mesh.faces, dtype=np.int32)
    )


@given(st.integers(0, 999), st.floats(0.8, 1.25))
def test_a_skeleton_turned_moved_and_scaled_is_found_again(seed: int, scale: float) -> None:
    target = _skeleton()
    turn = Rotation.random(random_state=seed).as_matrix()
    shift = np.array([30.0, -20.0, 400.0])
    source = Landmarks({k: (v - shift) @ turn / scale for k, v in target.points.items()})
    laid = align(source, target, ["vertebra_.*"])
    assert laid.scale == pytest.approx(scale, rel=1e-6)
    assert laid.similarity_residual_mm < 1e-6
    elsewhere = np.array([[10.0, 20.0, 30.0], [-50.0, 0.0, 90.0]])
    np.testing.assert_allclose(laid((elsewhere - shift) @ turn / scale), elsewhere, atol=1e-3)


def test_landmarks_land_on_landmarks() -> None:
    source, target = _skeleton(1), _skeleton(2)
    laid = align(source, target, ["vertebra_.*"])
    here = np.array([source.points[name] for name in laid.names])
    there = np.array([target.points[name] for name in laid.names])
    np.testing.assert_allclose(laid(here), there, atol=1e-6)


def test_too_few_landmarks_are_told() -> None:
    with pytest.raises(InputError, match="takes 12 landmarks that both have, 8 match"):
        align(_skeleton(), _skeleton(), ["vertebra_.*/body"])


def test_outlines_of_balls_overlap_as_their_areas_say() -> None:
    small, large = _ball(30.0), _ball(60.0)
    overlap = outline_overlap(small.vertices, small.faces, large.vertices, large.faces)
    assert overlap == pytest.approx(2.0 * 30.0**2 / (30.0**2 + 60.0**2), abs=0.01)
    beside = small.vertices + np.float32([61.0, 0.0, 0.0])
    assert outline_overlap(small.vertices, small.faces, beside, small.faces) == 0.0
    behind = small.vertices + np.float32([0.0, 500.0, 0.0])
    assert outline_overlap(small.vertices, small.faces, behind, small.faces) == 1.0


def test_distance_between_shells_is_their_gap() -> None:
    assert surface_distance(_ball(50.0), _ball(58.0)) == pytest.approx(8.0, abs=0.15)
    same = _ball(50.0)
    assert surface_distance(same, replace(same, vertices=same.vertices.copy())) < 0.6
