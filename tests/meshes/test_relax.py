"""Relaxing and recasting: what crosses itself is mended near the place, or cast anew."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from meshes.piercing import piercing_edges
from meshes.recast import CUBE_MM, inside, recast
from meshes.relax import relaxed
from meshes.surface import Fibres, Surface


def _ball(radius: float = 10.0, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Surface:
    ball = trimesh.creation.icosphere(subdivisions=3, radius=radius)
    return Surface.of(np.asarray(ball.vertices) + np.array(at), np.asarray(ball.faces))


def test_a_sound_surface_is_left_as_it_is() -> None:
    ball = _ball()
    np.testing.assert_array_equal(relaxed(ball.vertices, ball.faces), ball.vertices)


def test_a_corner_pushed_through_is_drawn_back_and_the_rest_stays() -> None:
    ball = _ball()
    points = ball.vertices.copy()
    pole = int(np.argmax(points[:, 2]))
    points[pole] = [0.31, 0.17, -12.0]
    assert len(piercing_edges(points, ball.faces)[0]) > 0
    mended = relaxed(points, ball.faces)
    assert mended is not None
    assert len(piercing_edges(mended, ball.faces)[0]) == 0
    moved = np.linalg.norm(mended - points, axis=1)
    assert moved[np.abs(points[:, 2]) < 4.0].max() == 0.0


def test_what_cannot_be_relaxed_is_said() -> None:
    one, other = _ball(), _ball(9.9, at=(0.3, 0.0, 0.0))
    points = np.concatenate([one.vertices, other.vertices])
    faces = np.concatenate([one.faces, other.faces + len(one.vertices)])
    assert relaxed(points, faces) is None


def _two_balls_that_cross() -> Surface:
    one, other = _ball(), _ball(at=(8.0, 0.0, 0.0))
    points = np.concatenate([one.vertices, other.vertices])
    faces = np.concatenate([one.faces, other.faces + len(one.vertices)])
    along = np.tile(np.array([0.0, 0.0, 1.0], dtype=np.float32), (len(points), 1))
    u = ((points[:, 2] + 10.0) / 20.0).astype(np.float32)
    return Surface.of(points, faces, fibres=Fibres(u, u, along, np.zeros_like(u)))


def test_recast_is_the_union_closed_and_sound() -> None:
    crossing = _two_balls_that_cross()
    made = recast(crossing)
    assert len(piercing_edges(made.vertices, made.faces)[0]) == 0
    mesh = trimesh.Trimesh(made.vertices, made.faces, process=False)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    ball = 4.0 / 3.0 * np.pi * 10.0**3
    lens = np.pi * (4.0 * 10.0 + 8.0) * (2.0 * 10.0 - 8.0) ** 2 / 12.0
    assert mesh.volume == pytest.approx(2.0 * ball - lens, rel=0.06)


def test_recast_keeps_fibre_coordinates() -> None:
    made = recast(_two_balls_that_cross())
    assert made.fibres is not None
    np.testing.assert_allclose(made.fibres.u, (made.vertices[:, 2] + 10.0) / 20.0, atol=0.06)
    np.testing.assert_allclose(made.fibres.direction, [[0.0, 0.0, 1.0]] * len(made.vertices))


@pytest.mark.parametrize("turned", [False, True])
def test_inside_is_inside_whichever_way_the_surface_faces(turned: bool) -> None:
    ball = _ball()
    surface = Surface.of(ball.vertices, ball.faces[:, ::-1] if turned else ball.faces)
    origin = np.asarray(surface.bounds[0], dtype=np.float64) - 4.0 * CUBE_MM
    filled = inside(surface, origin)
    at = origin + (np.argwhere(np.ones_like(filled)) + 0.5) * CUBE_MM
    far = np.linalg.norm(at, axis=1).reshape(filled.shape)
    assert filled[far < 9.8].all()
    assert not filled[far > 10.1].any()
