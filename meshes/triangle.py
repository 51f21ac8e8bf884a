"""The point of a triangle that lies nearest to a point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def closest_weights(corners: Floats, points: Floats) -> Floats:
    """Return barycentric weights of the point of each triangle nearest to a point.

    Parameters
    ----------
    corners : ndarray, shape (..., 3, 3)
        Corner by corner.
    points : ndarray, shape (..., 3)
        One for each triangle, or fewer that go with many (as arrays broadcast).

    Returns
    -------
    ndarray, shape (..., 3)
        None is negative; each row sums to 1. A triangle without area is as good as its edges.

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]])
    >>> closest_weights(corners, np.array([1.0, 2.0, 9.0]))
    array([0.25, 0.25, 0.5 ])
    >>> closest_weights(corners, np.array([[2.0, -5.0, 0.0], [-1.0, -1.0, 0.0]]))
    array([[0.5, 0.5, 0. ],
           [1. , 0. , 0. ]])
    """
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    ab, ac, ap = b - a, c - a, points - a
    d00, d01, d11 = _dot(ab, ab), _dot(ab, ac), _dot(ac, ac)
    d20, d21 = _dot(ap, ab), _dot(ap, ac)
    area = d00 * d11 - d01 * d01
    safe = np.where(area > 0.0, area, 1.0)
    v = (d11 * d20 - d01 * d21) / safe
    w = (d00 * d21 - d01 * d20) / safe
    inner = np.stack([1.0 - v - w, v, w], axis=-1)
    outside = (area <= 0.0) | (inner < 0.0).any(axis=-1)
    if not outside.any():
        return inner
    options = np.stack([_on_edge(corners, points, first) for first in range(3)])
    at = np.einsum("o...k,...kj->o...j", options, corners)
    nearest = np.argmin(np.linalg.norm(at - points, axis=-1), axis=0)
    on_edge = np.take_along_axis(options, nearest[None, ..., None], axis=0)[0]
    return np.where(outside[..., None], on_edge, inner)


def _on_edge(corners: Floats, points: Floats, first: int) -> Floats:
    second = (first + 1) % 3
    start = corners[..., first, :]
    edge = corners[..., second, :] - start
    length = _dot(edge, edge)
    along = _dot(points - start, edge) / np.where(length > 0.0, length, 1.0)
    share = np.clip(along, 0.0, 1.0)
    weights = np.zeros((*share.shape, 3))
    weights[..., first] = 1.0 - share
    weights[..., second] = share
    return weights


def _dot(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.einsum("...j,...j->...", one, other))
