"""Intervertebral discs: superellipses swept from the endplate below to the endplate above."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.column import Disc, Plate
from meshes.bones.solid import Array

POWER = 2.5


def disc_mesh(disc: Disc, around: int = 32, rings: int = 5) -> tuple[Array, NDArray[np.int64]]:
    """Return a closed disc that fills the gap between two endplates and bulges a little.

    Parameters
    ----------
    disc : Disc
    around : int
        Vertices on a ring; even, so that the disc mirrors onto itself.
    rings : int
        Rings from the lower to the upper face.
    """
    levels = np.linspace(0.0, 1.0, rings)
    turn = 2.0 * np.pi * (np.arange(around)) / around
    # Uncinate processes take the sides of a cervical disc.
    narrow = 0.75 if disc.name[0] == "C" else 1.0
    rows = []
    for t in levels:
        bulge = 1.0 + 0.055 * np.sin(np.pi * t) - 0.02
        rim = (1.0 - t) * _rim(disc.lower, turn, bulge, narrow)
        rim += t * _rim(disc.upper, turn, bulge, narrow)
        rows.append(rim)
    inner_low = _rim(disc.lower, turn, 0.55, narrow) - disc.lower.normal * 0.1
    inner_high = _rim(disc.upper, turn, 0.55, narrow) - disc.upper.normal * 0.1
    vertices = np.vstack([disc.lower.centre, inner_low, *rows, inner_high, disc.upper.centre])
    faces = []
    ring = np.arange(around)
    following = np.roll(ring, -1)
    count = rings + 2
    for k in range(count - 1):
        a, b = 1 + k * around, 1 + (k + 1) * around
        faces.append(np.stack([a + ring, a + following, b + following], axis=1))
        faces.append(np.stack([a + ring, b + following, b + ring], axis=1))
    last = len(vertices) - 1
    faces.append(np.stack([np.zeros(around, int), 1 + following, 1 + ring], axis=1))
    base = 1 + (count - 1) * around
    faces.append(np.stack([np.full(around, last), base + ring, base + following], axis=1))
    return vertices, np.vstack(faces).astype(np.int64)


def _rim(plate: Plate, turn: Array, scale: float, narrow: float) -> Array:
    c, s = np.cos(turn), np.sin(turn)
    radius = (np.abs(c) ** POWER + np.abs(s) ** POWER) ** (-1.0 / POWER) * scale
    x = radius * c * plate.half_width * narrow
    behind = radius * s * plate.half_depth
    behind = np.where(behind > 0.0, behind / 1.07, behind)
    points = plate.centre + behind[:, None] * plate.posterior
    points[:, 0] += x
    return np.asarray(points)
