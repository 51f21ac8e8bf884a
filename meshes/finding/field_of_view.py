"""Where a scan's field of view cuts through bones: what was found there is not a landmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from meshes.finding.bone import Array
from meshes.structure import Structure
from meshes.surface import Surface
from meshes.terminology import System

PLANE_MM = 1.6
"""Faces this close to the outermost place of all bones lie in the same plane (half a voxel)."""

CAP_MM2 = 30.0
"""A flat cap of this area on the plane is a cut, not the end of a bone."""

BONES = 3
"""As many bones have to be cut by one plane before it is taken for the edge of a scan."""

NEAR_MM = 8.0
"""Landmarks of a cut bone closer to the cut than this are not believed."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A plane square to an axis that cuts bones.

    Attributes
    ----------
    axis : int
    at : float
        Coordinate of the plane, mm.
    bones : frozenset of str
        Ids of the bones that end in it.
    """

    axis: int
    at: float
    bones: frozenset[str]

    def spoils(self, bone: str, place: Array) -> bool:
        """Whether a place of a bone is too close to where the bone was cut."""
        return bone in self.bones and abs(float(place[self.axis]) - self.at) < NEAR_MM


def cuts(structures: Mapping[str, Structure]) -> tuple[Cut, ...]:
    """Return the planes in which several bones end flat; none for a whole skeleton."""
    bones = {
        name: item.surface
        for name, item in structures.items()
        if item.system is System.SKELETAL and item.surface.triangle_count
    }
    if len(bones) < BONES:
        return ()
    low = np.min([surface.bounds[0] for surface in bones.values()], axis=0)
    high = np.max([surface.bounds[1] for surface in bones.values()], axis=0)
    found = []
    for axis in range(3):
        for at, sign in ((float(low[axis]), -1.0), (float(high[axis]), 1.0)):
            ended = frozenset(
                name for name, surface in bones.items() if _cap(surface, axis, at, sign) >= CAP_MM2
            )
            if len(ended) >= BONES:
                found.append(Cut(axis, at, ended))
    return tuple(found)


def _cap(surface: Surface, axis: int, at: float, sign: float) -> float:
    """Return the area of the faces that lie in the plane and look out of it, mm^2."""
    if abs(float(surface.bounds[(int(sign) + 1) // 2, axis]) - at) > PLANE_MM:
        return 0.0
    flat = (np.abs(surface.vertices[:, axis] - at) <= PLANE_MM)[surface.faces].all(axis=1)
    corners = surface.vertices[surface.faces[flat]].astype(np.float64)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return 0.5 * float(np.maximum(sign * cross[:, axis], 0.0).sum())
