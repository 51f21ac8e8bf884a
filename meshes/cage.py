"""Half a rib cage in coordinates around the middle of the lung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.finding.rules import fill
from meshes.finding.search import Search

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cage:
    """Half a rib cage in the coordinates (u, z, r) around the middle of the lung, left side.

    Attributes
    ----------
    levels : ndarray, shape (12,)
        Heights of the axis' nodes, rising.
    axis : ndarray, shape (12, 2)
        X and y of the axis there.
    behind, front : ndarray, shape (12, 2)
        X and y of the sheet's edges beside the spine and behind the sternum.
    """

    levels: Array
    axis: Array
    behind: Array
    front: Array

    def _at(self, nodes: Array, z: Array) -> Array:
        return np.stack([np.interp(z, self.levels, nodes[:, i]) for i in range(2)], axis=-1)

    def _ends(self, z: Array) -> tuple[Array, Array]:
        """Return the angles at which the sheet begins (behind) and ends (in front)."""
        middle = self._at(self.axis, z)
        start, end = self._at(self.behind, z) - middle, self._at(self.front, z) - middle
        full = 2.0 * np.pi
        first = np.arctan2(start[..., 1], start[..., 0]) % full
        last = np.arctan2(end[..., 1], end[..., 0]) % full - full
        return first, last

    def width(self, nodes: Array, z: Array) -> Array:
        """Return how far the axis is from one of the sheet's edges at the heights ``z``."""
        return np.linalg.norm(self._at(nodes, z) - self._at(self.axis, z), axis=-1)

    def coordinates(self, points: Array) -> tuple[Array, Array, Array]:
        """Return u (0 beside the spine, 1 behind the sternum), height, and distance."""
        offset = points[:, :2] - self._at(self.axis, points[:, 2])
        start, end = self._ends(points[:, 2])
        turn = (start - np.arctan2(offset[:, 1], offset[:, 0])) % (2.0 * np.pi)
        # In the gap in front of the spine: to whichever edge is nearer.
        turn = np.where(turn > np.pi + 0.5 * (start - end), turn - 2.0 * np.pi, turn)
        return (
            turn / (start - end),
            points[:, 2],
            np.linalg.norm(offset, axis=1),
        )

    def points(self, u: Array, z: Array, r: Array) -> Array:
        """Return the places of coordinates, shape (..., 3)."""
        start, end = self._ends(z)
        angle = start + u * (end - start)
        middle = self._at(self.axis, z)
        return np.stack(
            [middle[..., 0] + r * np.cos(angle), middle[..., 1] + r * np.sin(angle), z], axis=-1
        )


def cage_of(
    search: Search, side: str, edges: tuple[Sequence[float], Sequence[float]], scale: float
) -> Cage:
    """Return half a rib cage, the middle of its lung and the edges of its pleura.

    Parameters
    ----------
    search : Search
        Ribs 1 to 12, bodies of the thoracic vertebrae, sternum; seen as the left side.
    side : str
        ``left`` or ``right``: whose bones they are.
    edges : two pairs of float
        Where the pleura turns beside the spine (x, and y from the vertebral body's middle) and
        behind the sternum (x, and y from its line), mm for a man of 1750 mm.
    scale : float
        Stature / 1750 mm.

    Raises
    ------
    Missing
        If a landmark is not there.
    """
    beside, behind_sternum = edges
    notch, xiphoid = search.point("sternum/jugular_notch"), search.point("sternum/xiphoid")
    rows = []
    for rib in range(1, 13):
        names = {"side": side}
        line = search.curve(fill(f"rib_{rib}_{{side}}/shaft", names))
        body = search.point(f"vertebra_T{rib}/body")
        # The lowest ribs end before they reach the front; their rings are half open.
        nearest_front = min(float(line[:, 1].min()), float(body[1]) - 12.0)
        rows.append(
            (
                float(np.mean([line[:, 2].max(), line[:, 2].min()])),
                0.52 * float(line[:, 0].max()),
                0.5 * (float(line[:, 1].max()) + nearest_front),
                float(body[1]),
                float(body[2]),
            )
        )
    table = np.array(rows)[::-1]
    levels = np.maximum.accumulate(table[:, 0] + 1e-3 * np.arange(12))
    spine = np.interp(levels, table[:, 4], table[:, 3])
    sternum = np.interp(levels, [xiphoid[2], notch[2]], [xiphoid[1], notch[1]])
    behind = np.column_stack([np.full(12, scale * beside[0]), spine + scale * beside[1]])
    front = np.column_stack(
        [np.full(12, scale * behind_sternum[0]), sternum + scale * behind_sternum[1]]
    )
    return Cage(levels, table[:, 1:3], behind, front)
