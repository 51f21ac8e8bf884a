"""The ground: how high what lies beneath reaches, measured with rays along a sheet's directions.

Rays measure the true meshes, so a thin rib or a sharp scapular spine is met exactly where a
distance grid would blur it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter, zoom

from meshes.muscle.sheet import Grid, unit
from meshes.surface import Surface

NOTHING = -1e3


@dataclass(frozen=True, eq=False)
class Ground:
    """A ray scene of surfaces near one muscle."""

    scene: rtcore_scene.EmbreeScene | None

    def heights(self, points: Grid, outward: Grid, reach: float) -> Grid:
        """Return the height of the ground over each grid point along its direction.

        Parameters
        ----------
        points, outward : ndarray, shape (U, V, 3)
            Rest positions and unit directions.
        reach : float
            Ground is looked for between ``reach`` above and ``2 * reach`` below, mm.

        Returns
        -------
        ndarray, shape (U, V)
            Heights in mm; ``NOTHING`` where there is none. Rays are cast twice as densely as
            the grid, and a grid point is raised where the ground between it and its neighbours
            would stand out of the flat between them: ridges are not missed, and a slope lifts
            nothing.
        """
        fine_points = _refined(points)
        fine_outward = unit(_refined(outward))
        flat = fine_points.reshape(-1, 3)
        way = fine_outward.reshape(-1, 3)
        height = self._first_heights(flat, way, reach)
        height = np.where(np.isfinite(height), height, NOTHING)
        fine = height.reshape(fine_points.shape[:2])
        highest = np.asarray(maximum_filter(fine, size=3, mode="nearest"))[::2, ::2]
        grid = np.where(fine[::2, ::2] > NOTHING / 2, fine[::2, ::2], highest)
        short = np.maximum(fine - _between(grid, fine.shape), 0.0)
        short[fine <= NOTHING / 2] = 0.0
        raised = grid + np.asarray(maximum_filter(short, size=3, mode="nearest"))[::2, ::2]
        return np.minimum(raised, highest)

    def clearances(self, points: Grid, outward: Grid, most: float) -> Grid:
        """Return how far it is along each direction to what lies above, up to ``most`` mm."""
        distance = self.distances(points.reshape(-1, 3), outward.reshape(-1, 3), most)
        grid = np.minimum(distance, most).reshape(points.shape[:2])
        return np.asarray(minimum_filter(grid, size=3, mode="nearest"))

    def distances(self, origins: Grid, directions: Grid, most: float) -> Grid:
        """Return the distance to the first surface, inf where there is none within ``most``."""
        return self._cast(origins, directions, most)[0]

    def _cast(self, origins: Grid, directions: Grid, most: float) -> tuple[Grid, Grid]:
        """Return distances as :meth:`distances` does, and the normals that were hit."""
        if self.scene is None:
            return np.full(len(origins), np.inf), np.zeros((len(origins), 3))
        hit = self.scene.run(
            np.ascontiguousarray(origins, dtype=np.float32),
            np.ascontiguousarray(directions, dtype=np.float32),
            output=True,
        )
        distance = np.where(hit["primID"] >= 0, hit["tfar"], np.inf)
        distance = np.where(distance <= most, distance, np.inf)
        return distance.astype(np.float64), np.asarray(hit["Ng"], dtype=np.float64).reshape(-1, 3)

    def _first_heights(self, points: Grid, way: Grid, reach: float) -> Grid:
        """Return the height of the first surface met from ``reach`` above, -inf if there is none.

        A ray that began inside a solid meets its inner face: there the height is that of the
        solid's far side, looked for outward.
        """
        start = points + reach * way
        distance, normal = self._cast(start, -way, 3.0 * reach)
        height = reach - distance
        inside = np.isfinite(distance) & ((normal * way).sum(axis=1) < 0.0)
        if inside.any():
            out = self.distances(start[inside], way[inside], reach)
            height[inside] = np.where(np.isfinite(out), reach + out, height[inside])
        return height


def ground_of(surfaces: Iterable[Surface], lower: Grid, upper: Grid) -> Ground:
    """Return a ray scene of the triangles with a corner in a box (mm)."""
    kept: list[NDArray[np.float32]] = []
    for surface in surfaces:
        low, high = surface.bounds
        if (low > upper).any() or (high < lower).any():
            continue
        corners = np.asarray(surface.vertices)
        inside = np.all((corners >= lower) & (corners <= upper), axis=1)
        near = inside[surface.faces].any(axis=1)
        if near.any():
            kept.append(surface.vertices[surface.faces[near]])
    if not kept:
        return Ground(None)
    scene = rtcore_scene.EmbreeScene()
    TriangleMesh(scene, np.ascontiguousarray(np.concatenate(kept), dtype=np.float32))
    return Ground(scene)


def _refined(grid: Grid) -> Grid:
    rows, columns = grid.shape[:2]
    factors = ((2 * rows - 1) / rows, (2 * columns - 1) / columns, 1)
    return np.asarray(zoom(grid, factors, order=1, grid_mode=False, mode="nearest"))


def _between(grid: Grid, shape: tuple[int, ...]) -> Grid:
    """Return a grid's values at twice its density, straight between its points."""
    fine = np.empty(shape)
    fine[::2, ::2] = grid
    fine[1::2, ::2] = 0.5 * (grid[:-1] + grid[1:])
    fine[:, 1::2] = 0.5 * (fine[:, :-1:2] + fine[:, 2::2])
    return fine
