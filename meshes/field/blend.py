"""Unions and cuts of distance fields with rounded seams, and simple solids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.field.grid import Field


def smooth_min(a: Field, b: Field, width: float | Field) -> Field:
    """Return the union of two distance fields, its seam rounded over ``width`` mm.

    A polynomial blend: outside the seam it is exactly the minimum.
    """
    reach = np.maximum(width, np.float32(1e-3))
    share = np.clip(0.5 + 0.5 * (b - a) / reach, 0.0, 1.0)
    mixed = b + (a - b) * share - reach * share * (1.0 - share)
    return np.asarray(mixed, dtype=np.float32)


def smooth_max(a: Field, b: Field, width: float | Field) -> Field:
    """Return the intersection of two distance fields, its edge rounded over ``width`` mm."""
    return np.asarray(-smooth_min(-a, -b, width), dtype=np.float32)


def smooth_step(value: Field, start: float, end: float) -> Field:
    """Return 0 before ``start``, 1 past ``end`` (which may be the lesser) and smooth between."""
    share = np.clip((value - np.float32(start)) / np.float32(end - start), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), dtype=np.float32)


def tapered_capsule(
    points: tuple[Field, Field, Field],
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    radii: tuple[float, float],
) -> Field:
    """Return the distance to a rod whose radius goes from ``radii[0]`` to ``radii[1]``."""
    axis = np.asarray(end, dtype=np.float64) - start
    length = float(np.linalg.norm(axis))
    x, y, z = ((points[i] - np.float32(start[i])).astype(np.float32, copy=False) for i in range(3))
    unit = (axis / length).astype(np.float32)
    along = x * unit[0] + y * unit[1] + z * unit[2]
    share = np.clip(along / np.float32(length), 0.0, 1.0)
    foot = share * np.float32(length)
    square = (x - foot * unit[0]) ** 2 + (y - foot * unit[1]) ** 2 + (z - foot * unit[2]) ** 2
    radius = np.float32(radii[0]) + share * np.float32(radii[1] - radii[0])
    return np.asarray(np.sqrt(square) - radius, dtype=np.float32)


def ellipsoid(
    points: tuple[Field, Field, Field],
    centre: NDArray[np.floating],
    radii: NDArray[np.floating],
) -> Field:
    """Return an approximate distance to an ellipsoid, right to first order at its surface."""
    scaled = [(points[i] - np.float32(centre[i])) / np.float32(radii[i]) for i in range(3)]
    reach = np.sqrt(scaled[0] ** 2 + scaled[1] ** 2 + scaled[2] ** 2)
    slope = np.sqrt(
        (scaled[0] / radii[0]) ** 2 + (scaled[1] / radii[1]) ** 2 + (scaled[2] / radii[2]) ** 2
    )
    return np.asarray(reach * (reach - 1.0) / np.maximum(slope, np.float32(1e-6)), dtype=np.float32)


def superellipse_loft(
    points: tuple[Field, Field, Field],
    half_breadth: Field,
    front: Field,
    back: Field,
    exponent: Field,
) -> Field:
    """Return the horizontal distance to a stack of superellipses, one for each z.

    Parameters
    ----------
    points : tuple of ndarray
        x, y, z of the grid, broadcastable.
    half_breadth, front, back, exponent : ndarray, shape (Z,)
        Half width (mm), y of the foremost and hindmost point (mm), and the power that rounds
        the corners (2 is an ellipse), for each z of the grid.
    """
    x, y, _ = points
    centre, depth = 0.5 * (front + back), 0.5 * (back - front)
    across, along = np.abs(x) + 1e-3, np.abs(y - centre) + 1e-3
    power = (across / half_breadth) ** exponent + (along / depth) ** exponent
    reach = power ** (1.0 / exponent)
    slope = np.hypot(
        across ** (exponent - 1.0) / half_breadth**exponent,
        along ** (exponent - 1.0) / depth**exponent,
    ) * reach ** (1.0 - exponent)
    return np.asarray((reach - 1.0) / np.maximum(slope, 1e-5), dtype=np.float32)
