"""Scene files: what is looked at, as readable JSON; nothing of the anatomy itself.

A scene names its atlas, body and pose and holds the view's state, so that somebody else sees the
same dissection. The fields of :class:`viewer.state.ViewState` are written as they are declared;
what only a moment of a stroke shows (hands, trails, what lies beneath) is left out.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, get_args, get_origin

import numpy as np

from meshes.atlas import Body
from meshes.errors import InputError, ReadError, UnknownName, nearest_names
from viewer.export.atomic import whole_file
from viewer.state import ViewState

SUFFIX = ".palpate.json"
VERSION = 1
#: Fields of the state that belong to a moment, not to a scene.
_OF_A_MOMENT = frozenset(
    {"contacts", "trails", "beneath", "caption", "title", "highlighted", "caution_share"}
)


@dataclass(frozen=True, eq=False)
class SavedScene:
    """What a scene file holds.

    Attributes
    ----------
    atlas : str
        Name of the atlas, or the path of its folder.
    body : Body or None
    pose : str
    protocol : str
        Name or path of the protocol that was open, or empty.
    state : ViewState
    """

    atlas: str = "builtin"
    body: Body | None = None
    pose: str = "rest"
    protocol: str = ""
    state: ViewState = field(default_factory=ViewState)


def save_scene(path: Path, scene: SavedScene) -> None:
    """Write a scene; the file appears when it is whole.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    page = {
        "palpate_scene": VERSION,
        "atlas": scene.atlas,
        "body": None if scene.body is None else asdict(scene.body),
        "pose": scene.pose,
        "protocol": scene.protocol,
        "view": state_page(scene.state),
    }
    with whole_file(Path(path)) as beside:
        beside.write_text(json.dumps(page, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_scene(path: Path) -> SavedScene:
    """Read a scene.

    Raises
    ------
    ReadError
        If the file is no scene, or from a newer Palpate; the message names file and field.
    """
    path = Path(path)
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReadError(f"{path}: a scene file required, there is none; check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None)
        why = told.lower() if told else "it is no text in UTF-8"
        raise ReadError(f"{path}: a scene file required, it cannot be read: {why}") from error
    except json.JSONDecodeError as error:
        raise ReadError(
            f"{path}:{error.lineno}: JSON required, received what does not read: {error.msg}"
        ) from error
    version = page.get("palpate_scene") if isinstance(page, dict) else None
    if version is None:
        raise ReadError(f"{path}: a scene file required, received JSON without 'palpate_scene'")
    if version != VERSION:
        raise ReadError(
            f"{path}: a scene of version {VERSION} required, received version {version}; "
            "update Palpate"
        )
    try:
        body = page.get("body")
        return SavedScene(
            atlas=str(page.get("atlas", "builtin")),
            body=None if body is None else _read(Body, body, "body"),
            pose=str(page.get("pose", "rest")),
            protocol=str(page.get("protocol", "")),
            state=state_of(page.get("view", {})),
        )
    except (InputError, UnknownName) as error:
        raise ReadError(f"{path}: {error}") from error


def state_page(state: ViewState) -> dict[str, Any]:
    """Return a state as plain JSON values; what is as it was from the start is left out."""
    start = ViewState()
    page = {}
    for one in fields(ViewState):
        if one.name in _OF_A_MOMENT:
            continue
        value = _plain(getattr(state, one.name))
        if value != _plain(getattr(start, one.name)):
            page[one.name] = value
    return page


def state_of(page: Mapping[str, Any]) -> ViewState:
    """Return the state that a page holds.

    Raises
    ------
    InputError
        If a field is unknown or has a value of another kind.
    """
    return typing.cast(ViewState, _read(ViewState, page, "view", without=_OF_A_MOMENT))


def _plain(value: Any) -> Any:
    if isinstance(value, IntEnum):
        return int(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.ndarray):
        return [round(float(one), 3) for one in value]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value


def _read(kind: Any, page: Any, place: str, without: frozenset[str] = frozenset()) -> Any:
    """Read a dataclass; every field goes by its annotation."""
    if not isinstance(page, Mapping):
        raise InputError(f"{place}: a table required, received {page!r}")
    hints = typing.get_type_hints(kind)
    known = {one.name: one for one in fields(kind) if one.name not in without}
    for name in page:
        if name not in known:
            near = nearest_names(name, known)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise InputError(f"{place}: unknown field {name!r}{hint}")
    missing = [
        name
        for name, one in known.items()
        if name not in page and one.default is MISSING and one.default_factory is MISSING
    ]
    if missing:
        raise InputError(f"{place}: {missing[0]} required, received none")
    return kind(
        **{name: _value(hints[name], value, f"{place}.{name}") for name, value in page.items()}
    )


def _value(kind: Any, value: Any, place: str) -> Any:
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in inside:
            return None
        return _value(next(one for one in inside if one is not type(None)), value, place)
    if origin is np.ndarray:
        return np.array([_number(one, place) for one in _row(value, place)], dtype=np.float64)
    if origin is frozenset:
        return frozenset(_value(inside[0], one, place) for one in _row(value, place))
    if origin is tuple:
        row = _row(value, place)
        kinds = [inside[0]] * len(row) if inside[-1] is Ellipsis else list(inside)
        if len(kinds) != len(row):
            raise InputError(f"{place}: {len(kinds)} values required, received {len(row)}")
        return tuple(_value(one, item, place) for one, item in zip(kinds, row, strict=True))
    if is_dataclass(kind):
        return _read(kind, value, place)
    if issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            choices = ", ".join(str(_plain(one)) for one in kind)
            raise InputError(f"{place}: one of {choices} required, received {value!r}") from None
    if kind is float:
        return _number(value, place)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InputError(f"{place}: {kind.__name__} required, received {value!r}")
    return value


def _row(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{place}: a list required, received {value!r}")
    return value


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise InputError(f"{place}: a number required, received {value!r}")
    return float(value)
