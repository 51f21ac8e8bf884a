"""Nearest skin, the way in, and the way out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.skin_surface import SkinSurface, at_level, skin_of
from tests.phantom import phantom_atlas, skin_point

SKIN = skin_of(phantom_atlas())


@given(st.floats(-250.0, 250.0), st.floats(-250.0, 200.0), st.floats(-200.0, 680.0))
def test_nearest_is_no_further_than_any_vertex(x: float, y: float, z: float) -> None:
    point = np.array([x, y, z])
    found = SKIN.nearest(point)
    distance = np.linalg.norm(found.position - point)
    assert distance <= np.linalg.norm(SKIN.vertices - point, axis=1).min() + 1e-6
    assert found.barycentric.sum() == pytest.approx(1.0)
    assert (found.barycentric >= 0.0).all()
    np.testing.assert_allclose(found.barycentric @ SKIN.corners[found.face], found.position)


@given(st.floats(-160.0, 160.0), st.floats(-140.0, 600.0))
def test_the_way_in_is_a_unit_vector_into_the_body(x: float, z: float) -> None:
    found = SKIN.nearest(skin_point(x, z))
    assert np.linalg.norm(found.inward) == pytest.approx(1.0)
    assert SKIN.surface.normals[SKIN.surface.faces[found.face]].mean(axis=0) @ found.inward < -0.8
    np.testing.assert_array_equal(found.normal, -found.inward)


def test_relief_does_not_sway_the_needle() -> None:
    """A furrow of 3 mm beside the spine turns the local normal, not the way in."""
    from meshes.surface import Surface

    x, z = np.meshgrid(np.linspace(-120, 120, 81), np.linspace(0, 240, 81), indexing="ij")
    y = -3.0 * np.exp(-((x / 10.0) ** 2))
    grid = np.arange(81 * 81).reshape(81, 81)
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[:-1, 1:], grid[1:, 1:]
    faces = np.concatenate(
        [np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]
    )
    sheet = Surface.of(np.stack([x, y, z], -1).reshape(-1, 3), faces)
    skin = SkinSurface(sheet)
    site = np.array([[9.0, -1.3, 120.0]])
    nearest = int(skin.tree.query(site)[1][0])
    local = np.degrees(np.arccos(abs(sheet.normals[nearest, 1])))
    swayed = np.degrees(np.arccos(abs(skin.inward(site)[0, 1])))
    assert local > 10.0
    assert swayed < 4.0


def test_leaving_and_entering() -> None:
    inside = skin_point(40.0, 300.0, depth=30.0)
    out = SKIN.leave(inside[None], np.array([[0.0, 1.0, 0.0]]))[0]
    assert out[1] > inside[1]
    assert np.linalg.norm(SKIN.nearest(out).position - out) < 0.01
    entered = SKIN.enter(np.array([inside[0], 500.0, inside[2]]), np.array([0.0, -1.0, 0.0]))
    assert entered is not None
    np.testing.assert_allclose(entered.position, out, atol=0.01)
    assert SKIN.enter(np.array([900.0, 500.0, 300.0]), np.array([0.0, -1.0, 0.0])) is None
    way = SKIN.way_out(inside, np.array([0.0, 1.0, 0.0]))
    assert way is not None
    np.testing.assert_allclose(way.position, out, atol=1e-4)
    np.testing.assert_allclose(way.barycentric @ SKIN.corners[way.face], out, atol=1e-3)
    assert SKIN.way_out(np.array([900.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])) is None
    nowhere = SKIN.leave(np.array([[900.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]]))
    assert np.isnan(nowhere).all()


def test_inward_at_vertices_is_the_vertex_direction() -> None:
    some = np.arange(0, len(SKIN.vertices), 997)
    np.testing.assert_allclose(
        SKIN.inward(SKIN.vertices[some]), SKIN.vertex_inward[some], atol=1e-6
    )


def test_of_two_ways_out_the_first_counts() -> None:
    """What a ray crosses behind its start is passed over."""
    both = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
    inside = skin_point(40.0, 300.0, depth=30.0)
    back, front = SKIN.leave(np.repeat(inside[None], 2, axis=0), both)
    assert front[1] < inside[1] < back[1]
    outside = back + [0.0, 30.0, 0.0]
    assert np.isnan(SKIN.leave(outside[None], both[:1])).all()
    np.testing.assert_allclose(SKIN.leave(outside[None], both[1:])[0], front, atol=1e-3)


def test_directions_are_kept_to_the_last_bit(tmp_path: Path) -> None:
    page = tmp_path / "inward" / "some.npy"
    made = SkinSurface(SKIN.surface, page).vertex_inward
    assert page.exists()
    np.testing.assert_array_equal(made, SKIN.vertex_inward)
    np.testing.assert_array_equal(SkinSurface(SKIN.surface, page).vertex_inward, made)
    for broken in (b"", page.read_bytes()[:-40], b"nothing of the kind"):
        page.write_bytes(broken)
        np.testing.assert_array_equal(SkinSurface(SKIN.surface, page).vertex_inward, made)
        assert page.read_bytes() != broken


@pytest.mark.parametrize(("degrees", "expected"), [(0, 0), (12, 0), (-29, 0), (50, 20), (-75, -45)])
@pytest.mark.parametrize("way", [-1.0, 1.0])
def test_at_a_level_the_needle_goes_straight_down(
    degrees: float, expected: float, way: float
) -> None:
    lean, left = np.radians(degrees), np.radians(expected)
    inward = np.array([np.sin(lean), way * np.cos(lean), 0.4])
    found = at_level(inward / np.linalg.norm(inward))
    np.testing.assert_allclose(found, [np.sin(left), way * np.cos(left), 0.0], atol=1e-9)


def test_on_top_of_the_shoulder_the_needle_stays() -> None:
    down = np.array([0.1, -0.2, -0.97])
    np.testing.assert_array_equal(at_level(down), down)
