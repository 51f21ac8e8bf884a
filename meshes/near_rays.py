"""A few rays through only the faces that lie near them.

One needle meets some twenty structures of several hundred: a scene of the whole torso takes as
long to make as everything else that a command does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meshes.crossings import Crossings, Floats
from meshes.embree import all_hits, scene_of
from meshes.surface import Surface


def near_hits(
    surfaces: Sequence[Surface], bounds: Floats, rays: tuple[Floats, Floats], length: float
) -> Crossings:
    """Return every crossing of a few rays.

    Parameters
    ----------
    surfaces : sequence of Surface
        ``Crossings.structure`` indexes it.
    bounds : ndarray, shape (S, 2, 3)
        Lower and upper corner of each surface's box, mm.
    rays : (origins, directions), ndarrays of shape (N, 3)
        mm, and unit vectors.
    length : float
        How far the rays reach, mm.
    """
    near = []
    numbers, faces_of = [], []
    for number, surface in enumerate(surfaces):
        if not _passes(bounds[number], rays, length):
            continue
        faces = _faces_near(surface, rays)
        if len(faces):
            near.append((surface.vertices, surface.faces[faces]))
            numbers.append(number)
            faces_of.append(faces)
    if not near:
        none = np.empty(0, dtype=np.int64)
        return Crossings(none, none, none, np.empty(0), np.empty(0, dtype=np.bool_))
    found = all_hits(scene_of(near), *rays, length)
    first = np.cumsum([0, *(len(faces) for faces in faces_of)])[:-1]
    face = np.concatenate(faces_of)[first[found.structure] + found.face]
    structure = np.array(numbers, dtype=np.int64)[found.structure]
    return Crossings.joined([Crossings(found.ray, structure, face, found.depth, found.entering)])


def _passes(bounds: Floats, rays: tuple[Floats, Floats], length: float) -> bool:
    """Whether any ray passes a box (a hair wider than it is)."""
    origins, directions = rays
    with np.errstate(divide="ignore", invalid="ignore"):
        to = (bounds[:, None] + np.array([[[-0.1]], [[0.1]]]) - origins) / directions
    # A ray within a wall's plane has no figure there: it may pass.
    enter = np.nan_to_num(to.min(axis=0), nan=-np.inf).max(axis=1)
    leave = np.nan_to_num(to.max(axis=0), nan=np.inf).min(axis=1)
    return bool(((enter <= leave) & (leave >= 0.0) & (enter <= length)).any())


def _faces_near(surface: Surface, rays: tuple[Floats, Floats]) -> NDArray[np.int64]:
    """Return the faces that some ray's line may cross: it comes as near as their corners are."""
    corners = surface.vertices[surface.faces]
    centre = corners.mean(axis=1, dtype=np.float64)
    reach = ((corners - centre[:, None]) ** 2).sum(axis=2).max(axis=1)
    near = np.zeros(len(centre), dtype=np.bool_)
    for origin, along in zip(*rays, strict=True):
        offset = centre - origin
        aside = (offset**2).sum(axis=1) - (offset @ along) ** 2
        near |= aside <= reach * 1.001 + 0.01
    return np.flatnonzero(near)
