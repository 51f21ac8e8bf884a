"""Relations kept on disk, one small page per atlas content and code.

An atlas is known by its digest, so a page can never speak of other shapes; one that cannot be
read or written is as good as absent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from meshes.atlas import Atlas
from meshes.kept_page import keep_page, page_path

_MADE_BY = (
    "crossings",
    "depth",
    "embree",
    "exact_crossings",
    "intervals",
    "near_rays",
    "overlay",
    "rays",
    "relation_cache",
    "relations",
    "skin_surface",
    "smooth_normals",
    "touching",
    "triangle",
)


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
    page = json.dumps(_page(path) | {structure_id: row}).encode()
    keep_page(path, lambda file: file.write(page))


def _path(atlas: Atlas) -> Path | None:
    return page_path(atlas, "relations.json", _MADE_BY)


def _page(path: Path) -> dict[str, Any]:
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return page if isinstance(page, dict) else {}
