"""The skin's line at a level: outward from the spinous line, as a tape lies on the back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotations.level import level_tip
from meshes.atlas import Atlas
from meshes.errors import InputError
from meshes.frame import POSTERIOR
from meshes.section import Outline, cut_surface, principal_plane
from meshes.skin_surface import SkinPoint, SkinSurface, skin_of
from meshes.terminology import Side

Floats = NDArray[np.float64]


def walk_at_level(atlas: Atlas, level: str, side: Side, distance_mm: float) -> SkinPoint:
    """Return the skin point at a distance from the spinous line, along the skin, at a level.

    Parameters
    ----------
    atlas : Atlas
    level : str
        ``C1``..``S4``.
    side : Side
    distance_mm : float
        Along the skin, in the transverse plane through the level's tip.

    Raises
    ------
    InputError
        If the distance leads past the front of the body.
    """
    skin = skin_of(atlas)
    if distance_mm == 0.0 or side is Side.MIDLINE:
        return straight_back(skin, level_tip(atlas, level))
    path, faces = skin_line(atlas, level, side)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    if distance_mm > length[-1]:
        raise InputError(
            f"{level} {distance_mm:g}mm {side}: the skin reaches {length[-1]:.0f} mm from the "
            "spinous line to the front; give a smaller distance"
        )
    step = int(np.searchsorted(length, distance_mm, side="left"))
    share = (distance_mm - length[step - 1]) / max(length[step] - length[step - 1], 1e-12)
    at = path[step - 1] + share * (path[step] - path[step - 1])
    return skin.at(int(faces[step - 1]), at)


def skin_line(atlas: Atlas, level: str, side: Side) -> tuple[Floats, NDArray[np.intp]]:
    """Return the skin's line at a level from the spinous line outward to the front.

    Parameters
    ----------
    atlas : Atlas
    level : str
        ``C1``..``S4``.
    side : Side
        Left or right.

    Returns
    -------
    points : ndarray, shape (K, 3)
        mm; the first lies behind the level's tip.
    faces : ndarray of int, shape (K - 1,)
        Face of the skin that each stretch lies on.

    Raises
    ------
    InputError
        If the atlas has no skin or lacks the level's landmark.
    """
    tip = level_tip(atlas, level)
    skin = skin_of(atlas)
    start = straight_back(skin, tip)
    outlines = cut_surface(skin.surface, principal_plane("axial", tip))
    if not outlines:
        raise InputError(f"no skin at the height of {level} in atlas {atlas.name!r}")
    outline, index = _nearest_stretch(outlines, start.position)
    return _outward(outline, index, start.position, side)


def straight_back(skin: SkinSurface, at: Floats) -> SkinPoint:
    """Carry a point, shape (3,), mm, straight back to the skin."""
    return carried(skin, at, POSTERIOR)


def carried(skin: SkinSurface, at: Floats, direction: Floats) -> SkinPoint:
    """Carry a point outward to the skin; one that is outside already goes to the nearest skin.

    Parameters
    ----------
    skin : SkinSurface
    at : ndarray, shape (3,)
        mm, LPS.
    direction : ndarray, shape (3,)
        Unit vector.
    """
    out = skin.way_out(at, direction)
    return skin.nearest(at) if out is None else out


def _nearest_stretch(outlines: list[Outline], point: Floats) -> tuple[Outline, int]:
    """Find the outline that passes a point, and the index of the stretch that does."""
    found = []
    for number, outline in enumerate(outlines):
        ring = outline.ring
        start, step = ring[:-1], np.diff(ring, axis=0)
        length = np.maximum(np.einsum("ij,ij->i", step, step), 1e-18)
        share = np.clip(np.einsum("ij,ij->i", point - start, step) / length, 0.0, 1.0)
        distance = np.linalg.norm(start + share[:, None] * step - point, axis=1)
        index = int(np.argmin(distance))
        found.append((float(distance[index]), number, index))
    _, number, index = min(found)
    return outlines[number], index


def _outward(
    outline: Outline, index: int, start: Floats, side: Side
) -> tuple[Floats, NDArray[np.intp]]:
    """Walk along an outline from a point to one side, for half the outline's length.

    Returns the points (the first is ``start``) and the face of each stretch.
    """
    count = len(outline.points)
    # Stretch k runs from point k to k + 1; forward goes on with k + 1, backward with k.
    if outline.closed:
        forward = (np.arange(count) + index + 1) % count
        backward = (index - np.arange(count)) % count
    else:
        forward = np.arange(index + 1, count)
        backward = np.arange(index, -1, -1)
    ways = (
        (forward, outline.faces[(forward - 1) % count]),
        (backward, outline.faces[backward]),
    )
    best = max(ways, key=lambda way: _sideways(outline, way[0], start, side))
    nodes, faces = best
    path = np.concatenate([start[None], outline.points[nodes]])
    if outline.closed:
        length = np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))
        within = int(np.searchsorted(length, outline.length / 2.0)) + 1
        path, faces = path[: within + 1], faces[:within]
    return path, faces


def _sideways(outline: Outline, nodes: NDArray[np.intp], start: Floats, side: Side) -> float:
    """How far the first 20 mm of a way lead to a side."""
    if len(nodes) == 0:
        return -np.inf
    points = np.concatenate([start[None], outline.points[nodes]])
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    x = np.interp(min(20.0, length[-1]), length, points[:, 0])
    return float((x - start[0]) * side.sign)
