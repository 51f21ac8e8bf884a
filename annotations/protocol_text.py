"""A protocol as TOML text; what stood in its file besides, comments included, stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError
from tomlkit.items import AoT, InlineTable, Item, Table

from annotations.protocol import Protocol
from meshes.errors import ReadError

#: Tables of a path that are short enough to stand on one line.
_ON_ONE_LINE = frozenset({"circles", "zigzag", "gutter"})
#: Tables that change places leave their blank lines behind.
_BLANKS = re.compile(r"\n{3,}")


def protocol_text(protocol: Protocol, original: str = "") -> str:
    """Return a protocol as the text of its file.

    Parameters
    ----------
    protocol : Protocol
    original : str
        The text it was read from. Lines whose value is the same are left as they are, comments
        and order too; strokes are known again by their names.

    Returns
    -------
    str
        TOML that reads back to the same protocol.

    Raises
    ------
    ReadError
        If the original is no TOML.
    """
    try:
        page = tomlkit.parse(original)
    except ParseError as error:
        raise ReadError(f"TOML required to save into, it does not read: {error}") from error
    full = protocol.model_dump(mode="json", by_alias=True)
    brief = protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    strokes, briefs = full.pop("stroke"), brief.pop("stroke")
    held = page.get("stroke", [])
    names = [item.get("name") for item in held]
    same = names == [stroke["name"] for stroke in strokes]
    if not same:
        page.pop("stroke", None)
    else:
        full["stroke"] = held.unwrap()  # merged below, each stroke by itself
    _merge(page, full, brief)
    if same:
        for table, whole, short in zip(held, strokes, briefs, strict=True):
            _merge(table, whole, short)
        return tomlkit.dumps(page)
    page.append("stroke", _strokes(held, strokes, briefs))
    return _BLANKS.sub("\n\n", tomlkit.dumps(page))


def _strokes(held: Iterable[Any], full: list[dict[str, Any]], brief: list[dict[str, Any]]) -> AoT:
    left = list(held)
    made = tomlkit.aot()
    for whole, short in zip(full, brief, strict=True):
        table = next((item for item in left if item.get("name") == whole["name"]), None)
        if table is None:
            table = tomlkit.table()
            _merge(table, whole, short)
            table.add(tomlkit.nl())
        else:
            left.remove(table)
            _merge(table, whole, short)
        made.append(table)
    return made


def _merge(
    page: MutableMapping[str, Any], full: Mapping[str, Any], brief: Mapping[str, Any]
) -> None:
    """Make a table say what ``full`` says, touching only the lines that differ."""
    for key in list(page):
        if key not in brief and _plain(page[key]) != full.get(key):
            del page[key]
    for key, value in brief.items():
        inside = page.get(key)
        if isinstance(value, dict) and isinstance(inside, (Table, InlineTable)):
            _merge(inside, full[key], value)
        elif key not in page or _plain(inside) != full[key]:
            page[key] = _item(key, value)


def _item(key: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    table = tomlkit.inline_table() if key in _ON_ONE_LINE else tomlkit.table()
    for name, inner in value.items():
        table[name] = _item(name, inner)
    return table


def _plain(value: Any) -> Any:
    return value.unwrap() if isinstance(value, Item) else value
