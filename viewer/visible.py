"""Which triangles are seen from where, so that a turning picture draws little else.

Some 60 directions are looked from; each triangle keeps a bit for every one it is seen from. What
a camera needs are the triangles with a bit of any direction near its own: a third of a peel level
or less. The bits depend on the atlas and on what is drawn together, and are kept on disk.
They serve orbiting only: from within, cut or opened, the full meshes are drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.embree import scene_of
from viewer.detail import Reduced
from viewer.kept_array import array_path, keep_array, kept_array

Bits = NDArray[np.uint64]
Floats = NDArray[np.float32]

#: Directions looked from; one bit each.
DIRECTIONS = 64
#: A camera sees what is seen from directions this near to its own, degrees: half their spacing,
#: the widest ray of a perspective picture, and what lies between two bakes.
NEAR_DEG = 27.0
#: Start of a ray above its triangle, mm: reduced surfaces cut a little into each other.
_LIFT_MM = 0.9
#: Farther than any torso is wide, mm.
_FAR_MM = 3000.0
_FORMAT = 3


def directions() -> Floats:
    """Return unit vectors outward, evenly spread, shape (64, 3)."""
    index = np.arange(DIRECTIONS) + 0.5
    z = 1.0 - 2.0 * index / DIRECTIONS
    turn = index * np.pi * (3.0 - np.sqrt(5.0))
    flat = np.sqrt(1.0 - z * z)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1).astype(np.float32)


def near(outward: NDArray[np.floating], within_deg: float = NEAR_DEG) -> np.uint64:
    """Return the bits of the directions near one, as a mask.

    Parameters
    ----------
    outward : ndarray, shape (3,)
        From the torso to the camera.
    within_deg : float
    """
    one = np.asarray(outward, dtype=np.float64)
    close = directions() @ (one / np.linalg.norm(one)) >= np.cos(np.radians(within_deg))
    return np.uint64(sum(1 << int(index) for index in np.flatnonzero(close)))


def seen_bits(
    atlas: Atlas, fewer: Reduced, ids: Iterable[str], *, keep: bool = True
) -> dict[str, Bits]:
    """Return from where each reduced triangle is seen while nothing but ``ids`` is drawn.

    Parameters
    ----------
    atlas : Atlas
        If it has a digest the result is kept in the cache folder.
    fewer : mapping of str to ndarray
        ``detail.reduced_triangles`` of it.
    ids : iterable of str
        Structures drawn together, opaque.
    keep : bool
        Whether to keep it on disk.
    """
    wanted = frozenset(ids)
    names = tuple(name for name in atlas if name in wanted)
    key = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
    path = array_path(atlas, "visible", f"{key}-{_FORMAT}") if keep else None
    counts = [len(fewer[name]) for name in names]
    joined = kept_array(path)
    if joined is None or joined.dtype != np.uint64 or joined.shape != (sum(counts),):
        joined = _look(atlas, fewer, names)
        keep_array(path, joined)
    ends = np.cumsum(counts)
    return {
        name: joined[end - count : end]
        for name, end, count in zip(names, ends, counts, strict=True)
    }


def _look(atlas: Atlas, fewer: Reduced, names: tuple[str, ...]) -> Bits:
    points, faces, starts = [], [], 0
    for name in names:
        vertices = atlas[name].surface.vertices
        points.append(np.asarray(vertices, dtype=np.float32))
        faces.append(fewer[name].astype(np.int32) + np.int32(starts))
        starts += len(vertices)
    if not faces or not sum(map(len, faces)):
        return np.zeros(0, dtype=np.uint64)
    vertices, triangles = np.concatenate(points), np.concatenate(faces)
    scene = scene_of([(vertices, triangles)])
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    middles = corners.mean(axis=1)
    bits = np.zeros(len(triangles), dtype=np.uint64)
    # Neighbours look a little aside, each its own way, so that together they leave no gap.
    noise = np.random.default_rng(1).normal(0.0, 0.13, (len(triangles), 3)).astype(np.float32)

    def look(index: int) -> None:
        way = directions()[index] + noise
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        # An edge-on triangle is drawn, for a perspective picture sees round a little.
        facing = np.einsum("ij,ij->i", normals, way)
        rows = np.flatnonzero(facing > -0.06)
        start = middles[rows] + _LIFT_MM * (normals[rows] + way[rows])
        hit = scene.run(
            np.ascontiguousarray(start, dtype=np.float32),
            np.ascontiguousarray(way[rows], dtype=np.float32),
            dists=np.full(len(rows), _FAR_MM, dtype=np.float32),
            query="OCCLUDED",
        )
        free[index][rows[np.asarray(hit) == -1]] = True

    free = [np.zeros(len(triangles), dtype=np.bool_) for _ in range(DIRECTIONS)]
    # Embree lets go of the interpreter lock.
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(look, range(DIRECTIONS)))
    for index, seen in enumerate(free):
        bits[seen] |= np.uint64(1) << np.uint64(index)
    return _widened(bits, triangles, len(vertices))


def _widened(bits: Bits, triangles: NDArray[np.int32], count: int) -> Bits:
    """Return bits with those of every triangle that shares a corner."""
    corners = triangles.ravel()
    order = np.argsort(corners, kind="stable")
    starts = np.flatnonzero(np.diff(corners[order], prepend=-1))
    shared = np.zeros(count, dtype=np.uint64)
    shared[corners[order][starts]] = np.bitwise_or.reduceat(np.repeat(bits, 3)[order], starts)
    return np.asarray(np.bitwise_or.reduce(shared[triangles], axis=1), dtype=np.uint64)
