"""Writing of small binary glTF files, so that the readers are tested without reference data."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh


@dataclass(frozen=True)
class Node:
    """A mesh node: name, triangles in the file's own frame, and the node's own fields."""

    name: str
    mesh: trimesh.Trimesh
    placed: tuple[tuple[str, Any], ...] = ()
    children: tuple[int, ...] = ()


def write_glb(path: Path, nodes: list[Node], *, draco: bool = False) -> Path:
    blob = b""
    page: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "nodes": [],
        "meshes": [],
        "bufferViews": [],
        "accessors": [],
    }
    for index, node in enumerate(nodes):
        points = node.mesh.vertices.astype(np.float32)
        faces = node.mesh.faces.astype(np.uint32)
        primitive: dict[str, Any] = {
            "attributes": {"POSITION": 2 * index},
            "indices": 2 * index + 1,
        }
        positions = {"componentType": 5126, "type": "VEC3", "count": len(points)}
        indices = {"componentType": 5125, "type": "SCALAR", "count": faces.size}
        if draco:
            import DracoPy

            packed = [DracoPy.encode(points, faces, quantization_bits=16)]
            primitive["extensions"] = {
                "KHR_draco_mesh_compression": {
                    "bufferView": len(page["bufferViews"]),
                    "attributes": {"POSITION": 0},
                }
            }
        else:
            packed = [points.tobytes(), faces.tobytes()]
            positions["bufferView"] = len(page["bufferViews"])
            indices["bufferView"] = len(page["bufferViews"]) + 1
        for data in packed:
            page["bufferViews"].append(
                {"buffer": 0, "byteOffset": len(blob), "byteLength": len(data)}
            )
            blob += data + b"\0" * (-len(data) % 4)
        page["accessors"] += [positions, indices]
        page["meshes"].append({"name": f"mesh of {node.name}", "primitives": [primitive]})
        row = {"name": node.name, "mesh": index, **dict(node.placed)}
        if node.children:
            row["children"] = list(node.children)
        page["nodes"].append(row)
    page["buffers"] = [{"byteLength": len(blob)}]
    text = json.dumps(page).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(blob)
    path.write_bytes(
        struct.pack("<III", 0x46546C67, 2, total)
        + struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(blob), 0x004E4942)
        + blob
    )
    return path


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> trimesh.Trimesh:
    """A closed box between two corners, with enough triangles not to be taken for a crumb."""
    return trimesh.creation.box(bounds=(low, high)).subdivide()


def sheet(low: tuple[float, float], high: tuple[float, float], z: float) -> trimesh.Trimesh:
    """An open sheet across x and y."""
    corners = [
        (low[0], low[1], z),
        (high[0], low[1], z),
        (high[0], high[1], z),
        (low[0], high[1], z),
    ]
    return trimesh.Trimesh(corners, [(0, 1, 2), (0, 2, 3)], process=False).subdivide().subdivide()
