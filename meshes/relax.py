"""Relaxing: where a closed surface crosses itself by a little, it is moved until it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.field.extract import neighbour_mean
from meshes.piercing import around, piercing_edges
from meshes.surface import vertex_normals

#: Rounds of swelling, which frees two sides of a thin blade, and of smoothing, which undoes folds.
SWELLING, SMOOTHING = 3, 12
#: Rounds after which crossings have to be fewer.
PATIENCE = 4
#: How far a round of swelling moves a corner, mm.
_SWELL_MM = 0.25


def relaxed(
    vertices: NDArray[np.floating], triangles: NDArray[np.integer]
) -> NDArray[np.float32] | None:
    """Return vertices, moved as little as it takes, of a surface that does not cross itself.

    Parameters
    ----------
    vertices : ndarray, shape (N, 3)
    triangles : ndarray, shape (M, 3)
        Closed.

    Returns
    -------
    ndarray of float32, shape (N, 3), or None
        None where neither swelling nor smoothing what crosses helps.
    """
    points = np.asarray(vertices, dtype=np.float32)
    faces = np.asarray(triangles)
    crossing = piercing_edges(points, faces)
    if len(crossing[0]) == 0:
        return points
    mean = neighbour_mean(faces, len(points))
    part = around(points, faces, crossing)
    for rounds, swells in ((SWELLING, True), (SMOOTHING, False)):
        moved, now, seen = points, piercing_edges(points, part), part
        counts = [len(now[0])]
        for turn in range(rounds):
            if hopeless(counts):
                break
            share = _share(seen, now, mean, turn // 4)[:, None]
            exact = moved.astype(np.float64)
            if swells:
                exact += _SWELL_MM * share * _soft_normals(moved, faces, mean)
                exact += 0.15 * share * (mean @ exact - exact)
            else:
                for _ in range(2):
                    exact += 0.5 * share * (mean @ exact - exact)
            moved = exact.astype(np.float32)
            seen, now = part, piercing_edges(moved, part)
            if len(now[0]) == 0:  # and farther off?
                seen, now = faces, piercing_edges(moved, faces)
                if len(now[0]) == 0:
                    return moved
            counts.append(len(now[0]))
    return None


def hopeless(counts: list[int]) -> bool:
    """Whether the last rounds have not brought the number of crossings down by a quarter."""
    return len(counts) > PATIENCE and min(counts[-PATIENCE:]) > 0.75 * min(counts[:-PATIENCE])


def _share(
    faces: NDArray[np.integer],
    crossing: tuple[NDArray[np.int64], NDArray[np.int64]],
    mean: Any,
    rings: int,
) -> NDArray[np.float64]:
    """Return 1 for the corners of what crosses and so many rings around them, else 0."""
    share = np.zeros(mean.shape[0])
    share[crossing[0].ravel()] = 1.0
    share[faces[crossing[1]].ravel()] = 1.0
    for _ in range(rings):
        share = ((mean @ share + share) > 0.0).astype(np.float64)
    return share


def _soft_normals(
    points: NDArray[np.float32], faces: NDArray[np.integer], mean: Any
) -> NDArray[np.float64]:
    normals = mean @ vertex_normals(points, faces.astype(np.int32)).astype(np.float64)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9))
