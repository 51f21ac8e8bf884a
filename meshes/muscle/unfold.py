"""Unfolding: where a sheet's steep ground folds it over itself, it is smoothed until it lies flat.

A point of a sheet moves along its own direction. Where neighbours' heights differ by more than
their distance, over the edge of a bone, the surface can turn over and cross itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from meshes.muscle.sheet import Grid, unit

ROUNDS = 80
# A facet that leans further than this from its sheet's direction counts as folded (cosine).
LEAST_FACING = 0.12


def unfolded(under: Grid, outer: Grid, outward: Grid) -> tuple[Grid, Grid]:
    """Return both sides of a muscle without folds.

    Parameters
    ----------
    under, outer : ndarray, shape (U, V, 3)
        Points of the two sides, mm.
    outward : ndarray, shape (U, V, 3)
        Unit directions from the one to the other.

    Returns
    -------
    tuple of ndarray
        The same points, moved towards the middle of their neighbours where a facet was folded.
    """
    sign = _sign(0.5 * (under + outer), outward)
    for _ in range(ROUNDS):
        folded = _folded(under, outward, sign) | _folded(outer, outward, sign)
        if not folded.any():
            break
        near = binary_dilation(folded, iterations=1)
        under = np.where(near[..., None], 0.5 * (under + _neighbours(under)), under)
        outer = np.where(near[..., None], 0.5 * (outer + _neighbours(outer)), outer)
    return under, outer


def even(points: Grid, outward: Grid) -> Grid:
    """Return a rest sheet, shape (U, V, 3), without folds where key fibres run too close."""
    sign = _sign(points, outward)
    for _ in range(ROUNDS):
        folded = _folded(points, outward, sign)
        if not folded.any():
            break
        near = binary_dilation(folded, iterations=2)
        near[0] = near[-1] = False  # attachments stay where they are
        points = np.where(near[..., None], 0.5 * (points + _neighbours(points)), points)
    return points


def _sign(points: Grid, outward: Grid) -> float:
    """Return 1 or -1: whether along x across points outward or inward."""
    facing = (_normals(points) * outward).sum(axis=2)
    return float(np.sign(np.median(facing))) or 1.0


def _folded(points: Grid, outward: Grid, sign: float) -> NDArray[np.bool_]:
    """Return which points have a folded facet beside them, shape (U, V)."""
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    way = sign * outward[:-1, :-1]
    first = (unit(np.cross(b - a, c - a)) * way).sum(axis=2) < LEAST_FACING
    second = (unit(np.cross(c - a, d - a)) * way).sum(axis=2) < LEAST_FACING
    bad = first | second
    out = np.zeros(points.shape[:2], dtype=bool)
    out[:-1, :-1] |= bad
    out[1:, :-1] |= bad
    out[1:, 1:] |= bad
    out[:-1, 1:] |= bad
    return out


def _normals(points: Grid) -> Grid:
    return np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))


def _neighbours(points: Grid) -> Grid:
    """Return the mean of each point's neighbours; a border's points keep to the border."""
    mean = points.copy()
    mean[1:-1, 1:-1] = 0.25 * (
        points[:-2, 1:-1] + points[2:, 1:-1] + points[1:-1, :-2] + points[1:-1, 2:]
    )
    for border in (0, -1):
        mean[border, 1:-1] = 0.5 * (points[border, :-2] + points[border, 2:])
        mean[1:-1, border] = 0.5 * (points[:-2, border] + points[2:, border])
    return mean
