"""The words of a site: a name, a distance and a side."""

from __future__ import annotations

import re
from difflib import get_close_matches

from annotations.level import LEVELS
from meshes.errors import InputError
from meshes.terminology import Side

#: A number as it stands in a regular expression.
NUMBER = r"[-+]?\d+(?:\.\d*)?|[-+]?\.\d+"
_DISTANCE = re.compile(rf"({NUMBER})\s*(mm|cm)\b", re.IGNORECASE)
EXAMPLE = "'T4 3cm left', 'C7', 'GB20 left', 'scapula_left/inferior_angle' or 'x,y,z' in mm"


def words_of(text: str) -> tuple[str, float | None, Side | None]:
    """Split a phrase into name, distance in mm and side.

    Raises
    ------
    InputError
        If the phrase has no name, two sides, a negative distance or a unit missing.
    """
    said = text
    distance = None
    found = _DISTANCE.search(text)
    if found:
        value = float(found.group(1)) * (10.0 if found.group(2).lower() == "cm" else 1.0)
        if value < 0.0:
            raise InputError(
                f"a distance must not be negative, received {text!r}; name the side instead"
            )
        distance = value
        text = text[: found.start()] + " " + text[found.end() :]
    words = text.replace(",", " ").split()
    sides = [Side(word.lower()) for word in words if word.lower() in ("left", "right")]
    rest = [word for word in words if word.lower() not in ("left", "right")]
    if not rest or len(sides) > 1:
        raise InputError(f"a site reads {EXAMPLE}; received {text.strip()!r}")
    if not sides and len(rest) > 1:
        meant = get_close_matches(rest[-1].lower(), ("left", "right"), 1, 0.6)
        if meant:
            better = f"{said[: said.lower().rindex(rest[-1].lower())]}{meant[0]}"
            raise InputError(
                f"unknown side {rest[-1]!r} in site {said!r}: did you mean {better!r}?"
            )
    if len(rest) == 2 and rest[0].upper() in LEVELS and re.fullmatch(NUMBER, rest[1]):
        way = sides[0].value if sides else "left"
        raise InputError(
            f"a distance needs its unit, received {said!r}: did you mean "
            f"'{rest[0]} {rest[1]}cm {way}' or '{rest[0]} {rest[1]}mm {way}'?"
        )
    if len(rest) > 1 and rest[0].upper() in LEVELS:
        raise InputError(
            f"a site reads {EXAMPLE}; received {' '.join(words)!r}: "
            f"{' '.join(rest[1:])!r} is no distance in cm or mm"
        )
    return " ".join(rest), distance, sides[0] if sides else None
