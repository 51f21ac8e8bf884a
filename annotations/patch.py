"""What lies under a contact patch: the strictest verdict of all skin within the hand's radius."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.caution import CautionField
from annotations.skin_curve import SkinCurve
from meshes.skin_surface import skin_of

if TYPE_CHECKING:
    from meshes.atlas import Atlas

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Patches:
    """Skin vertices under a hand at K places.

    Attributes
    ----------
    vertex : ndarray of int, shape (M,)
        Skin vertices, place by place.
    first : ndarray of int, shape (K + 1,)
        Place k has the rows ``first[k]:first[k + 1]``; never empty.
    """

    vertex: NDArray[np.intp]
    first: NDArray[np.intp]

    def strictest(self, field: CautionField) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
        """Return the strictest verdict at each place and a vertex that has it, each (K,).

        Parameters
        ----------
        field : CautionField
            Of the same skin.

        Returns
        -------
        verdict : ndarray of uint8, shape (K,)
        vertex : ndarray of int, shape (K,)
            Skin vertices.
        """
        verdict = field.verdict[self.vertex]
        worst = np.maximum.reduceat(verdict, self.first[:-1])
        place = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        rows = np.flatnonzero(verdict == worst[place])
        _, first = np.unique(place[rows], return_index=True)
        return worst, self.vertex[rows[first]]

    def least(self, values: NDArray[np.floating]) -> float:
        """Return the least finite value of a quantity under any of the places; inf if none.

        Parameters
        ----------
        values : ndarray, shape (N,)
            At every skin vertex.
        """
        under = values[np.unique(self.vertex)]
        finite = under[np.isfinite(under)]
        return float(finite.min()) if len(finite) else float("inf")


def patches(atlas: Atlas, curve: SkinCurve, radius_mm: float) -> Patches:
    """Return the skin under a hand of some radius at every point of a curve.

    The corners of the face below the middle of the hand always count, however small the hand.
    """
    skin = skin_of(atlas)
    points = curve.on(atlas)
    within: Iterable[list[int]] = skin.tree.query_ball_point(points, radius_mm)
    corners = skin.faces[curve.face]
    rows = [
        np.union1d(np.asarray(near, dtype=np.intp), own)
        for near, own in zip(within, corners, strict=True)
    ]
    first = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return Patches(np.concatenate(rows).astype(np.intp), first.astype(np.intp))
