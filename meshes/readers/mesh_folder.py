"""A folder of one's own meshes, one structure each, described by a small ``atlas.toml``.

::

    title = "My segmentation"
    licence = "CC BY 4.0"
    axes = "RAS"            # where x, y and z point: L or R, P or A, S or I; a CT is LPS or RAS
    unit_mm = 1.0           # length of one unit
    origin_mm = [0, 0, 0]   # L5-S1 disc centre in the file's own axes, in mm; left out where the
                            # folder holds vertebra_L5 and sacrum

    [names]                 # only for files not named by a catalogue id
    "L1 vertebra" = "vertebra_L1"
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.catalogue import load_catalogue
from meshes.errors import InputError, ReadError, UnknownName
from meshes.frame import Affine
from meshes.progress import Progress, part_of, silent
from meshes.readers.finish import finish
from meshes.readers.folder_of_parts import Parts
from meshes.readers.gltf import GltfFile
from meshes.readers.mend import Mesh, join
from meshes.readers.origin import disc_centre

TITLE = "a folder of meshes named by structure"
PAGE = "atlas.toml"
SUFFIXES = (".glb", ".obj", ".ply", ".stl")
_POINTS = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1)}


def read(folder: Path, name: str, progress: Progress = silent) -> Atlas:
    """Read a folder of meshes named by catalogue id (``scapula_left.stl``).

    Parameters
    ----------
    folder : Path
        Holds ``atlas.toml`` and ``.stl``, ``.ply``, ``.obj`` or ``.glb`` files.
    name : str
        Short name of the atlas.
    progress : Progress

    Raises
    ------
    ReadError
        If the page or a mesh is missing or broken, or nothing sets the origin.
    UnknownName
        If ``[names]`` points at something the catalogue does not hold.
    """
    page = _page(folder / PAGE)
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise ReadError(f"{folder}: meshes ({', '.join(SUFFIXES)}) are required, none found")
    source = Affine(
        float(page.get("unit_mm", 1.0)) * axes_to_lps(str(page.get("axes", "LPS"))), np.zeros(3)
    )
    parts = Parts(str(page["title"]), str(page["licence"]))
    gathering = part_of(progress, 0.0, 0.8)
    for done, path in enumerate(paths):
        gathering(done / len(paths), path.stem)
        target = _target(path.stem, page)
        if target is None:
            parts.leave(path.name, f"its name is no catalogue id and not in [names] of {PAGE}")
            continue
        mesh = _load(path)
        faces = mesh.faces[:, ::-1] if source.flips else mesh.faces
        parts.add(target, path.name, Mesh(source(mesh.vertices), faces))
    progress(0.8, "landmarks and bone parts")
    landmarks, structures = finish(
        parts.structures(Affine(np.eye(3), -_origin(page, parts, folder)))
    )
    progress(1.0, "done")
    return Atlas(
        name=name,
        title=str(page["title"]),
        licence=f"{page['title']}, {page['licence']}",
        structures=structures,
        landmarks=landmarks,
        set_aside=tuple(parts.set_aside),
    )


def axes_to_lps(axes: str) -> NDArray[np.float64]:
    """Return the matrix from axes named by where they point into LPS, shape (3, 3).

    Examples
    --------
    >>> (axes_to_lps("RAS") @ [1.0, 2.0, 3.0]).tolist()
    [-1.0, -2.0, 3.0]
    >>> (axes_to_lps("LSA") @ [1.0, 2.0, 3.0]).tolist()
    [1.0, -3.0, 2.0]
    """
    letters = axes.upper()
    if len(letters) != 3 or {_POINTS.get(letter, (9,))[0] for letter in letters} != {0, 1, 2}:
        raise InputError(
            f"axes must name one of L/R, one of P/A and one of S/I (RAS, LPS, LSA), received "
            f"{axes!r}"
        )
    matrix = np.zeros((3, 3))
    for column, letter in enumerate(letters):
        row, sign = _POINTS[letter]
        matrix[row, column] = sign
    return matrix


def _page(path: Path) -> dict[str, Any]:
    try:
        page = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReadError(
            f"{path}: required beside the meshes, with title, licence and axes ({error.strerror})"
        ) from error
    except ValueError as error:
        raise ReadError(f"{path}: not usable TOML ({error})") from error
    absent = [key for key in ("title", "licence") if not page.get(key)]
    if absent:
        raise ReadError(f"{path}: {' and '.join(absent)} required, not found")
    return page


def _target(stem: str, page: dict[str, Any]) -> str | None:
    catalogue = load_catalogue()
    given = page.get("names", {}).get(stem)
    if given is not None:
        structure, _, part = str(given).partition("/")
        valid = {row.id for row in catalogue[structure].parts}
        if part and part not in valid:
            raise UnknownName(f"part of {structure}", part, valid)
        return str(given)
    return stem if stem in catalogue else None


def _load(path: Path) -> Mesh:
    if path.suffix.lower() == ".glb":
        meshes = [Mesh(mesh.vertices, mesh.faces) for mesh in GltfFile(path).meshes()]
        if not meshes:
            raise ReadError(f"{path}: holds no mesh")
        return join(meshes)
    import trimesh

    try:
        body: object = trimesh.load_mesh(path, process=False)
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise ReadError(f"{path}: cannot be read as a mesh ({error})") from error
    if not isinstance(body, trimesh.Trimesh) or not len(body.faces):
        raise ReadError(f"{path}: holds no triangles")
    return Mesh(np.asarray(body.vertices, np.float64), np.asarray(body.faces, np.int64))


def _origin(page: dict[str, Any], parts: Parts, folder: Path) -> NDArray[np.float64]:
    if "origin_mm" in page:
        given = np.asarray(page["origin_mm"], dtype=np.float64)
        if given.shape != (3,):
            raise ReadError(f"{folder / PAGE}: origin_mm must be three numbers, received {given}")
        return np.asarray(axes_to_lps(str(page.get("axes", "LPS"))) @ given)
    l5, sacrum = parts.mesh("vertebra_L5"), parts.mesh("sacrum")
    if l5 is None or sacrum is None:
        raise ReadError(
            f"{folder}: vertebra_L5 and sacrum are required to set the origin, or origin_mm in "
            f"{PAGE} (L5-S1 disc centre)"
        )
    return disc_centre(l5, sacrum)
