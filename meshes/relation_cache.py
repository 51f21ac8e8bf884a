"""Relations kept on disk, one small page per atlas content and code.

An atlas is known by its digest, so a page can never speak of other shapes; one that cannot be
read or written is as good as absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from meshes.atlas import Atlas

_MADE_BY = (
    "crossings",
    "depth",
    "intervals",
    "overlay",
    "rays",
    "relation_cache",
    "relations",
    "skin_surface",
    "smooth_normals",
    "touching",
)
#: Pages kept, newest first.
_KEPT = 24


def kept(atlas: Atlas, structure_id: str) -> dict[str, Any] | None:
    """Return what was kept of a structure, or None."""
    path = _path(atlas)
    row = {} if path is None else _page(path).get(structure_id)
    return row if isinstance(row, dict) and row else None


def keep(atlas: Atlas, structure_id: str, row: dict[str, Any]) -> None:
    """Add a structure to the page of its atlas: written beside, then renamed."""
    path = _path(atlas)
    if path is None:
        return
    page = _page(path) | {structure_id: row}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".json", dir=path.parent)
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(page, file)
        os.replace(beside, path)
        _forget_oldest(path.parent)
    except OSError:
        Path(beside).unlink(missing_ok=True)


def _path(atlas: Atlas) -> Path | None:
    from meshes.store import cache_folder

    if not atlas.digest:
        return None
    return cache_folder() / "relations" / f"{atlas.digest[:32]}-{_code_key()}.json"


def _page(path: Path) -> dict[str, Any]:
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return page if isinstance(page, dict) else {}


def _forget_oldest(folder: Path) -> None:
    pages = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in pages[_KEPT:]:
        path.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _code_key() -> str:
    folder = files(__package__)
    total = hashlib.sha256()
    for module in _MADE_BY:
        total.update(folder.joinpath(f"{module}.py").read_bytes())
    return total.hexdigest()[:12]
