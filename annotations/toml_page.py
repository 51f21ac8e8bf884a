"""TOML pages that an anatomist may mend, read with errors that name page and entry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from meshes.errors import InputError, ReadError


def read_page(path: Path, what: str) -> dict[str, Any]:
    """Read a TOML file that holds ``what``, as "rules".

    Raises
    ------
    ReadError
        If it is not there or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ReadError(
            f"{path}: {what} in TOML required, received what does not read ({error})"
        ) from error


@contextmanager
def entry_of(path: Path, what: str) -> Iterator[None]:
    """Have the errors of reading one entry say whose they are, as "rule 'padding'".

    Raises
    ------
    ReadError
        If the block misses a key or gets a value that it cannot take.
    """
    try:
        yield
    except KeyError as error:
        raise ReadError(f"{path}: {what}: {error.args[0]!r} required, received none") from error
    except InputError as error:
        raise ReadError(f"{path}: {what}: {error}") from error
