"""The common frame: millimetres, LPS axes, origin at the centre of the L5-S1 disc.

+x points to the subject's left, +y posterior, +z superior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AXES = "LPS"
UNITS = "mm"
ORIGIN = "centre of the L5-S1 intervertebral disc"
DESCRIPTION = f"{UNITS}, {AXES} (+x subject's left, +y posterior, +z superior), origin {ORIGIN}"

LEFT = np.array([1.0, 0.0, 0.0])
POSTERIOR = np.array([0.0, 1.0, 0.0])
SUPERIOR = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class Affine:
    """A map ``x -> linear @ x + offset`` from a source frame into LPS millimetres.

    Attributes
    ----------
    linear : ndarray, shape (3, 3)
        Axes and scale.
    offset : ndarray, shape (3,)
        Translation in mm.
    """

    linear: NDArray[np.float64]
    offset: NDArray[np.float64]

    def __call__(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map points of shape (..., 3)."""
        return np.asarray(points, dtype=np.float64) @ self.linear.T + self.offset

    @property
    def flips(self) -> bool:
        """Whether the map mirrors, so that triangle winding has to be reversed."""
        return bool(np.linalg.det(self.linear) < 0.0)

    def then(self, other: Affine) -> Affine:
        """Return the map that applies this one first and ``other`` second."""
        return Affine(other.linear @ self.linear, other.linear @ self.offset + other.offset)

    def shifted(self, offset: NDArray[np.floating]) -> Affine:
        """Return this map followed by a translation (mm).

        Parameters
        ----------
        offset : ndarray, shape (3,)
            mm.
        """
        return Affine(self.linear, self.offset + np.asarray(offset, dtype=np.float64))


def gltf_to_lps(unit_mm: float = 1000.0) -> Affine:
    """Return the map from glTF axes (X left, Y up, Z anterior) to LPS millimetres.

    Parameters
    ----------
    unit_mm : float
        Length of one source unit in millimetres (glTF's metre is 1000).
    """
    linear = unit_mm * np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    return Affine(linear, np.zeros(3))
