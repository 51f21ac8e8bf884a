"""Read the landmark rules: one row per kind of landmark, expanded over sides, levels and ribs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from meshes.errors import ReadError

SIDES = ("left", "right")


@dataclass(frozen=True)
class Rule:
    """One landmark to look for, or one part to name.

    Attributes
    ----------
    name : str
        ``bone/feature``, placeholders filled in.
    curve : bool
        Whether it is a curve rather than a point.
    method : str
        How to find it (``region`` for a part).
    options : mapping
        What the method needs, placeholders filled in.
    mirror : bool
        The row is written for the left; seek in the mirror image.
    where : str
        File and row, for messages.
    """

    name: str
    curve: bool
    method: str
    options: Mapping[str, Any]
    mirror: bool
    where: str


@lru_cache(maxsize=1)
def read_spans() -> tuple[tuple[str, str, float], ...]:
    """Return the spans that tell a person's size: two points and their distance in mm."""
    text = files("meshes").joinpath("landmarks.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["span"]
    return tuple((row["from"], row["to"], float(row["mm"])) for row in rows)


def read_rules(file: str = "landmarks.toml", table: str = "find") -> tuple[Rule, ...]:
    """Return the rules of a file beside ``meshes``, in the order in which they depend.

    Raises
    ------
    ReadError
        If a row names no landmark or method, or a placeholder that its set does not have.
    """
    text = files("meshes").joinpath(file).read_text(encoding="utf-8")
    document = tomllib.loads(text)
    sets: Mapping[str, list[Mapping[str, Any]]] = document.get("set", {})
    rules: list[Rule] = []
    for number, row in enumerate(document.get(table, ()), start=1):
        where = f"{file}: [[{table}]] {number}"
        rules.extend(_expand(row, sets, where))
    return tuple(rules)


def _expand(
    row: Mapping[str, Any], sets: Mapping[str, list[Mapping[str, Any]]], where: str
) -> Iterator[Rule]:
    row = dict(row)
    curve = row.pop("curve", None)
    name = curve or row.pop("point", None) or row.pop("part", None)
    method = row.pop("by", "region")
    if not isinstance(name, str) or not isinstance(method, str):
        raise ReadError(f"{where}: needs a point, a curve or a part; received {sorted(row)}")
    each = row.pop("each", None)
    if each is not None and each not in sets:
        raise ReadError(f"{where}: {name}: no [[set.{each}]]; there are {', '.join(sorted(sets))}")
    sides = SIDES if "{side}" in name else ("",)
    for values in sets[each] if each is not None else [{}]:
        for side in sides:
            words = {key: str(value) for key, value in values.items()}
            if side:
                words["side"] = side
            try:
                yield Rule(
                    fill(name, words),
                    curve is not None,
                    method,
                    fill(row, words),
                    side == "right",
                    where,
                )
            except KeyError as error:
                raise ReadError(f"{where}: {name}: nothing fills {error}") from error


def fill(value: Any, words: Mapping[str, str]) -> Any:
    """Return a TOML value with the placeholders in its strings filled in."""
    if isinstance(value, str):
        return value.format_map(words) if "{" in value else value
    if isinstance(value, list):
        return [fill(item, words) for item in value]
    if isinstance(value, Mapping):
        return {key: fill(item, words) for key, item in value.items()}
    return value
