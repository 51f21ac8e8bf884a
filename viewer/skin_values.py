"""What the skin's shader is given per vertex: shares of verdicts, or millimetres of a map."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.caution import CautionField
from annotations.skin_map import SkinMap
from meshes.field.extract import neighbour_mean

Floats = NDArray[np.float64]

#: How far a border is smoothed, in rounds over neighbours.
_ROUNDS = 3
#: A vertex's own verdict weighs more than half, so that rounding cannot tip it among strangers.
_OWN = 0.51
#: Whether a vertex is measured weighs less: a ragged edge says nothing about the body.
_OWN_SHOWN = 0.25
#: Farther from the map's own line nothing is drawn of it, mm.
_FAR = 40.0


class SkinValues:
    """Values on one skin; the neighbourhood of its vertices is worked out once.

    Parameters
    ----------
    faces : ndarray of int, shape (M, 3)
    count : int
        Number of vertices.
    """

    def __init__(self, faces: NDArray[np.integer], count: int) -> None:
        self._faces = np.asarray(faces, dtype=np.int64)
        self._count = count

    def of(self, wanted: CautionField | SkinMap) -> NDArray[np.float32]:
        """Return four numbers per vertex, shape (N, 4)."""
        if isinstance(wanted, SkinMap):
            return self.measures(wanted)
        return self.shares(wanted.verdict)

    def shares(self, verdict: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the share of each verdict at each vertex, shape (N, 4), rows that sum to 1.

        Shares are interpolated over a triangle and the largest wins, which draws the border
        between two verdicts as a cut through the triangle instead of a staircase of triangles.
        Half of a vertex's shares come from its neighbourhood, so that the cuts of neighbouring
        triangles join to a smooth line; the rest is its own, so that no vertex is ever painted
        with another verdict than the one that was found there.
        """
        own = np.eye(4)[verdict]
        return np.asarray(_OWN * own + (1.0 - _OWN) * self._spread(own), dtype=np.float32)

    def measures(self, chart: SkinMap) -> NDArray[np.float32]:
        """Return a map for the shader, shape (N, 4).

        Millimetres, carried on a little where nothing is measured; how far a vertex lies inside
        the measured part (0.5 at its border); millimetres beyond the map's own line; 0.
        """
        values = np.asarray(chart.values, dtype=np.float64)
        known = np.isfinite(values)
        result = np.zeros((self._count, 4), dtype=np.float32)
        result[:, 0] = self._carried_on(values, known, chart.scale.high)
        inside = known.astype(np.float64)
        result[:, 1] = _OWN_SHOWN * inside + (1.0 - _OWN_SHOWN) * self._spread(inside)
        line = np.full(self._count, _FAR) if chart.line is None else np.asarray(chart.line)
        result[:, 2] = np.clip(np.nan_to_num(line, nan=_FAR, posinf=_FAR), -_FAR, _FAR)
        return result

    def _carried_on(self, values: Floats, known: NDArray[np.bool_], otherwise: float) -> Floats:
        """Fill what is not measured from measured neighbours, so that no colour bleeds in."""
        filled, weight = np.where(known, values, 0.0), known.astype(np.float64)
        for _ in range(2):
            near, count = (self._mean @ np.stack([filled * weight, weight], axis=1)).T
            reached = (weight == 0.0) & (count > 0.0)
            filled[reached] = near[reached] / count[reached]
            weight[reached] = 1.0
        return np.where(weight > 0.0, filled, otherwise)

    def _spread(self, values: Floats) -> Floats:
        for _ in range(_ROUNDS):
            values = 0.5 * values + 0.5 * (self._mean @ values)
        return values

    @cached_property
    def _mean(self) -> Any:
        """The matrix that averages each vertex's neighbours, shape (N, N)."""
        return neighbour_mean(self._faces, self._count)
