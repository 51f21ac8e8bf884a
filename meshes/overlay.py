"""What lies over and under a structure, read from its own surface.

Points are spread evenly over the structure's surface. From each that faces the skin a ray goes
out along the direction in which a needle would come in there, and another goes in the same line;
the first other structure on either is the neighbour. So every share is one of the structure's
own area.

An organ is looked at straight from behind: all of the trunk's wall lies around it, and what
covers a kidney from the hand on the back is neither the flank nor the belly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN, caster_of
from meshes.frame import POSTERIOR
from meshes.intervals import Intervals, pair
from meshes.skin_surface import skin_of
from meshes.structure import Structure
from meshes.terminology import System

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Points on a structure; one in a thousand is 0.1 per cent of its area.
POINTS = 2000
#: A place faces the skin when its normal is within this cosine of the way out.
_FACES_SKIN = 0.25
#: Length of a ray, mm: through the trunk's depth.
_REACH = 250.0
#: A neighbour has to reach this far beyond the surface, mm, to lie over or under it: meshes
#: that touch cut into each other by less.
_BEYOND = 0.3
#: What begins further below the surface than this, mm, does not lie directly under it.
_UNDER = 25.0
#: Rays begin this far outside the surface, mm, so that the structure itself is met.
_LEAD = 0.05


@dataclass(frozen=True, eq=False)
class Overlay:
    """Neighbours of one structure at its points that face the skin.

    Attributes
    ----------
    names : tuple of str
        Structure ids that the indices stand for; the last two are fat and "nothing known".
    over, under : ndarray of int, shape (P,)
        Next structure outward and inward.
    above : ndarray of bool, shape (P, len(names))
        Whether a structure lies anywhere outward.
    """

    names: tuple[str, ...]
    over: NDArray[np.intp]
    under: NDArray[np.intp]
    above: Flags

    def __len__(self) -> int:
        return len(self.over)


def overlay(atlas: Atlas, structure_id: str) -> Overlay:
    """Look outward and inward from the side of a structure that faces the skin.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    structure_id : str
    """
    names = (*caster_of(atlas).names, FAT, "")
    points, outward = _facing_skin(atlas, atlas[structure_id])
    if structure_id in (SKIN, FAT):
        points, outward = points[:0], outward[:0]
    count = len(points)
    over = np.full(count, len(names) - 2, dtype=np.intp)
    under = np.full(count, len(names) - 1, dtype=np.intp)
    above = np.zeros((count, len(names)), dtype=np.bool_)
    if count:
        number = names.index(structure_id)
        out = _inside_skin(atlas, points + _LEAD * outward, outward)
        out = out.keep((out.structure != number) & (out.exit > _BEYOND))
        _first_of(out, over)
        above[out.ray, out.structure] = True
        down = _inside_skin(atlas, points + _LEAD * outward, -outward)
        _first_of(_below(down, number, count), under)
    return Overlay(names, over, under, above)


def _inside_skin(atlas: Atlas, starts: Floats, along: Floats) -> Intervals:
    """Return what rays from inside the body meet before they leave it, skin and fat left out."""
    caster = caster_of(atlas)
    around = tuple(caster.names.index(name) for name in (SKIN, FAT) if name in caster.names)
    found = caster.cast(starts, along, _REACH, around)
    ends = np.full(len(starts), np.inf)
    if SKIN in caster.names:
        leaving = (found.structure == caster.names.index(SKIN)) & ~found.entering
        np.minimum.at(ends, found.ray[leaving], found.depth[leaving])
    met = pair(found.keep(~np.isin(found.structure, around)))
    return met.keep(met.enter < ends[met.ray])


def _below(met: Intervals, number: int, count: int) -> Intervals:
    """Return what begins close under a structure and reaches deeper than it does."""
    own = np.flatnonzero(met.structure == number)
    bottom = np.full(count, _LEAD)
    ray, first = np.unique(met.ray[own], return_index=True)
    bottom[ray] = met.exit[own[first]]
    deeper = met.exit > bottom[met.ray] + _BEYOND
    close = met.enter < bottom[met.ray] + _UNDER
    return met.keep((met.structure != number) & deeper & close)


def _first_of(met: Intervals, into: NDArray[np.intp]) -> None:
    """Write the first structure of each ray (the intervals are sorted by ray and entry)."""
    ray, first = np.unique(met.ray, return_index=True)
    into[ray] = met.structure[first]


def _facing_skin(atlas: Atlas, structure: Structure) -> tuple[Floats, Floats]:
    """Points of a structure that face the skin, and the way out at each, shape (P, 3)."""
    points, normals = spread_points(structure, POINTS)
    if len(points) == 0:
        return points, normals
    if structure.system is System.VISCERAL:
        outward = np.tile(POSTERIOR.astype(np.float64), (len(points), 1))
    else:
        outward = -skin_of(atlas).inward(points)
    facing = np.einsum("ij,ij->i", normals, outward)
    # A sheet without thickness has one side, whichever way it was drawn.
    if facing.max() < _FACES_SKIN < -facing.min():
        facing = -facing
    chosen = facing > _FACES_SKIN
    return points[chosen], outward[chosen]


def spread_points(structure: Structure, count: int) -> tuple[Floats, Floats]:
    """Return points spread evenly over a surface and the outward normals there.

    Always the same points for the same surface.

    Returns
    -------
    points, normals : ndarray, shape (count, 3)
        mm; unit vectors. Empty for a surface without area.
    """
    surface = structure.surface
    corners = surface.vertices[surface.faces].astype(np.float64)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(cross, axis=1)
    total = np.cumsum(length)
    if len(total) == 0 or total[-1] <= 0.0:
        return np.empty((0, 3)), np.empty((0, 3))
    rng = np.random.default_rng(0)
    at = (np.arange(count) + rng.random(count)) / count * total[-1]
    face = np.minimum(np.searchsorted(total, at, side="right"), len(total) - 1)
    u, v = rng.random((2, count))
    u, v = np.where(u + v > 1.0, 1.0 - u, u), np.where(u + v > 1.0, 1.0 - v, v)
    a, b, c = corners[face, 0], corners[face, 1], corners[face, 2]
    points = a + u[:, None] * (b - a) + v[:, None] * (c - a)
    return points, cross[face] / np.maximum(length[face], 1e-12)[:, None]
