"""The shapes that bones are united from: cones with round ends, ellipsoids, slabs, sheets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meshes.bones.solid import Array, Shape

Vector = Sequence[float] | NDArray[np.floating]


def cone(a: Vector, b: Vector, radius_a: float, radius_b: float | None = None) -> Shape:
    """Return a rod between two points whose radius runs from one to the other."""
    p, q = np.asarray(a, float), np.asarray(b, float)
    ra, rb = radius_a, radius_a if radius_b is None else radius_b
    axis = q - p
    length2 = float(axis @ axis) or 1e-9

    def distance(x: Array, y: Array, z: Array) -> Array:
        t = ((x - p[0]) * axis[0] + (y - p[1]) * axis[1] + (z - p[2]) * axis[2]) / length2
        t = np.clip(t, 0.0, 1.0)
        gap = np.sqrt(
            (x - p[0] - t * axis[0]) ** 2
            + (y - p[1] - t * axis[1]) ** 2
            + (z - p[2] - t * axis[2]) ** 2
        )
        return gap - (ra + t * (rb - ra))

    most = max(ra, rb)
    return Shape(distance, np.minimum(p, q) - most, np.maximum(p, q) + most)


def tube(points: Sequence[Vector] | Array, radii: Sequence[float], pieces: int = 10) -> list[Shape]:
    """Return short rods along a smooth curve, to be added with a blend."""
    from meshes.bones.sweep import spline

    knots = np.asarray(points, float)
    line = spline(knots, pieces + 1)
    chord = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    size = np.interp(np.linspace(0.0, chord[-1], pieces + 1), chord, np.asarray(radii, float))
    return [cone(line[i], line[i + 1], size[i], size[i + 1]) for i in range(pieces)]


def frame_of(along: Vector, up: Vector) -> Array:
    """Return rows (side, along, up') of an orthonormal frame; ``along`` is kept exactly."""
    v = np.asarray(along, float)
    v = v / np.linalg.norm(v)
    side = np.cross(v, np.asarray(up, float))
    side = side / np.linalg.norm(side)
    return np.array([side, v, np.cross(side, v)])


def ellipsoid(centre: Vector, radii: Vector, rows: Array | None = None) -> Shape:
    """Return an ellipsoid; ``rows`` are its axes (identity where not given)."""
    c, r = np.asarray(centre, float), np.asarray(radii, float)
    m = np.eye(3) if rows is None else rows
    reach = np.abs(m.T * r).sum(axis=1)

    def distance(x: Array, y: Array, z: Array) -> Array:
        local = _local(x, y, z, c, m)
        k0 = np.sqrt(sum((local[i] / r[i]) ** 2 for i in range(3)))
        k1 = np.sqrt(sum((local[i] / (r[i] * r[i])) ** 2 for i in range(3)))
        return np.asarray(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6))

    return Shape(distance, c - reach, c + reach)


def slab(centre: Vector, half: Vector, rounding: float, rows: Array | None = None) -> Shape:
    """Return a box with rounded edges; ``half`` are its half extents including the rounding."""
    c = np.asarray(centre, float)
    h = np.maximum(np.asarray(half, float) - rounding, 0.05)
    m = np.eye(3) if rows is None else rows
    reach = np.abs(m.T * (h + rounding)).sum(axis=1)

    def distance(x: Array, y: Array, z: Array) -> Array:
        q = [np.abs(part) - h[i] for i, part in enumerate(_local(x, y, z, c, m))]
        outside = np.sqrt(sum(np.maximum(part, 0.0) ** 2 for part in q))
        inside = np.minimum(np.maximum(np.maximum(q[0], q[1]), q[2]), 0.0)
        return np.asarray(outside + inside - rounding)

    return Shape(distance, c - reach, c + reach)


def strut(
    ends: tuple[Vector, Vector],
    start: tuple[float, float],
    finish: tuple[float, float],
    up: Vector,
) -> Shape:
    """Return a rod of oval section whose two half sizes run from one end to the other.

    Parameters
    ----------
    ends : pair of points, mm
    start, finish : (float, float)
        Half sizes across ``up`` and along ``up`` at the two ends.
    up : vector
        Direction of the second half size; made square to the rod.
    """
    p, q = (np.asarray(end, float) for end in ends)
    rows = frame_of(q - p, up)
    length = float(np.linalg.norm(q - p))
    most = max(*start, *finish)

    def distance(x: Array, y: Array, z: Array) -> Array:
        side, along, rise = _local(x, y, z, p, rows)
        t = np.clip(along / length, 0.0, 1.0)
        beyond = along - t * length
        a = start[0] + t * (finish[0] - start[0])
        b = start[1] + t * (finish[1] - start[1])
        c = 0.5 * (a + b)
        k0 = np.sqrt((side / a) ** 2 + (rise / b) ** 2 + (beyond / c) ** 2)
        k1 = np.sqrt((side / (a * a)) ** 2 + (rise / (b * b)) ** 2 + (beyond / (c * c)) ** 2)
        # Near the axis both go to zero together; the smaller half size is the depth there.
        inner = -np.minimum(a, b)
        return np.where(k0 < 0.05, inner, k0 * (k0 - 1.0) / np.maximum(k1, 1e-6))

    return Shape(distance, np.minimum(p, q) - most, np.maximum(p, q) + most)


def tablet(centre: Vector, half: tuple[float, float, float], rounding: float, rows: Array) -> Shape:
    """Return an oval tablet with rounded rims.

    Parameters
    ----------
    centre : point, mm
    half : (float, float, float)
        Half sizes along the rows; the outline is oval across the second row.
    rounding : float
        Radius of the rims, mm.
    rows : ndarray, shape (3, 3)
    """
    c = np.asarray(centre, float)
    a, thick, b = half
    reach = np.abs(rows.T * np.asarray(half)).sum(axis=1)

    def distance(x: Array, y: Array, z: Array) -> Array:
        u, v, w = _local(x, y, z, c, rows)
        k0 = ((np.abs(u) / a) ** 2.4 + (np.abs(w) / b) ** 2.4) ** (1 / 2.4)
        radius = np.sqrt(u * u + w * w)
        rim = np.where(k0 < 0.05, -min(a, b), radius * (1.0 - 1.0 / np.maximum(k0, 1e-3)))
        p, q = rim + rounding, np.abs(v) - thick + rounding
        outside = np.sqrt(np.maximum(p, 0.0) ** 2 + np.maximum(q, 0.0) ** 2)
        return np.asarray(outside + np.minimum(np.maximum(p, q), 0.0) - rounding)

    return Shape(distance, c - reach, c + reach)


def blade(a: Vector, b: Vector, c: Vector, radius: float) -> Shape:
    """Return a triangle thickened by a radius on every side."""
    import itertools

    p, q, r = (np.asarray(v, float) for v in (a, b, c))
    e1, e2 = q - p, r - p
    d11, d12, d22 = e1 @ e1, e1 @ e2, e2 @ e2
    determinant = d11 * d22 - d12 * d12 or 1e-9
    normal = np.cross(e1, e2)
    normal = normal / (np.linalg.norm(normal) or 1e-9)
    edges = [cone(m, n, radius) for m, n in itertools.combinations((p, q, r), 2)]

    def distance(x: Array, y: Array, z: Array) -> Array:
        gap = [x - p[0], y - p[1], z - p[2]]
        w1 = gap[0] * e1[0] + gap[1] * e1[1] + gap[2] * e1[2]
        w2 = gap[0] * e2[0] + gap[1] * e2[1] + gap[2] * e2[2]
        s = (d22 * w1 - d12 * w2) / determinant
        t = (d11 * w2 - d12 * w1) / determinant
        plane = np.abs(gap[0] * normal[0] + gap[1] * normal[1] + gap[2] * normal[2]) - radius
        rim = np.minimum.reduce([edge.distance(x, y, z) for edge in edges])
        return np.asarray(np.where((s >= 0) & (t >= 0) & (s + t <= 1), plane, rim))

    corners = np.array([p, q, r])
    return Shape(distance, corners.min(axis=0) - radius, corners.max(axis=0) + radius)


def sheet(points: NDArray[np.floating], radii: NDArray[np.floating]) -> Shape:
    """Return a curved plate from a grid of points on its middle surface.

    Parameters
    ----------
    points : ndarray, shape (A, B, 3)
        Neighbours in the grid are neighbours on the plate.
    radii : ndarray, shape (A, B)
        Half thickness.
    """
    from scipy.spatial import cKDTree

    normal = np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1)).reshape(-1, 3)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=2).max()
    slack = 0.75 * max(float(steps), float(np.linalg.norm(np.diff(points, axis=1), axis=2).max()))
    middle, half = points.reshape(-1, 3), np.asarray(radii, dtype=np.float64).ravel()
    tree = cKDTree(middle)
    most = float(half.max())

    def distance(x: Array, y: Array, z: Array) -> Array:
        shape = np.broadcast_shapes(x.shape, y.shape, z.shape)
        where = np.stack([np.broadcast_to(part, shape).ravel() for part in (x, y, z)], axis=1)
        gap, near = tree.query(where, k=1, distance_upper_bound=most + 8.0)
        found = np.flatnonzero(np.isfinite(gap))
        near = near[found]
        # Between the points the plate is flat: a sideways step within the grid costs nothing.
        across = np.einsum("ij,ij->i", where[found] - middle[near], normal[near])
        aside = np.sqrt(np.maximum(gap[found] ** 2 - across**2, 0.0))
        value = np.full(len(where), 8.0)
        value[found] = np.hypot(across, np.maximum(aside - slack, 0.0)) - half[near]
        return value.reshape(shape)

    return Shape(distance, middle.min(axis=0) - most, middle.max(axis=0) + most)


def _local(x: Array, y: Array, z: Array, centre: Array, rows: Array) -> list[Array]:
    gap = (x - centre[0], y - centre[1], z - centre[2])
    return [row[0] * gap[0] + row[1] * gap[1] + row[2] * gap[2] for row in rows]
