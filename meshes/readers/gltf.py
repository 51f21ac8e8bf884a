"""Meshes of a binary glTF file (``.glb``) by node name, in the file's world coordinates.

Reads what anatomy atlases use: triangle primitives, plain or compressed with
``KHR_draco_mesh_compression``, under a tree of nodes with matrices or translation, rotation and
scale. Materials, textures, skins and animations are left alone.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.errors import ReadError

_MAGIC = 0x46546C67
_JSON, _BINARY = 0x4E4F534A, 0x004E4942
_DRACO = "KHR_draco_mesh_compression"
_TRIANGLES = 4
# What a page of the wrong shape raises while it is walked.
_BROKEN = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
_COMPONENT = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@dataclass(frozen=True, eq=False)
class NamedMesh:
    """One mesh node of a file.

    Attributes
    ----------
    name : str
        Name of the node.
    vertices : ndarray of float64, shape (N, 3)
        World coordinates in the file's unit and axes; vertices are not welded.
    faces : ndarray of int64, shape (M, 3)
        Counter-clockwise seen from outside, as far as the file says so.
    """

    name: str
    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]


class GltfFile:
    """An opened ``.glb`` file.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ReadError
        If the file is missing, cut short, or not binary glTF.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ReadError(f"{path}: cannot be read ({error.strerror})") from error
        self._page, self._blob = _chunks(path, data)
        try:
            self._nodes = list(_world(self._page))
        except _BROKEN as error:
            raise ReadError(f"{path}: its node tree is broken ({error!r})") from error
        self._decoded: dict[int, tuple[NDArray[np.float64], NDArray[np.int64]]] = {}

    @property
    def names(self) -> list[str]:
        """Names of the nodes that carry a mesh, in file order (nothing is decoded)."""
        return [name for name, _, _ in self._nodes]

    def meshes(self, wanted: set[str] | None = None) -> Iterator[NamedMesh]:
        """Yield the meshes, decoded, in file order.

        Parameters
        ----------
        wanted : set of str, optional
            Decode only nodes of these names.

        Raises
        ------
        ReadError
            If a mesh cannot be decoded; the message names file and node.
        """
        for name, mesh, matrix in self._nodes:
            if wanted is not None and name not in wanted:
                continue
            try:
                vertices, faces = self._mesh(mesh)
            except _BROKEN as error:
                raise ReadError(
                    f"{self.path}: mesh {name!r} cannot be decoded ({error}); fetch the file again"
                ) from error
            placed = vertices @ matrix[:3, :3].T + matrix[:3, 3]
            if np.linalg.det(matrix[:3, :3]) < 0.0:
                faces = faces[:, ::-1]
            yield NamedMesh(name, placed, faces)

    def _mesh(self, index: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        # Left and right bones are two nodes of one mesh: decode it once.
        if index not in self._decoded:
            points, triangles, offset = [], [], 0
            for primitive in self._page["meshes"][index]["primitives"]:
                if primitive.get("mode", _TRIANGLES) != _TRIANGLES:
                    raise ValueError(f"primitive mode {primitive['mode']} is not triangles")
                vertices, faces = self._primitive(primitive)
                if len(faces) and not 0 <= faces.min() <= faces.max() < len(vertices):
                    raise ValueError("a face names a vertex that is not there")
                points.append(vertices)
                triangles.append(faces + offset)
                offset += len(vertices)
            self._decoded[index] = (np.concatenate(points), np.concatenate(triangles))
        return self._decoded[index]

    def _primitive(
        self, primitive: dict[str, Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        draco = primitive.get("extensions", {}).get(_DRACO)
        if draco is None:
            vertices = self._accessor(primitive["attributes"]["POSITION"])
            if "indices" in primitive:
                indices = self._accessor(primitive["indices"]).reshape(-1, 3)
            else:
                indices = np.arange(len(vertices)).reshape(-1, 3)
            return vertices.astype(np.float64), indices.astype(np.int64)
        import DracoPy

        try:
            decoded = DracoPy.decode(self._view(draco["bufferView"]))
        except (DracoPy.FileTypeException, RuntimeError) as error:
            raise ValueError(f"its Draco data are damaged: {error}") from error
        return (
            np.asarray(decoded.points, dtype=np.float64).reshape(-1, 3),
            np.asarray(decoded.faces, dtype=np.int64).reshape(-1, 3),
        )

    def _view(self, index: int) -> bytes:
        view = self._page["bufferViews"][index]
        if view.get("buffer", 0) != 0:
            raise ValueError("its data lie in another file")
        start = view.get("byteOffset", 0)
        end = start + view["byteLength"]
        if end > len(self._blob):
            raise ValueError("its data lie beyond the end of the file")
        return self._blob[start:end]

    def _accessor(self, index: int) -> NDArray[Any]:
        accessor = self._page["accessors"][index]
        if "sparse" in accessor or "bufferView" not in accessor:
            raise ValueError("sparse accessors are not read")
        view = self._page["bufferViews"][accessor["bufferView"]]
        dtype = np.dtype(_COMPONENT[accessor["componentType"]])
        width, count = _WIDTH[accessor["type"]], accessor["count"]
        row = width * dtype.itemsize
        stride = view.get("byteStride", row)
        raw = self._view(accessor["bufferView"])[accessor.get("byteOffset", 0) :]
        if stride < row or (count and len(raw) < (count - 1) * stride + row):
            raise ValueError("an accessor reaches beyond its buffer view")
        table = np.ndarray((count, width), dtype, raw, strides=(stride, dtype.itemsize))
        return table[:, 0] if width == 1 else table


def _chunks(path: Path, data: bytes) -> tuple[dict[str, Any], bytes]:
    if len(data) < 20 or struct.unpack_from("<I", data)[0] != _MAGIC:
        raise ReadError(f"{path}: a binary glTF file (.glb) is required, this is none")
    declared = struct.unpack_from("<I", data, 8)[0]
    if declared > len(data):
        raise ReadError(
            f"{path}: cut short, {declared} bytes required, {len(data)} there; fetch it again"
        )
    page: dict[str, Any] | None = None
    blob, at = b"", 12
    while at + 8 <= declared:
        length, kind = struct.unpack_from("<II", data, at)
        chunk = data[at + 8 : at + 8 + length]
        if kind == _JSON:
            try:
                page = json.loads(chunk)
            except ValueError as error:
                raise ReadError(f"{path}: its JSON page is broken ({error})") from error
        elif kind == _BINARY:
            blob = chunk
        at += 8 + length
    if not isinstance(page, dict):
        raise ReadError(f"{path}: holds no JSON page")
    return page, blob


def _world(page: dict[str, Any]) -> Iterator[tuple[str, int, NDArray[np.float64]]]:
    """Yield name, mesh index and world matrix of every mesh node, in file order."""
    nodes = page.get("nodes", [])
    parent = {child: i for i, node in enumerate(nodes) for child in node.get("children", ())}
    local = [_matrix(node) for node in nodes]
    for index, node in enumerate(nodes):
        if "mesh" not in node:
            continue
        matrix, above, seen = local[index], parent.get(index), {index}
        while above is not None:
            if above in seen:
                raise ValueError("a node is its own ancestor")
            seen.add(above)
            matrix = local[above] @ matrix
            above = parent.get(above)
        mesh = node["mesh"]
        yield node.get("name") or page["meshes"][mesh].get("name", f"mesh {mesh}"), mesh, matrix


def _matrix(node: dict[str, Any]) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.asarray(node["matrix"], dtype=np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    x, y, z, w = np.asarray(node.get("rotation", (0, 0, 0, 1)), dtype=np.float64)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix[:3, :3] = turn * np.asarray(node.get("scale", (1, 1, 1)), dtype=np.float64)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix
