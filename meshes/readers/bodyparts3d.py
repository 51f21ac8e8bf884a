"""BodyParts3D: a folder of ``.glb`` files, one part each, with the FMA id in the file's name.

Coordinates are X left, Y posterior, Z up in millimetres, which are the axes of the common frame;
a few files of the full set are in another unit.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from meshes.atlas import Atlas
from meshes.catalogue import load_catalogue
from meshes.errors import ReadError
from meshes.frame import Affine
from meshes.progress import Progress, part_of, silent
from meshes.readers.finish import finish
from meshes.readers.folder_of_parts import Parts
from meshes.readers.gltf import GltfFile
from meshes.readers.mend import Mesh
from meshes.terminology import Side

TITLE = "BodyParts3D"
_FILE = re.compile(r"^(?:FJ\w+?_)?(?:BP\w+?_)?FMA(\d+)(?:_(.+))?$")
_SIDE = re.compile(r"\b(left|right)\b ?")


@lru_cache(maxsize=1)
def mapping() -> dict[str, Any]:
    """Return the table of the data set, as parsed from ``bodyparts3d.toml``."""
    text = files(__package__).joinpath("bodyparts3d.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def read(folder: Path, name: str, progress: Progress = silent) -> Atlas:
    """Read a folder of BodyParts3D parts.

    Parameters
    ----------
    folder : Path
        Holds files such as ``FJ135_BP62503_FMA13072_First_lumbar_vertebra.glb``.
    name : str
        Short name of the atlas.
    progress : Progress

    Returns
    -------
    Atlas
        What the catalogue knows, in the common frame at the source's own size; every other file is
        in ``set_aside``.

    Raises
    ------
    ReadError
        If the folder holds no file of that name pattern, or a file is broken.
    """
    table = mapping()
    source = table["source"]
    parts = Parts(source["title"], source["licence"])
    paths = sorted(folder.glob("*.glb"))
    if not any(_FILE.match(path.stem) for path in paths):
        raise ReadError(
            f"{folder}: files named like FJ135_BP62503_FMA13072_First_lumbar_vertebra.glb are "
            f"required, none found among {len(paths)} .glb files"
        )
    gathering = part_of(progress, 0.0, 0.8)
    for done, path in enumerate(paths):
        gathering(done / len(paths), path.stem)
        _gather(path, table, parts)
    progress(0.8, "landmarks and bone parts")
    centre = np.asarray(table["frame"]["disc_centre_mm"], dtype=np.float64)
    landmarks, structures = finish(parts.structures(Affine(np.eye(3), -centre)))
    progress(1.0, "done")
    return Atlas(
        name=name,
        title=source["title"],
        licence=f"{source['credit']}, {source['licence']}",
        structures=structures,
        landmarks=landmarks,
        set_aside=tuple(parts.set_aside),
    )


def target_of(stem: str) -> str | None:
    """Return the structure (or ``structure/part``) a file stands for, by FMA id, then by name.

    Examples
    --------
    >>> target_of("FJ135_BP62503_FMA13072_First_lumbar_vertebra")
    'vertebra_L1'
    >>> target_of("FJ237_BP63759_FMA33581_Ascending_part_of_right_trapezius")
    'trapezius_right/ascending'
    >>> target_of("FJ1_BP1_FMA7088_Heart") is None
    True
    """
    found = _FILE.match(stem)
    if found is None:
        return None
    fma, words = int(found[1]), (found[2] or "").replace("_", " ").lower()
    own: str | None = mapping()["fma"].get(str(fma))
    return own or _by_fma().get(fma) or _by_name().get(_key(words))


@lru_cache(maxsize=1)
def _by_fma() -> dict[int, str]:
    """FMA ids that name one structure; an id for both sides names neither."""
    holders: dict[int, list[str]] = {}
    for entry in load_catalogue().values():
        if entry.fma is not None:
            holders.setdefault(entry.fma, []).append(entry.id)
    return {fma: names[0] for fma, names in holders.items() if len(names) == 1}


@lru_cache(maxsize=1)
def _by_name() -> dict[tuple[str, str], str]:
    return {
        (word.lower(), entry.side.value): entry.id
        for entry in load_catalogue().values()
        for word in (*entry.synonyms, entry.english)
    }


def _key(words: str) -> tuple[str, str]:
    side = _SIDE.search(words)
    name = _SIDE.sub("", words).strip()
    return name, side[1] if side else Side.MIDLINE.value


def _gather(path: Path, table: dict[str, Any], parts: Parts) -> None:
    target = target_of(path.stem)
    if target is None:
        parts.leave(path.name, "no structure of the catalogue has its FMA id or name")
        return
    meshes = [Mesh(mesh.vertices, mesh.faces) for mesh in GltfFile(path).meshes()]
    if not meshes:
        parts.leave(path.name, "holds no mesh")
        return
    for number, mesh in enumerate(meshes):
        source = path.name if len(meshes) == 1 else f"{path.name}, mesh {number + 1}"
        scale = unit_of(mesh, table["frame"])
        if scale is None:
            parts.leave(source, "neither in millimetres nor in the data set's other unit")
            continue
        if scale != 1.0:
            parts.leave(source, f"kept, converted from another unit (1 unit = {scale:.4g} mm)")
        parts.add(target, source, Mesh(mesh.vertices * scale, mesh.faces))


def unit_of(mesh: Mesh, frame: dict[str, Any]) -> float | None:
    """Return the length of the mesh's unit in mm, judged by its size and place in the body."""
    factor = float(frame["other_unit"])
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    middle, length = 0.5 * float(low[2] + high[2]), float(np.linalg.norm(high - low))
    for scale in (1.0, factor, 1.0 / factor):
        in_place = frame["middle_z_mm"][0] <= scale * middle <= frame["middle_z_mm"][1]
        if in_place and frame["length_mm"][0] <= scale * length <= frame["length_mm"][1]:
            return scale
    return None
