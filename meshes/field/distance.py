"""Distance to a cloud of surface samples, exact where a surface will pass."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from meshes.field.grid import Field, Grid

Points = NDArray[np.float64]


def surface_samples(triangles: Iterable[Points], spacing: float, cell: float) -> Points:
    """Return points on triangles, no triangle left with a gap much wider than ``spacing``.

    Parameters
    ----------
    triangles : iterable of ndarray, shape (F, 3, 3)
        Corner positions, mm.
    spacing : float
        mm.
    cell : float
        Samples that fall into one cell of this size are merged into one of them, mm.

    Returns
    -------
    ndarray, shape (N, 3), mm
    """
    pieces = [np.empty((0, 3))]
    for corners in triangles:
        edges = corners - np.roll(corners, 1, axis=1)
        longest = np.sqrt(np.einsum("fij,fij->fi", edges, edges).max(axis=1))
        steps = np.clip(np.ceil(longest / spacing).astype(int), 1, 64)
        for count in np.unique(steps):
            weights = _barycentric(int(count))
            found = np.einsum("wk,fkd->fwd", weights, corners[steps == count]).reshape(-1, 3)
            pieces.append(thinned(found, cell))
    return thinned(np.concatenate(pieces), cell)


def thinned(points: Points, cell: float) -> Points:
    """Return one point for every occupied cell of a lattice, shape (M, 3)."""
    if len(points) == 0:
        return points
    index = np.floor((points - points.min(axis=0)) / cell).astype(np.int64)
    size = index.max(axis=0) + 1
    key = (index[:, 0] * size[1] + index[:, 1]) * size[2] + index[:, 2]
    first = np.unique(key, return_index=True)[1]
    return np.asarray(points[first])


def _barycentric(count: int) -> NDArray[np.float64]:
    if count == 1:  # a small triangle is as good as its centre
        return np.full((1, 3), 1.0 / 3.0)
    rows = [
        (i / count, j / count, (count - i - j) / count)
        for i in range(count + 1)
        for j in range(count + 1 - i)
    ]
    return np.array(rows)


def rough_distance(points: Points, grid: Grid) -> Field:
    """Return each node's distance to the nearest occupied node (off by up to a spacing), mm."""
    from scipy.ndimage import distance_transform_edt

    empty = np.ones(grid.shape, dtype=bool)
    cells = grid.cells(points)
    empty[tuple(cells.T)] = False
    if len(cells) == 0:
        return np.full(grid.shape, 1e3, dtype=np.float32)
    return np.asarray(distance_transform_edt(empty, sampling=grid.spacing), dtype=np.float32)


def exact_distance(points: Points, where: Points) -> Field:
    """Return the distance of every position in ``where`` to the nearest sample, shape (N,)."""
    from scipy.spatial import cKDTree

    if len(where) == 0:
        return np.empty(0, dtype=np.float32)
    tree = cKDTree(points, balanced_tree=True, compact_nodes=False)
    return np.asarray(tree.query(where, workers=-1)[0], dtype=np.float32)  # on every core


def closed_distance(points: Points, grid: Grid, radius: float, reach: float) -> Field:
    """Return the signed distance to the closing of a point cloud by a ball.

    The closing is what a ball of ``radius`` cannot roll into: it bridges the gaps between
    neighbouring muscles, and its offset by ``t`` has no crease tighter than ``radius - t``.
    Dilating the cloud and its closing by the ball gives one and the same shell, so the
    distance to the closing is the distance to that shell, plus the radius.

    Parameters
    ----------
    points : ndarray, shape (N, 3)
    grid : Grid
    radius : float
        mm.
    reach : float
        How far outside the closing the distance has to be exact, mm.

    Returns
    -------
    ndarray of float32, grid shape
        mm, negative inside; exact from ``reach`` outside to two spacings inside, rough
        further out and constant further in.
    """
    from scipy.ndimage import distance_transform_edt

    step = grid.spacing
    apart = rough_distance(points, grid)
    near = (np.abs(apart - radius) < 1.6 * step) & _reachable(apart > radius - 1.6 * step)
    apart[near] = exact_distance(points, grid.nodes(near))
    shell = level_points(apart - np.float32(radius), grid)
    if len(shell) == 0:
        return apart
    inside = ~_reachable(apart >= radius)
    depth = np.asarray(distance_transform_edt(inside, sampling=step), dtype=np.float32)
    band = inside & (depth < radius + 3.0 * step)
    if reach > radius:
        band |= ~inside & (apart < reach + 3.0 * step)
    depth[band] = exact_distance(shell, grid.nodes(band))
    closed = np.where(inside, np.float32(radius) - depth, apart)
    outside = band & ~inside
    closed[outside] = np.float32(radius) + depth[outside]
    return np.asarray(np.maximum(closed, -2.0 * step), dtype=np.float32)


def _reachable(space: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the parts of a space that touch the grid's rim: hollows of the body do not."""
    from scipy.ndimage import label

    pieces, count = label(space)
    if count <= 1:
        return space
    rim = np.zeros(count + 1, dtype=bool)
    for axis in range(3):
        for side in (0, -1):
            rim[np.unique(np.take(pieces, side, axis=axis))] = True
    rim[0] = False
    return np.asarray(rim[pieces])


def level_points(field: Field, grid: Grid) -> Points:
    """Return where the zero level of a field crosses the grid's edges, shape (N, 3), mm."""
    found = []
    for axis in range(3):
        low = np.take(field, range(field.shape[axis] - 1), axis=axis)
        high = np.take(field, range(1, field.shape[axis]), axis=axis)
        crosses = (low < 0.0) != (high < 0.0)
        index = np.argwhere(crosses).astype(np.float64)
        a, b = low[crosses].astype(np.float64), high[crosses].astype(np.float64)
        index[:, axis] += a / (a - b)
        found.append(grid.origin + grid.spacing * index)
    return np.concatenate(found)
