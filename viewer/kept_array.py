"""Arrays in the cache folder that cost time to make again: one file per contents of an atlas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.errors import WriteError
from meshes.store import cache_folder


def array_path(atlas: Atlas, folder: str, key: str) -> Path | None:
    """Return where an array about an atlas is kept, or None for an atlas without a digest.

    Parameters
    ----------
    atlas : Atlas
    folder : str
        Below the cache folder.
    key : str
        What else the array depends on, with the number of its form.
    """
    if not atlas.digest:
        return None
    return cache_folder() / folder / f"{atlas.digest[:32]}-{key}.npy"


def kept_array(path: Path | None) -> NDArray[Any] | None:
    """Return what is kept, or None; a file that is no array is as good as absent."""
    if path is None:
        return None
    try:
        found = np.load(path)
    except (OSError, ValueError, EOFError):
        return None
    return found if isinstance(found, np.ndarray) else None


def keep_array(path: Path | None, array: NDArray[Any]) -> None:
    """Keep an array, whole or not at all."""
    from viewer.export.atomic import whole_file

    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as beside:
            np.save(beside, array)
    except (OSError, WriteError):
        return  # a cache that cannot be written costs time, not the picture
