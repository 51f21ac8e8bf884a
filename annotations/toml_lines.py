"""Line numbers of the entries of a TOML text, for error messages that point at the line."""

from __future__ import annotations

import re

Location = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\"]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\"]+)\s*=")


def line_of(text: str, location: Location) -> int:
    r"""Return the line (from 1) of an entry, or of the nearest table that holds it.

    Parameters
    ----------
    text : str
        The TOML text.
    location : tuple of str and int
        Keys and list indices, outermost first, as pydantic reports them.

    Examples
    --------
    >>> line_of("title = 'x'\n[[stroke]]\nname = 'a'\n[[stroke]]\nname = 'b'\n",
    ...         ("stroke", 1, "name"))
    5
    """
    lines = _all_lines(text)
    for length in range(len(location), 0, -1):
        if location[:length] in lines:
            return lines[location[:length]]
    return 1


def _all_lines(text: str) -> dict[Location, int]:
    found: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = _table(header[2], header[1] == "[[", counts)
            found.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            place = (*table, key[1].strip('"'))
            found.setdefault(place, number)
            for inner in re.findall(r"[{,]\s*([A-Za-z0-9_\-]+)\s*=", line):
                found.setdefault((*place, inner), number)
    return found


def _table(name: str, is_array: bool, counts: dict[Location, int]) -> Location:
    """Location of a table header; each array on the way stands at its latest element."""
    place: Location = ()
    words = [word.strip('"') for word in name.split(".")]
    for position, word in enumerate(words):
        place = (*place, word)
        if is_array and position == len(words) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place
