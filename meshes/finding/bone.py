"""A bone as the landmark rules see it: welded, evenly sampled, and able to be cut and probed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from meshes.surface import Surface

if TYPE_CHECKING:
    from scipy.spatial import KDTree

Array = NDArray[np.float64]

WELD_MM = 1e-3
"""Vertices closer than this are one: glTF splits a vertex at every crease."""

SAMPLE_MM = 2.5
"""Edge of the pieces a triangle is sampled by, so that low-poly bones count evenly."""

FEW = 8
"""Up to so many places the nearest surface is sought without a search tree."""


@dataclass(frozen=True, eq=False)
class Bone:
    """A triangle surface prepared for landmark rules.

    Attributes
    ----------
    vertices : ndarray, shape (N, 3)
        Welded, mm.
    faces : ndarray of int, shape (M, 3)
    """

    vertices: Array
    faces: NDArray[np.int64]

    @classmethod
    def of(cls, surfaces: Sequence[Surface], mirror: bool = False) -> Bone:
        """Weld one or more surfaces into a bone; ``mirror`` takes x to -x."""
        vertices: list[Array] = []
        faces: list[NDArray[np.int64]] = []
        base = 0
        for surface in surfaces:
            vertices.append(np.asarray(surface.vertices, dtype=np.float64))
            faces.append(np.asarray(surface.faces, dtype=np.int64) + base)
            base += len(surface.vertices)
        points = np.concatenate(vertices)
        triangles = np.concatenate(faces)
        if mirror:
            points = points * np.array([-1.0, 1.0, 1.0])
            triangles = triangles[:, ::-1]
        _, first, inverse = np.unique(
            np.round(points / WELD_MM).astype(np.int64),
            axis=0,
            return_index=True,
            return_inverse=True,
        )
        triangles = inverse.reshape(-1)[triangles]
        whole = (
            (triangles[:, 0] != triangles[:, 1])
            & (triangles[:, 1] != triangles[:, 2])
            & (triangles[:, 2] != triangles[:, 0])
        )
        return cls(points[first], triangles[whole])

    @cached_property
    def bounds(self) -> Array:
        """Lower and upper corner, shape (2, 3)."""
        return np.array([self.vertices.min(axis=0), self.vertices.max(axis=0)])

    @cached_property
    def corners(self) -> Array:
        """Triangle corners, shape (M, 3, 3)."""
        return self.vertices[self.faces]

    @cached_property
    def samples(self) -> Samples:
        """Points spread evenly over the surface, with the vertices among them (for extremes)."""
        spread = self.spread
        used, first = np.unique(self.faces, return_index=True)
        owner, corner = first // 3, first % 3
        normals, areas = face_normals(self.corners)
        return Samples(
            np.concatenate([spread.points, self.vertices[used]]),
            np.concatenate([spread.normals, normals[owner]]),
            np.concatenate([spread.areas, 0.02 * areas[owner] + 1e-9]),
            np.concatenate([spread.faces, owner]),
            np.concatenate([spread.shares, np.eye(3)[corner]]),
        )

    @cached_property
    def spread(self) -> Samples:
        """Points spread evenly over the surface."""
        return sample(self.corners)

    @cached_property
    def median_x(self) -> float:
        """X of the bone's own median plane: the mean x of its surface, mm."""
        samples = self.samples
        return float(np.average(samples.points[:, 0], weights=samples.areas))

    @cached_property
    def tree(self) -> KDTree:
        """Search tree over the samples' points."""
        from scipy.spatial import KDTree

        return KDTree(self.samples.points)

    def nearest(self, points: Array) -> Array:
        """Return the points of the surface nearest to ``points``, shape (..., 3).

        Exact on the triangles around the nearest samples.
        """
        flat = np.atleast_2d(np.asarray(points, dtype=np.float64))
        count = min(12, len(self.samples.points))
        if len(flat) > FEW:
            _, near = self.tree.query(flat, k=count)
        else:  # growing a tree costs more than looking at every sample
            far = ((self.samples.points - flat[:, None, :]) ** 2).sum(axis=2)
            near = np.argpartition(far, count - 1, axis=1)[:, :count]
        faces = self.samples.faces[np.asarray(near).reshape(len(flat), -1)]
        corners = self.corners[faces]
        candidates = nearest_on_triangles(corners, flat[:, None, :])
        far = np.linalg.norm(candidates - flat[:, None, :], axis=2)
        best = candidates[np.arange(len(flat)), far.argmin(axis=1)]
        return best.reshape(np.shape(points))

    def cast(self, start: Array, direction: Array) -> Array:
        """Return where a ray meets the surface, nearest first, shape (H, 3).

        A ray through an edge that two triangles share meets the surface once.
        """
        way = unit(direction)
        a, b, c = self.corners[:, 0], self.corners[:, 1], self.corners[:, 2]
        edge1, edge2 = b - a, c - a
        p = np.cross(way, edge2)
        det = np.einsum("ij,ij->i", edge1, p)
        usable = np.abs(det) > 1e-12
        inverse = 1.0 / np.where(usable, det, 1.0)
        s = start - a
        u = np.einsum("ij,ij->i", s, p) * inverse
        q = np.cross(s, edge1)
        v = (q @ way) * inverse
        t = np.einsum("ij,ij->i", edge2, q) * inverse
        eps = 1e-9
        hit = usable & (u >= -eps) & (v >= -eps) & (u + v <= 1.0 + eps) & (t > 0.0)
        depths = np.sort(t[hit])
        depths = depths[np.diff(depths, prepend=-np.inf) > WELD_MM]
        return np.asarray(start + depths[:, None] * way, dtype=np.float64)

    def section(self, point: Array, normal: Array) -> Array:
        """Return the segments in which a plane cuts the surface, shape (S, 2, 3)."""
        height = (self.vertices - point) @ unit(normal)
        side = height[self.faces] > 0.0
        cut = np.flatnonzero(side.any(axis=1) & ~side.all(axis=1))
        if len(cut) == 0:
            return np.empty((0, 2, 3))
        faces, signs = self.faces[cut], side[cut]
        # Turn every triangle so that its lone corner (on its own side) comes first.
        lone = np.where(signs.sum(axis=1)[:, None] == 1, signs, ~signs).argmax(axis=1)
        rows = np.arange(len(cut))
        apex = faces[rows, lone]
        ends = []
        for step in (1, 2):
            other = faces[rows, (lone + step) % 3]
            share = height[apex] / (height[apex] - height[other])
            ends.append(
                self.vertices[apex] + share[:, None] * (self.vertices[other] - self.vertices[apex])
            )
        return np.stack(ends, axis=1)


@dataclass(frozen=True, eq=False)
class Samples:
    """Points on a surface.

    Attributes
    ----------
    points : ndarray, shape (K, 3)
    normals : ndarray, shape (K, 3)
        Unit face normals.
    areas : ndarray, shape (K,)
        Area each point stands for, mm^2; next to none for a vertex.
    faces : ndarray of int, shape (K,)
    shares : ndarray, shape (K, 3)
        Barycentric coordinates in the face.
    """

    points: Array
    normals: Array
    areas: Array
    faces: NDArray[np.intp]
    shares: Array

    def only(self, keep: NDArray[np.bool_]) -> Samples:
        """Return some of the samples."""
        return Samples(
            self.points[keep],
            self.normals[keep],
            self.areas[keep],
            self.faces[keep],
            self.shares[keep],
        )


def sample(corners: Array, size: float = SAMPLE_MM) -> Samples:
    """Spread points over triangles of shape (M, 3, 3), about one per ``size`` squared."""
    normals, area = face_normals(corners)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    pieces = np.clip(np.ceil(edges / size), 1, 40).astype(int)
    points, owners, areas, shares = [], [], [], []
    for count in np.unique(pieces):
        rows = np.flatnonzero(pieces == count)
        weights = _barycentres(int(count))
        points.append(np.einsum("kc,mcx->mkx", weights, corners[rows]).reshape(-1, 3))
        owners.append(np.repeat(rows, len(weights)))
        areas.append(np.repeat(area[rows] / len(weights), len(weights)))
        shares.append(np.tile(weights, (len(rows), 1)))
    owner = np.concatenate(owners)
    return Samples(
        np.concatenate(points),
        normals[owner],
        np.concatenate(areas) + 1e-9,
        owner,
        np.concatenate(shares),
    )


def face_normals(corners: Array) -> tuple[Array, Array]:
    """Return unit normals, shape (M, 3), and areas, shape (M,), of triangles (M, 3, 3)."""
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(cross, axis=1)
    return cross / np.where(length > 0.0, length, 1.0)[:, None], 0.5 * length


def _barycentres(count: int) -> Array:
    """Return the centres of the ``count**2`` equal pieces of a triangle, shape (count**2, 3)."""
    rows = []
    for i in range(count):
        for j in range(count - i):
            k = count - 1 - i - j
            rows.append((i + 1 / 3, j + 1 / 3, k + 1 / 3))
            if k > 0:
                rows.append((i + 2 / 3, j + 2 / 3, k - 1 / 3))
    return np.array(rows) / count


def nearest_on_triangles(corners: Array, points: Array) -> Array:
    """Return the nearest point of each triangle (..., 3, 3) to each point (..., 3)."""
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    shape = np.broadcast_shapes(a.shape, points.shape)
    best = np.broadcast_to(a, shape)
    far = np.full(shape[:-1], np.inf)
    for start, end in ((a, b), (b, c), (c, a)):
        edge = end - start
        share = ((points - start) * edge).sum(-1) / np.maximum((edge**2).sum(-1), 1e-18)
        near = start + np.clip(share, 0.0, 1.0)[..., None] * edge
        distance = ((near - points) ** 2).sum(-1)
        closer = distance < far
        best = np.where(closer[..., None], near, best)
        far = np.where(closer, distance, far)
    ab, ac = b - a, c - a
    normal = np.cross(ab, ac)
    area = np.maximum((normal**2).sum(-1), 1e-18)
    foot = points - (((points - a) * normal).sum(-1) / area)[..., None] * normal
    v = (np.cross(foot - a, ac) * normal).sum(-1) / area
    w = (np.cross(ab, foot - a) * normal).sum(-1) / area
    inside = (v >= 0.0) & (w >= 0.0) & (v + w <= 1.0)
    return np.where(inside[..., None], foot, best)


def unit(vector: NDArray[np.floating] | Sequence[float]) -> Array:
    """Return the vector, or each row, at length 1 (a zero vector stays zero)."""
    array = np.asarray(vector, dtype=np.float64)
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    return np.asarray(array / np.where(length > 0.0, length, 1.0), dtype=np.float64)
