"""What a therapist would call a point on the skin: the way back from ``annotations.site``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.level import LEVELS, tip_name
from annotations.level_line import skin_line
from annotations.named_site import named_sites
from annotations.site import find_site
from meshes.errors import InputError, UnknownName
from meshes.per_atlas import PerAtlas
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

Floats = NDArray[np.float64]

#: A named point is meant by a point this near, mm.
NEAR_MM = 8.0
#: Lateral distances are told in half centimetres, as a therapist measures.
STEP_MM = 5.0
#: Nearer to the spinous line than this is on it, mm.
_ON_LINE_MM = 6.0


def words_of(atlas: Atlas, point: NDArray[np.floating]) -> str:
    """Return a phrase that ``find_site`` leads back to about the same point.

    Parameters
    ----------
    atlas : Atlas
    point : ndarray, shape (3,)
        On the skin, mm, LPS.

    Returns
    -------
    str
        A named point within 8 mm (``GB20 left``), else the nearest level and the distance from
        the spinous line in half centimetres (``T4 3.5cm left``); a level is as exact as the
        levels are far apart.
    """
    at = np.asarray(point, dtype=np.float64)
    names, places = _named(atlas)
    if len(names):
        gap = np.linalg.norm(places - at, axis=1)
        nearest = int(np.argmin(gap))
        if gap[nearest] <= NEAR_MM:
            return names[nearest]
    level = level_of(atlas, at)
    side = side_of(at)
    if side is Side.MIDLINE:
        return level
    distance = lateral_mm(atlas, at, level)
    return level if distance == 0.0 else f"{level} {distance / 10.0:g}cm {side.value}"


def level_of(atlas: Atlas, point: NDArray[np.floating]) -> str:
    """Return the level whose tip is nearest to a point's height (``T4``).

    Parameters
    ----------
    atlas : Atlas
    point : ndarray, shape (3,)
        mm, LPS.

    Raises
    ------
    InputError
        If the atlas has no spinous processes.
    """
    tips = {
        level: atlas.landmarks.points[tip_name(level)]
        for level in LEVELS
        if tip_name(level) in atlas.landmarks.points
    }
    if not tips:
        raise InputError(f"a level needs spinous processes, atlas {atlas.name!r} has none")
    return min(tips, key=lambda level: abs(float(tips[level][2] - point[2])))


def side_of(point: NDArray[np.floating]) -> Side:
    """Return the side of a point; within 6 mm of the median plane it is on neither.

    Parameters
    ----------
    point : ndarray, shape (3,)
        mm, LPS.
    """
    if abs(float(point[0])) < _ON_LINE_MM:
        return Side.MIDLINE
    return Side.LEFT if point[0] > 0.0 else Side.RIGHT


def lateral_mm(atlas: Atlas, point: NDArray[np.floating], level: str) -> float:
    """Return how far a point lies from the spinous line along the skin, in steps of 5 mm.

    Parameters
    ----------
    atlas : Atlas
    point : ndarray, shape (3,)
        On the skin, mm, LPS.
    level : str
        ``C1``..``S4``.
    """
    side = side_of(point)
    if side is Side.MIDLINE:
        return 0.0
    held = _lines(atlas)
    if (level, side) not in held:
        path = skin_line(atlas, level, side)[0]
        steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
        at = np.concatenate([[0.0], np.cumsum(steps)])
        every = np.arange(0.0, at[-1], STEP_MM)
        held[level, side] = np.stack([np.interp(every, at, path[:, k]) for k in (0, 1)], axis=1)
    flat = np.asarray(point, dtype=np.float64)[:2]
    return float(np.argmin(np.linalg.norm(held[level, side] - flat, axis=1)) * STEP_MM)


def _no_lines(_: Atlas) -> dict[tuple[str, Side], Floats]:
    return {}


#: Where the skin lies every 5 mm from the spinous line at a level, (K, 2), made when asked for.
_lines = PerAtlas(_no_lines)


def _find_named(atlas: Atlas) -> tuple[tuple[str, ...], Floats]:
    names: list[str] = []
    places: list[Floats] = []
    for site in named_sites().values():
        sides = (Side.LEFT, Side.RIGHT) if site.sided else (Side.MIDLINE,)
        for side in sides:
            text = site.id if side is Side.MIDLINE else f"{site.id} {side.value}"
            try:
                places.append(find_site(atlas, text).point)
            except (InputError, UnknownName):
                continue  # this atlas lacks a landmark that the site hangs on
            names.append(text)
    return tuple(names), np.array(places).reshape(-1, 3)


_named = PerAtlas(_find_named)
