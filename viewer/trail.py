"""The path a hand has left on the skin, as a ribbon that fades with age."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import Trail
from viewer.palette import verdict_colours

Floats = NDArray[np.float64]

HALF_WIDTH_MM = 3.6
#: Where across the ribbon its three bands begin and end, -1..1.
_BANDS = (-1.0, -0.62, -0.62, 0.62, 0.62, 1.0)
_COLOURS = np.array(verdict_colours(), dtype=np.uint8)
_ACROSS = HALF_WIDTH_MM * np.array(_BANDS)[:, None]
#: Above the skin, so that the two do not fight for the same pixel.
LIFT_MM = 1.2
#: After this the ribbon is gone.
LIFE_S = 4.0


@dataclass(frozen=True, eq=False)
class Ribbon:
    """Triangles with a colour per vertex.

    Attributes
    ----------
    vertices : ndarray of float32, shape (6K, 3)
    faces : ndarray of int32, shape (6K - 6, 3)
    colours : ndarray of uint8, shape (6K, 4)
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    colours: NDArray[np.uint8]


def ribbon_of(trail: Trail, normals: Floats, life_s: float = LIFE_S) -> Ribbon | None:
    """Return a trail as a ribbon lying on the skin, or None if it is too short.

    Parameters
    ----------
    trail : Trail
    normals : ndarray, shape (K, 3)
        Outward skin normal at each of the trail's points.
    life_s : float
        Age at which it has faded.
    """
    points = np.asarray(trail.points, dtype=np.float64)
    if len(points) < 2:
        return None
    ahead = np.empty_like(points)
    ahead[1:-1] = 0.5 * (points[2:] - points[:-2])
    ahead[0], ahead[-1] = points[1] - points[0], points[-1] - points[-2]
    side = _cross(ahead, normals)
    length = np.sqrt(np.einsum("ij,ij->i", side, side))[:, None]
    if float(length.max()) < 1e-9:
        return None  # the hand holds still
    # Where it holds still for a while the ribbon keeps its last direction.
    still = length[:, 0] < 1e-6
    if still.any():
        index = np.maximum.accumulate(np.where(still, 0, np.arange(len(points))))
        side, length = side[index], np.maximum(length[index], 1e-9)
    freshness = np.clip(1.0 - np.asarray(trail.age_s) / life_s, 0.0, 1.0)
    across = side / np.maximum(length, 1e-9) * (0.35 + 0.65 * freshness)[:, None]
    middle = points + LIFT_MM * normals
    # A band of the verdict's colour between two white edges, so that it shows on that colour.
    vertices = middle[:, None] + _ACROSS * across[:, None]
    colours = np.full((len(points), len(_BANDS), 4), 255, dtype=np.uint8)
    colours[:, 2:4, :3] = _COLOURS[np.asarray(trail.verdict, dtype=np.intp)][:, None]
    colours[:, :, 3] = np.round(240.0 * freshness**1.3)[:, None]
    return Ribbon(
        vertices.reshape(-1, 3).astype(np.float32),
        _faces(len(points)),
        colours.reshape(-1, 4),
    )


def _cross(one: Floats, other: Floats) -> Floats:
    """Return the cross products of rows, in a third of the time that numpy's takes for few."""
    a, b, c = one.T
    x, y, z = other.T
    return np.stack([b * z - c * y, c * x - a * z, a * y - b * x], axis=1)


@lru_cache(maxsize=256)
def _faces(count: int) -> NDArray[np.int32]:
    """Return the triangles of a ribbon along so many points."""
    row, column = np.meshgrid(len(_BANDS) * np.arange(count - 1), (0, 2, 4), indexing="ij")
    first = (row + column).ravel()
    ahead_by = len(_BANDS)
    faces = np.concatenate(
        [
            np.stack([first, first + 1, first + ahead_by + 1], axis=1),
            np.stack([first, first + ahead_by + 1, first + ahead_by], axis=1),
        ]
    )
    return faces.astype(np.int32)
