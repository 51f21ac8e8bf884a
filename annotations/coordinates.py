"""Coordinates as a site: ``x,y,z`` in mm, or ``x,y,z along i,j,k`` with the needle's direction."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from annotations.site_words import NUMBER
from meshes.atlas import Atlas
from meshes.errors import InputError
from meshes.skin_surface import SkinPoint, skin_of

Floats = NDArray[np.float64]

_TRIPLE = rf"({NUMBER})\s*,\s*({NUMBER})\s*,\s*({NUMBER})"
_COORDINATES = re.compile(rf"^\s*{_TRIPLE}\s*(?:along\s+{_TRIPLE}\s*)?$", re.IGNORECASE)
_LIKE_COORDINATES = re.compile(rf"^\s*{NUMBER}\s*,")
#: Coordinates farther than this from the skin name no place on it, mm. The torso's own middle
#: lies 110 mm deep.
FARTHEST_MM = 150.0


def read_coordinates(text: str) -> tuple[float, ...]:
    """Return three numbers, six with a direction, or none where a text holds no coordinates.

    >>> read_coordinates("30, 108,-4.5"), read_coordinates("1,2,3 along 0,-1,0")
    ((30.0, 108.0, -4.5), (1.0, 2.0, 3.0, 0.0, -1.0, 0.0))
    >>> read_coordinates("T4 3cm left")
    ()

    Raises
    ------
    InputError
        If a text begins as coordinates do and goes on otherwise.
    """
    found = _COORDINATES.match(text)
    if found:
        return tuple(float(number) for number in found.groups() if number)
    if _LIKE_COORDINATES.match(text):
        raise InputError(
            "coordinates read x,y,z in mm, as '30,108,404', or 'x,y,z along i,j,k' with the "
            f"needle's direction; received {text!r}"
        )
    return ()


def near_skin(atlas: Atlas, given: Floats, text: str) -> SkinPoint:
    """Return the nearest point of the skin.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    given : ndarray, shape (3,)
        mm, LPS.
    text : str
        As it was asked for, for the message.

    Raises
    ------
    InputError
        If the coordinates lie nowhere near the body.
    """
    point = skin_of(atlas).nearest(given)
    off = float(np.linalg.norm(point.position - given))
    if off <= FARTHEST_MM:
        return point
    low, high = skin_of(atlas).vertices.min(axis=0), skin_of(atlas).vertices.max(axis=0)
    reach = ", ".join(
        f"{axis} {a:.0f}..{b:.0f}" for axis, a, b in zip("xyz", low, high, strict=True)
    )
    raise InputError(
        f"coordinates within {FARTHEST_MM:.0f} mm of the skin required ({reach} mm), "
        f"received {text!r}, {off:.0f} mm from it"
    )


def into_body(along: Floats, point: SkinPoint, text: str) -> Floats:
    """Return the direction that was given, of length 1.

    Parameters
    ----------
    along : ndarray, shape (3,)
        Of any length, LPS.
    point : SkinPoint
        Where the needle enters.
    text : str
        As it was asked for, for the message.

    Returns
    -------
    ndarray, shape (3,)

    Raises
    ------
    InputError
        If it does not lead into the body.
    """
    length = float(np.linalg.norm(along))
    if length == 0.0 or float(along @ point.inward) <= 0.0:
        inward = ",".join(f"{value:.2f}" for value in point.inward + 0.0)
        raise InputError(
            f"a direction into the body required after 'along', as {inward}, received {text!r}"
        )
    return np.asarray(along / length)


def beside_spine(atlas: Atlas, point: SkinPoint) -> bool:
    """Whether a point of the skin lies at the height of the spine's palpable levels."""
    heights = [
        at[2] for mark, at in atlas.landmarks.points.items() if mark.endswith("/spinous_process")
    ]
    return bool(heights) and bool(min(heights) <= point.position[2] <= max(heights))
