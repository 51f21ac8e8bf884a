"""Where something is known beneath the skin: an atlas ends somewhere, and needles pass between.

A verdict is given only where something is known; elsewhere one cannot tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from meshes.skin_surface import SkinSurface

#: Width of a thumb's contact: twice the radius of annotations.hand.
_THUMB_MM = 22.0


def known_ground(
    known: NDArray[np.bool_], vertices: NDArray[np.floating], faces: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Return where something is known beneath the skin, gaps narrower than a thumb closed.

    A single needle can pass between two muscles and meet nothing; whoever presses there presses
    what surrounds the gap. So a patch of unknown vertices that spans less than a thumb's contact
    counts as known; the rules still see that no bone was met there.

    Parameters
    ----------
    known : ndarray of bool, shape (N,)
    vertices : ndarray, shape (N, 3)
        mm.
    faces : ndarray of int, shape (M, 3)

    Returns
    -------
    ndarray of bool, shape (N,)
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    result = np.array(known, dtype=bool)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = edges[~result[edges].any(axis=1)]
    ones = np.ones(len(edges), dtype=np.int8)
    shape = (len(result), len(result))
    links = coo_matrix((ones, (edges[:, 0], edges[:, 1])), shape=shape)
    patch = connected_components(links, directed=False)[1]
    rows = np.flatnonzero(~result)
    for number in np.unique(patch[rows]):
        members = rows[patch[rows] == number]
        if np.ptp(vertices[members], axis=0).max() < _THUMB_MM:
            result[members] = True
    return result


def known_near(
    known: NDArray[np.bool_], skin: SkinSurface, corners: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Return ``known_ground`` at the corners of one triangle.

    A patch that closes spans less than a thumb, so that only the skin so near is looked at.

    Parameters
    ----------
    known : ndarray of bool, shape (N,)
        At every skin vertex.
    skin : SkinSurface
    corners : ndarray of int, shape (3,)
        Skin vertices.

    Returns
    -------
    ndarray of bool, shape (3,)
    """
    if known[corners].all():
        return np.asarray(known[corners])
    low, high = skin.vertices[corners].min(axis=0), skin.vertices[corners].max(axis=0)
    within = ((skin.vertices >= low - _THUMB_MM) & (skin.vertices <= high + _THUMB_MM)).all(axis=1)
    # With a corner beyond the box, a patch that leaves it is seen to be wider than a thumb.
    faces = skin.faces[within[skin.faces].any(axis=1)]
    rows, own = np.unique(faces, return_inverse=True)
    ground = known_ground(known[rows], skin.vertices[rows], own.reshape(faces.shape))
    return np.asarray(ground[np.searchsorted(rows, corners)])
