"""Solids as signed distance on a grid: bones are unions of simple shapes with rounded seams.

A field is carved shape by shape; each shape is evaluated only inside its own box, so the cost
follows the bone and not the grid. Distances are negative inside, in mm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Grid = NDArray[np.float32]
Distance = Callable[[Array, Array, Array], Array]
FAR = np.float32(20.0)


@dataclass(frozen=True, eq=False)
class Shape:
    """A signed distance and the box outside which it cannot matter.

    Attributes
    ----------
    distance : callable
        ``(x, y, z) -> distance``; the three arrays broadcast against each other.
    low, high : ndarray, shape (3,)
        Box around the shape's surface, mm.
    """

    distance: Distance
    low: Array
    high: Array


class Solid:
    """A signed-distance grid that shapes are added to and cut from.

    Parameters
    ----------
    low, high : array-like, shape (3,)
        Box to fill, mm. A midline bone is built on its left half: ``low[0] == 0``.
    step : float
        Grid spacing, mm.
    half : bool
        Build x >= 0 only and mirror the finished surface, exactly.
    """

    def __init__(
        self,
        low: tuple[float, ...] | Array,
        high: tuple[float, ...] | Array,
        step: float,
        half: bool = False,
    ) -> None:
        self.step = step
        self.half = half
        self.low = np.asarray(low, dtype=np.float64).copy()
        if half:
            self.low[0] = 0.0
        count = np.ceil((np.asarray(high, dtype=np.float64) - self.low) / step).astype(int) + 1
        self.axes = [self.low[i] + step * np.arange(count[i]) for i in range(3)]
        self.values: Grid = np.full(tuple(count), FAR, dtype=np.float32)

    def add(self, shape: Shape, blend: float = 2.0) -> Solid:
        """Unite with a shape; the seam is rounded over about ``blend`` mm."""
        window, distance = self._near(shape, max(blend, 0.0) + 3.0 * self.step)
        if window is not None:
            self.values[window] = smooth_minimum(self.values[window], distance, blend)
        return self

    def cut(self, shape: Shape, blend: float = 2.0) -> Solid:
        """Remove a shape; the new rim is rounded over about ``blend`` mm."""
        window, distance = self._near(shape, max(blend, 0.0) + 3.0 * self.step)
        if window is not None:
            self.values[window] = -smooth_minimum(-self.values[window], distance, blend)
        return self

    def _near(self, shape: Shape, margin: float) -> tuple[tuple[slice, slice, slice] | None, Grid]:
        slices = []
        for i, axis in enumerate(self.axes):
            first = int(np.searchsorted(axis, shape.low[i] - margin))
            last = int(np.searchsorted(axis, shape.high[i] + margin, side="right"))
            if last - first < 1:
                return None, self.values[:0]
            slices.append(slice(first, last))
        x, y, z = np.meshgrid(
            *(axis[part] for axis, part in zip(self.axes, slices, strict=True)),
            indexing="ij",
            sparse=True,
        )
        window = (slices[0], slices[1], slices[2])
        distance = np.asarray(shape.distance(x, y, z), dtype=np.float32)
        return window, np.broadcast_to(distance, self.values[window].shape)

    def surface(self, most: int | None = None) -> tuple[Array, NDArray[np.int64], Array]:
        """Return vertices, faces (outward) and unit normals of the zero level.

        A half solid comes back mirrored and welded at x = 0.

        Parameters
        ----------
        most : int or None
            Triangles to keep at most; flat regions give up theirs first.
        """
        from skimage.measure import marching_cubes

        values = self.values.copy()
        # A shell of outside voxels closes the surface wherever the box cuts the solid.
        for axis in range(3):
            for index in (0, -1):
                if self.half and axis == 0 and index == 0:
                    continue
                edge: list[slice | int] = [slice(None)] * 3
                edge[axis] = index
                values[tuple(edge)] = np.maximum(values[tuple(edge)], 0.3 * self.step)
        # A voxel that is exactly zero would collapse triangles to points.
        values[np.abs(values) < 1e-4] = 1e-4
        vertices, faces, normals, _ = marching_cubes(
            values, 0.0, spacing=(self.step,) * 3, gradient_direction="ascent"
        )
        vertices = vertices.astype(np.float64) + self.low
        normals = -normals.astype(np.float64)
        if _volume(vertices, faces) < 0.0:
            faces = faces[:, ::-1]
        triangles = largest_piece(len(vertices), np.asarray(faces, dtype=np.int64))
        corner = np.cross(
            vertices[triangles[:, 1]] - vertices[triangles[:, 0]],
            vertices[triangles[:, 2]] - vertices[triangles[:, 0]],
        )
        if float((corner * normals[triangles[:, 0]]).sum()) < 0.0:
            normals = -normals
        if most is not None:
            wanted = most // 2 if self.half else most
            vertices, triangles, normals = lighter(vertices, triangles, normals, wanted)
        if self.half:
            return mirror_weld(vertices, triangles, normals)
        used, triangles = np.unique(triangles, return_inverse=True)
        return vertices[used], triangles.reshape(-1, 3), normals[used]


def smooth_minimum(a: Grid, b: Grid, blend: float) -> Grid:
    """Return the polynomial smooth minimum of two fields."""
    if blend <= 0.0:
        return np.minimum(a, b)
    h = np.maximum(blend - np.abs(a - b), 0.0) / np.float32(blend)
    return np.minimum(a, b) - h * h * h * np.float32(blend / 6.0)


def lighter(
    vertices: Array, faces: NDArray[np.int64], normals: Array, most: int
) -> tuple[Array, NDArray[np.int64], Array]:
    """Return the surface with at most so many triangles; an open rim stays in its plane."""
    from fast_simplification import simplify
    from scipy.spatial import cKDTree

    if len(faces) <= most:
        return vertices, faces, normals
    # Careful at first; a bone of many small forms gives way only to a firmer hand.
    for firmness in (4, 5, 6):
        fewer, triangles = simplify(
            vertices.astype(np.float32), faces.astype(np.int32), target_count=most, agg=firmness
        )
        if len(triangles) <= 1.05 * most:
            break
    points = np.asarray(fewer, dtype=np.float64)
    near = cKDTree(vertices).query(points)[1]
    return points, np.asarray(triangles, dtype=np.int64), normals[near]


def largest_piece(count: int, faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the faces of the piece with the most triangles."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    a, b = faces[:, [0, 1]].ravel(), faces[:, [1, 2]].ravel()
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    label = connected_components(graph, directed=False)[1][faces[:, 0]]
    return faces[label == np.argmax(np.bincount(label))]


def mirror_weld(
    vertices: Array, faces: NDArray[np.int64], normals: Array
) -> tuple[Array, NDArray[np.int64], Array]:
    """Mirror the half x >= 0 and join both halves along x = 0."""
    used, faces = np.unique(faces, return_inverse=True)
    faces = faces.reshape(-1, 3)
    vertices, normals = vertices[used], normals[used]
    seam = np.abs(vertices[:, 0]) < 1e-6
    vertices = vertices.copy()
    vertices[seam, 0] = 0.0
    normals = normals.copy()
    normals[seam, 0] = 0.0
    normals[seam] /= np.maximum(np.linalg.norm(normals[seam], axis=1, keepdims=True), 1e-9)
    # Faces that lie flat in the seam would be met by their own mirror image.
    faces = faces[~seam[faces].all(axis=1)]
    index = np.arange(len(vertices))
    twin = np.where(seam, index, len(vertices) + np.cumsum(~seam) - 1)
    flip = np.array([-1.0, 1.0, 1.0])
    return (
        np.vstack([vertices, vertices[~seam] * flip]),
        np.vstack([faces, twin[faces][:, ::-1]]),
        np.vstack([normals, normals[~seam] * flip]),
    )


def _volume(vertices: Array, faces: NDArray[np.integer]) -> float:
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)
