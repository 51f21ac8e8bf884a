"""The tables of checks: what is measured, how, and which range a source requires.

Each ``*.toml`` beside this module holds ``[[check]]`` rows. A row names a way to measure
(``measure``), hands it everything else it holds, and gives the accepted ``range`` with the
source's code and confidence as the anatomy facts have them. ``rows`` writes one row out several
times: ``{row}`` stands for the key, the value is the range. Where ``{side}`` occurs, both sides
are measured and the worse one counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from meshes.atlas import Body
from meshes.errors import ReadError
from meshes.finding.rules import fill

#: Powers of the body's length that a unit grows with.
_GROWS = {"mm": 1, "mm2": 2, "cm2": 2, "cm3": 3}
_REFERENCE_CM = 175.0
_OWN = frozenset(
    ("id", "measure", "range", "unit", "source", "confidence", "sex", "input", "rows", "ansur")
)


@dataclass(frozen=True)
class Ansur:
    """A body measure as ANSUR II has it, mm.

    Attributes
    ----------
    male, female : tuple of float
        Value at 1750 mm and BMI 24, slope per mm of stature, slope per BMI unit.
    spread : tuple of float
        5th and 95th percentile of men: what is required of an atlas whose body is unknown.
    within : float
        Accepted share above and below the regression.
    """

    male: tuple[float, ...]
    female: tuple[float, ...]
    spread: tuple[float, ...]
    within: float = 0.05

    def required(self, body: Body | None) -> tuple[float, float]:
        """Return the accepted range for a body."""
        if body is None:
            return self.spread[0], self.spread[1]
        at, per_stature, per_bmi = self.female if body.sex == "female" else self.male
        value = at + per_stature * (body.stature_cm * 10.0 - 1750.0) + per_bmi * (body.bmi - 24.0)
        return value * (1.0 - self.within), value * (1.0 + self.within)


@dataclass(frozen=True)
class Check:
    """One requirement of a source.

    Attributes
    ----------
    id : str
        Id of the fact, or ``depth_order.N``.
    measure : str
        Way to measure, a key of ``meshes.checks.measures.MEASURES``.
    low, high : float
        Accepted range, for a stature of 1750 mm.
    unit : str
    source : str
        Codes of the anatomy facts, section 11.
    confidence : str
        ``high``, ``medium`` or ``low``.
    sex : str
        Whom the figure is for; empty if for both.
    fed : bool
        The generator of the built-in torso was given this figure too, so that agreement shows
        only that it was carried through.
    options : mapping
        What the way to measure needs to know.
    ansur : Ansur or None
        Where the range follows the body.
    """

    id: str
    measure: str
    low: float
    high: float
    unit: str
    source: str
    confidence: str
    sex: str = ""
    fed: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    ansur: Ansur | None = None

    def required(self, body: Body | None) -> tuple[float, float]:
        """Return the accepted range for a body; lengths grow with stature (facts, head)."""
        if self.ansur is not None:
            return self.ansur.required(body)
        if body is None:
            return self.low, self.high
        size = (body.stature_cm / _REFERENCE_CM) ** _GROWS.get(self.unit, 0)
        return self.low * size, self.high * size

    def concerns(self, body: Body | None) -> bool:
        """Whether the figure is for this body's sex (an atlas without one counts as a man)."""
        return self.sex in ("", "male" if body is None else body.sex)


@lru_cache(maxsize=1)
def all_checks() -> tuple[Check, ...]:
    """Return every check of the tables (read once per process).

    Raises
    ------
    ReadError
        If a table cannot be read, or two checks have one id.
    """
    found: dict[str, Check] = {}
    for page in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if not page.name.endswith(".toml"):
            continue
        for row in tomllib.loads(page.read_text(encoding="utf-8"))["check"]:
            for check in _written_out(row, page.name):
                if check.id in found:
                    raise ReadError(f"{page.name}: two checks have the id {check.id!r}")
                found[check.id] = check
    return tuple(found.values())


def _written_out(row: Mapping[str, Any], page: str) -> list[Check]:
    if "rows" not in row:
        return [_read(row, page)]
    plain = {name: value for name, value in row.items() if name != "rows"}
    made = []
    for key, span in row["rows"].items():
        made.append(_read({**fill(plain, _words(key)), "range": span}, page))
    return made


def _words(key: str) -> dict[str, str]:
    """Return what fills the placeholders of a row: itself, the level above, a disc's two levels.

    >>> _words("T1")["above"], _words("T12/L1")["lower"], _words("L1/2")["lower"]
    ('C7', 'L1', 'L2')
    """
    words = {"row": key, "side": "{side}"}
    upper, _, lower = key.partition("/")
    if lower:
        words |= {"upper": upper, "lower": upper[0] + lower if lower.isdigit() else lower}
    elif key[1:].isdigit():
        first = {"T1": "C7", "L1": "T12", "S1": "L5"}
        words["above"] = first.get(key, f"{key[0]}{int(key[1:]) - 1}")
    return words


def _read(row: Mapping[str, Any], page: str) -> Check:
    try:
        ansur = Ansur(**row["ansur"]) if "ansur" in row else None
        low, high = row["range"] if ansur is None else ansur.required(Body())
        return Check(
            row["id"],
            row["measure"],
            float(low),
            float(high),
            row["unit"],
            row["source"],
            row["confidence"],
            row.get("sex", ""),
            row.get("input", False),
            {name: value for name, value in row.items() if name not in _OWN},
            ansur,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(f"{page}: check {row.get('id')!r}: {error}") from error
