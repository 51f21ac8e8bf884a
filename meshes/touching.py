"""Which structures touch, and over how much of the surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN
from meshes.overlay import POINTS, spread_points
from meshes.surface import Surface

Floats = NDArray[np.float64]

#: Surfaces this close touch (mm).
TOUCH = 1.5
#: Triangles looked at per point: the nearest by centre.
_CANDIDATES = 6


def touching_shares(atlas: Atlas, structure_id: str) -> dict[str, float]:
    """Return what a structure touches and the share of its area that does so, per cent.

    Skin and fat are left out: they lie around everything.
    """
    if structure_id in (SKIN, FAT):
        return {}
    own = atlas[structure_id].surface
    points, _ = spread_points(atlas[structure_id], POINTS)
    if len(points) == 0:
        return {}
    low, high = own.bounds[0] - TOUCH, own.bounds[1] + TOUCH
    shares = {}
    for name, other in atlas.structures.items():
        surface = other.surface
        if name in (structure_id, SKIN, FAT) or surface.triangle_count == 0:
            continue
        if (surface.bounds[0] > high).any() or (surface.bounds[1] < low).any():
            continue
        share = 100.0 * float(_near(points, surface).mean())
        if share > 0.0:
            shares[name] = share
    return shares


def _near(points: Floats, surface: Surface) -> NDArray[np.bool_]:
    """Whether each point lies within ``TOUCH`` of a surface, shape (N,)."""
    from scipy.spatial import cKDTree
    from trimesh.triangles import closest_point

    near = np.zeros(len(points), dtype=np.bool_)
    low, high = surface.bounds[0] - TOUCH, surface.bounds[1] + TOUCH
    inside = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    if len(inside) == 0:
        return near
    corners = surface.vertices[surface.faces].astype(np.float64)
    centres = corners.mean(axis=1)
    reach = TOUCH + float(np.linalg.norm(corners - centres[:, None], axis=2).max())
    count = min(_CANDIDATES, len(centres))
    distance, face = cKDTree(centres).query(points[inside], k=count, distance_upper_bound=reach)
    row, column = np.nonzero(np.isfinite(distance.reshape(len(inside), count)))
    if len(row) == 0:
        return near
    triangle = face.reshape(len(inside), count)[row, column]
    at = closest_point(corners[triangle], points[inside[row]])
    close = np.linalg.norm(at - points[inside[row]], axis=1) <= TOUCH
    near[inside[row[close]]] = True
    return near
