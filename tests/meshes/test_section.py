"""Cuts through shapes whose outline is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.errors import InputError, UnknownName
from meshes.section import cut_surface, oblique_plane, principal_plane, section
from meshes.surface import Surface
from tests.phantom import CENTRE, RADII, phantom_atlas, skin_point


def sphere(radius: float, centre: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Surface:
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=4, radius=radius)
    return Surface.of(ball.vertices + np.array(centre), ball.faces)


@given(
    st.floats(-49.0, 49.0),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1)).filter(
        lambda v: np.linalg.norm(v) > 0.1
    ),
)
def test_a_sphere_is_cut_in_a_circle(height: float, into: tuple[float, float, float]) -> None:
    direction = np.array(into) / np.linalg.norm(into)
    side = np.cross(direction, [0.3, 0.4, 0.5])
    if np.linalg.norm(side) < 1e-3:
        return
    along = np.cross(direction, side)
    plane = oblique_plane(height * np.cross(side, along) / np.linalg.norm(np.cross(side, along)),
                          along, side)  # fmt: skip
    lines = cut_surface(sphere(50.0), plane)
    assert len(lines) == 1
    assert lines[0].closed
    radius = np.sqrt(50.0**2 - height**2)
    assert lines[0].length == pytest.approx(2 * np.pi * radius, rel=0.02, abs=1.0)
    np.testing.assert_allclose((lines[0].points - plane.origin) @ plane.normal, 0.0, atol=1e-3)


def test_a_plane_through_vertices_and_edges_still_closes() -> None:
    import trimesh

    box = trimesh.creation.box(extents=[2, 2, 2]).subdivide().subdivide()
    lines = cut_surface(Surface.of(box.vertices, box.faces), principal_plane("axial", np.zeros(3)))
    assert [line.closed for line in lines] == [True]
    assert lines[0].length == pytest.approx(8.0, abs=1e-3)


def test_seams_with_double_vertices_are_closed() -> None:
    ball = sphere(20.0)
    torn = Surface.of(
        ball.vertices[ball.faces].reshape(-1, 3), np.arange(3 * len(ball.faces)).reshape(-1, 3)
    )
    lines = cut_surface(torn, principal_plane("axial", np.array([0.0, 0.0, 3.1])))
    assert [line.closed for line in lines] == [True]


def test_an_open_sheet_gives_an_open_line() -> None:
    sheet = Surface.of(
        np.array([[0, 0, -1], [1, 0, -1], [1, 0, 1], [0, 0, 1.0]]), np.array([[0, 1, 2], [0, 2, 3]])
    )
    (line,) = cut_surface(sheet, principal_plane("axial", np.zeros(3)))
    assert not line.closed
    assert line.length == pytest.approx(1.0)


def test_axial_cut_of_the_phantom_at_t4() -> None:
    cut = section(phantom_atlas(), principal_plane("axial", np.array([0.0, 0.0, 402.2])))
    names = [item.structure.id for item in cut.slices]
    assert {"skin", "trapezius_left", "rhomboid_major_right", "vertebra_T4"} <= set(names)
    assert "kidney_left" not in names
    layers = [int(item.structure.layer) for item in cut.slices]
    assert layers == sorted(layers)
    t = (402.2 - CENTRE[2]) / RADII[2]
    area = np.pi * RADII[0] * RADII[1] * (1 - t**8)
    assert cut["skin"].area_mm2 == pytest.approx(area, rel=0.01)
    corners = cut["skin"].points[cut["skin"].triangles]
    filled = 0.5 * np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    assert filled.sum() == pytest.approx(cut["skin"].area_mm2, rel=1e-4)
    with pytest.raises(UnknownName, match="rhomboid_major_left"):
        cut["rhomboid_mayor_left"]


def test_a_shell_is_filled_as_a_ring() -> None:
    outer, inner = sphere(50.0), sphere(40.0)
    shell = Surface.of(
        np.concatenate([outer.vertices, inner.vertices]),
        np.concatenate([outer.faces, inner.faces[:, ::-1] + len(outer.vertices)]),
    )
    from dataclasses import replace

    whole = phantom_atlas()
    atlas = replace(whole, structures={"skin": replace(whole["skin"], surface=shell)})
    cut = section(atlas, principal_plane("sagittal", np.zeros(3)))
    assert cut["skin"].area_mm2 == pytest.approx(np.pi * (50**2 - 40**2), rel=0.02)


def test_needle_plane_holds_the_needle() -> None:
    start = skin_point(70.0, 128.8)
    into = np.array([-0.3, -0.95, 0.1]) / np.linalg.norm([-0.3, -0.95, 0.1])
    plane = oblique_plane(start, into, np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(plane.flat(start + 40.0 * into), [0.0, -40.0], atol=1e-9)
    np.testing.assert_allclose(plane.solid(np.array([[5.0, -7.0]])) @ plane.normal,
                               start @ plane.normal)  # fmt: skip
    with pytest.raises(InputError, match="two directions"):
        oblique_plane(start, into, 2.0 * into)


def test_an_unknown_cut_is_named() -> None:
    with pytest.raises(UnknownName, match="axial"):
        principal_plane("axal", np.zeros(3))
