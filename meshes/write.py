"""Atlases as mesh files of other programs: OBJ, PLY, STL and VTP, full detail, mm, LPS.

Each file says in its own way which structure and part a triangle belongs to, in which frame it
is and under which licence:

- OBJ: one object per structure, one group per part, the rest as comments.
- PLY: integers ``structure`` and ``part`` per face; what they stand for is in the comments.
- STL (binary): the structure's number in each facet's attribute and frame and licence, cut to 80
  letters, in the header; STL holds no names, so ``described`` is meant to lie beside it.
- VTP: cell arrays ``structure`` and ``part``, names as JSON in the field data.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from meshes import frame
from meshes.atlas import Atlas
from meshes.errors import InputError
from meshes.structure import Structure

#: STL's attribute has 16 bits, of which some programs read 15.
_MOST_IN_STL = 32767


def write_meshes(path: Path, atlas: Atlas, ids: Iterable[str] = ()) -> None:
    """Write structures of an atlas to a mesh file, by the name's ending.

    Parameters
    ----------
    path : Path
        Ending in ``.obj``, ``.ply``, ``.stl`` or ``.vtp``.
    atlas : Atlas
    ids : iterable of str
        Which structures, in this order; all unless given.

    Raises
    ------
    InputError
        If the ending is none of these or an id is unknown.
    OSError
        If the file cannot be written.
    """
    if path.suffix.lower() not in _WRITERS:
        raise InputError(
            f"a mesh file's name must end in {', '.join(_WRITERS)}, received {path.name!r}"
        )
    chosen = [atlas[name] for name in ids] or list(atlas.structures.values())
    with path.open("wb") as out:
        _WRITERS[path.suffix.lower()](out, atlas, chosen)


def described(atlas: Atlas, structures: list[Structure]) -> dict[str, Any]:
    """Return what a file says of itself: atlas, licence, frame, and its structures in order."""
    return {
        "atlas": atlas.title,
        "licence": atlas.licence,
        "frame": frame.DESCRIPTION,
        "notice": "Palpate teaches; it does not diagnose.",
        "structures": [
            {
                "id": item.id,
                "english": item.entry.english,
                "latin": item.entry.latin,
                "side": item.side.value,
                "layer": int(item.layer),
                "system": item.system.value,
                "provenance": item.origin.kind.value,
                "licence": item.origin.licence,
                "parts": list(item.parts),
            }
            for item in structures
        ],
    }


def _about(atlas: Atlas, structures: list[Structure]) -> list[str]:
    told = described(atlas, structures)
    lines = [f"{key} {' '.join(str(told[key]).split())}" for key in
             ("atlas", "licence", "frame", "notice")]  # fmt: skip
    for number, row in enumerate(told["structures"]):
        lines.append(f"structure {number} {json.dumps(row, ensure_ascii=True)}")
    return lines


def _parts(item: Structure) -> NDArray[np.int32]:
    none = np.full(item.surface.triangle_count, -1, dtype=np.int32)
    return none if item.surface.part is None else item.surface.part.astype(np.int32)


def _joined(structures: list[Structure]) -> tuple[Any, Any, Any, Any, Any]:
    """Vertices, normals, faces, structure and part of all structures end to end."""
    starts = np.cumsum([0, *(len(item.surface.vertices) for item in structures)])
    pairs = list(zip(structures, starts, strict=False))
    return (
        np.concatenate([item.surface.vertices for item in structures]).astype("<f4"),
        np.concatenate([item.surface.normals for item in structures]).astype("<f4"),
        np.concatenate([item.surface.faces + start for item, start in pairs]).astype("<i4"),
        np.concatenate(
            [np.full(item.surface.triangle_count, n) for n, item in enumerate(structures)]
        ).astype("<i4"),
        np.concatenate([_parts(item) for item in structures]).astype("<i4"),
    )


def _obj(out: BinaryIO, atlas: Atlas, structures: list[Structure]) -> None:
    out.write("".join(f"# {line}\n" for line in _about(atlas, structures)).encode())
    first = 1
    for item in structures:
        surface = item.surface
        out.write(f"o {item.id}\n".encode())
        np.savetxt(out, surface.vertices, fmt="v %.4f %.4f %.4f")
        np.savetxt(out, surface.normals, fmt="vn %.4f %.4f %.4f")
        parts = _parts(item)
        for part in np.unique(parts):
            name = item.id if part < 0 else f"{item.id}/{item.parts[part]}"
            out.write(f"g {name}\n".encode())
            corners = np.repeat(surface.faces[parts == part] + first, 2, axis=1)
            np.savetxt(out, corners, fmt="f %d//%d %d//%d %d//%d")
        first += len(surface.vertices)


def _ply(out: BinaryIO, atlas: Atlas, structures: list[Structure]) -> None:
    vertices, normals, faces, structure, part = _joined(structures)
    head = ["ply", "format binary_little_endian 1.0"]
    head += [f"comment {line}" for line in _about(atlas, structures)]
    head += [f"element vertex {len(vertices)}"]
    head += [f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz")]
    head += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    head += ["property int structure", "property int part", "end_header", ""]
    out.write("\n".join(head).encode())
    out.write(np.concatenate([vertices, normals], axis=1).tobytes())
    rows = np.empty(
        len(faces), dtype=[("n", "u1"), ("i", "<i4", 3), ("structure", "<i4"), ("part", "<i4")]
    )
    rows["n"], rows["i"], rows["structure"], rows["part"] = 3, faces, structure, part
    out.write(rows.tobytes())


def _stl(out: BinaryIO, atlas: Atlas, structures: list[Structure]) -> None:
    if len(structures) > _MOST_IN_STL:
        raise InputError(f"an STL file numbers {_MOST_IN_STL} structures, received more")
    vertices, _normals, faces, structure, _part = _joined(structures)
    corners = vertices[faces].astype(np.float64)
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
    rows = np.empty(
        len(faces), dtype=[("n", "<f4", 3), ("corners", "<f4", (3, 3)), ("structure", "<u2")]
    )
    rows["n"], rows["corners"], rows["structure"] = facing, corners, structure
    # The header has 80 bytes and must not start with "solid".
    licence = f"{frame.UNITS} {frame.AXES} {atlas.licence}".encode("ascii", "replace")
    out.write(licence[:80].ljust(80))
    out.write(struct.pack("<I", len(faces)))
    out.write(rows.tobytes())


def _vtp(out: BinaryIO, atlas: Atlas, structures: list[Structure]) -> None:
    vertices, normals, faces, structure, part = _joined(structures)
    blocks: list[bytes] = []
    length = 0

    def array(name: str, kind: str, values: Any, more: str = "") -> str:
        nonlocal length
        raw = values.tobytes()
        blocks.append(struct.pack("<Q", len(raw)) + raw)
        row = f'<DataArray Name="{name}" type="{kind}" format="appended" offset="{length}"{more}/>'
        length += len(blocks[-1])
        return row

    # A string array is its bytes, each string ended by zero.
    told = json.dumps(described(atlas, structures), ensure_ascii=True).encode() + b"\0"
    three = ' NumberOfComponents="3"'
    ends = np.arange(3, 3 * len(faces) + 1, 3, dtype="<i8")
    page = f"""<?xml version="1.0"?>
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<PolyData><FieldData>
{array("palpate", "String", np.frombuffer(told, np.uint8), ' NumberOfTuples="1"')}
</FieldData>
<Piece NumberOfPoints="{len(vertices)}" NumberOfPolys="{len(faces)}">
<Points>{array("Points", "Float32", vertices, three)}</Points>
<PointData Normals="Normals">{array("Normals", "Float32", normals, three)}</PointData>
<CellData>{array("structure", "Int32", structure)}{array("part", "Int32", part)}</CellData>
<Polys>{array("connectivity", "Int64", faces.astype("<i8"))}
{array("offsets", "Int64", ends)}</Polys>
</Piece></PolyData>
<AppendedData encoding="raw">
_"""
    out.write(page.encode())
    out.writelines(blocks)
    out.write(b"\n</AppendedData>\n</VTKFile>\n")


_WRITERS: dict[str, Callable[[BinaryIO, Atlas, list[Structure]], None]] = {
    ".obj": _obj,
    ".ply": _ply,
    ".stl": _stl,
    ".vtp": _vtp,
}
SUFFIXES = tuple(_WRITERS)
