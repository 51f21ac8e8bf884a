"""Normals of a surface averaged over a hand's breadth.

Each vertex takes the mean of its neighbours' normals again and again, so the average spreads
along the surface like heat and the two sides of a fold do not mix. Nothing depends on the frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def spread_normals(corners: Floats, faces: NDArray[np.int32], count: int, width: float) -> Floats:
    """Return unit vertex normals averaged with a spread of about ``width``.

    Parameters
    ----------
    corners : ndarray, shape (M, 3, 3)
        Corners of the faces, mm.
    faces : ndarray of int, shape (M, 3)
    count : int
        Number of vertices.
    width : float
        Standard deviation of the average along the surface, mm (exact on an even mesh).

    Returns
    -------
    ndarray, shape (count, 3)
        Zero for a vertex that no face uses.
    """
    from scipy.sparse import coo_matrix, diags

    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    summed = np.stack(
        [
            np.bincount(faces.ravel(), weights=np.repeat(cross[:, axis], 3), minlength=count)
            for axis in range(3)
        ],
        axis=1,
    )
    area = np.bincount(
        faces.ravel(), weights=np.repeat(np.linalg.norm(cross, axis=1), 3), minlength=count
    )
    normals = summed / np.where(area > 0.0, area, 1.0)[:, None]
    start, end = faces[:, [0, 1, 2]].ravel(), faces[:, [1, 2, 0]].ravel()
    links = coo_matrix((np.ones(len(start)), (start, end)), shape=(count, count)).tocsr()
    links = ((links + links.T) > 0).astype(np.float64) + diags(np.ones(count))
    links = links @ diags(area)
    total = np.asarray(links.sum(axis=1)).ravel()
    mean = (diags(1.0 / np.where(total > 0.0, total, 1.0)) @ links).tocsr().astype(np.float32)
    # One step spreads each axis by half the squared edge length, less the share that stays.
    edges = corners[:, [1, 2, 0]] - corners
    gain = 0.5 * float((edges**2).sum(axis=2).mean()) * 6.0 / 7.0
    spread = normals.astype(np.float32)
    for _ in range(max(1, round(width**2 / max(gain, 1e-12)))):
        spread = mean @ spread
    length = np.linalg.norm(spread, axis=1, keepdims=True)
    return np.asarray(spread / np.where(length > 0.0, length, 1.0), dtype=np.float64)
