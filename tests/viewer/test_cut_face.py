"""The face of a cut: each tissue where its structure is met, the deeper one in front."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - without it a renderer has no class to be made of
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkRenderingCore import vtkRenderer

from meshes.section import Outline, section
from tests.phantom import phantom_atlas
from viewer.cut_face import CutFace, ribbons
from viewer.cut_spaces import laid_open
from viewer.material import TINT
from viewer.opening import Cut
from viewer.resolve import Picture, resolve
from viewer.section_raster import UNKNOWN, owner_map, window_around
from viewer.section_tissue import SPACE, flat_colour, line_colour
from viewer.state import ViewState

ATLAS = phantom_atlas()
LOW, HIGH = ATLAS["kidney_left"].surface.bounds
MIDDLE = float((LOW[2] + HIGH[2]) / 2.0)


def cut_at(z: float, **state: object) -> Picture:
    cut = Cut((0.0, 0.0, 1.0), z)
    return resolve(ViewState(peel=2.0, cut=cut, **state), ATLAS)  # type: ignore[arg-type]


def drawn(renderer: vtkRenderer) -> list[tuple[np.ndarray, int, int]]:
    """Points, triangles and lines of each actor."""
    found = []
    actors: Any = renderer.GetActors()
    for actor in actors:
        data = actor.GetMapper().GetInput()
        points = vtk_to_numpy(data.GetPoints().GetData())
        found.append((points, data.GetNumberOfPolys(), data.GetNumberOfLines()))
    return found


def painted(renderer: vtkRenderer) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points and colours, 0..255, of each actor."""
    found = []
    actors: Any = renderer.GetActors()
    for actor in actors:
        data = actor.GetMapper().GetInput()
        points = vtk_to_numpy(data.GetPoints().GetData())
        tint = vtk_to_numpy(data.GetPointData().GetArray(TINT))[:, :3]
        found.append((points, np.round(255.0 * tint).astype(int)))
    return found


@pytest.fixture
def face() -> tuple[CutFace, vtkRenderer]:
    renderer = vtkRenderer()
    return CutFace(ATLAS, renderer), renderer


def test_a_cut_is_filled_and_outlined_in_its_plane(face: tuple[CutFace, vtkRenderer]) -> None:
    face[0].show(cut_at(MIDDLE), moving=False)
    parts = drawn(face[1])
    assert any(triangles for _, triangles, _ in parts)
    for points, _, _ in parts:
        # Tissues lie a hair in front of one another so that nothing flickers.
        assert np.abs(points[:, 2] - MIDDLE).max() < 2.0


def test_colours_are_the_plates_and_each_tissue_has_a_plane_of_its_own(
    face: tuple[CutFace, vtkRenderer],
) -> None:
    face[0].show(cut_at(MIDDLE), moving=False)
    made = section(ATLAS, Cut((0.0, 0.0, 1.0), MIDDLE).plane())
    heights: dict[tuple[int, int, int], set[float]] = {}
    for points, tint in painted(face[1]):
        for colour in np.unique(tint, axis=0):
            rows = (tint == colour).all(axis=1)
            at = heights.setdefault(tuple(colour.tolist()), set())
            at |= set(np.round(points[rows, 2] - MIDDLE, 3).tolist())
    shown = cut_at(MIDDLE).cut_open
    entries = {draw.id: ATLAS[draw.id].entry for draw in shown}
    wanted = [item for item in made.slices if item.structure.id in entries]
    assert wanted
    for item in wanted:
        colour = flat_colour(item.structure.entry)
        assert colour in heights
        assert line_colour(colour) in heights
    # A line never lies in the plane of a tissue: nothing can flicker.
    fills = {flat_colour(item.structure.entry) for item in wanted}
    in_fills = set().union(*(heights[colour] for colour in fills))
    lines = {line_colour(colour) for colour in fills}
    in_lines = set().union(*(heights[colour] for colour in lines))
    apart = min(abs(one - two) for one in in_fills for two in in_lines)
    assert apart > 0.009


def test_a_space_is_drawn_where_the_plate_has_it_and_nowhere_else() -> None:
    cut = Cut((0.0, 0.0, 1.0), MIDDLE)
    opened = laid_open(ATLAS, cut)
    points, triangles = opened.cavity
    assert opened.silent is not None
    assert len(triangles)
    corners = points[triangles]
    area = 0.5 * np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    cell = 1.0 / opened.silent.window.scale**2
    assert area.sum() == pytest.approx(opened.silent.cavity.sum() * cell, rel=0.05)
    middles = corners[area > 20.0].mean(axis=1)
    assert len(middles)
    assert not opened.held(middles).any()
    plate = owner_map(opened.section, window_around(opened.section, (200, 160)))
    there = plate.window.pixels(opened.section.plane.flat(middles)).astype(int)
    inside = (there >= 0).all(axis=1) & (there < (200, 160)).all(axis=1)
    assert (plate.coarse[there[inside, 1], there[inside, 0]] == UNKNOWN).all()
    kidney = (LOW + HIGH) / 2.0
    assert opened.held(kidney[None]).all()


def test_the_space_is_on_the_face_while_the_fat_around_it_is(
    face: tuple[CutFace, vtkRenderer],
) -> None:
    for peel, there in ((0.0, True), (2.0, False)):
        cut = Cut((0.0, 0.0, 1.0), MIDDLE)
        face[0].show(resolve(ViewState(peel=peel, cut=cut), ATLAS), moving=False)
        tints = np.concatenate([tint for _, tint in painted(face[1])])
        assert (tints == SPACE).all(axis=1).any() == there


def test_a_ribbon_is_as_wide_on_every_side_and_closes() -> None:
    square = np.array([[0.0, 0.0, 5.0], [10.0, 0.0, 5.0], [10.0, 10.0, 5.0], [0.0, 10.0, 5.0]])
    closed = Outline(square, np.zeros(4, dtype=np.intp), closed=True)
    points, triangles = ribbons((closed,), np.array([0.0, 0.0, 1.0]))
    corners = points[triangles]
    area = 0.5 * np.abs(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    assert area[:, 2].sum() == pytest.approx(40.0 * 0.6 * np.sqrt(0.5), rel=0.02)
    assert np.ptp(points[:, 2]) == 0.0
    open_line = Outline(square, np.zeros(4, dtype=np.intp), closed=False)
    assert len(ribbons((open_line,), np.array([0.0, 0.0, 1.0]))[1]) == 6


def test_a_cut_beside_everything_shows_nothing(face: tuple[CutFace, vtkRenderer]) -> None:
    face[0].show(cut_at(5000.0), moving=False)
    assert drawn(face[1]) == []


def test_one_structure_is_cut_where_it_is(face: tuple[CutFace, vtkRenderer]) -> None:
    only = frozenset({"kidney_left"})
    face[0].show(cut_at(MIDDLE, isolated=only), moving=False)
    points = np.concatenate([part[0] for part in drawn(face[1])])
    assert (points[:, 0] > LOW[0] - 0.5).all()
    assert (points[:, 0] < HIGH[0] + 0.5).all()
    width = np.ptp(points[:, 0]) / (HIGH[0] - LOW[0])
    assert 0.9 < width <= 1.02  # half of the line lies outside


def test_nothing_is_worked_out_while_it_moves_and_all_of_it_after(
    face: tuple[CutFace, vtkRenderer],
) -> None:
    face[0].show(cut_at(MIDDLE), moving=False)
    still = len(drawn(face[1]))
    face[0].show(cut_at(MIDDLE + 4.0), moving=True)
    assert drawn(face[1]) == []
    face[0].show(cut_at(MIDDLE + 4.0), moving=False)
    assert len(drawn(face[1])) == still
    face[0].close()
    assert drawn(face[1]) == []
