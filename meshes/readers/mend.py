"""Mending of source meshes: weld, drop useless triangles, stitch seams, close holes, turn outward.

Every function takes and returns plain arrays in mm, so that a reader can chain what its source
needs and report what is left open.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_GRID_MM = 1e-3  # corners of one position differ by rounding only
_LONGEST_HOLE = 400  # edges; the rim of a cut bone has some two hundred


class Mesh(NamedTuple):
    """Triangles under repair: ``vertices`` (N, 3) in mm, ``faces`` (M, 3)."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]


def weld(mesh: Mesh, grid_mm: float = _GRID_MM) -> Mesh:
    """Merge corners at one position; drop degenerate and duplicate faces and unused vertices.

    Parameters
    ----------
    mesh : Mesh
    grid_mm : float
        Corners in one cell of this grid become one vertex.
    """
    cell = np.round((mesh.vertices - mesh.vertices.min(axis=0)) / grid_mm).astype(np.int64)
    # 21 bits per axis hold two metres at a thousandth of a millimetre.
    key = cell[:, 0] | (cell[:, 1] << 21) | (cell[:, 2] << 42)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return tidy(Mesh(mesh.vertices[first], inverse[mesh.faces]))


def tidy(mesh: Mesh) -> Mesh:
    """Drop faces that use a vertex twice or repeat another face, and vertices no face uses."""
    faces = mesh.faces
    proper = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    )
    faces = faces[proper]
    if len(faces):
        low, middle, high = np.sort(faces, axis=1).T
        count = len(mesh.vertices)
        order = np.lexsort((high, low * count + middle))
        same = np.zeros(len(faces), dtype=bool)
        same[order[1:]] = (
            (low[order[1:]] == low[order[:-1]])
            & (middle[order[1:]] == middle[order[:-1]])
            & (high[order[1:]] == high[order[:-1]])
        )
        faces = faces[~same]
    used = np.zeros(len(mesh.vertices), dtype=bool)
    used[faces.ravel()] = True
    return Mesh(mesh.vertices[used], (np.cumsum(used) - 1)[faces])


def pick(mesh: Mesh, chosen: NDArray[np.bool_]) -> Mesh:
    """Return the chosen faces (M,) with the vertices they use."""
    faces = mesh.faces[chosen]
    used = np.zeros(len(mesh.vertices), dtype=bool)
    used[faces.ravel()] = True
    return Mesh(mesh.vertices[used], (np.cumsum(used) - 1)[faces])


def join(meshes: list[Mesh]) -> Mesh:
    """Put meshes end to end without welding them."""
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]),
    )


def components(mesh: Mesh) -> NDArray[np.int64]:
    """Return per face the number of the connected piece it belongs to, shape (M,)."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    faces = mesh.faces
    start = np.concatenate([faces[:, 0], faces[:, 1]])
    end = np.concatenate([faces[:, 1], faces[:, 2]])
    size = len(mesh.vertices)
    graph = coo_matrix((np.ones(len(start), np.int8), (start, end)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    _, dense = np.unique(label[faces[:, 0]], return_inverse=True)
    return np.asarray(dense, dtype=np.int64)


def rim(mesh: Mesh) -> NDArray[np.int64]:
    """Return the directed edges that only one face has, shape (K, 2)."""
    edges = _edges(mesh.faces)
    low, high = edges.min(axis=1), edges.max(axis=1)
    _, inverse, count = np.unique(
        low * len(mesh.vertices) + high, return_inverse=True, return_counts=True
    )
    return edges[count[inverse] == 1]


def tangles(mesh: Mesh) -> int:
    """Return how many edges have more than two faces."""
    edges = _edges(mesh.faces)
    key = edges.min(axis=1) * len(mesh.vertices) + edges.max(axis=1)
    _, count = np.unique(key, return_counts=True)
    return int((count > 2).sum())


def face_areas(mesh: Mesh) -> NDArray[np.float64]:
    """Return the area of each face in mm^2, shape (M,)."""
    corners = mesh.vertices[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(0.5 * np.linalg.norm(across, axis=1), dtype=np.float64)


def volume(mesh: Mesh) -> float:
    """Return the signed volume in mm^3, measured from the centre of the vertices."""
    corners = mesh.vertices[mesh.faces] - mesh.vertices.mean(axis=0)
    return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6)


def stitch(mesh: Mesh, reach_mm: float = 0.2) -> Mesh:
    """Merge open rims that face each other within ``reach_mm``.

    Pieces of one bone (bone, cartilage) are compressed on grids of their own, so the two sides of
    a seam differ by some hundredths of a millimetre.
    """
    from scipy.spatial import cKDTree

    edge = np.unique(rim(mesh))
    if len(edge) < 2:
        return mesh
    pairs = cKDTree(mesh.vertices[edge]).query_pairs(reach_mm, output_type="ndarray")
    if not len(pairs):
        return mesh
    target = np.arange(len(mesh.vertices))
    # Nearest pairs first, each vertex at most once, so that a rim is not folded onto itself.
    gap = np.linalg.norm(
        mesh.vertices[edge[pairs[:, 0]]] - mesh.vertices[edge[pairs[:, 1]]], axis=1
    )
    taken = np.zeros(len(mesh.vertices), dtype=bool)
    for one, other in edge[pairs[np.argsort(gap, kind="stable")]]:
        if not taken[one] and not taken[other]:
            target[other] = one
            taken[one] = taken[other] = True
    return tidy(Mesh(mesh.vertices, target[mesh.faces]))


def close_holes(mesh: Mesh, longest: int = _LONGEST_HOLE) -> Mesh:
    """Close every simple open rim of at most ``longest`` edges with a fan from its centre."""
    edges = rim(mesh)
    if not len(edges):
        return mesh
    after: dict[int, int] = {}
    split = set()
    for start, end in edges.tolist():
        if start in after:
            split.add(start)
        after[start] = end
    points, fans, size = [], [], len(mesh.vertices)
    while after:
        first, at = next(iter(after.items()))
        loop = [first]
        del after[first]
        while at != first and at in after:
            loop.append(at)
            at = after.pop(at)
        if at != first or not 3 <= len(loop) <= longest or split.intersection(loop):
            continue
        ring = np.array(loop)
        follow = np.roll(ring, -1)
        points.append(mesh.vertices[ring].mean(axis=0))
        # The hole's own faces run against the rim.
        fans.append(np.stack([follow, ring, np.full(len(ring), size + len(points) - 1)], axis=1))
    if not fans:
        return mesh
    return Mesh(
        np.concatenate([mesh.vertices, np.array(points)]), np.concatenate([mesh.faces, *fans])
    )


def turn_outward(mesh: Mesh) -> Mesh:
    """Give all faces of every piece one winding, outward where the piece encloses a volume."""
    faces = mesh.faces.copy()
    label = components(mesh)
    edges = _edges(faces)
    key = edges[:, 0] * len(mesh.vertices) + edges[:, 1]
    unique, count = np.unique(key, return_counts=True)
    twice = np.asarray(np.isin(key, unique[count > 1]), dtype=bool)
    doubled = np.asarray(twice.reshape(3, -1).any(axis=0))
    for piece in range(int(label.max()) + 1 if len(label) else 0):
        mine = label == piece
        if doubled[mine].any():
            faces[mine] = _one_winding(faces[mine])
        if volume(pick(Mesh(mesh.vertices, faces), mine)) < 0.0:
            faces[mine] = faces[mine][:, ::-1]
    return Mesh(mesh.vertices, faces)


def _one_winding(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Flip faces until neighbours run their shared edge in opposite directions."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    edges = _edges(faces)
    low, high = edges.min(axis=1), edges.max(axis=1)
    key = low * (int(high.max()) + 1) + high
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    one, other = order[:-1][same], order[1:][same]
    count = len(faces)
    start, end = one % count, other % count
    agree = edges[one, 0] != edges[other, 0]
    # Two faces may share two edges: one row per pair is enough.
    pair, first = np.unique(
        np.minimum(start, end) * count + np.maximum(start, end), return_index=True
    )
    start, end, agree = start[first], end[first], agree[first]
    graph = csr_matrix((np.ones(len(pair), np.int8), (start, end)), shape=(count, count))
    pieces, label = connected_components(graph, directed=False)
    flipped = np.zeros(count, dtype=bool)
    for piece in range(pieces):
        seed = int(np.argmax(label == piece))
        walk, before = breadth_first_order(graph, seed, directed=False)
        here, there = walk[1:].astype(np.int64), before[walk[1:]].astype(np.int64)
        crossed = np.minimum(here, there) * count + np.maximum(here, there)
        turns = ~agree[np.searchsorted(pair, crossed)]
        for face, turn in zip(walk[1:].tolist(), turns.tolist(), strict=True):
            flipped[face] = flipped[before[face]] != turn
    return np.where(flipped[:, None], faces[:, ::-1], faces)


def _edges(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
