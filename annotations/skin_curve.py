"""Curves on the skin, kept as face and barycentric coordinates.

So kept, a curve means the same place on another body or in another pose whose skin has the same
triangles, and it never leaves the skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from meshes.errors import InputError
from meshes.per_atlas import PerAtlas
from meshes.skin_surface import skin_of
from meshes.triangle import closest_weights

if TYPE_CHECKING:
    from meshes.atlas import Atlas

Floats = NDArray[np.float64]
_NEAREST_VERTICES = 4
#: Faces looked at around a vertex; more meet only at the poles of a drawn solid.
_MOST_FACES = 12


@dataclass(frozen=True, eq=False)
class SkinCurve:
    """An ordered row of points on the skin of an atlas.

    Attributes
    ----------
    face : ndarray of int, shape (K,)
        Face of the skin that each point lies on.
    weights : ndarray, shape (K, 3)
        Barycentric coordinates in that face.
    """

    face: NDArray[np.intp]
    weights: Floats

    def __len__(self) -> int:
        return len(self.face)

    def on(self, atlas: Atlas) -> Floats:
        """Return the points on an atlas's skin, shape (K, 3), mm."""
        surface = atlas["skin"].surface
        corners = surface.vertices[surface.faces[self.face]].astype(np.float64)
        return np.einsum("kc,kcj->kj", self.weights, corners)

    def length_on(self, atlas: Atlas) -> float:
        """Return the length on an atlas's skin, mm."""
        return float(np.linalg.norm(np.diff(self.on(atlas), axis=0), axis=1).sum())

    def reversed(self) -> SkinCurve:
        """Return the curve from its end to its start."""
        return SkinCurve(self.face[::-1].copy(), self.weights[::-1].copy())


def onto_skin(atlas: Atlas, points: NDArray[np.floating]) -> SkinCurve:
    """Return the nearest skin point for each of some points, shape (K, 3), mm.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    points : ndarray, shape (K, 3)
        mm, LPS.
    """
    skin = skin_of(atlas)
    targets = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    incident = _incident(atlas)
    count = min(_NEAREST_VERTICES, len(skin.vertices))
    near = np.asarray(skin.tree.query(targets, k=count)[1]).reshape(len(targets), count)
    face = np.empty(len(targets), dtype=np.intp)
    weights = np.empty((len(targets), 3))
    for start in range(0, len(targets), 2048):
        rows = slice(start, start + 2048)
        candidates = incident[near[rows]].reshape(len(near[rows]), -1)
        best = _closest(skin.corners[candidates], targets[rows])
        face[rows] = candidates[np.arange(len(candidates)), best[0]]
        weights[rows] = best[1]
    return SkinCurve(face, weights)


def drawn(atlas: Atlas, points: NDArray[np.floating], *, spacing: float, smooth: int) -> SkinCurve:
    """Draw a polyline on the skin: nearest points, evened out and smoothed on the skin.

    Parameters
    ----------
    atlas : Atlas
    points : ndarray, shape (K, 3)
        Guide points near the skin, in order, mm.
    spacing : float
        Distance between the points of the result, mm.
    smooth : int
        Rounds of smoothing; the ends stay where they are.

    Raises
    ------
    InputError
        If the guide has no length.
    """
    line = even(np.asarray(points, dtype=np.float64), spacing)
    curve = onto_skin(atlas, line)
    for _ in range(smooth):
        line = even(curve.on(atlas), spacing)
        line[1:-1] = 0.25 * line[:-2] + 0.5 * line[1:-1] + 0.25 * line[2:]
        curve = onto_skin(atlas, line)
    # Projection bunches points where the skin bends: even them out once more, on the skin.
    return onto_skin(atlas, even(curve.on(atlas), spacing))


def even(points: Floats, spacing: float) -> Floats:
    """Return a polyline resampled at (nearly) equal steps, shape (K, 3).

    Parameters
    ----------
    points : ndarray, shape (P, 3)
        mm.
    spacing : float
        mm; the ends stay, so that steps differ a little from it.

    Raises
    ------
    InputError
        If the polyline has no length.

    Examples
    --------
    >>> even(np.array([[0.0, 0, 0], [1, 0, 0], [4, 0, 0]]), 2.0)[:, 0].tolist()
    [0.0, 2.0, 4.0]
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    if length[-1] <= 0.0:
        raise InputError("a path with a length is required, received one whose ends coincide")
    at = np.linspace(0.0, length[-1], max(2, round(length[-1] / spacing) + 1))
    return np.stack([np.interp(at, length, points[:, axis]) for axis in range(3)], axis=1)


def tangents(points: Floats) -> Floats:
    """Return unit tangents of a polyline, shape (K, 3).

    Parameters
    ----------
    points : ndarray, shape (K, 3)
        mm.
    """
    along = np.gradient(points, axis=0)
    length = np.linalg.norm(along, axis=1, keepdims=True)
    return along / np.where(length > 0.0, length, 1.0)


def _make_incident(atlas: Atlas) -> NDArray[np.intp]:
    """Faces around each skin vertex, shape (N, <= 12), short rows filled with their first."""
    skin = skin_of(atlas)
    flat = skin.faces.ravel()
    order = np.argsort(flat, kind="stable")
    degree = np.bincount(flat, minlength=len(skin.vertices))
    first = np.concatenate([[0], np.cumsum(degree)[:-1]])
    column = np.arange(min(int(degree.max()), _MOST_FACES))
    index = first[:, None] + np.where(column[None, :] < degree[:, None], column, 0)
    return order[np.minimum(index, len(order) - 1)] // 3


_incident = PerAtlas(_make_incident)


def _closest(corners: Floats, targets: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return which of F triangles is nearest to each of P targets, and the weights there.

    Parameters
    ----------
    corners : ndarray, shape (P, F, 3, 3)
    targets : ndarray, shape (P, 3)
    """
    weights = closest_weights(corners, targets[:, None, :])
    at = np.einsum("pfk,pfkj->pfj", weights, corners)
    face = np.argmin(np.linalg.norm(at - targets[:, None, :], axis=-1), axis=1)
    return face, weights[np.arange(len(targets)), face]
