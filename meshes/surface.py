"""A triangle surface with stored normals, named parts per face and fibre coordinates per vertex."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import trimesh

    from meshes.frame import Affine

Points = NDArray[np.float32]
Faces = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Fibres:
    """Fibre coordinates of a muscle, one entry per vertex.

    Attributes
    ----------
    u : ndarray, shape (N,)
        0 at the origin, 1 at the insertion.
    v : ndarray, shape (N,)
        0..1 across the sheet.
    direction : ndarray, shape (N, 3)
        Unit vector along the fibre, from origin to insertion.
    tendon : ndarray, shape (N,)
        0 red belly, 1 pale tendon or aponeurosis.
    """

    u: NDArray[np.float32]
    v: NDArray[np.float32]
    direction: Points
    tendon: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle surface in mm, LPS.

    Attributes
    ----------
    vertices : ndarray of float32, shape (N, 3)
    faces : ndarray of int32, shape (M, 3)
        Counter-clockwise seen from outside.
    normals : ndarray of float32, shape (N, 3)
        Unit vertex normals, stored because computing them costs more than reading them.
    part : ndarray of int16, shape (M,), or None
        Per face, index into the structure's ``parts``; -1 where the face belongs to none.
    fibres : Fibres or None
    """

    vertices: Points
    faces: Faces
    normals: Points
    part: NDArray[np.int16] | None = None
    fibres: Fibres | None = None

    @classmethod
    def of(
        cls,
        vertices: NDArray[np.floating],
        faces: NDArray[np.integer],
        *,
        normals: NDArray[np.floating] | None = None,
        part: NDArray[np.integer] | None = None,
        fibres: Fibres | None = None,
    ) -> Surface:
        """Make a surface from any float and integer arrays, with normals made where not given.

        Parameters
        ----------
        vertices : ndarray, shape (N, 3)
            mm, LPS.
        faces : ndarray of int, shape (M, 3)
            Counter-clockwise seen from outside.
        normals : ndarray, shape (N, 3), optional
            Unit vectors.
        part : ndarray of int, shape (M,), optional
            Part of each face, -1 for none.
        fibres : Fibres, optional
        """
        points = np.ascontiguousarray(vertices, dtype=np.float32)
        triangles = np.ascontiguousarray(faces, dtype=np.int32)
        if normals is None:
            normals = vertex_normals(points, triangles)
        return cls(
            points,
            triangles,
            np.ascontiguousarray(normals, dtype=np.float32),
            None if part is None else np.ascontiguousarray(part, dtype=np.int16),
            fibres,
        )

    @property
    def triangle_count(self) -> int:
        """Number of triangles."""
        return len(self.faces)

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """Lower and upper corner, shape (2, 3), mm."""
        return np.array([self.vertices.min(axis=0), self.vertices.max(axis=0)], dtype=np.float64)

    @cached_property
    def centroid(self) -> NDArray[np.float64]:
        """Area-weighted centre of the triangles, shape (3,), mm."""
        corners = self.vertices[self.faces].astype(np.float64)
        areas = 0.5 * np.linalg.norm(
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
        )
        total = float(areas.sum())
        if total == 0.0:
            return self.vertices.mean(axis=0, dtype=np.float64)
        centres = corners.mean(axis=1)
        return np.asarray((centres * areas[:, None]).sum(axis=0) / total, dtype=np.float64)

    def to_trimesh(self) -> trimesh.Trimesh:
        """Return a trimesh copy that is not merged or re-ordered (``process=False``)."""
        import trimesh

        return trimesh.Trimesh(
            self.vertices.astype(np.float64), self.faces.astype(np.int64), process=False
        )

    def mirrored(self) -> Surface:
        """Return the mirror image across the median plane (x -> -x), winding kept outward."""
        flip = np.array([-1.0, 1.0, 1.0], dtype=np.float32)
        fibres = self.fibres
        if fibres is not None:
            fibres = replace(fibres, direction=fibres.direction * flip)
        return Surface(
            self.vertices * flip,
            np.ascontiguousarray(self.faces[:, ::-1]),
            self.normals * flip,
            self.part,
            fibres,
        )

    def moved(self, transform: Affine) -> Surface:
        """Return the surface under an affine map; normals are made anew."""
        faces = self.faces[:, ::-1] if transform.flips else self.faces
        return Surface.of(transform(self.vertices), faces, part=self.part, fibres=self.fibres)


def vertex_normals(vertices: Points, faces: Faces) -> Points:
    """Return area-weighted unit vertex normals, shape (N, 3).

    A vertex that no face of positive area uses gets the zero vector.

    Parameters
    ----------
    vertices : ndarray, shape (N, 3)
    faces : ndarray of int, shape (M, 3)
        Counter-clockwise seen from outside.
    """
    corners = vertices[faces].astype(np.float64)
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    count = len(vertices)
    index = faces.ravel()
    repeated = np.repeat(weighted, 3, axis=0)
    summed = np.stack(
        [np.bincount(index, weights=repeated[:, axis], minlength=count) for axis in range(3)],
        axis=1,
    )
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.where(length > 0.0, length, 1.0), dtype=np.float32)
