"""What commands print: one JSON document, or text for people."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


#: Why the first answer about a body, or its first picture, takes longer.
FIRST_TIME = "the first time on a body takes longest"


def print_json(document: Mapping[str, Any]) -> None:
    """Print one document to stdout; lengths are rounded to hundredths, infinity is null."""
    text = json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(text + "\n")


def plain(value: Any) -> Any:
    """Return a value as JSON knows it.

    >>> plain({"mm": np.float32(1.23456), "bone": float("inf"), "at": np.zeros(2)})
    {'mm': 1.23, 'bone': None, 'at': [0.0, 0.0]}
    """
    match value:
        case None | bool() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return plain(value.value)
        case Path():
            return str(value)
        case np.ndarray() | np.generic():
            return plain(value.tolist())
        case int():
            return value
        case float():
            return round(value, 2) + 0.0 if math.isfinite(value) else None
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case Iterable():
            return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} is not JSON")


def console(*, to_stderr: bool = False) -> Console:
    """Return a console that neither highlights numbers nor breaks lines in a pipe."""
    from rich.console import Console

    made = Console(stderr=to_stderr, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made = Console(stderr=to_stderr, highlight=False, width=160)
    return made


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table with light rules; the columns in ``right`` are right-aligned."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    figures = set(right)
    for column in columns:
        made.add_column(column, justify="right" if column in figures else "left")
    return made


def say(text: str) -> None:
    """Tell the user something that is not the command's result (stderr)."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
