"""Recasting: a solid that crosses itself is filled with small cubes and given a new surface.

Where a sheet of muscle winds about its own fibres its two sides change places, and no smoothing
makes a solid of it. What is inside of it is clear all the same: the places that its surface
winds around. They are filled, a little rounded, and their surface is taken, which cannot cross
itself; fibre coordinates and parts are those of the old surface beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.field.extract import neighbour_mean, volume
from meshes.relax import relaxed
from meshes.surface import Fibres, Surface

#: Side of the cubes, mm, and how far their surface is smoothed, in cubes.
CUBE_MM = 0.8
_ROUND = 1.0
#: How often the stairs of the cubes are smoothed away.
_EVENING = 4
#: Surfaces are simplified by this much, mm; what one makes cross, one close to it may not.
_SHARES = (0.4, 0.36, 0.34, 0.38, 0.32, 0.42, 0.28, 0.24, 0.2, 0.1, 0.0)
_NEIGHBOURS = 4

Cubes = NDArray[np.bool_]
Points = NDArray[np.float64]


def recast(surface: Surface) -> Surface:
    """Return a closed surface around the same space that does not cross itself.

    Parameters
    ----------
    surface : Surface
        Closed; may cross itself and be inside out in places.
    """
    import manifold3d
    from scipy.ndimage import gaussian_filter
    from skimage.measure import marching_cubes

    origin = np.asarray(surface.bounds[0], dtype=np.float64) - 4.0 * CUBE_MM
    filled = _largest(inside(surface, origin))
    soft = gaussian_filter(filled.astype(np.float32), _ROUND)
    vertices, faces, _, _ = marching_cubes(soft, 0.5, allow_degenerate=False)
    points = np.asarray(vertices * CUBE_MM + origin + 0.5 * CUBE_MM, dtype=np.float32)
    triangles = np.asarray(faces, dtype=np.int32)
    if volume(points.astype(np.float64), triangles.astype(np.int64)) < 0.0:
        triangles = triangles[:, ::-1]
    points = _evened(points, triangles)
    whole = manifold3d.Manifold(manifold3d.Mesh(points, triangles.astype(np.uint32)))
    for share in _SHARES:
        mesh = (whole.simplify(share) if share else whole).to_mesh()
        points = np.asarray(mesh.vert_properties, dtype=np.float32)[:, :3]
        triangles = np.asarray(mesh.tri_verts, dtype=np.int32)
        settled = relaxed(points, triangles)
        if settled is not None:
            points = settled
            break
    return _clothed(Surface.of(points, triangles), surface)


def inside(surface: Surface, origin: Points) -> Cubes:
    """Return which cubes' middles the surface winds around, shape (X, Y, Z).

    Parameters
    ----------
    surface : Surface
        Closed.
    origin : ndarray, shape (3,)
        Corner of the first cube, mm; the cubes reach a little beyond the surface.
    """
    size = np.asarray(surface.bounds[1], dtype=np.float64) + 4.0 * CUBE_MM - origin
    shape = np.ceil(size / CUBE_MM).astype(int)
    # A hair aside, so that no column runs through a corner.
    corners = (np.asarray(surface.vertices, dtype=np.float64) - origin) / CUBE_MM - 0.5
    corners = corners + np.array([1.3e-5, 0.7e-5, 0.0])
    column, height, way = _crossings(corners[surface.faces], (int(shape[0]), int(shape[1])))
    turns = np.zeros((shape[0] * shape[1], shape[2] + 1), dtype=np.int32)
    level = np.clip(np.ceil(height).astype(int), 0, shape[2])
    np.add.at(turns, (column, level), way)
    around = np.cumsum(turns, axis=1)[:, :-1]
    return np.asarray((around != 0).reshape(shape))


def _crossings(
    triangles: Points, shape: tuple[int, int]
) -> tuple[NDArray[np.intp], Points, NDArray[np.int32]]:
    """Return where columns along z meet triangles: column, height and way through (+1 upward)."""
    flat = triangles[:, :, :2]
    low = np.clip(np.ceil(flat.min(axis=1)).astype(int), 0, np.array(shape) - 1)
    high = np.clip(np.floor(flat.max(axis=1)).astype(int), -1, np.array(shape) - 1)
    count = np.maximum(high - low + 1, 0)
    total = count.prod(axis=1)
    item = np.repeat(np.arange(len(total)), total)
    at = np.arange(len(item)) - np.repeat(np.cumsum(total) - total, total)
    x = low[item, 0] + at % np.maximum(count[item, 0], 1)
    y = low[item, 1] + at // np.maximum(count[item, 0], 1)
    a, b, c = (flat[item, corner] for corner in range(3))
    place = np.stack([x, y], axis=1).astype(np.float64)
    area = _cross(b - a, c - a)
    area = np.where(area == 0.0, np.inf, area)  # edge-on: met by no column
    u = _cross(b - place, c - place) / area
    v = _cross(c - place, a - place) / area
    hit = np.isfinite(area) & (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0)
    heights = triangles[item, :, 2]
    z = u * heights[:, 0] + v * heights[:, 1] + (1.0 - u - v) * heights[:, 2]
    way = -np.sign(area[hit]).astype(np.int32)
    return (x * shape[1] + y)[hit], z[hit], way


def _cross(one: Points, other: Points) -> Points:
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])


def _largest(filled: Cubes) -> Cubes:
    from scipy.ndimage import binary_fill_holes, label

    pieces, count = label(filled)
    if count > 1:
        filled = pieces == 1 + int(np.bincount(pieces.ravel())[1:].argmax())
    return np.asarray(binary_fill_holes(filled))


def _evened(points: NDArray[np.float32], triangles: NDArray[np.int32]) -> NDArray[np.float32]:
    """Smooth the stairs of the cubes away; what that takes of the volume is given back."""
    mean = neighbour_mean(triangles.astype(np.int64), len(points))
    exact = points.astype(np.float64)
    for _ in range(_EVENING):
        exact += 0.5 * (mean @ exact - exact)
        exact -= 0.53 * (mean @ exact - exact)
    return exact.astype(np.float32)


def _clothed(bare: Surface, old: Surface) -> Surface:
    """Give a surface the fibre coordinates and parts of the one it stands for."""
    from scipy.spatial import cKDTree

    lines, fibres, part = old.fibres, None, None
    if lines is not None:
        far, near = cKDTree(old.vertices).query(bare.vertices, k=_NEIGHBOURS)
        weight = 1.0 / np.maximum(far, 0.05) ** 2
        weight /= weight.sum(axis=1, keepdims=True)
        direction = (weight[:, :, None] * lines.direction[near]).sum(axis=1)
        direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
        u, v, tendon = (
            (weight * values[near]).sum(axis=1).astype(np.float32)
            for values in (lines.u, lines.v, lines.tendon)
        )
        # Between neighbours nothing quite reaches the ends, where the fibres do.
        u, v = (_stretched(now, then) for now, then in ((u, lines.u), (v, lines.v)))
        fibres = Fibres(u, v, direction.astype(np.float32), tendon)
    if old.part is not None:
        middles = old.vertices[old.faces].mean(axis=1)
        part = old.part[cKDTree(middles).query(bare.vertices[bare.faces].mean(axis=1))[1]]
    return Surface(bare.vertices, bare.faces, bare.normals, part, fibres)


def _stretched(values: NDArray[np.float32], like: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values that reach as far as others do."""
    low, high = float(values.min()), float(values.max())
    share = (values - low) / np.float32(max(high - low, 1e-6))
    least, most = like.min(), like.max()
    return np.asarray(least + share * (most - least), dtype=np.float32)
