"""What is under the pointer: a ray from the camera through the structures that are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import caster_of
from viewer.camera import Lens

Vector = NDArray[np.float64]

#: A structure fainter than this does not catch the pointer: one sees through it.
LEAST_OPACITY = 0.5


@dataclass(frozen=True, eq=False)
class Picked:
    """A place on a structure that is seen.

    Attributes
    ----------
    structure : str
        Structure id.
    part : str or None
        Named part there.
    point : ndarray, shape (3,)
        mm, LPS.
    """

    structure: str
    part: str | None
    point: Vector


def ray_through(lens: Lens, size: tuple[int, int], x: float, y: float) -> tuple[Vector, Vector]:
    """Return the ray that a pixel stands for.

    Parameters
    ----------
    lens : Lens
    size : tuple of int
        Width and height of the picture, pixels.
    x, y : float
        To the right and down from the upper left corner, pixels.

    Returns
    -------
    origin, direction : ndarray, shape (3,)
        mm; the direction is a unit vector.
    """
    half = np.tan(np.radians(lens.opening_deg / 2.0))
    across = (2.0 * x / size[0] - 1.0) * half * size[0] / size[1]
    upward = (1.0 - 2.0 * y / size[1]) * half
    direction = lens.forward + across * lens.right + upward * lens.up
    return lens.position, np.asarray(direction / np.linalg.norm(direction))


def pick(
    atlas: Atlas,
    opacity: Mapping[str, float],
    lens: Lens,
    size: tuple[int, int],
    at: tuple[float, float],
) -> Picked | None:
    """Return the first structure under a pixel that is drawn and not see-through.

    Parameters
    ----------
    atlas : Atlas
    opacity : mapping of str to float
        What is drawn, and how opaque; anything else is passed through.
    lens : Lens
    size : tuple of int
        Width and height of the picture, pixels.
    at : tuple of float
        x to the right and y down, pixels.
    """
    origin, direction = ray_through(lens, size, *at)
    caster = caster_of(atlas)
    # Begin near the body: embree's float32 loses millimetres at the camera's distance.
    lead = max(float(np.linalg.norm(lens.focus - lens.position)) - 900.0, 0.0)
    start = origin + lead * direction
    crossed = caster.cast(start[None], direction[None], 1800.0)
    seen = np.array([opacity.get(name, 0.0) >= LEAST_OPACITY for name in caster.names])
    hits = np.flatnonzero(seen[crossed.structure]) if len(crossed) else np.empty(0, np.intp)
    if len(hits) == 0:
        return None
    first = hits[int(np.argmin(crossed.depth[hits]))]
    structure = atlas[caster.names[int(crossed.structure[first])]]
    return Picked(
        structure.id,
        structure.part_of_face(int(crossed.face[first])),
        start + float(crossed.depth[first]) * direction,
    )
