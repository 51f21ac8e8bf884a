"""How a hand moves while it travels along a path: straight, in circles, in a zigzag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.skin_curve import SkinCurve, even, onto_skin, tangents
from meshes.skin_surface import skin_of

if TYPE_CHECKING:
    from meshes.atlas import Atlas

Floats = NDArray[np.float64]
_STEP = 1.0


def circles(
    atlas: Atlas, base: SkinCurve, radius_mm: float, advance_mm: float, turn: int
) -> SkinCurve:
    """Return circles that travel along a curve on the skin.

    Parameters
    ----------
    atlas : Atlas
    base : SkinCurve
    radius_mm : float
    advance_mm : float
        How far the middle of the circle moves along the curve per round.
    turn : int
        +1 or -1: which way round; opposite on the two sides makes mirror images.
    """
    points = even(base.on(atlas), _STEP)
    length = _STEP * (len(points) - 1)
    rounds = max(1, round(length / advance_mm))
    count = max(24, int(2.0 * np.pi * radius_mm / _STEP)) * rounds
    phase = np.linspace(0.0, 2.0 * np.pi * rounds, count + 1)
    along, across, middle = _frame(atlas, points, np.linspace(0.0, 1.0, count + 1))
    ring = middle + radius_mm * (
        np.cos(phase)[:, None] * along + turn * np.sin(phase)[:, None] * across
    )
    return onto_skin(atlas, even(onto_skin(atlas, ring).on(atlas), _STEP))


def zigzag(
    atlas: Atlas, base: SkinCurve, width_mm: float, advance_mm: float, turn: int
) -> SkinCurve:
    """Return a rounded zigzag about a curve on the skin.

    Parameters
    ----------
    atlas : Atlas
    base : SkinCurve
    width_mm : float
        From one side to the other.
    advance_mm : float
        How far it moves along the curve per to and fro.
    turn : int
        +1 or -1: to which side it starts.
    """
    points = even(base.on(atlas), _STEP)
    length = _STEP * (len(points) - 1)
    rounds = max(1, round(length / advance_mm))
    count = max(40, int(2.2 * width_mm / _STEP)) * rounds
    where = np.linspace(0.0, 1.0, count + 1)
    _, across, middle = _frame(atlas, points, where)
    swing = turn * 0.5 * width_mm * np.sin(2.0 * np.pi * rounds * where)
    line = middle + swing[:, None] * across
    return onto_skin(atlas, even(onto_skin(atlas, line).on(atlas), _STEP))


def _frame(atlas: Atlas, points: Floats, where: Floats) -> tuple[Floats, Floats, Floats]:
    """Tangent, its perpendicular in the skin, and position at shares of a curve."""
    at = where * (len(points) - 1)

    def mix(values: Floats) -> Floats:
        rows = np.arange(len(values))
        return np.stack([np.interp(at, rows, values[:, axis]) for axis in range(3)], axis=1)

    normal = _unit(mix(-skin_of(atlas).inward(points)))
    along = mix(tangents(points))
    along = _unit(along - normal * np.einsum("ij,ij->i", along, normal)[:, None])
    return along, np.cross(normal, along), mix(points)


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0.0, length, 1.0)
