"""Binary glTF as it lies on disk: a JSON page, accessors into one buffer, a header."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.export.atomic import whole_file

_COMPONENT = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
_KIND = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
VERTICES, TRIANGLES = 34962, 34963


class GlbFile:
    """A glTF file being put together.

    Attributes
    ----------
    page : dict
        The JSON page; lists of nodes, meshes, materials, accessors and so on.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0
        self.page: dict[str, Any] = {}

    def add(self, kind: str, row: dict[str, Any]) -> int:
        """Add a row to one of the page's lists and return its index."""
        rows = self.page.setdefault(kind, [])
        rows.append(row)
        return len(rows) - 1

    def accessor(
        self,
        values: NDArray[Any],
        target: int | None = None,
        *,
        normalized: bool = False,
        bounds: bool = False,
    ) -> int:
        """Add an array, shape (N,) or (N, 2..4), and return its accessor.

        Rows of vertex data are padded to four bytes, which glTF requires.
        """
        values = np.ascontiguousarray(values)
        kind = values.dtype.str[1:]
        width = 1 if values.ndim == 1 else values.shape[1]
        view: dict[str, Any] = {"buffer": 0, "byteOffset": self._length}
        row = values.dtype.itemsize * width
        data = values
        if target == VERTICES and row % 4:
            stride = row + -row % 4
            padded = np.zeros((len(values), stride), dtype=np.uint8)
            padded[:, :row] = values.view(np.uint8).reshape(len(values), row)
            data, view["byteStride"] = padded, stride
        blob = data.tobytes()
        view["byteLength"] = len(blob)
        if target is not None:
            view["target"] = target
        self._pieces.append(blob + b"\0" * (-len(blob) % 4))
        self._length += len(self._pieces[-1])
        made: dict[str, Any] = {
            "bufferView": self.add("bufferViews", view),
            "componentType": _COMPONENT[kind],
            "count": len(values),
            "type": _KIND[width],
        }
        if normalized:
            made["normalized"] = True
        if bounds:
            made["min"] = np.atleast_1d(values.min(axis=0)).tolist()
            made["max"] = np.atleast_1d(values.max(axis=0)).tolist()
        return self.add("accessors", made)

    def blob(self, data: bytes) -> int:
        """Add bytes that are no array (a picture) and return their buffer view."""
        view = {"buffer": 0, "byteOffset": self._length, "byteLength": len(data)}
        self._pieces.append(data + b"\0" * (-len(data) % 4))
        self._length += len(self._pieces[-1])
        return self.add("bufferViews", view)

    def save(self, path: Path) -> None:
        """Write the file; it appears under its name when it is whole."""
        blob = b"".join(self._pieces)
        self.page["buffers"] = [{"byteLength": len(blob)}]
        text = json.dumps(self.page, ensure_ascii=False, allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        with whole_file(path) as beside, beside.open("wb") as out:
            out.write(struct.pack("<III", 0x46546C67, 2, 28 + len(text) + len(blob)))
            out.write(struct.pack("<II", len(text), 0x4E4F534A) + text)
            out.write(struct.pack("<II", len(blob), 0x004E4942) + blob)
