"""Crossings of single rays with one surface, every triangle tested in double precision.

Where two walls of a structure coincide - shells that touch face to face - embree, restarted past
the one, does not meet the other. There are few such rays, so that all triangles can be asked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.crossings import Crossings, Floats
from meshes.surface import Surface

#: Walls closer than this coincide, mm.
SAME_WALL = 1e-3


def is_closed(surface: Surface) -> bool:
    """Whether every edge of a surface is run along once each way."""
    faces = np.asarray(surface.faces, dtype=np.int64)
    count = len(surface.vertices)
    there = np.concatenate([faces[:, i] * count + faces[:, (i + 1) % 3] for i in range(3)])
    back = np.concatenate([faces[:, (i + 1) % 3] * count + faces[:, i] for i in range(3)])
    return bool(np.array_equal(np.sort(there), np.sort(back)))


def exact_crossings(
    surface: Surface, origins: Floats, directions: Floats, rays: NDArray[np.int64], structure: int
) -> Crossings:
    """Return every crossing of a few rays with a closed surface, in order.

    Parameters
    ----------
    surface : Surface
    origins, directions : ndarray, shape (N, 3)
        mm, and unit vectors.
    rays : ndarray, shape (N,)
        The numbers that the rays go by.
    structure : int
        The number that the surface goes by.
    """
    corners = np.asarray(surface.vertices, dtype=np.float64)[surface.faces]
    a, one, two = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    pieces = []
    for ray, origin, along in zip(rays, origins, directions, strict=True):
        across = np.cross(along, two)
        facing = np.einsum("ij,ij->i", one, across)
        with np.errstate(divide="ignore", invalid="ignore"):
            offset = origin - a
            u = np.einsum("ij,ij->i", offset, across) / facing
            turned = np.cross(offset, one)
            v = np.einsum("j,ij->i", along, turned) / facing
            depth = np.einsum("ij,ij->i", two, turned) / facing
            # A triangle that the ray runs along has no such figures, infinite or none at all.
            within = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (depth >= 0.0)
        face = np.flatnonzero(within)
        entering = facing[face] > 0.0
        order = _in_order(depth[face], entering)
        face = face[order]
        number = np.full(len(face), structure, dtype=np.int64)
        ray_number = np.full(len(face), ray, dtype=np.int64)
        pieces.append(Crossings(ray_number, number, face, depth[face], entering[order]))
    return Crossings.joined(pieces)


def _in_order(depth: Floats, entering: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Order crossings by depth; of walls that coincide, the one left comes before the next."""
    order = np.argsort(depth, kind="stable")
    placed: list[np.intp] = []
    inside = first = 0
    while first < len(order):
        last = first
        while last < len(order) and depth[order[last]] - depth[order[first]] < SAME_WALL:
            last += 1
        group = order[first:last]
        leaves_first = np.argsort(entering[group] == (inside > 0), kind="stable")
        placed.extend(group[leaves_first])
        inside += int(np.where(entering[group], 1, -1).sum())
        first = last
    return np.array(placed, dtype=np.intp)
