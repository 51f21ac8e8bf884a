"""What people call a structure: its id, its names, and the words of the treatment room.

``trapezius_left``, ``left trapezius``, ``traps left``, ``upper traps right``, ``erectors``: one
phrase may name a part, both sides, or several muscles. The words are in ``short_names.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from meshes.catalogue import Entry, load_catalogue
from meshes.errors import InputError, UnknownName, nearest_names
from meshes.terminology import Side

_SIDES = (Side.LEFT, Side.RIGHT)
_ABBREVIATED = {"l": "left", "r": "right", "l.": "left", "r.": "right"}


def structures_named(phrase: str) -> tuple[str, ...]:
    """Return the ids that a phrase names, of both sides where it tells none; none if unknown.

    A part is ``structure/part``.

    >>> structures_named("traps left"), structures_named("left upper trapezius")
    (('trapezius_left',), ('trapezius_left/descending',))
    >>> structures_named("QL")
    ('quadratus_lumborum_left', 'quadratus_lumborum_right')
    """
    catalogue = load_catalogue()
    whole, slash, part = phrase.strip().partition("/")
    if whole in catalogue:
        return (phrase.strip(),)
    words = [_ABBREVIATED.get(word, word) for word in whole.lower().replace("_", " ").split()]
    sides = [word for word in words if word in (Side.LEFT.value, Side.RIGHT.value)]
    name = " ".join(word for word in words if word not in sides)
    if len(set(sides)) > 1 or not name:
        return ()
    found = [
        item + slash + part
        for base in _bases().get(name, ())
        for item in _sided(base, sides[0] if sides else "")
    ]
    return tuple(found)


def one_structure(phrase: str, held: Iterable[str]) -> tuple[Entry, str]:
    """Return the one structure that a phrase names, and its part (empty for the whole).

    Parameters
    ----------
    phrase : str
    held : iterable of str
        Ids of the atlas, for suggestions.

    Raises
    ------
    UnknownName
        If nothing has that name.
    InputError
        If several have: which ones is told.
    """
    found = structures_named(phrase)
    if not found:
        raise unknown(phrase, held)
    if len(found) > 1:
        raise InputError(f"one structure required, {phrase!r} names {_or(found)}: give one of them")
    name, _, part = found[0].partition("/")
    return load_catalogue()[name], part


def unknown(phrase: str, held: Iterable[str]) -> UnknownName:
    """Return the error for a phrase that names nothing, with whatever is spelt or reads alike."""
    ids = [*held, *load_catalogue()]
    name = " ".join(phrase.lower().replace("_", " ").split())
    shared = [item for item in dict.fromkeys(ids) if name and name in item.replace("_", " ")]
    if nearest_names(phrase, ids):
        return UnknownName("structure", phrase, ids)
    if shared:
        return UnknownName("structure", phrase, shared[:6])
    words = [word for word in name.split() if word not in ("left", "right")]
    meant = nearest_names(" ".join(words), _bases(), 1)
    if meant:
        return UnknownName("structure", phrase, structures_named(meant[0])[:6])
    error = UnknownName("structure", phrase, [])
    error.args = (f"unknown structure {phrase!r}: palpate list names all there are",)
    return error


def _or(names: tuple[str, ...]) -> str:
    shown = names[:6]
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(shown) + more


def _sided(base: str, side: str) -> list[str]:
    """Return ids of a base (with its part) on one side, or on those there are."""
    catalogue = load_catalogue()
    name, slash, part = base.partition("/")
    if name in catalogue:
        return [] if side else [base]
    wanted = [side] if side else [item.value for item in _SIDES]
    return [f"{name}_{item}{slash}{part}" for item in wanted if f"{name}_{item}" in catalogue]


@lru_cache(maxsize=1)
def _bases() -> Mapping[str, tuple[str, ...]]:
    """Return every name without its side, lower case, and the bases it stands for."""
    found: dict[str, list[str]] = {}
    for entry in load_catalogue().values():
        for word in (entry.base.replace("_", " "), entry.english, entry.latin, *entry.synonyms):
            if word:
                listed = found.setdefault(word.lower(), [])
                if entry.base not in listed:
                    listed.append(entry.base)
    page = tomllib.loads(files(__package__).joinpath("short_names.toml").read_text("utf-8"))
    for row in page["short"]:
        for name in row["names"]:
            found[name] = list(row["structures"])
    return {name: tuple(bases) for name, bases in found.items()}
