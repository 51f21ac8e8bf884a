"""What no verdict can know about the person on the table: for whom to ask, where to keep off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotations.toml_page import entry_of, read_page
from meshes.errors import UnknownName

CONTRAINDICATIONS_FILE = Path(__file__).with_name("contraindications.toml")


class Action(StrEnum):
    """What a contraindication asks for."""

    ASK = "ask"
    LEAVE = "leave"
    LIGHTEN = "lighten"

    @property
    def label(self) -> str:
        """What to do, in words."""
        return _LABELS[self]


_LABELS = {
    Action.ASK: "Ask a doctor first",
    Action.LEAVE: "Leave the place alone",
    Action.LIGHTEN: "One step less pressure everywhere",
}


@dataclass(frozen=True)
class Contraindication:
    """One condition of the person, and what to do about it.

    Attributes
    ----------
    id, title : str
    action : Action
    reason : str
        One or two sentences.
    source, confidence : str
    """

    id: str
    title: str
    action: Action
    reason: str
    source: str
    confidence: str


@lru_cache(maxsize=4)
def load_contraindications(path: Path = CONTRAINDICATIONS_FILE) -> tuple[Contraindication, ...]:
    """Read the contraindications, in the order of the file.

    Raises
    ------
    ReadError
        If the file is not TOML or an entry is not complete; the message names the entry.
    """
    page = read_page(path, "contraindications")
    return tuple(_entry(path, row) for row in page.get("contraindication", ()))


def by_action() -> dict[Action, tuple[Contraindication, ...]]:
    """Return the contraindications under what they ask for, the most pressing first."""
    rows = load_contraindications()
    return {action: tuple(item for item in rows if item.action is action) for action in Action}


def prompt() -> str:
    """Return for whom to ask a doctor first, as one line for captions and exports."""
    titles = (item.title for item in by_action()[Action.ASK])
    names = [f"{title[:1].lower()}{title[1:]}" for title in titles]
    return f"{Action.ASK.label}: {', '.join(names)}."


def _entry(path: Path, row: Mapping[str, Any]) -> Contraindication:
    with entry_of(path, f"contraindication {row.get('id', 'without id')!r}"):
        if row["action"] not in list(Action):
            raise UnknownName("action", str(row["action"]), list(Action))
        fields = ("id", "title", "reason", "source", "confidence")
        values = {field: str(row[field]) for field in fields}
        return Contraindication(action=Action(row["action"]), **values)
