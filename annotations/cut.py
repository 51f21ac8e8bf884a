"""Cuts: anatomical language for a plane through the body.

``axial:L1``, ``axial:T4 3cm left``, ``axial:120mm``, ``sagittal:midline``, ``sagittal:3cm left``,
``coronal:renal angle left``, ``oblique:T4 3cm left``, ``oblique:C7 to acromion left``.

A bare level names the vertebra, as in an atlas of cross-sections: ``axial:L1`` goes through the
middle of its body. A site names a place on the skin, and the cut goes through that place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotations.level import LEVELS
from annotations.site import find_site
from meshes.atlas import Atlas
from meshes.errors import InputError, UnknownName
from meshes.needle import needle_plane
from meshes.section import Plane, oblique_plane, principal_plane
from meshes.terminology import Side

Floats = NDArray[np.float64]

KINDS = ("axial", "sagittal", "coronal", "oblique")
_SEEN_FROM = {
    "axial": "seen from below",
    "sagittal": "seen from the left",
    "coronal": "seen from behind",
}
_AXIS = {"axial": 2, "sagittal": 0, "coronal": 1}
_NUMBER = re.compile(r"^([-+]?\d+(?:\.\d*)?|[-+]?\.\d+)\s*(mm|cm)?$", re.IGNORECASE)
_ASIDE = re.compile(r"^(\d+(?:\.\d*)?)\s*(mm|cm)\s+(left|right)$", re.IGNORECASE)
_EXAMPLE = (
    "'axial:L1', 'axial:120mm', 'sagittal:midline', 'sagittal:3cm left', 'coronal:0mm', "
    "'oblique:T4 3cm left' or 'oblique:C7 to acromion left'"
)


@dataclass(frozen=True, eq=False)
class Cut:
    """A plane with a name.

    Attributes
    ----------
    text : str
        As it was asked for.
    kind : str
        ``axial``, ``sagittal``, ``coronal`` or ``oblique``.
    title, note : str
        What stands over the picture, and how it is looked at.
    plane : Plane
    """

    text: str
    kind: str
    title: str
    note: str
    plane: Plane


def find_cut(atlas: Atlas, text: str) -> Cut:
    """Return the plane that a phrase names.

    Parameters
    ----------
    atlas : Atlas
        With landmarks; with skin where the phrase holds a site.
    text : str
        ``KIND:WHERE``.

    Raises
    ------
    UnknownName
        If the kind, the level or the site does not exist; the message suggests the nearest.
    InputError
        If a part is missing.
    """
    kind, colon, where = text.partition(":")
    kind, where = kind.strip().lower(), where.strip()
    if not colon or not where:
        raise InputError(f"a cut reads {_EXAMPLE}; received {text!r}")
    if kind not in KINDS:
        raise UnknownName("cut", kind, KINDS)
    if kind == "oblique":
        return _oblique(atlas, text, where)
    at, words = _place(atlas, kind, where)
    value = at[_AXIS[kind]]
    note = f"{_SEEN_FROM[kind]}, {'xyz'[_AXIS[kind]]} = {value:.0f} mm"
    return Cut(text, kind, f"{kind.capitalize()} cut {words}", note, principal_plane(kind, at))


def _place(atlas: Atlas, kind: str, where: str) -> tuple[Floats, str]:
    """Return a point of a principal plane, and the words that name it."""
    at = np.zeros(3)
    number = _NUMBER.match(where)
    if number:
        at[_AXIS[kind]] = float(number[1]) * (10.0 if (number[2] or "").lower() == "cm" else 1.0)
        return at, f"at {at[_AXIS[kind]]:g} mm"
    if kind == "sagittal":
        if where.lower() in ("midline", "median"):
            return at, "in the midline"
        aside = _ASIDE.match(where)
        if aside:
            mm = float(aside[1]) * (10.0 if aside[2].lower() == "cm" else 1.0)
            at[0] = mm * Side(aside[3].lower()).sign
            return at, f"{mm / 10.0:g} cm to the {aside[3].lower()}"
    level = where.upper()
    if level in LEVELS:
        return _level(atlas, level), f"through {level}"
    return find_site(atlas, where).point, f"through {where}"


def _level(atlas: Atlas, level: str) -> Floats:
    """Middle of a vertebra's body; of a sacral level its median crest; of C1 its tubercle."""
    marks = atlas.landmarks.points
    bone = f"vertebra_{level}"
    names = (
        (f"sacrum/median_crest_{level}",)
        if level.startswith("S")
        else (f"{bone}/body", f"{bone}/spinous_process")
    )
    for name in names:
        if name in marks:
            return np.asarray(marks[name], dtype=np.float64)
    raise InputError(
        f"a cut through {level} needs the landmark {names[0]!r}, which atlas {atlas.name!r} "
        "does not hold; give its height, as in 'axial:120mm'"
    )


def _oblique(atlas: Atlas, text: str, where: str) -> Cut:
    """Make a plane that holds the needle at a site, across the body or on to a second site."""
    first, to, second = (word.strip() for word in where.partition(" to "))
    lengthwise = first.lower().endswith(" lengthwise")
    if lengthwise:
        first = first[: -len(" lengthwise")].strip()
    here = find_site(atlas, first)
    if not to:
        plane = needle_plane(here.point, here.direction, lengthwise=lengthwise)
        way = "along the body" if lengthwise else "across the body"
        return Cut(text, "oblique", f"Oblique cut at {first}", f"along the needle, {way}", plane)
    there = find_site(atlas, second)
    along = there.point - here.point
    if np.linalg.norm(along) < 5.0:
        raise InputError(f"an oblique cut needs two sites at least 5 mm apart, received {where!r}")
    into = here.direction + there.direction
    plane = oblique_plane(here.point, into, along)
    if plane.right[0] < 0.0:  # as the other cuts: the subject's left on the reader's right
        plane = oblique_plane(here.point, into, -along)
    title = f"Oblique cut from {first} to {second}"
    return Cut(text, "oblique", title, "straight in between the two sites", plane)
