"""The face of a cut: the plane filled with the tissues it meets, and a line around each.

Colours and spaces are those of the plate of a cut (:mod:`viewer.section_view`), without a light.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN
from meshes.section import Outline
from viewer.bare_actor import bare_actor
from viewer.cut_spaces import LaidOpen, Triangles, laid_open
from viewer.material import FIBRE, TINT
from viewer.opened_material import OpenedMaterial, Opening
from viewer.opening import shift_of
from viewer.palette import RGB, unit
from viewer.resolve import LEAST_OPACITY, Draw, Picture
from viewer.section_tissue import SPACE, flat_colour, line_colour

#: Each tissue lies this far before the one around it, mm, so that nothing flickers; its line and
#: a space in it lie between, at these shares of the way.
_LIFT_MM, _LINE_SHARE, _SPACE_SHARE = 0.03, 0.35, 0.7
#: Width of the line around a tissue, mm. A ribbon in the plane: a line of so many pixels sinks
#: into the plane on one side wherever that is seen at a slant.
_LINE_MM = 0.6
#: Opacity where peeled, in the other half, in the lens.
Regions = tuple[float, float, float]


class CutFace:
    """Fills cuts on a renderer.

    Parameters
    ----------
    atlas : Atlas
    renderer : vtkRenderer
    """

    def __init__(self, atlas: Atlas, renderer: Any) -> None:
        self._atlas = atlas
        self._renderer = renderer
        self._shown: tuple[Any, ...] = ()
        self._actors: list[Any] = []
        self._materials: list[OpenedMaterial] = []

    def show(self, picture: Picture, *, moving: bool) -> None:
        """Fill the cut of a picture; nothing is worked out anew while it moves."""
        if picture.cut is None:
            self.hide()
            return
        wanted = (picture.cut, picture.cut_open, picture.spread_mm)
        if wanted == self._shown:
            return
        self.hide()
        if moving:
            return
        self._shown = wanted
        normal = np.asarray(picture.cut.normal)
        opened = laid_open(self._atlas, picture.cut)
        rows: dict[Regions, list[_Piece]] = {}
        for draw, piece in _pieces(opened, picture.cut_open):
            piece.shift = piece.lift_mm * normal + shift_of(draw.layer, picture.spread_mm)
            key = (round(draw.opacity, 3), round(draw.kept, 3), round(draw.lensed, 3))
            rows.setdefault(key, []).append(piece)
        for key in sorted(rows):
            self._add(rows[key], normal, key)

    def open(self, opening: Opening) -> None:
        """Tell how the torso is opened besides."""
        for material in self._materials:
            material.open(opening)

    def hide(self) -> None:
        """Draw nothing."""
        for actor in self._actors:
            self._renderer.RemoveActor(actor)
        self._actors, self._materials, self._shown = [], [], ()

    def close(self) -> None:
        """Take the actors off the renderer."""
        self.hide()

    def _add(self, pieces: list[_Piece], normal: NDArray[np.float64], key: Regions) -> None:
        data = _filled(pieces, normal)
        if data is None:
            return
        actor, _ = bare_actor(data)
        actor.SetVisibility(True)
        material = OpenedMaterial(actor, unlit=True)
        material.veil(key[0])
        material.regions(key[1], key[2])
        self._renderer.AddActor(actor)
        self._actors.append(actor)
        self._materials.append(material)


class _Piece:
    """An area of the face in one colour, and how far it lies before the plane."""

    def __init__(self, area: Triangles, colour: RGB, lift_mm: float, emphasis: float = 0.0) -> None:
        self.points, self.triangles = area
        self.lift_mm = lift_mm
        self.shift = np.zeros(3)
        plain = np.asarray(unit(colour))
        self.colour = plain + 0.28 * emphasis * (np.array([1.0, 0.93, 0.45]) - plain)


def _pieces(opened: LaidOpen, draws: tuple[Draw, ...]) -> list[tuple[Draw, _Piece]]:
    """Return what is drawn of a cut, with what it belongs to.

    From outside inward: where two tissues claim a place the deeper one has it.
    """
    drawn = {draw.id: draw for draw in draws if draw.most > LEAST_OPACITY}
    slices = opened.section.slices
    normal = opened.section.plane.normal
    around = FAT if FAT in {item.structure.id for item in slices} else SKIN
    found = []
    for rank, item in enumerate(slices):
        name = item.structure.id
        draw = drawn.get(name)
        if draw is None:
            continue
        colour, lift = flat_colour(item.structure.entry), (rank + 1) * _LIFT_MM
        line = ribbons(item.outlines, normal)
        shapes = [
            _Piece((item.points, item.triangles), colour, lift, draw.emphasis),
            _Piece(line, line_colour(colour), lift + _LINE_SHARE * _LIFT_MM, draw.emphasis),
            # The inside of a bone is before all that may reach into it.
            _Piece(opened.shell(name), SPACE, (len(slices) + 1) * _LIFT_MM),
        ]
        if name == around:
            shapes.append(_Piece(opened.cavity, SPACE, lift + _SPACE_SHARE * _LIFT_MM))
        found += [(draw, shape) for shape in shapes if len(shape.triangles)]
    return found


def ribbons(outlines: tuple[Outline, ...], normal: NDArray[np.float64]) -> Triangles:
    """Return lines as flat ribbons in their plane: points (N, 3), mm, and triangles (K, 3)."""
    points, triangles = [np.empty((0, 3))], [np.empty((0, 3), np.int32)]
    start = 0
    for outline in outlines:
        ring = outline.ring
        step = np.diff(ring, axis=0)
        length = np.linalg.norm(step, axis=1, keepdims=True)
        step = step[length[:, 0] > 1e-9] / length[length[:, 0] > 1e-9]
        if not len(step):
            continue
        ring = np.concatenate([ring[:1], ring[1:][length[:, 0] > 1e-9]])
        last, first = (step[-1:], step[:1]) if outline.closed else (step[:1], step[-1:])
        along = np.concatenate([last, step]) + np.concatenate([step, first])
        size = np.linalg.norm(along, axis=1, keepdims=True)
        along = np.where(size > 0.2, along / np.maximum(size, 1e-9), np.concatenate([step, first]))
        side = 0.5 * _LINE_MM * np.cross(np.asarray(normal), along)
        count = len(ring)
        points += [ring - side, ring + side]
        at = np.arange(count - 1, dtype=np.int32) + start
        there = at + count
        triangles += [
            np.stack([at, at + 1, there], axis=1),
            np.stack([at + 1, there + 1, there], axis=1),
        ]
        start += 2 * count
    return np.concatenate(points), np.concatenate(triangles).astype(np.int32)


def _filled(pieces: list[_Piece], normal: NDArray[np.float64]) -> Any:
    points, cells, tints = [], [], []
    start = 0
    for piece in pieces:
        points.append(piece.points + piece.shift)
        cells.append(piece.triangles + start)
        tints.append(np.tile(piece.colour, (len(piece.points), 1)))
        start += len(piece.points)
    if not points:
        return None
    data = _data(np.concatenate(points), np.concatenate(tints), normal)
    faces = vtkCellArray()
    faces.SetData(3, numpy_to_vtk(np.concatenate(cells).astype(np.int32).ravel(), deep=True))
    data.SetPolys(faces)
    return data


def _data(
    points: NDArray[np.float64], tints: NDArray[np.float64], normal: NDArray[np.float64]
) -> Any:
    """Return polydata without cells, with the arrays that the tissue material reads."""
    count = len(points)
    at = vtkPoints()
    at.SetData(numpy_to_vtk(np.ascontiguousarray(points, np.float32), deep=True))
    data = vtkPolyData()
    data.SetPoints(at)
    normals = np.tile(np.asarray(normal, np.float32), (count, 1))
    data.GetPointData().SetNormals(numpy_to_vtk(normals, deep=True))
    tint = np.ones((count, 4), np.float32)
    tint[:, :3] = tints
    for name, values in ((TINT, tint), (FIBRE, np.zeros((count, 4), np.float32))):
        array = numpy_to_vtk(values, deep=True)
        array.SetName(name)
        data.GetPointData().AddArray(array)
    return data
