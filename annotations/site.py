"""Sites: anatomical language for a point on the skin.

``T4``, ``T4 3cm left``, ``GB20 left``, ``scapula_left/inferior_angle``, ``x,y,z``. A level is
the palpable tip of its spinous process, carried straight back to the skin. A lateral distance is
measured along the skin, at the height of the tip, as a therapist measures with a tape.

Coordinates at a height of the spine are probed as a level there is, straight from behind;
``x,y,z along i,j,k`` says the needle's direction too, so that any column can be asked for again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotations.coordinates import beside_spine, into_body, near_skin, read_coordinates
from annotations.level import LEVELS, is_tip
from annotations.level_line import carried, straight_back, walk_at_level
from annotations.named_site import NamedSite, lookup, site_names
from annotations.needle_aim import aimed_at
from annotations.part_place import place_on_part
from annotations.site_suggestion import suggested_sites
from annotations.site_words import words_of
from meshes.atlas import Atlas
from meshes.errors import InputError, UnknownName
from meshes.skin_surface import SkinPoint, at_level, skin_of
from meshes.terminology import Side

Floats = NDArray[np.float64]

_LEVEL_LIKE = re.compile(r"^[CTLS]\d+$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Site:
    """A point on the skin with a name.

    Attributes
    ----------
    text : str
        As it was asked for.
    point : ndarray, shape (3,)
        mm, LPS, on the skin.
    normal : ndarray, shape (3,)
        Smoothed outward normal, unit vector.
    direction : ndarray, shape (3,)
        The needle's direction, unit vector: straight in, and at a level straight from behind
        (``meshes.skin_surface.at_level``). The skin of the lower neck slopes by 20 degrees; a
        needle perpendicular to it would miss T1 and answer for another level.
    face : int
        Face of the skin surface.
    barycentric : ndarray, shape (3,)
        Weights of that face's corners.
    off_mm : float
        How far coordinates that were given lay from the skin; 0 for what has a name.
    """

    text: str
    point: Floats
    normal: Floats
    direction: Floats
    face: int
    barycentric: Floats
    off_mm: float = 0.0

    @property
    def coordinates(self) -> str:
        """Coordinates and direction as ``find_site`` reads them, for the same needle again."""
        at = ",".join(f"{value:.1f}" for value in np.round(self.point, 1) + 0.0)
        along = ",".join(f"{value:.3g}" for value in np.round(self.direction, 3) + 0.0)
        return f"{at} along {along}"


def find_site(atlas: Atlas, text: str) -> Site:
    """Return the point on the skin that a phrase names.

    Parameters
    ----------
    atlas : Atlas
        With skin and landmarks.
    text : str
        A level with an optional distance and side (``T4 3cm left``), a named point with its
        side, a landmark or part (``vertebra_T4/spinous_process``), a structure id (its point
        nearest to the skin of the back), or coordinates.

    Raises
    ------
    UnknownName
        If nothing has that name; the message suggests the nearest.
    InputError
        If a distance or side is missing, or lies off the skin.
    """
    text = text.strip()
    numbers = read_coordinates(text)
    if numbers:
        return _at_coordinates(atlas, text, numbers)
    point = _skin_point(atlas, text)
    direction = at_level(point.inward) if _names_a_level(text) else aimed_at(atlas, text, point)
    return Site(text, point.position, point.normal, direction, point.face, point.barycentric)


def site_at(atlas: Atlas, point: SkinPoint, name: str) -> Site:
    """Return a point of the skin as a site: at the spine's height probed as a level is.

    Parameters
    ----------
    atlas : Atlas
    point : SkinPoint
    name : str
        What it is called.
    """
    direction = at_level(point.inward) if beside_spine(atlas, point) else point.inward
    return Site(name, point.position, point.normal, direction, point.face, point.barycentric)


def _at_coordinates(atlas: Atlas, text: str, numbers: tuple[float, ...]) -> Site:
    given = np.array(numbers)
    point = near_skin(atlas, given[:3], text)
    off = float(np.linalg.norm(point.position - given[:3]))
    site = replace(site_at(atlas, point, text), off_mm=off)
    return site if len(given) == 3 else replace(site, direction=into_body(given[3:], point, text))


def valid_sites(atlas: Atlas) -> list[str]:
    """Return names that ``find_site`` accepts, for suggestions and completion."""
    return [*LEVELS, *site_names(), *atlas.landmarks.points, *atlas.structures]


def _names_a_level(text: str) -> bool:
    """Whether a phrase starts from a level: ``T4``, ``T4 3cm left``, ``renal angle left``."""
    if is_tip(text):
        return True
    words = text.replace(",", " ").split()
    if any(word.upper() in LEVELS for word in words[:1]):
        return True
    named = lookup(" ".join(word for word in words if word.lower() not in ("left", "right")))
    return named is not None and bool(named.level)


def _skin_point(atlas: Atlas, text: str) -> SkinPoint:
    if "/" in text or text in atlas.structures:
        return _of_landmark(atlas, text)
    name, distance, side = words_of(text)
    if name.upper() in LEVELS:
        level = name.upper()
        if distance is None and side is None:
            return walk_at_level(atlas, level, Side.MIDLINE, 0.0)
        if distance is None or side is None:
            raise InputError(
                f"a lateral distance needs a length and a side, as in '{level} 3cm left'; "
                f"received {text!r}"
            )
        return walk_at_level(atlas, level, side, distance)
    named = lookup(name)
    if named is None and _LEVEL_LIKE.match(name):
        last = max(LEVELS.index(level) for level in LEVELS if level[0] == name[0].upper())
        raise UnknownName("level", name.upper(), [LEVELS[last]])
    if named is None:
        raise UnknownName("site", text, _meant(atlas, text))
    if distance is not None:
        raise InputError(
            f"a distance goes with a level, as in 'T4 3cm left'; {named.id!r} takes none, "
            f"received {text!r}"
        )
    if named.sided and side is None:
        raise InputError(f"site {name!r} needs a side: '{name} left' or '{name} right'")
    return _of_named(atlas, named, side or Side.MIDLINE)


def _meant(atlas: Atlas, text: str) -> list[str]:
    others = [*atlas.landmarks.points, *atlas.structures]
    return suggested_sites(text, LEVELS, site_names(), others)


def _of_named(atlas: Atlas, named: NamedSite, side: Side) -> SkinPoint:
    if named.level:
        return walk_at_level(atlas, named.level, side, named.lateral_mm)
    marks = atlas.landmarks
    needed = [*named.at] if named.along is None else [named.along[0]]
    held = marks.points if named.along is None else marks.curves
    missing = [name for name in (_of_side(name, side) for name in needed) if name not in held]
    if missing:
        raise InputError(
            f"site {named.id!r} needs the landmark {missing[0]!r}, which atlas {atlas.name!r} "
            "does not hold"
        )
    if named.along is not None:
        at = marks.along(_of_side(named.along[0], side), named.along[1])
    else:
        at = sum(
            (weight * marks.points[_of_side(name, side)] for name, weight in named.at.items()),
            start=np.zeros(3),
        )
    skin = skin_of(atlas)
    if named.toward is None:
        return skin.nearest(at)
    outward = np.array(named.toward, dtype=np.float64) * (float(side.sign) or 1.0, 1.0, 1.0)
    return carried(skin, at, outward / np.linalg.norm(outward))


def _of_side(name: str, side: Side) -> str:
    return name.replace("{side}", side.value)


def _of_landmark(atlas: Atlas, name: str) -> SkinPoint:
    """Return the skin at a landmark, a part of a structure, or a structure."""
    skin = skin_of(atlas)
    if name in atlas.landmarks.points:
        at = atlas.landmarks.points[name]
        if is_tip(name):
            return straight_back(skin, at)
        return skin.nearest(at)
    if name in atlas.landmarks.curves:
        return skin.nearest(atlas.landmarks.along(name, 0.5))
    structure_id, _, part = name.partition("/")
    structure = atlas.structures.get(structure_id)
    if structure is None:
        raise UnknownName("site", name, _meant(atlas, name))
    if not part:
        return skin.nearest(structure.surface.centroid)
    place = place_on_part(atlas, name)
    if place is None:
        own = [mark for mark in atlas.landmarks.points if mark.startswith(f"{structure_id}/")]
        parts = [f"{structure_id}/{known}" for known in structure.parts]
        raise UnknownName("site", name, {*own, *parts} or valid_sites(atlas))
    return skin.nearest(place)
