"""Recipes: how a muscle is laid, read from ``muscles.toml``.

A recipe names key fibres by landmarks. A place is written as an anatomist would say it:

``vertebra_T4/spinous_process``
    a landmark point;
``scapula_left/medial_border @ 0.3``
    a fraction of a landmark curve's length;
``vertebra_C4/spinous_process ~ skull/external_occipital_protuberance @ 0.5``
    a fraction of the straight line between two places;
``... + (2, 8, -3)``
    the place moved by millimetres to the left, back and up (in a man of 1750 mm at rest; scaled
    with stature, and turned with the bone in a pose).

Recipes are written for the left side; the right is the mirror image.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.errors import ReadError
from meshes.landmarks import Landmarks

_FILE = "muscles.toml"
_SHIFT = re.compile(r"^(?P<place>.*?)\s*\+\s*\((?P<shift>[^)]*)\)\s*$")


@dataclass(frozen=True)
class KeyFibre:
    """One named fibre of a muscle, from its origin through ``via`` to its insertion.

    Attributes
    ----------
    places : tuple of str
        Origin, via points, insertion.
    mm : float
        Thickness of the belly on this fibre, mm.
    tendon : tuple of float
        Share of the fibre's length that is tendon at the origin and at the insertion.
    sink : float
        How far (mm) a free span of 100 mm is pressed in towards what lies beneath.
    """

    places: tuple[str, ...]
    mm: float
    tendon: tuple[float, float]
    sink: float = 0.0


@dataclass(frozen=True)
class Sheet:
    """One sheet of fibres; most muscles are one sheet, intercostals are eleven."""

    fibres: tuple[KeyFibre, ...]


@dataclass(frozen=True)
class Recipe:
    """How to lay one muscle of the left side.

    Attributes
    ----------
    id : str
        Base id, without the side.
    order : int
        Laid from low to high; each rests on what was laid before it.
    sheets : tuple of Sheet
    chart : str
        ``straight``: fibres are chords; ``cylinder``: they wind around the trunk's axis.
    outward : tuple of float or None
        Hint for the direction away from what lies beneath; None means away from the trunk axis.
    hint : float
        Weight 0..1 of that hint against the sheet's own normal.
    fill : float
        How deep (mm) the muscle fills the hollows it spans.
    rounded : bool
        Hollows are filled less towards the free borders, as the cross profile says: a thick belly
        ends rounded there; without it the filled border is as blunt as the hollow is deep.
    reach : float
        How far (mm) beneath or above its rest shape ground is looked for.
    edge : float
        Exponent of the cross profile; 2 round, 8 a flat sheet with a short rounded border.
    ends : tuple of float
        Thickness at origin and insertion as a share of the belly's.
    flat : tuple of float
        Thickness (mm) of the tendon at origin and insertion where it is a broad aponeurosis, which
        keeps it up to the belly; 0 where the belly thins all the way to its end.
    rise : float
        Least share of the length over which the belly grows from either end to its thickness.
    sag : float
        0 taut over hollows, 1 keeps to the rest shape.
    lift : float
        Rest positions are moved outward by so many mm (inward if negative).
    on : tuple of str
        The only structures it rests on; empty means all that is there.
    without : tuple of str
        Structures (or ``structure/part``; ``*`` is a wildcard) that lie over this muscle: it does
        not rest on them and is no thicker than the room beneath them.
    around : tuple of str
        Two places of an axis that the muscle wraps; outward is then away from that axis.
    slips : tuple of int
        Number of digitations at origin and insertion, 0 for a straight border.
    notch : float
        Depth of the gaps between digitations as a share of the fibre length.
    parts : tuple of (str, float)
        Part names with the v at which each ends.
    inset : float
        How far (mm) the sheet stays short of the places at both ends.
    female : float
        Thickness of a woman's muscle as a share of a man's at the same stature (HUNG 0.60-0.69).
    grain : float
        Spacing of the grid as a multiple of the usual.
    midline : bool
        Left and right make one structure.
    fascia : bool
        A sheet of connective tissue, without a red belly.
    """

    id: str
    order: int
    sheets: tuple[Sheet, ...]
    chart: str = "straight"
    outward: tuple[float, float, float] | None = None
    hint: float = 0.5
    fill: float = 0.0
    rounded: bool = False
    reach: float = 35.0
    edge: float = 5.0
    ends: tuple[float, float] = (0.25, 0.25)
    flat: tuple[float, float] = (0.0, 0.0)
    rise: float = 0.16
    sag: float = 0.0
    lift: float = 0.0
    on: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    slips: tuple[int, int] = (0, 0)
    notch: float = 0.0
    parts: tuple[tuple[str, float], ...] = ()
    inset: float = 0.0
    female: float = 0.75
    grain: float = 1.0
    midline: bool = False
    fascia: bool = False


@lru_cache(maxsize=1)
def load_recipes() -> tuple[Recipe, ...]:
    """Read all recipes, in laying order."""
    text = files("meshes.muscle").joinpath(_FILE).read_text(encoding="utf-8")
    rows = tomllib.loads(text)["muscle"]
    recipes = [_recipe(row) for row in rows]
    return tuple(sorted(recipes, key=lambda recipe: recipe.order))


def _recipe(row: dict[str, Any]) -> Recipe:
    row = dict(row)
    name = row.get("id", "?")
    try:
        mm = float(row.pop("mm"))
        tendon = tuple(row.pop("tendon", (0.08, 0.08)))
        sink = float(row.pop("sink", 0.0))
        lines = row.pop("fibre")
        levels = row.pop("repeat", None)
        extra = row.pop("extra_fibre", None)
        groups = [(lines, level) for level in levels or [None]]
        groups += [(extra, None)] if extra else []
        sheets = [
            Sheet(
                tuple(
                    _key_fibre({"mm": mm, "tendon": tendon, "sink": sink} | line, level)
                    for line in group
                )
            )
            for group, level in groups
        ]
        for key in ("outward", "ends", "flat", "on", "without", "around", "slips"):
            if key in row:
                row[key] = tuple(row[key])
        row["parts"] = tuple((part, float(end)) for part, end in row.get("parts", ()))
        return Recipe(sheets=tuple(sheets), **row)
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(f"{_FILE}: muscle {name!r}: {error}") from error


def _key_fibre(line: dict[str, Any], level: int | None) -> KeyFibre:
    places = [line["from"], *line.get("via", ()), line["to"]]
    if level is not None:
        places = [
            place.replace("{n}", str(level)).replace("{n+1}", str(level + 1)) for place in places
        ]
    share = line["tendon"]
    return KeyFibre(
        tuple(places), float(line["mm"]), (float(share[0]), float(share[1])), float(line["sink"])
    )


def locate(
    place: str, landmarks: Landmarks, scale: float | NDArray[np.float64] = 1.0
) -> NDArray[np.float64]:
    """Return the point that a place names, shape (3,), mm.

    Raises
    ------
    UnknownName
        If a landmark does not exist on this atlas.
    ReadError
        If the place cannot be read.
    """
    shift = np.zeros(3)
    match = _SHIFT.match(place)
    if match:
        place = match["place"]
        try:
            shift = np.array([float(value) for value in match["shift"].split(",")]) * scale
        except ValueError as error:
            raise ReadError(f"{_FILE}: cannot read the shift in {place!r}") from error
    fraction = None
    if "@" in place:
        place, _, text = place.rpartition("@")
        fraction = float(text)
    if "~" in place:
        first, second = (locate(end.strip(), landmarks, scale) for end in place.split("~"))
        shift = landmarks.turned(place.partition("/")[0].strip(), shift)
        return first + (0.5 if fraction is None else fraction) * (second - first) + shift
    name = place.strip()
    shift = landmarks.turned(name.partition("/")[0], shift)
    if fraction is not None:
        return landmarks.along(name, fraction) + shift
    return landmarks.point(name) + shift
