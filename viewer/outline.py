"""The atlas as an outline: region, layer, structure, part; and the search over it.

Plain data for a tree on the screen; nothing here knows Qt.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from meshes.terminology import System, TissueLayer

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from meshes.catalogue import Entry
    from meshes.structure import Structure

#: From the head down, then outward along the limbs; other regions follow in their own order.
REGIONS = (
    "body", "head", "neck", "shoulder", "back", "thorax", "abdomen", "pelvis", "hip",
    "arm", "forearm", "hand", "thigh", "leg", "foot",
)  # fmt: skip
#: Share of letters in common from which a name is taken to be meant (``romboid``).
NEARLY = 0.8
_WORDS = re.compile(r"[a-z0-9]+")


class Kind(StrEnum):
    """What a row of the outline stands for."""

    REGION = "region"
    LAYER = "layer"
    STRUCTURE = "structure"
    PART = "part"


@dataclass(frozen=True)
class Item:
    """One row.

    Attributes
    ----------
    key : str
        Unique: ``back``, ``back/3``, ``rhomboid_major_left``, ``trapezius_left/descending``.
    kind : Kind
    english, latin : str
    structures : tuple of str
        Ids of the structures it stands for; a part stands for the structure it belongs to.
    children : tuple of Item
    """

    key: str
    kind: Kind
    english: str
    latin: str
    structures: tuple[str, ...]
    children: tuple[Item, ...] = ()

    def walk(self) -> Iterator[Item]:
        """Yield this row and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def outline(atlas: Atlas) -> tuple[Item, ...]:
    """Return an atlas as regions, each with its layers, their structures and their parts."""
    grouped: dict[str, dict[TissueLayer, list[Structure]]] = {}
    for structure in atlas.structures.values():
        layers = grouped.setdefault(structure.entry.region, {})
        layers.setdefault(structure.layer, []).append(structure)
    known = {name: rank for rank, name in enumerate(REGIONS)}
    names = sorted(grouped, key=lambda name: (known.get(name, len(known)), name))
    return tuple(_region(name, grouped[name]) for name in names)


def found(items: Iterable[Item], keys: frozenset[str]) -> tuple[Item, ...]:
    """Return the outline with nothing but the structures of these keys and what they hang from.

    A structure keeps its parts; of a structure that is found by its parts only those are kept.
    """
    kept = []
    for item in items:
        if item.kind is Kind.STRUCTURE:
            parts = tuple(part for part in item.children if part.key in keys)
            if item.key in keys:
                kept.append(item)
            elif parts:
                kept.append(replace(item, children=parts))
            continue
        below = found(item.children, keys)
        if below:
            ids = tuple(name for child in below for name in child.structures)
            kept.append(replace(item, children=below, structures=ids))
    return tuple(kept)


def search(atlas: Atlas, text: str) -> tuple[str, ...]:
    """Return what a text finds, best first: keys of structures and parts.

    Every word has to begin a word of the English, Latin or other name, of the id or of an FMA,
    TA2 or UBERON number (``FMA 9626``, ``TA2 2226``, or the number alone). Where nothing is
    found, names that are nearly written like it are.

    Parameters
    ----------
    atlas : Atlas
    text : str
        As it is typed; case does not matter.
    """
    wanted = _WORDS.findall(text.casefold())
    if not wanted:
        return ()
    scored = []
    rows = [row for item in atlas.structures.values() for row in _rows(item)]
    for order, (key, name, words) in enumerate(rows):
        if all(any(word.startswith(piece) for word in words) for piece in wanted):
            exact = words.issuperset(wanted)
            scored.append((_rank(name, wanted), not exact, len(words), order, key))
    if not scored and len("".join(wanted)) > 3:
        return _nearly(rows, " ".join(wanted))
    return tuple(key for *_, key in sorted(scored))


def _rank(name: str, wanted: list[str]) -> int:
    """0 the name itself, 1 its beginning, 2 a word within it, 3 anything else."""
    typed = " ".join(wanted)
    if name == typed:
        return 0
    if name.startswith(typed):
        return 1
    return 2 if f" {typed}" in name else 3


def _nearly(rows: list[tuple[str, str, frozenset[str]]], typed: str) -> tuple[str, ...]:
    best: dict[str, float] = {}
    for key, name, _ in rows:
        close = max(
            difflib.SequenceMatcher(None, typed, piece).ratio() for piece in (name, *name.split())
        )
        if close >= NEARLY:
            best[key] = close
    return tuple(sorted(best, key=lambda key: -best[key]))


def _rows(structure: Structure) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield key, plain English name and searchable words of a structure and its parts."""
    entry = structure.entry
    yield structure.id, entry.english.casefold(), _words_of(entry)
    for part, english, latin, numbers in _parts(structure):
        words = frozenset(_WORDS.findall(f"{part} {english} {latin}".casefold())) | numbers
        yield f"{structure.id}/{part}", english.casefold(), words


def _words_of(entry: Entry) -> frozenset[str]:
    told = " ".join((entry.id, entry.english, entry.latin, *entry.synonyms))
    words = frozenset(_WORDS.findall(told.casefold()))
    return words | _numbers(entry.fma, entry.ta2) | frozenset(_WORDS.findall(entry.uberon.lower()))


def _numbers(fma: int | None, ta2: int | None) -> frozenset[str]:
    words: set[str] = set()
    for title, number in (("fma", fma), ("ta2", ta2)):
        if number is not None:
            words |= {title, str(number), f"{title}{number}"}
    return frozenset(words)


def _parts(structure: Structure) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """Yield id, English, Latin and numbers of the parts that a structure's shape has."""
    known = {part.id: part for part in structure.entry.parts}
    for name in structure.parts:
        part = known.get(name)
        if part is None:
            yield name, name.replace("_", " "), "", frozenset()
        else:
            yield name, part.english, part.latin, _numbers(part.fma, part.ta2)


def _region(name: str, layers: dict[TissueLayer, list[Structure]]) -> Item:
    rows = tuple(_layer(name, layer, layers[layer]) for layer in sorted(layers))
    ids = tuple(structure for row in rows for structure in row.structures)
    return Item(name, Kind.REGION, _capital(name.replace("_", " ")), "", ids, rows)


def _layer(region: str, layer: TissueLayer, structures: list[Structure]) -> Item:
    rows = tuple(_structure(item) for item in structures)
    ids = tuple(item.id for item in structures)
    return Item(f"{region}/{int(layer)}", Kind.LAYER, layer.title, "", ids, rows)


def _structure(structure: Structure) -> Item:
    entry = structure.entry
    parts = tuple(
        Item(
            f"{structure.id}/{part}", Kind.PART, _capital(english), _capital(latin),
            (structure.id,),
        )
        for part, english, latin, _ in _parts(structure)
    )  # fmt: skip
    return Item(
        structure.id, Kind.STRUCTURE, _capital(entry.name), _capital(entry.latin),
        (structure.id,), parts,
    )  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def bones(atlas: Atlas) -> tuple[str, ...]:
    """Return the ids of everything skeletal: what tells where in the body one is."""
    return tuple(
        item.id
        for item in atlas.structures.values()
        if item.system in (System.SKELETAL, System.ARTICULAR)
    )
