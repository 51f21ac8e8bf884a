"""The catalogue: names, ids, layers and attachments of every structure, read from TOML.

Each ``*.toml`` beside this file holds ``[[structure]]`` tables. A sided table stands for two
structures (``trapezius`` -> ``trapezius_left``, ``trapezius_right``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from meshes.errors import ReadError, UnknownName
from meshes.terminology import Side, System, TissueLayer


@dataclass(frozen=True)
class Part:
    """A named part of a structure (``trapezius_left/descending``)."""

    id: str
    english: str
    latin: str = ""
    fma: int | None = None
    ta2: int | None = None


@dataclass(frozen=True)
class Entry:
    """What is known of a structure apart from its shape.

    Attributes
    ----------
    id : str
        English snake_case, side last.
    english, latin : str
        Name without the side; Latin is TA2.
    fma, ta2 : int or None
        Ids in FMA (of this side, where FMA tells sides apart) and Terminologia Anatomica 2.
    uberon : str
        UBERON id, or empty.
    origin, insertion, action, nerve : str
        Attachments and function, in words.
    source : str
        Where the figures and words came from.
    synonyms : tuple of str
    """

    id: str
    english: str
    latin: str
    system: System
    layer: TissueLayer
    side: Side
    region: str
    fma: int | None = None
    ta2: int | None = None
    uberon: str = ""
    parts: tuple[Part, ...] = ()
    origin: str = ""
    insertion: str = ""
    action: str = ""
    nerve: str = ""
    source: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Readable English name with its side: ``left trapezius``."""
        return self.english if self.side is Side.MIDLINE else f"{self.side.value} {self.english}"

    @property
    def base(self) -> str:
        """Id without its side."""
        suffix = "" if self.side is Side.MIDLINE else f"_{self.side.value}"
        return self.id.removesuffix(suffix)


class Catalogue(Mapping[str, Entry]):
    """All entries by id."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, structure_id: str) -> Entry:
        """Return the entry; an unknown id is an error that suggests the nearest."""
        if structure_id not in self._entries:
            raise UnknownName("structure", structure_id, self._entries)
        return self._entries[structure_id]

    def __contains__(self, structure_id: object) -> bool:
        return structure_id in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


_TEXT_FIELDS = ("latin", "uberon", "origin", "insertion", "action", "nerve", "source")


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """Read the catalogue that ships with Palpate (once per process).

    Raises
    ------
    ReadError
        If a page defines a structure twice or cannot be read.
    """
    entries: dict[str, Entry] = {}
    folder = files(__package__)
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith(".toml"):
            table = tomllib.loads(item.read_text(encoding="utf-8"))
            for row in table.get("structure", ()):
                for entry in _entries_of(row, item.name):
                    if entry.id in entries:
                        raise ReadError(f"{item.name}: structure {entry.id!r} is defined twice")
                    entries[entry.id] = entry
    return Catalogue(entries)


def _entries_of(row: Mapping[str, Any], file: str) -> list[Entry]:
    base = row.get("id")
    if not isinstance(base, str):
        raise ReadError(f"{file}: every [[structure]] needs an id, received {dict(row)!r:.80}")
    try:
        common: dict[str, Any] = {
            "english": row["english"],
            "system": System(row["system"]),
            "layer": TissueLayer(row["layer"]),
            "region": row["region"],
            "ta2": row.get("ta2"),
            "parts": tuple(Part(**part) for part in row.get("part", ())),
            "synonyms": tuple(row.get("synonyms", ())),
        }
    except (KeyError, ValueError, TypeError) as error:
        raise ReadError(f"{file}: structure {base!r}: {error}") from error
    common |= {name: row.get(name, "") for name in _TEXT_FIELDS}
    if not row.get("sided", False):
        return [Entry(id=base, side=Side.MIDLINE, fma=row.get("fma"), **common)]
    return [
        Entry(
            id=f"{base}_{side.value}",
            side=side,
            fma=row.get(f"fma_{side.value}", row.get("fma")),
            **common,
        )
        for side in (Side.LEFT, Side.RIGHT)
    ]
