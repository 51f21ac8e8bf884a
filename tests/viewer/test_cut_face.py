"""The face of a cut: each tissue where its structure is met, the deeper one in front."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - without it a renderer has no class to be made of
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkRenderingCore import vtkRenderer

from tests.phantom import phantom_atlas
from viewer.cut_face import CutFace
from viewer.opening import Cut
from viewer.resolve import Picture, resolve
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


@pytest.fixture
def face() -> tuple[CutFace, vtkRenderer]:
    renderer = vtkRenderer()
    return CutFace(ATLAS, renderer), renderer


def test_a_cut_is_filled_and_outlined_in_its_plane(face: tuple[CutFace, vtkRenderer]) -> None:
    face[0].show(cut_at(MIDDLE), moving=False)
    parts = drawn(face[1])
    assert any(triangles for _, triangles, _ in parts)
    assert any(lines for _, _, lines in parts)
    for points, _, _ in parts:
        # Tissues lie a hair in front of one another so that nothing flickers.
        assert np.abs(points[:, 2] - MIDDLE).max() < 6.0


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
    assert 0.9 < width <= 1.01


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
