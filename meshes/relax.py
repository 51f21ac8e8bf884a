"""Relaxing: where a closed surface crosses itself by a little, it is smoothed until it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.piercing import piercing_edges

ROUNDS = 12


def relaxed(
    vertices: NDArray[np.floating], triangles: NDArray[np.integer], rounds: int = ROUNDS
) -> NDArray[np.float32] | None:
    """Return vertices, moved as little as it takes, of a surface that does not cross itself.

    Parameters
    ----------
    vertices : ndarray, shape (N, 3)
    triangles : ndarray, shape (M, 3)
        Closed.
    rounds : int
        In each, the corners of what crosses and their neighbours (in later rounds theirs too)
        move towards the middle of their neighbours.

    Returns
    -------
    ndarray of float32, shape (N, 3), or None
        None where smoothing does not help.
    """
    points = np.asarray(vertices, dtype=np.float32)
    links: Any = None
    for turn in range(rounds + 1):
        edges, pierced = piercing_edges(points, triangles)
        if len(edges) == 0:
            return points
        if links is None:
            links, mean = _links(np.asarray(triangles), len(points))
        moved = np.zeros(len(points))
        moved[edges.ravel()] = 1.0
        moved[np.asarray(triangles)[pierced].ravel()] = 1.0
        for _ in range(turn // 4):
            moved = ((links @ moved + moved) > 0.0).astype(np.float64)
        exact = points.astype(np.float64)
        for _ in range(2):
            exact += 0.5 * moved[:, None] * (mean @ exact - exact)
        points = exact.astype(np.float32)
    return None


def _links(triangles: NDArray[np.integer], count: int) -> tuple[Any, Any]:
    from scipy.sparse import coo_matrix, diags

    first, second = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    links = coo_matrix((np.ones(len(first)), (first, second)), shape=(count, count)).tocsr()
    shares = 1.0 / np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1.0)
    return links, diags(shares) @ links
