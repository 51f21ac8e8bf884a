"""Distance fields: blends, sampling, closing, and the surface taken from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.field.blend import (
    ellipsoid,
    smooth_max,
    smooth_min,
    superellipse_loft,
    tapered_capsule,
)
from meshes.field.distance import closed_distance, exact_distance, surface_samples, thinned
from meshes.field.extract import (
    evened,
    level_surface,
    one_body,
    settled,
    soft_normals,
    symmetric,
    volume,
)
from meshes.field.grid import Field, Grid

_BOX = np.full(3, 40.0)


def _ball(grid: Grid, centre: tuple[float, float, float], radius: float) -> Field:
    x, y, z = grid.axes()
    square = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2
    return np.asarray(np.sqrt(square) - radius, dtype=np.float32)


@given(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0), st.floats(0.5, 20.0))
def test_smooth_union_lies_within_a_quarter_width_below_the_minimum(
    a: float, b: float, width: float
) -> None:
    blended = float(smooth_min(np.float32([a]), np.float32([b]), width)[0])
    assert min(a, b) - 0.25 * width - 1e-3 <= blended <= min(a, b) + 1e-3
    if abs(a - b) >= width:
        assert blended == pytest.approx(min(a, b), abs=1e-3)


def test_smooth_cut_is_the_union_of_the_outsides() -> None:
    a, b = np.float32([-3.0, 2.0]), np.float32([1.0, -4.0])
    assert smooth_max(a, b, 5.0) == pytest.approx(-smooth_min(-a, -b, 5.0))


def test_capsule_and_ellipsoid_are_zero_on_their_surfaces() -> None:
    at = tuple(np.float32([value]) for value in (12.0, 0.0, 30.0))
    rod = tapered_capsule(at, np.zeros(3), np.array([0.0, 0.0, 60.0]), (16.0, 8.0))
    assert float(rod[0]) == pytest.approx(0.0, abs=1e-4)
    tip = tuple(np.float32([value]) for value in (0.0, 25.0, 0.0))
    assert float(ellipsoid(tip, np.zeros(3), np.array([10.0, 25.0, 40.0]))[0]) == pytest.approx(0.0)


def test_loft_has_the_breadth_and_depth_asked_for() -> None:
    grid = Grid.around(-_BOX, _BOX, 1.0)
    flat = np.ones(grid.shape[2], dtype=np.float32)
    field = superellipse_loft(grid.axes(), 20.0 * flat, -10.0 * flat, 16.0 * flat, 2.4 * flat)
    inside = grid.nodes(field < 0.0)
    assert np.ptp(inside[:, 0]) == pytest.approx(40.0, abs=2.1)
    assert inside[:, 1].min() == pytest.approx(-10.0, abs=1.1)
    assert inside[:, 1].max() == pytest.approx(16.0, abs=1.1)


def test_samples_leave_no_wide_gap() -> None:
    triangle = np.array([[[0.0, 0.0, 0.0], [40.0, 0.0, 0.0], [0.0, 30.0, 0.0]]])
    samples = surface_samples([triangle], 3.0, 1.0)
    rng = np.random.default_rng(3)
    weights = rng.dirichlet(np.ones(3), 200)
    assert exact_distance(samples, weights @ triangle[0]).max() < 3.0


def test_thinning_keeps_one_point_for_each_cell() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.1, 0.1, 0.1], [5.0, 0.0, 0.0]])
    assert len(thinned(points, 1.0)) == 2


def test_closing_bridges_a_gap_and_keeps_a_convex_form() -> None:
    rng = np.random.default_rng(5)
    way = rng.normal(size=(6000, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    balls = np.concatenate([12.0 * way + [17.0, 0.0, 0.0], 12.0 * way - [17.0, 0.0, 0.0]])
    grid = Grid.around(np.full(3, -75.0), np.full(3, 75.0), 3.0)
    closed = closed_distance(balls, grid, 25.0, 40.0)
    at = grid.interpolate(closed, np.array([[0.0, 0.0, 0.0], [49.0, 0.0, 0.0], [60.0, 0.0, 0.0]]))
    assert at[0] < 0.0  # 10 mm between the balls: no room for a ball of 25
    assert at[1] == pytest.approx(20.0, abs=0.7)
    assert at[2] == pytest.approx(31.0, abs=0.7)  # exact beyond the ball's own radius too


def test_level_of_a_ball_is_closed_even_and_as_large() -> None:
    grid = Grid.around(-_BOX, _BOX, 3.0)
    field = _ball(grid, (0.0, 0.0, 0.0), 30.0)
    points, faces, _ = level_surface(field, grid, mirrored=False)
    points = settled(evened(points, faces, field, grid), faces)
    assert volume(points, faces) == pytest.approx(4.0 / 3.0 * np.pi * 30.0**3, rel=0.035)
    normals = soft_normals(points, faces)
    assert (normals * points).sum(axis=1).min() > 29.0


def test_half_a_ball_is_mirrored_into_a_closed_one() -> None:
    import trimesh

    grid = Grid.around(np.array([0.0, -40.0, -40.0]), _BOX, 3.0)
    points, faces, twins = level_surface(_ball(grid, (4.0, 0.0, 0.0), 25.0), grid, mirrored=True)
    points = symmetric(points + 0.01, twins)
    mesh = trimesh.Trimesh(points, faces, process=False)
    assert mesh.is_watertight
    assert mesh.volume > 0.0
    assert points[twins] == pytest.approx(points[len(points) - len(twins) :] * [-1.0, 1.0, 1.0])


def test_one_body_fills_hollows_and_drops_crumbs() -> None:
    grid = Grid.around(-_BOX, _BOX, 2.0)
    shell = np.abs(_ball(grid, (0.0, 0.0, 0.0), 20.0)) - 4.0
    crumb = _ball(grid, (34.0, 34.0, 34.0), 4.0)
    body = one_body(np.minimum(shell, crumb).astype(np.float32))
    middle = tuple(size // 2 for size in grid.shape)
    assert body[middle] < 0.0
    assert grid.interpolate(body, np.array([[34.0, 34.0, 34.0]]))[0] > 0.0


@given(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0), st.floats(-30.0, 30.0))
def test_interpolation_is_exact_for_a_plane(x: float, y: float, z: float) -> None:
    grid = Grid.around(-_BOX, _BOX, 4.0)
    across, along, up = grid.axes()
    plane = (2.0 * across - along + 0.5 * up).astype(np.float32)
    found = grid.interpolate(plane, np.array([[x, y, z]]))[0]
    assert found == pytest.approx(2.0 * x - y + 0.5 * z, abs=1e-3)


def test_part_of_a_grid_has_the_same_nodes() -> None:
    grid = Grid.around(-_BOX, _BOX, 4.0)
    box = grid.slices(np.array([8.0, -np.inf, 0.0]), np.array([np.inf, np.inf, 21.0]))
    part = grid.part(box)
    assert part.axis(0) == pytest.approx(grid.axis(0)[box[0]])
    assert part.axis(2)[0] == pytest.approx(0.0)
    mirrored = grid.part(grid.mirrored_slices(box))
    assert mirrored.axis(0) == pytest.approx(-part.axis(0)[::-1])
