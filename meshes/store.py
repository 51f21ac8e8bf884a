"""Atlases on disk: one folder of memory-mapped arrays beside one JSON page.

Layout of a folder: ``atlas.json`` (names, ranges, origins, landmarks) and one ``.npy`` per
attribute, all structures end to end, so that opening a million triangles costs a page table.
A folder is written beside its final name and renamed, so a reader never sees half of it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes import frame
from meshes.atlas import Atlas, Body, SetAside
from meshes.catalogue import load_catalogue
from meshes.errors import ReadError, WriteError
from meshes.landmarks import Landmarks
from meshes.structure import Origin, Structure
from meshes.surface import Fibres, Surface
from meshes.terminology import Provenance

FORMAT = 1
_HAS_USERS = hasattr(os, "getuid")
_PAGE = "atlas.json"


def cache_folder() -> Path:
    """Return the user's cache folder for Palpate (``XDG_CACHE_HOME`` is honoured).

    Where it cannot be written, it is one of this user's own among the temporary files, so that
    a torso is not built only to be lost (see ``cache_set_aside``).
    """
    wanted = _wanted_cache()
    return wanted if _writable(wanted) else _spare_cache() or wanted


def cache_set_aside() -> tuple[Path, Path | None] | None:
    """Return the cache folder that cannot be written and the one used instead, if it is so."""
    wanted = _wanted_cache()
    return None if _writable(wanted) else (wanted, _spare_cache())


def _wanted_cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("palpate")


@lru_cache(maxsize=8)
def _writable(folder: Path) -> bool:
    """Whether a folder can be written, tried once per process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _spare_cache() -> Path | None:
    """Return a cache folder among the temporary files that nobody else can write, or None.

    Torsos that the folder that cannot be written holds are found in it too.
    """
    folder = Path(tempfile.gettempdir()) / f"palpate-{os.getuid() if _HAS_USERS else 'cache'}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        mine = not _HAS_USERS or (state.st_uid == os.getuid() and state.st_mode & 0o022 == 0)
        if not mine or folder.is_symlink() or not folder.is_dir():
            return None
        (folder / "atlases").mkdir(exist_ok=True)
        for kept in _wanted_cache().glob("atlases/[!.]*"):
            if not (folder / "atlases" / kept.name).exists():
                (folder / "atlases" / kept.name).symlink_to(kept)
    except OSError:
        return None
    return folder


def data_folder() -> Path:
    """Return the folder where imported atlases live (``XDG_DATA_HOME`` is honoured)."""
    import platformdirs

    return platformdirs.user_data_path("palpate") / "atlases"


def save_atlas(atlas: Atlas, folder: Path) -> None:
    """Write an atlas to ``folder``, replacing what was there in one rename.

    Raises
    ------
    WriteError
        If the folder cannot be written (permission, disk full).
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise WriteError(f"cannot write atlas to {folder}: {error.strerror}") from error
    try:
        _write(atlas, beside)
        _swap(beside, folder)
    except OSError as error:
        raise WriteError(f"cannot write atlas to {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def load_atlas(folder: Path) -> Atlas:
    """Open an atlas folder; arrays are memory-mapped and read-only.

    Raises
    ------
    ReadError
        If the folder holds no atlas of this format.
    """
    page_path = folder / _PAGE
    try:
        page = json.loads(page_path.read_text(encoding="utf-8"))
        if page["format"] != FORMAT:
            raise ReadError(
                f"{page_path}: format {FORMAT} required, found {page['format']}; import it again"
            )
        return _read(page, folder)
    except ReadError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{folder}: not a Palpate atlas folder ({error})") from error


def _swap(beside: Path, folder: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        os.rename(folder, old / "was")
        os.rename(beside, folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.rename(beside, folder)


def _write(atlas: Atlas, folder: Path) -> None:
    arrays: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("vertices", "normals", "faces", "part", "fibres", "direction")
    }
    rows = []
    vertex = face = fibre = 0
    for item in atlas.structures.values():
        surface = item.surface
        arrays["vertices"].append(surface.vertices)
        arrays["normals"].append(surface.normals)
        arrays["faces"].append(surface.faces)
        arrays["part"].append(
            np.full(len(surface.faces), -1, np.int16) if surface.part is None else surface.part
        )
        row = {
            "id": item.id,
            "vertices": [vertex, vertex + len(surface.vertices)],
            "faces": [face, face + len(surface.faces)],
            "parts": list(item.parts),
            "has_part": surface.part is not None,
            "origin": asdict(item.origin),
        }
        if surface.fibres is not None:
            row["fibres"] = [fibre, fibre + len(surface.vertices)]
            fibre += len(surface.vertices)
            lines = surface.fibres
            arrays["fibres"].append(np.stack([lines.u, lines.v, lines.tendon], axis=1))
            arrays["direction"].append(lines.direction)
        rows.append(row)
        vertex += len(surface.vertices)
        face += len(surface.faces)
    empty: dict[str, NDArray[Any]] = {
        "vertices": np.empty((0, 3), np.float32),
        "normals": np.empty((0, 3), np.float32),
        "faces": np.empty((0, 3), np.int32),
        "part": np.empty(0, np.int16),
        "fibres": np.empty((0, 3), np.float32),
        "direction": np.empty((0, 3), np.float32),
    }
    for name, pieces in arrays.items():
        joined = np.concatenate(pieces) if pieces else empty[name]
        np.save(folder / f"{name}.npy", joined.astype(empty[name].dtype, copy=False))
    page = {
        "format": FORMAT,
        "name": atlas.name,
        "title": atlas.title,
        "licence": atlas.licence,
        "frame": {"axes": frame.AXES, "units": frame.UNITS, "origin": frame.ORIGIN},
        "body": None if atlas.body is None else asdict(atlas.body),
        "pose": atlas.pose,
        "digest": atlas.digest,
        "notes": list(atlas.notes),
        "set_aside": [asdict(item) for item in atlas.set_aside],
        "structures": rows,
        "landmarks": {
            "points": {name: _rounded(at) for name, at in atlas.landmarks.points.items()},
            "curves": {name: _rounded(line) for name, line in atlas.landmarks.curves.items()},
        },
    }
    (folder / _PAGE).write_text(json.dumps(page, indent=1), encoding="utf-8")


def _rounded(values: NDArray[np.float64]) -> Any:
    return np.round(values, 4).tolist()


def _read(page: dict[str, Any], folder: Path) -> Atlas:
    arrays = {
        name: np.load(folder / f"{name}.npy", mmap_mode="r")
        for name in ("vertices", "normals", "faces", "part", "fibres", "direction")
    }
    catalogue = load_catalogue()
    structures = {}
    for row in page["structures"]:
        v0, v1 = row["vertices"]
        f0, f1 = row["faces"]
        fibres = None
        if "fibres" in row:
            w0, w1 = row["fibres"]
            uvt = arrays["fibres"][w0:w1]
            fibres = Fibres(uvt[:, 0], uvt[:, 1], arrays["direction"][w0:w1], uvt[:, 2])
        surface = Surface(
            arrays["vertices"][v0:v1],
            arrays["faces"][f0:f1],
            arrays["normals"][v0:v1],
            arrays["part"][f0:f1] if row["has_part"] else None,
            fibres,
        )
        origin = row["origin"]
        structures[row["id"]] = Structure(
            catalogue[row["id"]],
            surface,
            Origin(Provenance(origin["kind"]), origin["source"], origin["licence"]),
            tuple(row["parts"]),
        )
    marks = page["landmarks"]
    return Atlas(
        name=page["name"],
        title=page["title"],
        licence=page["licence"],
        structures=structures,
        landmarks=Landmarks(
            {name: np.array(at) for name, at in marks["points"].items()},
            {name: np.array(line) for name, line in marks["curves"].items()},
        ),
        set_aside=tuple(SetAside(**item) for item in page["set_aside"]),
        body=None if page["body"] is None else Body(**page["body"]),
        pose=page["pose"],
        digest=page["digest"],
        notes=tuple(page["notes"]),
    )
