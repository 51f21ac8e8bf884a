"""Z-Anatomy (CC BY-SA 4.0): bones and muscles from its Draco-compressed glTF files.

The mapping from source names to catalogue ids is in ``z_anatomy.toml``; this module only knows
how such a source is laid out: bones one per node with ``.l``/``.r``, muscles with both sides in
one mesh, metres, X left, Y up, Z anterior, symmetric about x = 0.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas, SetAside
from meshes.catalogue import load_catalogue
from meshes.errors import ReadError
from meshes.frame import Affine, gltf_to_lps
from meshes.progress import Progress, part_of, silent
from meshes.readers.finish import finish
from meshes.readers.gltf import GltfFile, NamedMesh
from meshes.readers.mend import Mesh, close_holes, join, rim, stitch, tangles, turn_outward, weld
from meshes.readers.origin import disc_centre
from meshes.readers.plane import Plane, cut
from meshes.readers.sides import Piece, split_sides
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance, Side, split_side

TITLE = "Z-Anatomy"
BONES, MUSCLES = "skeletal.glb", "muscular.glb"
_SIDE_OF = {".l": "_left", ".r": "_right"}
_AXIS = {"x": 0, "y": 1, "z": 2}
_Parts = tuple[tuple[str, ...], "NDArray[np.int16] | None"]


@dataclass
class _Import:
    """What has been read so far, in source millimetres until the origin is known."""

    bones: dict[str, list[tuple[str, Mesh]]] = field(default_factory=dict)
    muscles: dict[str, tuple[Mesh, _Parts]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def leave(self, file: str, name: str, reason: str) -> None:
        """Record why a mesh, or a piece of it, is not in the atlas or has a fault there."""
        self.set_aside.append(SetAside(f"{file}: {name}", reason))


@lru_cache(maxsize=1)
def mapping() -> dict[str, Any]:
    """Return the mapping table, as parsed from ``z_anatomy.toml``."""
    text = files(__package__).joinpath("z_anatomy.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def read(folder: Path, name: str, progress: Progress = silent) -> Atlas:
    """Read a folder of Z-Anatomy files.

    Parameters
    ----------
    folder : Path
        Holds ``skeletal.glb`` and ``muscular.glb``; other ``.glb`` files are listed as set aside.
    name : str
        Short name of the atlas.
    progress : Progress

    Returns
    -------
    Atlas
        Mapped bones and muscles in the common frame at the source's own size, with landmarks and
        bone parts; everything else of the source is in ``set_aside`` with the reason. The digest
        is left to whoever keeps the atlas.

    Raises
    ------
    ReadError
        If a file is missing or broken.
    """
    table = mapping()
    there = {path.name: GltfFile(path) for path in sorted(folder.glob("*.glb"))}
    absent = [required for required in (BONES, MUSCLES) if required not in there]
    if absent:
        raise ReadError(
            f"{folder}: {BONES} and {MUSCLES} are required, {' and '.join(absent)} missing"
        )
    result = _Import()
    progress(0.0, "bones")
    _read_bones(there[BONES], table, result, part_of(progress, 0.0, 0.25))
    _read_muscles(there[MUSCLES], table, result, part_of(progress, 0.25, 0.75))
    _set_files_aside(there, table, result)
    for row in table.get("missing", ()):
        result.notes.append(f"missing {row['id']}: {row['reason']}")
    structures = _structures(result, table)
    progress(0.8, "landmarks and bone parts")
    landmarks, structures = finish(structures, table["upright"]["vertebrae"])
    progress(1.0, "done")
    return Atlas(
        name=name,
        title=table["source"]["title"],
        licence=f"{table['source']['credit']}, {table['source']['licence']}",
        structures=structures,
        landmarks=landmarks,
        set_aside=tuple(result.set_aside),
        notes=tuple(result.notes),
    )


def _to_mm(mesh: NamedMesh) -> Mesh:
    return weld(Mesh(gltf_to_lps()(mesh.vertices), mesh.faces))


# ------------------------------------------------------------------------------------- bones


def _read_bones(file: GltfFile, table: dict[str, Any], result: _Import, progress: Progress) -> None:
    ids: dict[str, str] = {}
    for node in file.names:
        base, suffix = _bone_name(node)
        if base in table["bones"]:
            structure, _, part = table["bones"][base].partition("/")
            ids[node] = f"{structure}{suffix}/{part}"
    for done, mesh in enumerate(file.meshes(set(ids))):
        progress(done / len(ids), mesh.name)
        structure, _, part = ids[mesh.name].partition("/")
        mended = turn_outward(close_holes(stitch(_to_mm(mesh))))
        result.bones.setdefault(structure, []).append((part, mended))
        result.sources[structure] = _joined_source(result.sources.get(structure), BONES, mesh.name)
        _report_faults(BONES, mesh.name, mended, result)


def _bone_name(node: str) -> tuple[str, str]:
    suffix = _SIDE_OF.get(node[-2:], "")
    return (node[:-2] if suffix else node), suffix


def _joined_source(before: str | None, file: str, name: str) -> str:
    return f"{file}: {name}" if before is None else f"{before}, {name}"


def _report_faults(file: str, name: str, mesh: Mesh, result: _Import) -> None:
    gaps, knots = len(rim(mesh)), tangles(mesh)
    if gaps or knots:
        clauses = [f"{gaps} open edges"] if gaps else []
        clauses += [f"{knots} edges with more than two faces"] if knots else []
        result.leave(file, name, f"kept, not watertight: {' and '.join(clauses)}")


# ----------------------------------------------------------------------------------- muscles


def _read_muscles(
    file: GltfFile, table: dict[str, Any], result: _Import, progress: Progress
) -> None:
    wanted = {name for name in file.names if name in table["muscles"]}
    for done, source in enumerate(file.meshes(wanted)):
        progress(done / len(wanted), source.name)
        base = table["muscles"][source.name]
        special = table["special"].get(source.name, "")
        if special == "midline":
            mesh = turn_outward(_to_mm(source))
            result.muscles[base] = (mesh, ((), None))
            result.sources[base] = f"{MUSCLES}: {source.name}"
            _report_faults(MUSCLES, source.name, mesh, result)
            continue
        sides = split_sides(_to_mm(source), keep_single=special == "mirror")
        order = table["parts"].get(source.name)
        for side, pieces in sides.pieces.items():
            if pieces:
                _keep_side(f"{base}_{side.value}", source.name, pieces, order, result)
        if sides.left_out:
            result.leave(MUSCLES, f"{source.name}, pieces of it", "; ".join(sides.left_out))
        if special == "mirror":
            _mirror(base, source.name, result)


def _keep_side(
    structure: str,
    source: str,
    pieces: list[Piece],
    order: dict[str, Any] | None,
    result: _Import,
) -> None:
    parts: _Parts = ((), None)
    mended = [turn_outward(close_holes(piece.mesh)) for piece in pieces]
    if order is not None:
        axis = _AXIS[order["along"]]
        height = {piece.drawn: float(piece.centre[axis]) for piece in pieces}
        if len(height) == len(order["order"]):
            rank = {drawn: at for at, drawn in enumerate(sorted(height, key=height.__getitem__))}
            number = np.repeat(
                [rank[piece.drawn] for piece in pieces], [len(mesh.faces) for mesh in mended]
            )
            parts = (tuple(order["order"]), number.astype(np.int16))
        else:
            result.notes.append(
                f"{structure}: {len(order['order'])} pieces required to tell its parts, "
                f"{len(height)} found; its parts are not tagged"
            )
    mesh = join(mended)
    result.muscles[structure] = (mesh, parts)
    result.sources[structure] = f"{MUSCLES}: {source}"
    _report_faults(MUSCLES, f"{source} ({split_side(structure)[1]})", mesh, result)


def _mirror(base: str, source: str, result: _Import) -> None:
    """Give the side that the source leaves out the mirror image of the other."""
    for side in (Side.LEFT, Side.RIGHT):
        here, there = f"{base}_{side.value}", f"{base}_{side.mirrored.value}"
        if here in result.muscles and there not in result.muscles:
            mesh, parts = result.muscles[here]
            flipped = Mesh(mesh.vertices * np.array([-1.0, 1.0, 1.0]), mesh.faces[:, ::-1])
            result.muscles[there] = (flipped, parts)
            result.sources[there] = f"{MUSCLES}: {source}, mirrored from the {side.value} side"
            result.leave(
                MUSCLES,
                f"{source} ({side.mirrored.value})",
                f"not in the source: {there} is the {side.value} one mirrored",
            )


# ------------------------------------------------------------------------- everything else


def _set_files_aside(there: dict[str, GltfFile], table: dict[str, Any], result: _Import) -> None:
    """Name every mesh that neither table maps, with its reason."""
    reasons: dict[tuple[str, str], str] = {}
    whole: dict[str, str] = {}
    for row in table["aside"]:
        if "names" in row:
            reasons.update({(row["file"], name): row["reason"] for name in row["names"]})
        else:
            whole[row["file"]] = row["reason"]
    for file, opened in there.items():
        for node in opened.names:
            base = _bone_name(node)[0] if file == BONES else node
            if (file == BONES and base in table["bones"]) or (
                file == MUSCLES and base in table["muscles"]
            ):
                continue
            unmapped = "not in the mapping table (z_anatomy.toml): unknown to this version"
            result.leave(file, node, reasons.get((file, base), whole.get(file, unmapped)))


def _structures(result: _Import, table: dict[str, Any]) -> dict[str, Structure]:
    catalogue = load_catalogue()
    to_origin = _frame(result)
    shapes: dict[str, tuple[Mesh, _Parts]] = {}
    for structure, pieces in result.bones.items():
        names = tuple(dict.fromkeys(part for part, _ in pieces if part))
        number = np.repeat(
            [names.index(part) if part else -1 for part, _ in pieces],
            [len(mesh.faces) for _, mesh in pieces],
        )
        tags: _Parts = (names, number.astype(np.int16)) if names else ((), None)
        shapes[structure] = (join([mesh for _, mesh in pieces]), tags)
    shapes |= result.muscles
    order = {structure: index for index, structure in enumerate(catalogue)}
    structures = {}
    for structure in sorted(shapes, key=lambda one: order.get(one, len(order))):
        mesh, (parts, part) = shapes[structure]
        mesh = Mesh(to_origin(mesh.vertices), mesh.faces)
        limit = table["trim"].get(split_side(structure)[0])
        if limit is not None and part is None:
            mesh = _trimmed(structure, mesh, float(limit), result)
        source = f"{table['source']['title']}, {result.sources[structure]}"
        structures[structure] = Structure(
            catalogue[structure],
            Surface.of(mesh.vertices, mesh.faces, part=part),
            Origin(Provenance.IMPORTED, source, table["source"]["licence"]),
            parts,
        )
    return structures


def _trimmed(structure: str, mesh: Mesh, lowest: float, result: _Import) -> Mesh:
    """Return what lies above ``lowest`` (mm): limbs end where the torso ends."""
    if float(mesh.vertices[:, 2].min()) >= lowest:
        return mesh
    kept, away = cut(mesh, Plane((0.0, 0.0, 1.0), lowest))
    file, _, name = result.sources[structure].partition(": ")
    result.leave(
        file,
        f"{name} ({structure})",
        f"kept above z = {lowest:g} mm; {len(away.faces)} triangles below are outside the torso",
    )
    return kept


def _frame(result: _Import) -> Affine:
    for required in ("vertebra_L5", "sacrum"):
        if required not in result.bones:
            raise ReadError(f"{BONES}: {required} is required to set the origin, and is missing")
    l5, sacrum = (
        join([mesh for _, mesh in result.bones[bone]]) for bone in ("vertebra_L5", "sacrum")
    )
    centre = disc_centre(l5, sacrum)
    centre[0] = 0.0  # the source is symmetric about x = 0
    return Affine(np.eye(3), -centre)
