"""A regular grid of scalar samples in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Grid:
    """Node positions of a regular grid.

    Attributes
    ----------
    origin : ndarray, shape (3,)
        Position of node (0, 0, 0), mm.
    spacing : float
        Distance of neighbouring nodes, mm, the same along all axes.
    shape : tuple of int
        Number of nodes along x, y, z.
    """

    origin: NDArray[np.float64]
    spacing: float
    shape: tuple[int, int, int]

    @classmethod
    def around(
        cls,
        low: NDArray[np.floating],
        high: NDArray[np.floating],
        spacing: float,
    ) -> Grid:
        """Return the grid whose nodes are whole multiples of the spacing and cover a box."""
        first = np.floor(np.asarray(low, dtype=np.float64) / spacing)
        last = np.ceil(np.asarray(high, dtype=np.float64) / spacing)
        count = (last - first).astype(int) + 1
        return cls(first * spacing, spacing, (int(count[0]), int(count[1]), int(count[2])))

    def axis(self, index: int) -> NDArray[np.float64]:
        """Return the node coordinates along one axis, mm."""
        steps = np.arange(self.shape[index], dtype=np.float64)
        return np.asarray(self.origin[index] + self.spacing * steps)

    def axes(self) -> tuple[Field, Field, Field]:
        """Return x, y, z as arrays that broadcast to the grid's shape."""
        x, y, z = (self.axis(index).astype(np.float32) for index in range(3))
        return x[:, None, None], y[None, :, None], z[None, None, :]

    def nodes(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the positions of the nodes where ``mask`` holds, shape (N, 3), mm."""
        return np.asarray(self.origin + self.spacing * np.argwhere(mask))

    def cells(self, points: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the index of the nearest node of every point that lies in the grid."""
        index = np.rint((points - self.origin) / self.spacing).astype(np.intp)
        within = ((index >= 0) & (index < np.array(self.shape))).all(axis=1)
        return np.asarray(index[within])

    def interpolate(self, field: Field, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return trilinear values of a field at points, shape (N,)."""
        from scipy.ndimage import map_coordinates

        index = (np.asarray(points, dtype=np.float64) - self.origin) / self.spacing
        return np.asarray(map_coordinates(field, index.T, order=1, mode="nearest"))

    def nearest(self, field: Field, points: NDArray[np.floating]) -> Field:
        """Return the field at the node nearest to every point, shape (N,); clamped outside."""
        index = np.rint((points - self.origin) / self.spacing).astype(np.intp)
        np.clip(index, 0, np.array(self.shape) - 1, out=index)
        return np.asarray(field[index[:, 0], index[:, 1], index[:, 2]])

    def slices(
        self, low: NDArray[np.floating], high: NDArray[np.floating]
    ) -> tuple[slice, slice, slice]:
        """Return the index ranges of the nodes within a box (its sides may be infinite)."""
        found = []
        for index in range(3):
            axis = self.axis(index)
            start, stop = np.searchsorted(axis, [low[index], high[index]])
            found.append(slice(int(start), int(stop)))
        return found[0], found[1], found[2]

    def mirrored_slices(self, box: tuple[slice, slice, slice]) -> tuple[slice, slice, slice]:
        """Return a box's mirror image across the median plane."""
        x = self.axis(0)[box[0]]
        start, stop = np.searchsorted(self.axis(0), [-x[-1] - 1e-6, -x[0] + 1e-6])
        return slice(int(start), int(stop)), box[1], box[2]

    def part(self, box: tuple[slice, slice, slice]) -> Grid:
        """Return the grid of a box of this one's nodes."""
        starts = np.array([piece.start for piece in box], dtype=np.float64)
        count = [piece.stop - piece.start for piece in box]
        origin = self.origin + self.spacing * starts
        return Grid(origin, self.spacing, (count[0], count[1], count[2]))

    def holds(self, points: NDArray[np.floating], rim: float = 0.0) -> NDArray[np.bool_]:
        """Tell which points lie in the grid or within ``rim`` mm of it, shape (N,)."""
        last = self.origin + self.spacing * (np.array(self.shape) - 1)
        within = (points > self.origin - rim) & (points < last + rim)
        return np.asarray(within.all(axis=1))
