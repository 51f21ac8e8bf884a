"""The straight way on the skin between points.

Where the skin bulges little between them, the chord is carried onto the skin; else a shortest
path over edges leads round. Either is then drawn tight on the skin.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.skin_curve import SkinCurve, drawn, onto_skin
from meshes.per_atlas import PerAtlas
from meshes.skin_surface import skin_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from meshes.atlas import Atlas

Floats = NDArray[np.float64]
_CHORD_STEP = 6.0
#: Height of the bulge over the chord, as a share of its length, up to which the chord is used.
_MOST_BULGE = 0.3


def geodesic(atlas: Atlas, stops: NDArray[np.floating], *, spacing: float = 2.0) -> SkinCurve:
    """Return the short way on the skin through two or more points, shape (K, 3), mm.

    Parameters
    ----------
    atlas : Atlas
    stops : ndarray, shape (S, 3)
        On or near the skin, mm, LPS.
    spacing : float
        Between points of the curve, mm.
    """
    points = np.asarray(stops, dtype=np.float64)
    pieces = [points[:1]]
    for start, end in pairwise(points):
        pieces += [_chord(atlas, start, end), end[None]]
    guide = np.concatenate(pieces)
    # Coarse rounds take out the staircase of edges, fine ones settle the curve on the skin.
    coarse = drawn(atlas, guide, spacing=12.0, smooth=4)
    return drawn(atlas, coarse.on(atlas), spacing=spacing, smooth=6)


def _chord(atlas: Atlas, start: Floats, end: Floats) -> Floats:
    """Points between two stops: the chord on the skin, or the edge path if the skin bulges."""
    length = float(np.linalg.norm(end - start))
    share = np.linspace(0.0, 1.0, max(4, int(length / _CHORD_STEP) + 1))[1:-1, None]
    chord = start + share * (end - start)
    on_skin = onto_skin(atlas, chord).on(atlas)
    if np.linalg.norm(on_skin - chord, axis=1).max() <= _MOST_BULGE * length:
        return on_skin
    return _edge_path(atlas, start, end)


def _edge_path(atlas: Atlas, start: Floats, end: Floats) -> Floats:
    """Vertices of the shortest edge path between two points, ends left out."""
    from scipy.sparse.csgraph import dijkstra

    skin = skin_of(atlas)
    first, last = (int(skin.tree.query(point)[1]) for point in (start, end))
    reach = 3.0 * float(np.linalg.norm(end - start)) + 50.0
    _, before = dijkstra(
        _edges(atlas), directed=False, indices=first, return_predecessors=True, limit=reach
    )
    chain = []
    at = int(before[last])
    while at not in (first, -9999):
        chain.append(at)
        at = int(before[at])
    return skin.vertices[chain[::-1]] if chain else np.empty((0, 3))


def _make_edges(atlas: Atlas) -> csr_matrix:
    """Edge lengths of the skin as a sparse graph."""
    from scipy.sparse import csr_matrix

    skin = skin_of(atlas)
    pairs = np.concatenate([skin.faces[:, [0, 1]], skin.faces[:, [1, 2]], skin.faces[:, [2, 0]]])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    length = np.linalg.norm(skin.vertices[pairs[:, 0]] - skin.vertices[pairs[:, 1]], axis=1)
    count = len(skin.vertices)
    return csr_matrix((length, (pairs[:, 0], pairs[:, 1])), shape=(count, count))


_edges = PerAtlas(_make_edges)
