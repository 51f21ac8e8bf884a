"""Safety rules: conditions over named quantities, and a verdict per technique and pressure."""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.level import LEVELS
from annotations.pressure import Pressure, pressure_named
from annotations.quantity import Measured, Quantity
from annotations.technique import Technique, technique_named
from annotations.toml_page import entry_of, read_page
from annotations.verdict import Verdict, verdict_named
from meshes.errors import InputError, ReadError, UnknownName

RULES_FILE = Path(__file__).with_name("rules.toml")
Table = NDArray[np.uint8]
_NOTHING: Table = np.zeros((len(Technique), len(Pressure)), dtype=np.uint8)
_MEASURES = (
    "field", "needle", "depth", "distance", "from_behind", "beneath", "behind", "level",
)  # fmt: skip
_COMPARE: dict[str, Callable[[Any, float], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Clause:
    """One condition on one quantity, or on the bone, its part, or whether anything is known.

    Attributes
    ----------
    name : str
        Quantity, ``bone``, ``part``, ``known`` or ``level``.
    test : str
        ``<``, ``<=``, ``>``, ``>=``, ``in`` (low <= value < high), ``levels`` or ``match``.
    low, high : float
        Bounds; a single bound is ``low``.
    patterns : tuple of str
        Names with ``*`` for ``match``; one that begins with ``!`` is excluded.
    """

    name: str
    test: str
    low: float = 0.0
    high: float = 0.0
    patterns: tuple[str, ...] = ()

    def holds(self, measured: Measured) -> NDArray[np.bool_]:
        """Return where the condition holds, shape (N,); a quantity that is NaN never does."""
        if self.name == "known":
            return measured.known == bool(self.low)
        if self.name == "bone":
            return _matching(measured.bone, measured.bones, self.patterns)
        if self.name == "part":
            return _matching(measured.part, measured.parts, self.patterns)
        values = measured.values[self.name]
        if self.test in ("in", "levels"):
            return np.asarray((values >= self.low) & (values < self.high))
        return np.asarray(_COMPARE[self.test](values, self.low))


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule of safety.

    Attributes
    ----------
    id, title : str
    reason : str
        One sentence; ``{quantity}`` is filled with the measured value.
    reason_beside : str
        What is said instead where a quantity of ``reason`` has no value: the needle passes
        beside what the rule protects. Empty: ``reason`` always has its values.
    any_of : tuple of tuple of Clause
        The rule fires where every clause of at least one group holds.
    table : ndarray, shape (6, 4)
        Verdict per technique and pressure, closed so that it never falls with either.
    written : ndarray, shape (6, 4)
        The table as it stands in the file.
    statements : tuple of str
        Ids of the source statements.
    source, confidence : str
    measured : tuple of str
        Quantities reported with the verdict.
    structure : str
        What the rule protects, with ``{side}`` and ``{vertebra}`` (the one at this level) filled
        in; empty: the first bone under the point.
    affirms : bool
        Forbids nothing: it says why the place is worth working, and is listed where one may.
    """

    id: str
    title: str
    reason: str
    any_of: tuple[tuple[Clause, ...], ...]
    table: Table
    written: Table
    statements: tuple[str, ...]
    source: str
    confidence: str
    measured: tuple[str, ...]
    reason_beside: str = ""
    structure: str = ""
    affirms: bool = False

    def fires(self, measured: Measured) -> NDArray[np.bool_]:
        """Return where the rule's condition holds, shape (N,)."""
        result = np.zeros(len(measured.known), dtype=bool)
        for group in self.any_of:
            holds = np.ones(len(measured.known), dtype=bool)
            for clause in group:
                holds &= clause.holds(measured)
            result |= holds
        return result

    def verdict(self, technique: Technique, pressure: Pressure) -> Verdict:
        """Return what the rule says where it fires."""
        return Verdict(int(self.table[_row(technique), pressure.rank]))


@dataclass(frozen=True, eq=False)
class RuleBook:
    """All rules with the quantities they speak of.

    Attributes
    ----------
    rules : tuple of Rule
        In the order of the file.
    quantities : mapping of str to Quantity
    notice : str
        One line: this teaches and does not diagnose.
    """

    rules: tuple[Rule, ...]
    quantities: Mapping[str, Quantity]
    notice: str

    def __getitem__(self, rule_id: str) -> Rule:
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise UnknownName("rule", rule_id, [rule.id for rule in self.rules])


def closed(table: Table) -> Table:
    """Return the least table above ``table`` that never falls with pressure or harshness.

    Parameters
    ----------
    table : ndarray, shape (6, 4)
        Rows as in :class:`Technique`, columns as in :class:`Pressure`.
    """
    result = np.maximum.accumulate(np.array(table, dtype=np.uint8), axis=1)
    for technique in Technique:  # declared from mild to harsh, so one pass suffices
        for harsher in technique.next_harsher:
            row = _row(harsher)
            result[row] = np.maximum(result[row], result[_row(technique)])
    return result


@lru_cache(maxsize=4)
def load_rules(path: Path = RULES_FILE) -> RuleBook:
    """Read a rule file.

    Raises
    ------
    ReadError
        If the file is not TOML or a rule is not complete; the message names the rule.
    """
    page = read_page(path, "rules")
    quantities = {
        name: _quantity(path, name, dict(settings))
        for name, settings in page.get("quantity", {}).items()
    }
    rules = tuple(_rule(path, entry, quantities) for entry in page.get("rule", ()))
    return RuleBook(rules, quantities, str(page["notice"]))


def _row(technique: Technique) -> int:
    return list(Technique).index(technique)


def _matching(
    index: NDArray[np.intp], names: tuple[str, ...], patterns: tuple[str, ...]
) -> NDArray[np.bool_]:
    return _lookup(names, patterns)[index]  # index -1 reads the last entry


@lru_cache(maxsize=256)
def _lookup(names: tuple[str, ...], patterns: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which names match, and False for none; kept, for a pointer asks again and again."""
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")] or ["*"]
    barred = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    chosen = [_any_match(name, wanted) and not _any_match(name, barred) for name in names]
    lookup = np.array([*chosen, False], dtype=bool)
    lookup.flags.writeable = False
    return lookup


def _any_match(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _quantity(path: Path, name: str, settings: dict[str, Any]) -> Quantity:
    kind = settings.pop("measure", "")
    if kind not in _MEASURES:
        raise ReadError(f"{path}: quantity {name!r}: {UnknownName('measure', kind, _MEASURES)}")
    return Quantity(name, str(settings.pop("title", name)), kind, settings)


def _rule(path: Path, entry: dict[str, Any], quantities: Mapping[str, Quantity]) -> Rule:
    with entry_of(path, f"rule {entry.get('id', 'without id')!r}"):
        when = entry["when"]
        groups = when if isinstance(when, list) else [when]
        any_of = tuple(
            tuple(_clause(key, value, quantities) for key, value in group.items())
            for group in groups
        )
        affirms = bool(entry.get("affirms", False))
        written = _NOTHING if affirms else _table(entry["verdict"])
        numeric = [clause.name for group in any_of for clause in group if clause.name in quantities]
        return Rule(
            id=entry["id"],
            title=entry["title"],
            reason=entry["reason"],
            any_of=any_of,
            table=closed(written),
            written=written,
            statements=tuple(entry["statements"]),
            source=entry["source"],
            confidence=entry["confidence"],
            measured=tuple(dict.fromkeys(entry.get("measured", numeric))),
            reason_beside=str(entry.get("reason_beside", "")),
            structure=str(entry.get("structure", "")),
            affirms=affirms,
        )


def _table(rows: Mapping[str, list[str]]) -> Table:
    table = np.zeros((len(Technique), len(Pressure)), dtype=np.uint8)
    given = {technique_named(name): words for name, words in rows.items()}
    for technique in Technique:
        words = given.get(technique)
        if words is None or len(words) != len(Pressure):
            raise InputError(
                f"four verdicts required for {technique.value}, "
                f"received {0 if words is None else len(words)}"
            )
        for column, word in zip(Pressure, words, strict=True):
            table[_row(technique), pressure_named(column).rank] = verdict_named(word)
    return table


def _clause(name: str, value: Any, quantities: Mapping[str, Quantity]) -> Clause:
    if name in ("bone", "part"):
        return Clause(name, "match", patterns=tuple([value] if isinstance(value, str) else value))
    if name == "known":
        return Clause(name, "is", float(bool(value)))
    if name not in quantities:
        raise UnknownName("quantity", name, [*quantities, "bone", "part", "known"])
    text = str(value).replace(" ", "")
    if quantities[name].measure == "level":
        return _levels(name, text)
    single = re.fullmatch(r"(<=|>=|<|>)(-?\d+(?:\.\d+)?)", text)
    if single:
        return Clause(name, single[1], float(single[2]))
    between = re.fullmatch(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)", text)
    if between:
        return Clause(name, "in", float(between[1]), float(between[2]))
    raise InputError(f"a bound such as '<=12' or '8..14' required for {name}, received {value!r}")


def _levels(name: str, text: str) -> Clause:
    """``C2..S4``: from half a level above C2 to half a level below S4."""
    ends = text.split("..")
    for end in ends:
        if end not in LEVELS:
            raise UnknownName("level", end, LEVELS)
    first, last = LEVELS.index(ends[0]), LEVELS.index(ends[-1])
    return Clause(name, "levels", first - 0.5, last + 0.5)
