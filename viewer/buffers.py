"""The vertices of an atlas as VTK arrays, uploaded once; pictures differ in their triangles only.

All structures but the skin lie end to end in one set of arrays. What a picture shows is a list
of triangles into them, so hiding a muscle changes an index list and never a vertex, and a
hundred structures cost one draw call.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

from meshes.atlas import Atlas
from meshes.structure import Structure
from meshes.terminology import Provenance, System
from viewer.material import CAUTION, FIBRE, TINT
from viewer.occlusion import Openness
from viewer.palette import tissue_colour, unit
from viewer.resolve import look_of
from viewer.striation import fibre_coordinates

SKIN = "skin"
#: Index lists kept for going back and forth between two peel levels.
_CELLS_KEPT = 12


class Buffers:
    """Vertex arrays of some structures, with the triangles of each.

    Parameters
    ----------
    atlas : Atlas
    ids : iterable of str
        Which structures to hold, in this order.

    Attributes
    ----------
    points, normals : ndarray, shape (N, 3)
        mm, and unit vectors.
    tint : ndarray, shape (N, 4)
        Colour 0..1 and ambient openness.
    fibre : ndarray, shape (N, 4)
        Fibre coordinates and the look (:class:`viewer.resolve.Look`).
    first : dict of str to int
        Row of each structure's first vertex.
    count : int
    loose : frozenset of str
        Those whose triangles may be turned inside out.
    """

    def __init__(self, atlas: Atlas, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        self._triangles: dict[str, NDArray[np.int32]] = {}
        self.first: dict[str, int] = {}
        # A source's meshes may be open or turned inside out; those we made are neither.
        self.loose = frozenset(
            name for name in self.ids if atlas[name].origin.kind is Provenance.IMPORTED
        )
        points, normals, tints, fibres = [], [], [], []
        start = 0
        for structure_id in self.ids:
            item = atlas[structure_id]
            surface = item.surface
            count = len(surface.vertices)
            # Floats, because VTK hands bytes over as 0..255 and promises nothing about it.
            tint = np.ones((count, 4), dtype=np.float32)
            tint[:, :3] = unit(tissue_colour(item.entry))
            tint[:, :3] *= _own_tone(item)
            fibre = np.empty((count, 4), dtype=np.float32)
            fibre[:, :3] = fibre_coordinates(item)
            fibre[:, 3] = float(look_of(item))
            points.append(surface.vertices)
            normals.append(surface.normals)
            tints.append(tint)
            fibres.append(fibre)
            self._triangles[structure_id] = surface.faces + np.int32(start)
            self.first[structure_id] = start
            start += count
        self.count = start
        self._fewer: dict[str, NDArray[np.int32]] | None = None
        self._cells: dict[tuple[bool, tuple[str, ...]], Any] = {}
        self._seen: Mapping[tuple[str, ...], Any] = {}
        self.points = _joined(points, 3, np.float32)
        self.normals = _joined(normals, 3, np.float32)
        self.tint = _joined(tints, 4, np.float32)
        self.fibre = _joined(fibres, 4, np.float32)
        self._points = vtkPoints()
        self._points.SetData(_vtk(self.points))
        self._arrays = {
            "Normals": _vtk(self.normals),
            TINT: _vtk(self.tint),
            FIBRE: _vtk(self.fibre),
        }
        self.caution = np.zeros((0, 4), dtype=np.float32)
        for name, array in self._arrays.items():
            array.SetName(name)

    def allow_caution(self) -> None:
        """Add the array that holds the verdict shares of each vertex, all unknown."""
        self.caution = np.zeros((self.count, 4), dtype=np.float32)
        self._arrays[CAUTION] = _vtk(self.caution)
        self._arrays[CAUTION].SetName(CAUTION)

    def set_caution(self, shares: NDArray[np.float32]) -> None:
        """Write verdict shares, shape (N, 4), 0..1."""
        self.caution[:] = shares
        self._arrays[CAUTION].Modified()

    def set_openness(self, openness: Openness) -> None:
        """Write the ambient openness of those structures that are held here."""
        for structure_id, values in openness.items():
            if structure_id not in self.first:
                continue
            start = self.first[structure_id]
            self.tint[start : start + len(values), 3] = values
        self._arrays[TINT].Modified()

    def polydata(self) -> Any:
        """Return a new polydata on these vertices, without triangles."""
        data = vtkPolyData()
        data.SetPoints(self._points)
        data.GetPointData().SetNormals(self._arrays["Normals"])
        for name in (TINT, FIBRE, CAUTION):
            if name in self._arrays:
                data.GetPointData().AddArray(self._arrays[name])
        return data

    def use_fewer(self, fewer: Mapping[str, NDArray[np.int32]] | None) -> None:
        """Draw reduced triangles (``detail.reduced_triangles``) from now on, or all again."""
        if fewer is None:
            self._fewer = None
        elif self._fewer is None:
            self._fewer = {name: fewer[name] + np.int32(self.first[name]) for name in self.ids}

    def use_seen(self, seen: Mapping[tuple[str, ...], Any] | None) -> None:
        """Draw these cell arrays for these structures from now on, or all triangles again."""
        self._seen = seen or {}

    def faces(self, ids: tuple[str, ...]) -> NDArray[np.int32]:
        """Return all triangles of some structures as rows of vertex numbers, shape (M, 3)."""
        pieces = [self._triangles[structure_id] for structure_id in ids]
        return np.concatenate(pieces) if pieces else np.empty((0, 3), np.int32)

    def triangles(self, ids: tuple[str, ...]) -> Any:
        """Return the triangles of some structures as a VTK cell array; the last few are kept."""
        return self._seen[ids] if ids in self._seen else self.all_triangles(ids)

    def all_triangles(self, ids: tuple[str, ...]) -> Any:
        """Return the same, whatever was seen."""
        key = (self._fewer is not None, ids)
        if key not in self._cells:
            while len(self._cells) >= _CELLS_KEPT:
                self._cells.pop(next(iter(self._cells)))
            source = self._triangles if self._fewer is None else self._fewer
            pieces = [source[structure_id] for structure_id in ids]
            joined = np.concatenate(pieces) if pieces else np.empty((0, 3), np.int32)
            self._cells[key] = cells_of(joined)
        return self._cells[key]


def _own_tone(structure: Structure) -> float:
    """Brightness of a muscle's own, so that neighbours of one colour are told apart."""
    if structure.system is not System.MUSCULAR:
        return 1.0
    return 0.94 + 0.12 * (zlib.crc32(structure.entry.base.encode()) % 97) / 96.0


def cells_of(faces: NDArray[np.int32]) -> Any:
    """Return triangles, shape (K, 3), as a VTK cell array on the same memory."""
    cells = vtkCellArray()
    cells.SetData(3, _vtk(np.ascontiguousarray(faces.ravel())))
    return cells


def _joined(pieces: list[Any], width: int, kind: type) -> NDArray[Any]:
    if not pieces:
        return np.empty((0, width), dtype=kind)
    return np.ascontiguousarray(np.concatenate(pieces), dtype=kind)


def _vtk(array: NDArray[Any]) -> Any:
    # numpy_to_vtk keeps a reference to a contiguous array and shares its memory.
    return numpy_to_vtk(array, deep=False)
