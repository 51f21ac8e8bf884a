"""Named points on the skin, read from ``sites.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from meshes.errors import ReadError

_FILE = "sites.toml"


@dataclass(frozen=True)
class NamedSite:
    """How one named point is found.

    Attributes
    ----------
    id, title : str
    sided : bool
        Whether a side has to be given.
    at : mapping of str to float
        Landmark points and their weights.
    along : tuple of (str, float) or None
        A landmark curve and a fraction of its length.
    level : str
        A spinal level, or empty.
    lateral_mm : float
        Distance from the spinous line, with ``level``.
    toward : tuple of float or None
        Direction to the skin on the left side; None takes the nearest point of the skin.
    synonyms : tuple of str
    source : str
    """

    id: str
    title: str
    sided: bool = False
    at: Mapping[str, float] = field(default_factory=dict)
    along: tuple[str, float] | None = None
    level: str = ""
    lateral_mm: float = 0.0
    toward: tuple[float, float, float] | None = None
    synonyms: tuple[str, ...] = ()
    source: str = ""


@lru_cache(maxsize=1)
def named_sites() -> Mapping[str, NamedSite]:
    """Return the named points by id (once per process)."""
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    rows = tomllib.loads(text).get("site", [])
    return {site.id: site for site in (_read(row) for row in rows)}


def lookup(name: str) -> NamedSite | None:
    """Return the named point that a word means (case and spaces do not matter), or None."""
    key = _key(name)
    for site in named_sites().values():
        if key in {_key(word) for word in (site.id, *site.synonyms)}:
            return site
    return None


def site_names() -> list[str]:
    """Return every name that may be typed, sides included."""
    names = []
    for site in named_sites().values():
        for word in (site.id, *site.synonyms):
            names += [f"{word} left", f"{word} right"] if site.sided else [word]
    return names


def _key(name: str) -> str:
    return "_".join(name.lower().replace("-", " ").replace("_", " ").split())


def _read(row: Mapping[str, Any]) -> NamedSite:
    try:
        values = dict(row)
        if "along" in values:
            values["along"] = (values["along"]["curve"], float(values["along"]["fraction"]))
        for name in ("toward", "synonyms"):
            if name in values:
                values[name] = tuple(values[name])
        made = NamedSite(**values)
    except (KeyError, TypeError) as error:
        raise ReadError(f"{_FILE}: site {row.get('id')!r}: {error}") from error
    ways = [bool(made.at), made.along is not None, bool(made.level)]
    if sum(ways) != 1:
        raise ReadError(f"{_FILE}: site {made.id!r} needs one of at, along or level")
    if made.at and abs(sum(made.at.values()) - 1.0) > 1e-9:
        raise ReadError(f"{_FILE}: site {made.id!r}: weights must sum to 1")
    return made
