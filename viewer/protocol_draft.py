"""A protocol that is being written: every change gives the next draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from annotations.pressure import Pressure
from annotations.protocol import Protocol, StrokeSpec, open_protocol, resolve_protocol
from annotations.protocol_text import protocol_text
from annotations.technique import Technique
from meshes.errors import InputError
from viewer.export.atomic import whole_file


@dataclass(frozen=True)
class Draft:
    """A protocol with where it came from.

    Attributes
    ----------
    protocol : Protocol
    path : Path or None
        The file it is saved to; None for one that has no file of its own yet.
    original : str
        Text it was read from, whose comments a save keeps.
    saved : Protocol or None
        The protocol as the file has it.
    """

    protocol: Protocol
    path: Path | None = None
    original: str = ""
    saved: Protocol | None = None

    @property
    def changed(self) -> bool:
        """Whether it differs from its file."""
        return self.saved is None or self.saved.model_dump() != self.protocol.model_dump()


def new_draft() -> Draft:
    """Return a protocol with one stroke to begin with."""
    stroke = StrokeSpec.model_validate(
        {
            "name": "Stroke 1",
            "technique": Technique.GLIDING,
            "pressure": Pressure.LIGHT,
            "path": {"parallel_cm": 4, "from": "T12", "to": "T3"},
        }
    )
    return Draft(Protocol(title="New protocol", strokes=[stroke]))


def opened(name_or_path: str | Path) -> Draft:
    """Return a protocol of the library by name (saved elsewhere then) or a file.

    Raises
    ------
    ReadError, UnknownName
        As :func:`annotations.protocol.open_protocol`.
    """
    path = resolve_protocol(name_or_path)
    protocol = open_protocol(path)
    own = path if Path(name_or_path).is_file() else None
    return Draft(protocol, own, path.read_text(encoding="utf-8"), protocol)


def saved_as(draft: Draft, path: Path) -> Draft:
    """Write a draft and return it as it stands in its file.

    Raises
    ------
    WriteError
        If the file cannot be written; the old one stays.
    """
    text = protocol_text(draft.protocol, draft.original)
    with whole_file(path) as beside:
        beside.write_text(text, encoding="utf-8")
    return Draft(draft.protocol, path, text, draft.protocol)


def entitled(draft: Draft, **fields: Any) -> Draft:
    """Return the draft with other title, summary, pose or ``not_to_do``.

    Raises
    ------
    InputError
        If a value does not fit.
    """
    return _with(draft, {**_page(draft), **fields})


def stroke_page(draft: Draft, index: int) -> dict[str, Any]:
    """Return one stroke as a protocol file writes it, defaults left out."""
    return draft.protocol.strokes[index].model_dump(
        mode="json", by_alias=True, exclude_defaults=True
    )


def with_stroke(draft: Draft, index: int, **fields: Any) -> Draft:
    """Return the draft with fields of one stroke set; None puts a field back to its default.

    Raises
    ------
    InputError
        If a value does not fit; the message names the field.
    """
    page = _page(draft)
    stroke = {**page["stroke"][index], **fields}
    page["stroke"][index] = {key: value for key, value in stroke.items() if value is not None}
    return _with(draft, page)


def added(draft: Draft, after: int, copy: bool = False) -> Draft:
    """Return the draft with one more stroke after another: a copy of it, or a light glide."""
    page = _page(draft)
    source = page["stroke"][after] if copy else stroke_page(new_draft(), 0)
    names = {stroke["name"] for stroke in page["stroke"]}
    base = source["name"] if copy else "Stroke"
    number = 2 if copy else len(names) + 1
    while f"{base} {number}" in names:
        number += 1
    page["stroke"].insert(after + 1, {**source, "name": f"{base} {number}"})
    return _with(draft, page)


def without(draft: Draft, index: int) -> Draft:
    """Return the draft without one stroke; the last one stays.

    Raises
    ------
    InputError
        If it is the only one.
    """
    page = _page(draft)
    if len(page["stroke"]) == 1:
        raise InputError("a protocol needs a stroke: change this one, or add another first")
    del page["stroke"][index]
    return _with(draft, page)


def moved(draft: Draft, index: int, step: int) -> Draft:
    """Return the draft with one stroke earlier (-1) or later (1); at the ends nothing changes."""
    page = _page(draft)
    strokes = page["stroke"]
    there = min(max(index + step, 0), len(strokes) - 1)
    strokes.insert(there, strokes.pop(index))
    return _with(draft, page)


def _page(draft: Draft) -> dict[str, Any]:
    return draft.protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _with(draft: Draft, page: dict[str, Any]) -> Draft:
    try:
        return replace(draft, protocol=Protocol.model_validate(page))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        names = [str(step) for step in first["loc"] if not isinstance(step, int)]
        place = ".".join(name for name in names if name != "stroke") or "protocol"
        message = str(first["msg"]).removeprefix("Value error, ")
        raise InputError(f"{place}: {message}, received {first.get('input')!r}") from error
