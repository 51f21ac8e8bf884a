"""Edges that pierce a triangle of their own surface: what self-intersection is made of.

Two triangles of a surface that share no corner and cross each other do so where an edge of one
runs through the inside of the other, so a surface without such an edge does not cross itself.
Pairs are found by cells of a grid and tested in double precision; touching within a
thousandth of a micrometre is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Cells are this many times as wide as a middling triangle's box, so that most boxes meet eight.
_CELL = 1.5
#: How far inside of a triangle, as a share of it, an edge must pass, and from its own ends.
_INSIDE = 1e-9
#: How far around a crossing is looked while it is mended, mm.
NEAR_MM = 18.0
#: Pairs tested at once: some 200 MB.
_BATCH = 1_000_000


def piercing_edges(
    vertices: NDArray[np.floating], triangles: NDArray[np.integer]
) -> tuple[Indices, Indices]:
    """Return the edges that run through another triangle of the same surface.

    Parameters
    ----------
    vertices : ndarray, shape (N, 3)
    triangles : ndarray, shape (M, 3)

    Returns
    -------
    edges : ndarray, shape (K, 2)
        Corners of each edge; an edge through two triangles stands twice.
    triangles : ndarray, shape (K,)
        The face it runs through, of which neither end is a corner.
    """
    points = np.asarray(vertices, dtype=np.float64)
    faces = np.asarray(triangles, dtype=np.int64)
    if len(faces) == 0:
        return np.empty((0, 2), np.int64), np.empty(0, np.int64)
    edges = _edges(faces)
    corners = points[faces]
    boxes = np.stack([corners.min(axis=1), corners.max(axis=1)])
    cell = _CELL * float(np.median((boxes[1] - boxes[0]).max(axis=1)))
    ends = points[edges]
    spans = np.stack([ends.min(axis=1), ends.max(axis=1)])
    low = points.min(axis=0)
    # A row per axis and bound, so that each test reads one run of memory.
    edge_low, edge_high = (np.ascontiguousarray(side.T) for side in spans)
    face_low, face_high = (np.ascontiguousarray(side.T) for side in boxes)
    found: list[tuple[Indices, Indices]] = []
    for one, other in _near(_cells(spans, low, cell), _cells(boxes, low, cell)):
        edge, face = one, other
        for axis in range(3):  # most pairs go at the first axis
            meet = edge_low[axis].take(edge) <= face_high[axis].take(face)
            meet &= edge_high[axis].take(edge) >= face_low[axis].take(face)
            kept = np.flatnonzero(meet)
            edge, face = edge.take(kept), face.take(kept)
        own = np.zeros(len(edge), dtype=bool)
        for end in range(2):
            corner = edges[:, end].take(edge)
            for at in range(3):
                own |= faces[:, at].take(face) == corner
        pairs = _once(edge[~own] * len(faces) + face[~own])  # many share several cells
        edge, face = pairs // len(faces), pairs % len(faces)
        through = _through(ends[edge], corners[face])
        found.append((edge[through], face[through]))
    joined = np.concatenate([edge * len(faces) + face for edge, face in found])
    pairs = _once(joined)
    return edges[pairs // len(faces)], pairs % len(faces)


def around(
    vertices: NDArray[np.floating],
    triangles: NDArray[np.integer],
    crossing: tuple[Indices, Indices],
    far: float = NEAR_MM,
) -> NDArray[np.integer]:
    """Return the triangles within ``far`` mm of what crosses: where the next look is worth it."""
    from scipy.spatial import cKDTree

    places = np.concatenate([vertices[crossing[0]].mean(axis=1), vertices[crossing[0][:, 0]]])
    away, _ = cKDTree(places).query(vertices[triangles].mean(axis=1), distance_upper_bound=far)
    return triangles[np.isfinite(away)]


def _edges(faces: Indices) -> Indices:
    """Return every edge once, its lower corner first, in order."""
    every = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    count = int(faces.max()) + 1
    once = _once(
        np.minimum(every[:, 0], every[:, 1]) * count + np.maximum(every[:, 0], every[:, 1])
    )
    return np.stack([once // count, once % count], axis=1)


def _once(numbers: Indices) -> Indices:
    """Return the different numbers in order; sorting is faster here than NumPy's hashing."""
    inline = np.sort(numbers)
    return inline[np.concatenate([[True], inline[1:] != inline[:-1]])[: len(inline)]]


def _cells(boxes: Floats, low: Floats, cell: float) -> tuple[Indices, Indices]:
    """Return (item, cell number) of every cell that every box meets, sorted by cell."""
    first = np.floor((boxes[0] - low) / cell).astype(np.int64)
    last = np.floor((boxes[1] - low) / cell).astype(np.int64)
    count = last - first + 1
    total = count.prod(axis=1)
    item = np.repeat(np.arange(len(total)), total)
    at = np.arange(len(item)) - np.repeat(np.cumsum(total) - total, total)
    across = count[item]
    x = first[item, 0] + at % across[:, 0]
    y = first[item, 1] + at // across[:, 0] % across[:, 1]
    z = first[item, 2] + at // (across[:, 0] * across[:, 1])
    number = (x * 2_000_003 + y) * 2_000_003 + z
    order = np.argsort(number, kind="stable")
    return item[order], number[order]


def _near(
    one: tuple[Indices, Indices], other: tuple[Indices, Indices]
) -> Iterator[tuple[Indices, Indices]]:
    """Yield the pairs (item of one, item of other) that share a cell, in batches."""
    start = np.searchsorted(other[1], one[1], side="left")
    count = np.searchsorted(other[1], one[1], side="right") - start
    upto = np.cumsum(count)
    first = 0
    while first < len(count):
        before = upto[first - 1] if first else 0
        last = max(int(np.searchsorted(upto, before + _BATCH, side="right")), first + 1)
        part = count[first:last]
        mine = np.repeat(one[0][first:last], part)
        within = np.arange(int(part.sum())) - np.repeat(np.cumsum(part) - part, part)
        yield mine, other[0][np.repeat(start[first:last], part) + within]
        first = last


def _through(ends: Floats, corners: Floats) -> NDArray[np.bool_]:
    """Tell which segments (N, 2, 3) pass through the inside of their triangle (N, 3, 3)."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    above = np.einsum("ij,ij->i", ends[:, 0] - corners[:, 0], normal)
    below = np.einsum("ij,ij->i", ends[:, 1] - corners[:, 0], normal)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = above / (above - below)
    found = (share > _INSIDE) & (share < 1.0 - _INSIDE)
    some = np.flatnonzero(found)  # few: most edges end before they meet the plane
    (a, b, c), normal, start = corners[some].swapaxes(0, 1), normal[some], ends[some, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        place = start + share[some, None] * (ends[some, 1] - start)
        area = np.einsum("ij,ij->i", normal, normal)
        u = np.einsum("ij,ij->i", np.cross(b - a, place - a), normal) / area
        v = np.einsum("ij,ij->i", np.cross(c - b, place - b), normal) / area
        found[some] = (u > _INSIDE) & (v > _INSIDE) & (u + v < 1.0 - _INSIDE)
    return np.asarray(found)
