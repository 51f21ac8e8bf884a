"""Landmarks: named points and curves on the bones, which everything else is anchored to.

A point is named ``bone/feature`` (``vertebra_T4/spinous_process`` is the tip of the process,
``scapula_left/inferior_angle``); a curve likewise (``scapula_left/medial_border``, ordered
from above to below; ``hip_bone_left/iliac_crest``, from the front to the back).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from meshes.errors import UnknownName


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Named points and polylines in mm, LPS.

    Attributes
    ----------
    points : mapping of str to ndarray, shape (3,)
    curves : mapping of str to ndarray, shape (K, 3)
    turns : mapping of str to ndarray, shape (3, 3)
        How a pose has turned each bone from rest; bones that are at rest are left out.
    """

    points: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    curves: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    turns: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def point(self, name: str) -> NDArray[np.float64]:
        """Return one point, shape (3,).

        Raises
        ------
        UnknownName
            If no landmark has that name.
        """
        if name not in self.points:
            raise UnknownName("landmark", name, self.points)
        return self.points[name]

    def curve(self, name: str) -> NDArray[np.float64]:
        """Return one polyline, shape (K, 3), mm, LPS.

        Raises
        ------
        UnknownName
            If there is no such curve.
        """
        if name not in self.curves:
            raise UnknownName("landmark curve", name, self.curves)
        return self.curves[name]

    def along(self, name: str, where: float) -> NDArray[np.float64]:
        """Return the point at a fraction (0..1) of a curve's length, shape (3,)."""
        return resample(self.curve(name), np.array([where]))[0]

    def turned(self, bone: str, vector: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return a vector that is fixed to a bone as the pose has turned it, shape (3,)."""
        turn = self.turns.get(bone)
        return np.asarray(vector, dtype=np.float64) if turn is None else turn @ vector

    def merged(self, other: Landmarks) -> Landmarks:
        """Return both sets; where a name stands in both, ``other`` wins."""
        return Landmarks(
            {**self.points, **other.points},
            {**self.curves, **other.curves},
            {**self.turns, **other.turns},
        )


def resample(polyline: NDArray[np.floating], where: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return points at fractions of a polyline's arc length.

    Parameters
    ----------
    polyline : ndarray, shape (K, 3)
    where : ndarray, shape (N,)
        Fractions of the length, 0..1.

    Returns
    -------
    ndarray, shape (N, 3)

    Examples
    --------
    >>> resample(np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0]]), np.array([0.25, 0.75])).tolist()
    [[1.0, 0.0, 0.0], [2.0, 1.0, 0.0]]
    """
    line = np.asarray(polyline, dtype=np.float64)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.clip(np.asarray(where, dtype=np.float64), 0.0, 1.0) * length[-1]
    return np.stack([np.interp(at, length, line[:, axis]) for axis in range(3)], axis=1)
