"""Which way a needle goes that is asked for a landmark."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotations.part_place import place_on_part
from meshes.atlas import Atlas
from meshes.rays import SurfaceCaster
from meshes.skin_surface import SkinPoint

Floats = NDArray[np.float64]

#: A needle that is asked for a landmark strikes its bone at least this near to it, mm.
STRIKES_WITHIN = 12.0
#: A tip is the very end of its bone; these shares of the way to the bone's centre lie further in.
_INWARD = (0.0, 0.02, 0.05, 0.1, 0.2)


def aimed_at(atlas: Atlas, landmark: str, point: SkinPoint) -> Floats:
    """Return the direction of a needle at a landmark: straight in, if it strikes there.

    The skin's normal is that of a hand's breadth, and over a tip or an edge a needle along it
    passes beside the bone; there it is aimed at what it was asked for.

    Parameters
    ----------
    atlas : Atlas
    landmark : str
        ``structure/name`` of a landmark or part; anything else gives straight in.
    point : SkinPoint
        Where the needle enters.
    """
    at = atlas.landmarks.points.get(landmark)
    if at is None:
        at = place_on_part(atlas, landmark)
    structure = atlas.structures.get(landmark.partition("/")[0])
    if at is None or structure is None:
        return point.inward
    centre = structure.surface.centroid
    ways = [point.inward]
    for share in _INWARD:
        way = at + share * (centre - at) - point.position
        if np.linalg.norm(way) > 1.0:
            ways.append(way / np.linalg.norm(way))
    along = np.array(ways)
    starts = np.repeat(point.position[None], len(along), axis=0)
    met = SurfaceCaster([structure.surface]).cast(starts, along)
    met = met.keep(met.entering)
    places = starts[met.ray] + met.depth[:, None] * along[met.ray]
    near = np.linalg.norm(places - at, axis=1) <= STRIKES_WITHIN
    return ways[int(met.ray[near].min())] if near.any() else point.inward
