"""Landmark warp: an affine map plus a smooth bend that carries points exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.solid import Array


class Warp:
    """Carry source landmarks onto target landmarks, and all between them smoothly.

    The biharmonic spline in three dimensions (kernel ``r``) with an affine part.

    Parameters
    ----------
    source, target : array-like, shape (N, 3)
        At least four points that are not in one plane.
    softness : float
        0 interpolates; larger values (mm) let points miss for a smoother map.
    """

    def __init__(
        self,
        source: NDArray[np.floating],
        target: NDArray[np.floating],
        softness: float = 0.0,
    ) -> None:
        self._source = np.asarray(source, dtype=np.float64)
        count = len(self._source)
        kernel = np.linalg.norm(self._source[:, None] - self._source[None], axis=2)
        kernel -= softness * np.eye(count)
        affine = np.hstack([np.ones((count, 1)), self._source])
        system = np.block([[kernel, affine], [affine.T, np.zeros((4, 4))]])
        right = np.vstack([np.asarray(target, dtype=np.float64), np.zeros((4, 3))])
        self._weights = np.linalg.solve(system, right)

    def __call__(self, points: NDArray[np.floating]) -> Array:
        """Map points of shape (N, 3)."""
        where = np.asarray(points, dtype=np.float64)
        kernel = np.linalg.norm(where[:, None] - self._source[None], axis=2)
        affine = np.hstack([np.ones((len(where), 1)), where])
        return np.asarray(kernel @ self._weights[: len(self._source)] + affine @ self._weights[-4:])
