"""Pages kept on disk of what was computed on an atlas: one per contents of atlas and code.

An atlas is known by its digest, so a page can never speak of other shapes; one that cannot be
read or written is as good as absent.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import IO

from meshes.atlas import Atlas

#: Pages kept in a folder, newest first: a body and pose has one of each, up to 10 MB.
MOST_KEPT = 12


def page_path(atlas: Atlas, name: str, made_by: tuple[str, ...]) -> Path | None:
    """Return where a page about an atlas is kept, or None for an atlas without a digest.

    Parameters
    ----------
    atlas : Atlas
    name : str
        Folder and suffix of such pages, as ``"depth.npz"``.
    made_by : tuple of str
        Modules of this package that the page follows from: a page of other code is not found.
    """
    from meshes.store import cache_folder

    if not atlas.digest:
        return None
    folder, suffix = name.rsplit(".", 1)
    return cache_folder() / folder / f"{atlas.digest[:32]}-{_code_key(made_by)}.{suffix}"


def keep_page(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a page beside and rename it; a cache that cannot be written is no error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent
        )
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.replace(name, path)
        _forget_oldest(path)
    except OSError:
        Path(name).unlink(missing_ok=True)


def _forget_oldest(newest: Path) -> None:
    others = newest.parent.glob(f"[!.]*{newest.suffix}")
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[MOST_KEPT:]:
        path.unlink(missing_ok=True)


@lru_cache(maxsize=8)
def _code_key(made_by: tuple[str, ...]) -> str:
    folder = files(__package__)
    total = hashlib.sha256()
    for module in made_by:
        total.update(folder.joinpath(f"{module}.py").read_bytes())
    return total.hexdigest()[:12]
