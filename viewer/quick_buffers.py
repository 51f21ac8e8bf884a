"""The few vertices that moving pictures use, in the order in which their triangles use them.

Reduced triangles stand on one in six of an atlas's vertices, strewn over the full arrays. Laid
end to end in the order of use each is worked on once instead of once per triangle, and colours
are ready: where most of a muscle is tendon the vertex is pale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkPolyData

from viewer import palette
from viewer.buffers import Buffers
from viewer.detail import Reduced
from viewer.material import TINT
from viewer.resolve import Look
from viewer.visible import Bits

#: Triangles turned away by less than this are kept, as the sine: the eye moves a little between
#: two choices, and stands nearer to what is in front than to the middle.
_SLACK = 0.08
#: Selections kept for going back and forth between two peel levels.
_KEPT = 12
#: Least share of edges with a triangle on either side where a surface is closed.
_CLOSED = 0.995
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, eq=False)
class Pile:
    """The triangles of some structures.

    Attributes
    ----------
    faces : ndarray of int, shape (K, 3)
    bits : ndarray of uint64, shape (K,)
        From where each is seen (:mod:`viewer.visible`); all where that is not known.
    normals : ndarray, shape (K, 3)
        Outward unit vectors; zero where the triangle may be turned inside out.
    heights : ndarray, shape (K,)
        Of each triangle's plane above the origin, mm; then minus infinity.
    """

    faces: NDArray[np.int32]
    bits: Bits
    normals: NDArray[np.float32]
    heights: NDArray[np.float32]

    def seen(self, mask: np.uint64, eye: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the rows of those seen from the directions of a mask that face an eye.

        Parameters
        ----------
        mask : uint64
            ``visible.near`` of the camera.
        eye : ndarray, shape (3,)
            Where the camera stands, mm.
        """
        rows = np.flatnonzero(self.bits & mask)
        # Not by a matrix product: the threads that it starts wait for more on the other cores.
        above = np.einsum("ij,j->i", self.normals[rows], eye.astype(np.float32))
        above -= self.heights[rows]
        return rows[above > -_SLACK * float(np.linalg.norm(eye))]


class QuickBuffers:
    """Vertex arrays for the reduced triangles of some structures.

    Parameters
    ----------
    buffers : Buffers
        The full ones.
    fewer : mapping of str to ndarray
        ``detail.reduced_triangles`` of the atlas.
    """

    def __init__(self, buffers: Buffers, fewer: Reduced) -> None:
        self._buffers = buffers
        pieces = [fewer[name] + np.int32(buffers.first[name]) for name in buffers.ids]
        joined = np.concatenate(pieces) if pieces else np.empty((0, 3), np.int32)
        corners = joined.ravel()
        used, first = np.unique(corners, return_index=True)
        self._used = used[np.argsort(first)]
        number = np.zeros(buffers.count, dtype=np.int32)
        number[self._used] = np.arange(len(self._used), dtype=np.int32)
        self._faces = number[joined]
        ends = np.cumsum([len(piece) for piece in pieces])
        self._span = {
            name: slice(int(end) - len(piece), int(end))
            for name, end, piece in zip(buffers.ids, ends, pieces, strict=True)
        }
        points = np.ascontiguousarray(buffers.points[self._used])
        at = points[self._faces]
        normals = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
        self._normals = normals / np.maximum(
            np.linalg.norm(normals, axis=1, keepdims=True), np.float32(1e-9)
        )
        self._heights = np.einsum("ij,ij->i", self._normals, at[:, 0])
        for name in buffers.loose:
            span = self._span[name]
            if not is_outward(points, self._faces[span]):  # which side is out is not known
                self._normals[span] = 0.0
                self._heights[span] = -np.inf
        fibre = buffers.fibre[self._used]
        share = np.clip((fibre[:, 2:3] - 0.3) / 0.4, 0.0, 1.0)
        self._pale = share * share * (3.0 - 2.0 * share) * (fibre[:, 3:4] == float(Look.MUSCLE))
        self._tint = np.empty((len(self._used), 4), dtype=np.float32)
        self._points = vtkPoints()
        self._points.SetData(numpy_to_vtk(points, deep=False))
        self._arrays = {
            "Normals": numpy_to_vtk(np.ascontiguousarray(buffers.normals[self._used]), deep=False),
            TINT: numpy_to_vtk(self._tint, deep=False),
        }
        for name, array in self._arrays.items():
            array.SetName(name)
        self._piles: dict[tuple[str, ...], tuple[tuple[Bits | None, ...], Pile]] = {}
        self.shade()

    def shade(self) -> None:
        """Take colour and ambient openness from the full buffers."""
        tint = self._buffers.tint[self._used]
        tendon = np.array(palette.unit(palette.TENDON), dtype=np.float32)
        self._tint[:, :3] = tint[:, :3] + self._pale * (tendon - tint[:, :3])
        self._tint[:, 3] = tint[:, 3]
        self._arrays[TINT].Modified()

    def polydata(self) -> Any:
        """Return a new polydata on these vertices, without triangles."""
        data = vtkPolyData()
        data.SetPoints(self._points)
        data.GetPointData().SetNormals(self._arrays["Normals"])
        data.GetPointData().AddArray(self._arrays[TINT])
        return data

    def pile(self, ids: tuple[str, ...], bits: Mapping[str, Bits]) -> Pile:
        """Return the triangles of some structures with what is known of them.

        Parameters
        ----------
        ids : tuple of str
        bits : mapping of str to ndarray
            From where each triangle of a structure is seen. A level's stay the same arrays, and
            the pile that was made of them is then returned again.
        """
        parts = tuple(bits.get(name) for name in ids)
        kept = self._piles.get(ids)
        if kept is not None and all(a is b for a, b in zip(kept[0], parts, strict=True)):
            return kept[1]
        rows, seen = [], []
        for name, part in zip(ids, parts, strict=True):
            span = self._span[name]
            if part is None:
                rows.append(np.arange(span.start, span.stop))
                seen.append(np.full(span.stop - span.start, _ALL))
            else:  # what is seen from nowhere need not be asked for again
                anywhere = np.flatnonzero(part)
                rows.append(anywhere + span.start)
                seen.append(part[anywhere])
        row = np.concatenate(rows)
        pile = Pile(self._faces[row], np.concatenate(seen), self._normals[row], self._heights[row])
        self._piles.pop(ids, None)
        while len(self._piles) >= _KEPT:
            self._piles.pop(next(iter(self._piles)))
        self._piles[ids] = (parts, pile)
        return pile


def is_outward(points: NDArray[np.float32], faces: NDArray[np.int32]) -> bool:
    """Whether triangles close up and are turned outward.

    Parameters
    ----------
    points : ndarray, shape (N, 3)
    faces : ndarray of int, shape (K, 3)
    """
    if not len(faces):
        return True
    one, other = faces[:, [0, 1, 2]].ravel(), faces[:, [1, 2, 0]].ravel()
    there = one.astype(np.int64) * len(points) + other
    back = other.astype(np.int64) * len(points) + one
    corners = points[faces].astype(np.float64)
    corners -= corners.mean(axis=(0, 1))
    sixfold = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    return bool(sixfold > 0.0 and np.isin(there, back).mean() > _CLOSED)
