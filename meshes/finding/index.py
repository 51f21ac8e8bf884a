"""The list of landmarks in ``docs/landmarks.md``, written from the rules themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

_HEAD = """# Landmarks

Written by `python -m meshes.finding.index > docs/landmarks.md`; do not edit.

Named points and curves that `meshes.landmark_finder.find_landmarks` finds on the bones of any
atlas, by the rules in `meshes/landmarks.toml`. `{side}` stands for `left` and `right`, `{level}`
for a vertebra, `{rib}` for 1 to 12. A point is used as a place to attach, to measure from or to
name a site by (`scapula_left/inferior_angle`); a curve is ordered as its row says.
"""


def landmark_index() -> str:
    """Return the list as Markdown."""
    table = tomllib.loads(files("meshes").joinpath("landmarks.toml").read_text(encoding="utf-8"))
    points: dict[str, list[str]] = {}
    curves: dict[str, list[str]] = {}
    for row in table["find"]:
        name = row.get("point") or row["curve"]
        if "/_" in name:
            continue
        words = points if "point" in row else curves
        words.setdefault(name, [])
        words[name].extend(_levels(row, table["set"]))
    lines = [_HEAD, "## Points\n", "| point | levels |", "| --- | --- |"]
    lines += [f"| `{name}` | {_span(levels)} |" for name, levels in points.items()]
    lines += ["\n## Curves\n", "| curve | levels |", "| --- | --- |"]
    lines += [f"| `{name}` | {_span(levels)} |" for name, levels in curves.items()]
    return "\n".join(lines) + "\n"


def _levels(row: Mapping[str, Any], sets: Mapping[str, list[Mapping[str, Any]]]) -> list[str]:
    if "each" not in row:
        return []
    first = next(iter(sets[row["each"]][0]))
    return [str(words[first]) for words in sets[row["each"]]]


def _span(levels: list[str]) -> str:
    unique = list(dict.fromkeys(levels))
    if not unique:
        return ""
    return unique[0] if len(unique) == 1 else f"{unique[0]} to {unique[-1]}"


if __name__ == "__main__":
    import sys

    sys.stdout.write(landmark_index())
