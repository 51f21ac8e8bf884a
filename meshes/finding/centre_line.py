"""The centre line of a long curved bone: level sets of the way along its surface."""

from __future__ import annotations

import numpy as np

from meshes.finding.bone import Array, Bone, unit
from meshes.finding.spline import distinct, smoothed
from meshes.landmarks import resample

GAP_MM = 12.0
"""Pieces of a broken mesh closer than this still belong to one bone."""

TRIM_RADII = 1.5
"""How much of each end of a ring-by-ring line is put aside, in radii of the bone."""

RING_RADII = 2.0
"""Length of a ring whose middle is taken, in radii of the bone."""

CAP_RADII = 1.0
"""How deep the cap is whose middle the end of the line turns to, in radii of the bone."""

CAP_TRUST = 0.6
"""Share of the way sideways to the cap's middle: a slanting cut pulls it off the axis."""


def centre_line(bone: Bone, start: Array, smooth: float = 0.1) -> Array:
    """Return the centre line from the end nearest ``start``, shape (K, 3).

    ``smooth`` is how far the line may stray, in radii of the bone. The surface is walked from
    ``start``; rings of equal way give a first line. Then every part of the surface is assigned
    to the nearest place on the line and the line is moved to the middle of its part, three
    times over.
    """
    way = _way_from(bone, start)
    samples = bone.spread
    reach = (way[bone.faces[samples.faces]] * samples.shares).sum(axis=1)
    usable = np.isfinite(reach)
    points, areas, reach = samples.points[usable], samples.areas[usable], reach[usable]
    length = float(np.quantile(reach, 0.999))
    radius = float(areas.sum()) / (2.0 * np.pi * max(length, 1e-9))
    # Rings narrower than the bone is thick would let the line wander from side to side.
    count = int(np.clip(round(length / (RING_RADII * radius)), 8, 80))
    line = _means(points, areas, reach / max(length, 1e-9), count)
    sigma = smooth * radius
    for _ in range(3):
        line = _extended(_trimmed(line, sigma, radius), points, areas, radius)
        line = _means(points, areas, _share_along(line, points), count)
    return _extended(_trimmed(line, sigma, radius), points, areas, radius)


def _way_from(bone: Bone, start: Array) -> Array:
    """Return the shortest way along edges from the vertex nearest ``start``, per vertex."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components, dijkstra
    from scipy.spatial import KDTree

    vertices, faces = bone.vertices, bone.faces
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    count = len(vertices)

    def graph(edges: np.ndarray) -> coo_matrix:
        edges = np.unique(np.sort(edges, axis=1), axis=0)
        length = np.linalg.norm(vertices[edges[:, 0]] - vertices[edges[:, 1]], axis=1)
        return coo_matrix((length + 1e-9, (edges[:, 0], edges[:, 1])), shape=(count, count))

    pieces, label = connected_components(graph(pairs), directed=False)
    if pieces > 1:
        near = KDTree(vertices).query_pairs(GAP_MM, output_type="ndarray")
        bridges = near[label[near[:, 0]] != label[near[:, 1]]]
        pairs = np.concatenate([pairs, bridges])
    used = np.unique(faces)
    first = used[np.linalg.norm(vertices[used] - start, axis=1).argmin()]
    return np.asarray(dijkstra(graph(pairs), directed=False, indices=first), dtype=np.float64)


def _means(points: Array, areas: Array, share: Array, count: int) -> Array:
    """Return the area's mean in each of ``count`` equal bins of ``share`` (0..1)."""
    index = np.clip((share * count).astype(int), 0, count - 1)
    weight = np.bincount(index, weights=areas, minlength=count)
    sums = np.stack(
        [np.bincount(index, weights=areas * points[:, axis], minlength=count) for axis in range(3)],
        axis=1,
    )
    full = weight > 0.0
    return np.asarray(sums[full] / weight[full, None], dtype=np.float64)


def _trimmed(line: Array, smooth: float, radius: float) -> Array:
    """Smooth the line and cut its ends off, where a ring is skewed and its middle curls."""
    line = smoothed(distinct(line), smooth)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    cut = min(TRIM_RADII * radius / max(length, 1e-9), 0.2)
    return resample(line, np.linspace(cut, 1.0 - cut, max(int(length / 3.0), 12)))


def _extended(line: Array, points: Array, areas: Array, radius: float) -> Array:
    """Lengthen both ends to where the bone ends, most of the way to the middle of the cap."""
    step = float(np.linalg.norm(np.diff(line, axis=0), axis=1).mean())
    back = int(np.clip(round(2.0 * radius / max(step, 1e-9)), 2, len(line) - 1))
    ends = [line[0], line[-1]]
    for index, inner in ((0, line[back]), (-1, line[-1 - back])):
        end = line[index]
        way = unit(end - inner)
        offset = points - end
        ahead = offset @ way
        aside = offset - ahead[:, None] * way
        near = (ahead > 0.0) & (ahead < 6.0 * radius)
        near &= np.linalg.norm(aside, axis=1) < 2.5 * radius
        if not near.any():
            continue
        reach = float(np.quantile(ahead[near], 0.97))
        cap = near & (ahead >= reach - CAP_RADII * radius)
        sideways = np.average(aside[cap], weights=areas[cap], axis=0)
        ends[index] = end + reach * way + CAP_TRUST * sideways
    return distinct(np.vstack([ends[0], line, ends[-1]]))


def _share_along(line: Array, points: Array) -> Array:
    """Return the share of the line's length at which each point is nearest to it."""
    from scipy.spatial import KDTree

    fine = resample(line, np.linspace(0.0, 1.0, 8 * len(line)))
    _, index = KDTree(fine).query(points)
    return np.asarray(index / (len(fine) - 1.0), dtype=np.float64)
