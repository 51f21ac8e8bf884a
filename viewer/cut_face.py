"""The face of a cut: the plane filled with the tissues it meets, and a line around each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from meshes.atlas import Atlas
from meshes.section import Plane, Slice, section
from meshes.structure import Structure
from viewer.material import FIBRE, TINT
from viewer.opened_material import OpenedMaterial, Opening
from viewer.opening import Cut, shift_of
from viewer.palette import tissue_colour, unit
from viewer.resolve import LEAST_OPACITY, Draw, Picture

#: A layer's tissues lie this far before those of the layer around it, mm, and each a little
#: before the last, so that nothing flickers.
_LAYER_MM, _LIFT_MM = 0.25, 0.006
#: How dark the line around a tissue is, as a share of its colour.
_LINE_SHARE = 0.45
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
        self._slices: dict[str, Slice] = {}
        self._cut: Cut | None = None
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
        if picture.cut != self._cut:
            self._cut, self._slices = picture.cut, {}
        self._slice(picture.cut.plane(), picture.cut_open)
        rows: dict[Regions, list[Draw]] = {}
        for draw in picture.cut_open:
            if draw.id in self._slices:
                key = (round(draw.opacity, 3), round(draw.kept, 3), round(draw.lensed, 3))
                rows.setdefault(key, []).append(draw)
        normal = np.asarray(picture.cut.normal)
        # From inside outward, so that where two tissues claim a place the deeper one has it.
        ranks = {name: rank for rank, name in enumerate(self._slices)}
        for key in sorted(rows):
            pieces = [
                _Piece(
                    self._slices[draw.id],
                    ((ranks[draw.id] + 1) * _LIFT_MM + draw.layer * _LAYER_MM) * normal
                    + shift_of(draw.layer, picture.spread_mm),
                    draw.emphasis,
                )
                for draw in rows[key]
            ]
            self._add(pieces, normal, key)

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

    def _slice(self, plane: Plane, draws: tuple[Draw, ...]) -> None:
        """Cut what has not been cut by this plane yet."""
        normal = plane.normal
        missing: dict[str, Structure] = {}
        for draw in draws:
            surface = self._atlas[draw.id].surface
            low, high = surface.bounds
            middle, reach = (low + high) / 2.0, (high - low) / 2.0
            near = abs(float((middle - plane.origin) @ normal)) <= float(reach @ np.abs(normal))
            if near and draw.most > LEAST_OPACITY and draw.id not in self._slices:
                missing[draw.id] = self._atlas[draw.id]
        found = (
            {item.structure.id: item for item in section(missing, plane).slices} if missing else {}
        )
        both = {**self._slices, **found}
        # Outermost first; within a layer the largest first.
        self._slices = dict(
            sorted(
                both.items(),
                key=lambda pair: (int(pair[1].structure.layer), -pair[1].area_mm2),
            )
        )

    def _add(self, pieces: list[_Piece], normal: NDArray[np.float64], key: Regions) -> None:
        for data in (_filled(pieces, normal), _outlined(pieces, normal)):
            if data is None:
                continue
            mapper = vtkPolyDataMapper()
            mapper.SetInputData(data)
            mapper.ScalarVisibilityOff()
            mapper.SetVBOShiftScaleMethod(0)
            actor = vtkActor()
            actor.SetMapper(mapper)
            actor.ForceOpaqueOn()
            actor.GetProperty().SetLineWidth(1.4)
            material = OpenedMaterial(actor, bare=True)
            material.veil(key[0])
            material.regions(key[1], key[2])
            self._renderer.AddActor(actor)
            self._actors.append(actor)
            self._materials.append(material)


class _Piece:
    """One structure's part of the face, and where it is drawn."""

    def __init__(self, cut: Slice, shift: NDArray[np.float64], emphasis: float) -> None:
        self.cut = cut
        self.shift = shift
        colour = np.asarray(unit(tissue_colour(cut.structure.entry)))
        self.colour = colour + 0.28 * emphasis * (np.array([1.0, 0.93, 0.45]) - colour)


def _filled(pieces: list[_Piece], normal: NDArray[np.float64]) -> Any:
    points, cells, tints = [], [], []
    start = 0
    for piece in pieces:
        if not len(piece.cut.triangles):
            continue
        points.append(piece.cut.points + piece.shift)
        cells.append(piece.cut.triangles + start)
        tints.append(np.tile(piece.colour, (len(piece.cut.points), 1)))
        start += len(piece.cut.points)
    if not points:
        return None
    data = _data(np.concatenate(points), np.concatenate(tints), normal)
    faces = vtkCellArray()
    faces.SetData(3, numpy_to_vtk(np.concatenate(cells).astype(np.int32).ravel(), deep=True))
    data.SetPolys(faces)
    return data


def _outlined(pieces: list[_Piece], normal: NDArray[np.float64]) -> Any:
    points, tints, ends = [], [], []
    start = 0
    for piece in pieces:
        for outline in piece.cut.outlines:
            ring = outline.ring
            points.append(ring + piece.shift + 0.5 * _LAYER_MM * normal)
            tints.append(np.tile(_LINE_SHARE * piece.colour, (len(ring), 1)))
            at = np.arange(start, start + len(ring))
            ends.append(np.stack([at[:-1], at[1:]], axis=1))
            start += len(ring)
    if not points:
        return None
    data = _data(np.concatenate(points), np.concatenate(tints), normal)
    lines = vtkCellArray()
    lines.SetData(2, numpy_to_vtk(np.concatenate(ends).astype(np.int32).ravel(), deep=True))
    data.SetLines(lines)
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
