"""Which triangles of the skin a hand changes, and where what lies behind them must come back.

A dent sinks in the middle and rises around it (:data:`viewer.shading.DENT`). Where the skin rises
it hides the skin of the still picture, so drawing it is enough. Where it sinks, the still
picture's skin would hide it: there the picture without the skin is brought back first, and all
skin that is seen there is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import Contact
from meshes.surface import Surface
from viewer.renderer import Box
from viewer.shading import DENT_ENDS

Floats = NDArray[np.float32]
#: Left, upper, right and lower edge, pixels.
Edges = tuple[float, float, float, float]

#: Cosine between a triangle's outward normal and the line of sight; turned farther from the
#: camera than this, no dent turns it back.
_TURNED_AWAY = 0.7
#: Seen more edge-on than this, a triangle that moves may bare what it hid.
_EDGE_ON = -0.2


class DentedSkin:
    """The skin as one camera sees it.

    Parameters
    ----------
    skin : Surface
    eye : ndarray, shape (3,)
        Place of the camera, mm.
    projected : callable
        Takes points, shape (N, 3), mm, to picture coordinates, shape (N, 2), pixels.
    """

    def __init__(
        self,
        skin: Surface,
        eye: NDArray[np.floating],
        projected: Callable[[NDArray[np.floating]], Floats],
    ) -> None:
        at = projected(skin.vertices)[skin.faces]
        low, high = at.min(axis=1), at.max(axis=1)
        # From the top of the picture downward, so that what is in one part lies together.
        order = np.argsort(low[:, 1] + high[:, 1], kind="stable")
        corners = skin.vertices[skin.faces[order]]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        away = corners[:, 0] - eye
        along = np.einsum("ij,ij->i", normals, away)
        lengths = np.linalg.norm(normals, axis=1) * np.linalg.norm(away, axis=1)
        ahead = along <= _TURNED_AWAY * lengths
        corners, kept = corners[ahead], order[ahead]
        middle = corners.mean(axis=1)
        self._faces: NDArray[np.int32] = np.ascontiguousarray(skin.faces[kept])
        self._middle = tuple(np.ascontiguousarray(middle[:, i], np.float32) for i in range(3))
        self._normal = tuple(np.ascontiguousarray(normals[ahead, i], np.float32) for i in range(3))
        #: How far its corners are from a triangle's middle, mm.
        span = np.linalg.norm(corners - middle[:, None], axis=2).max(axis=1)
        self._span = np.asarray(span, np.float32)
        self._edge_on = (along > _EDGE_ON * lengths)[ahead]
        self._left, self._upper = low[kept, 0], low[kept, 1]
        self._right, self._lower = high[kept, 0], high[kept, 1]
        self._level = 0.5 * (self._upper + self._lower)
        self._tallest = float((self._lower - self._upper).max(initial=0.0))

    def within(self, boxes: Iterable[Box]) -> NDArray[np.int32]:
        """Return the triangles that may reach into parts of the picture, shape (K, 3)."""
        return self.faces(np.empty(0, np.intp), boxes)

    def changed(self, contact: Contact, box: Box) -> tuple[NDArray[np.intp], Edges | None]:
        """Return the triangles that a hand moves, tilts or paints, and where the skin sinks.

        Parameters
        ----------
        contact : Contact
        box : tuple of int
            Left, upper, right and lower edge of the part outside which it changes nothing.

        Returns
        -------
        rows : ndarray of int, shape (K,)
            Numbers for :meth:`faces`.
        sunk : (left, upper, right, lower) or None
            What the triangles cover that sink, pixels.
        """
        rows = self._reaching(box)
        x, y, z = (
            axis[rows] - np.float32(at)
            for axis, at in zip(self._middle, contact.position, strict=True)
        )
        far, span = np.sqrt(x * x + y * y + z * z), self._span[rows]
        radius = max(float(contact.radius_mm), 1.0)
        moved = far - span < DENT_ENDS * radius
        rows, far, span = rows[moved], far[moved], span[moved]
        a, b, c = (
            axis[rows] * np.float32(share)
            for axis, share in zip(self._normal, contact.normal, strict=True)
        )
        # Where the skin looks the other way, what is pressed rises and the rim sinks.
        turn = np.float32(dent_turns() * radius)
        sinks = np.where(a + b + c > 0.0, far - span < turn, far + span > turn)
        sunk = rows[sinks | self._edge_on[rows]]
        if not len(sunk):
            return rows, None
        return rows, (
            float(self._left[sunk].min()),
            float(self._upper[sunk].min()),
            float(self._right[sunk].max()),
            float(self._lower[sunk].max()),
        )

    def faces(self, rows: NDArray[np.intp], boxes: Iterable[Box]) -> NDArray[np.int32]:
        """Return these triangles and all that may reach into parts of the picture."""
        found = np.zeros(len(self._faces), dtype=bool)
        found[rows] = True
        for box in boxes:
            found[self._reaching(box)] = True
        return self._faces[np.flatnonzero(found)]

    def _reaching(self, box: Box) -> NDArray[np.intp]:
        """Return the rows of the triangles that may reach into a part of the picture."""
        left, upper, right, lower = box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1
        first, last = np.searchsorted(self._level, [upper - self._tallest, lower + self._tallest])
        some = slice(first, last)
        return first + np.flatnonzero(
            (self._left[some] < right)
            & (self._right[some] > left)
            & (self._upper[some] < lower)
            & (self._lower[some] > upper)
        )


@lru_cache(maxsize=1)
def dent_turns() -> float:
    """Return where the hollow of a dent turns into its rim, in radii of the patch.

    The zero of ``hollowAt`` in :data:`viewer.shading.DENT`, by halving.

    >>> round(dent_turns(), 3)
    1.383
    """
    low, high = 1.0, 1.9
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        hollow = np.exp(-1.1 * middle**2) - 0.22 * np.exp(-2.2 * (middle - 1.9) ** 2)
        low, high = (middle, high) if hollow > 0.0 else (low, middle)
    return high
