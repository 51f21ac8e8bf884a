"""Closed tubes swept along a curve with a section that changes on the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.solid import Array


def spline(points: Array, count: int) -> Array:
    """Return ``count`` points, evenly spaced along a smooth curve through ``points``."""
    from scipy.interpolate import CubicSpline

    chord = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    curve = CubicSpline(chord, points)
    fine = curve(np.linspace(0.0, chord[-1], 400))
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    at = np.linspace(0.0, length[-1], count)
    return np.stack([np.interp(at, length, fine[:, i]) for i in range(3)], axis=1)


def tangents(line: Array) -> Array:
    """Return unit tangents of a polyline, shape (K, 3)."""
    way = np.gradient(line, axis=0)
    return np.asarray(way / np.linalg.norm(way, axis=1, keepdims=True))


def loft(rings: Array) -> tuple[Array, NDArray[np.int64]]:
    """Join rings of equal size into a closed surface; the two ends are fanned shut.

    Parameters
    ----------
    rings : ndarray, shape (K, M, 3)
        Each ring counter-clockwise when seen against the direction of the sweep.
    """
    count, around, _ = rings.shape
    vertices = np.vstack([rings[0].mean(axis=0), rings.reshape(-1, 3), rings[-1].mean(axis=0)])
    ring = np.arange(around)
    following = np.roll(ring, -1)
    start = 1 + around * np.arange(count - 1)[:, None]
    quad = [start + ring, start + following, start + around + following, start + around + ring]
    a, b, c, d = (part.ravel() for part in quad)
    last = 1 + around * (count - 1)
    faces = np.vstack(
        [
            np.stack([a, b, c], axis=1),
            np.stack([a, c, d], axis=1),
            np.stack([np.zeros(around, int), 1 + following, 1 + ring], axis=1),
            np.stack([np.full(around, len(vertices) - 1), last + ring, last + following], axis=1),
        ]
    ).astype(np.int64)
    a3, b3, c3 = (vertices[faces[:, i]] for i in range(3))
    if float(np.einsum("ij,ij->i", a3, np.cross(b3, c3)).sum()) < 0.0:
        faces = faces[:, ::-1]
    return vertices, faces


def dome(radii: Array, along: Array, start: bool, reach: float) -> Array:
    """Return factors that round off a tube's end over ``reach`` mm (multiply the section)."""
    gap = along if start else along[-1] - along
    t = np.clip(gap / reach, 0.0, 1.0)
    return np.asarray(radii * np.sqrt(np.clip(1.0 - (1.0 - t) ** 2, 0.0, 1.0)))
