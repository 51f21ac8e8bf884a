"""A glTF model being put together: its nodes, materials and the channels that move them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.terminology import TissueLayer
from viewer.export.glb.axes import Floats, as_bytes, linear
from viewer.export.glb.file import TRIANGLES, VERTICES, GlbFile


class Model:
    """Nodes under one root.

    Attributes
    ----------
    atlas : Atlas
    file : GlbFile
    root : int
        Index of the root node.
    layers : dict
        Node of each tissue layer.
    structures : dict
        Node of each structure, by id.
    channels, samplers : list
        Of the one animation.
    """

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.file = GlbFile()
        self.layers: dict[TissueLayer, int] = {}
        self.structures: dict[str, int] = {}
        self.channels: list[dict[str, Any]] = []
        self.samplers: list[dict[str, Any]] = []
        self._materials: dict[Any, int] = {}
        self.root = self.node({"name": "palpate", "children": []})

    def node(self, row: dict[str, Any], parent: int | None = None) -> int:
        """Add a node under a parent and return its index."""
        index = self.file.add("nodes", row)
        if parent is not None:
            self.file.page["nodes"][parent].setdefault("children", []).append(index)
        return index

    def material(
        self,
        name: str,
        colour: Any,
        opacity: float = 1.0,
        *,
        loose: bool = False,
        texture: int | None = None,
    ) -> int:
        """Return a material of an sRGB colour; equal ones are one.

        Parameters
        ----------
        name : str
        colour : tuple of int
            0..255; a texture is multiplied with it.
        opacity : float
        loose : bool
            Seen from both sides.
        texture : int, optional
            Index of a texture.
        """
        base = linear(colour)
        key = (tuple(np.round(base, 6)), opacity, loose, texture)
        if key not in self._materials:
            surface: dict[str, Any] = {
                "baseColorFactor": [*base.tolist(), opacity],
                "metallicFactor": 0.0,
                "roughnessFactor": 0.75,
            }
            if texture is not None:
                surface["baseColorTexture"] = {"index": texture}
            row: dict[str, Any] = {"name": name, "pbrMetallicRoughness": surface}
            if opacity < 1.0:
                row["alphaMode"] = "BLEND"
            if loose:
                row["doubleSided"] = True
            self._materials[key] = self.file.add("materials", row)
        return self._materials[key]

    def triangles(self, faces: NDArray[np.integer[Any]]) -> int:
        """Add triangles, shape (M, 3), and return their accessor."""
        flat = faces.ravel()
        kind = np.uint16 if int(flat.max()) < 65535 else np.uint32
        return self.file.accessor(flat.astype(kind), TRIANGLES)

    def points(self, metres: Floats, normals: Floats) -> dict[str, int]:
        """Add vertices in glTF's axes, shape (N, 3), and return their attributes."""
        return {
            "POSITION": self.file.accessor(metres.astype(np.float32), VERTICES, bounds=True),
            "NORMAL": self.file.accessor(as_bytes(normals), VERTICES, normalized=True),
        }

    def animate(
        self, node: int, what: str, times: Floats, values: Floats, *, step: bool = False
    ) -> None:
        """Move a node: ``translation``, ``rotation``, ``scale`` or ``weights`` over time."""
        sampler = {
            "input": self.file.accessor(times.astype(np.float32), bounds=True),
            "output": self.file.accessor(values.astype(np.float32)),
            "interpolation": "STEP" if step else "LINEAR",
        }
        self.samplers.append(sampler)
        target = {"node": node, "path": what}
        self.channels.append({"sampler": len(self.samplers) - 1, "target": target})

    def show(self, node: int, times: Floats, shown: NDArray[np.bool_], scale: float = 1.0) -> None:
        """Show and hide a node by scale in steps, which every viewer plays."""
        change = np.flatnonzero(np.concatenate([[True], shown[1:] != shown[:-1]]))
        values = np.repeat(np.where(shown[change], scale, 0.0)[:, None], 3, axis=1)
        self.animate(node, "scale", times[change], values, step=True)

    def show_between(self, node: int, start: float, end: float, duration: float) -> None:
        """Show a node from ``start`` to ``end`` seconds."""
        times, shown = [0.0], [start <= 0.0]
        if 0.0 < start < duration:
            times.append(start)
            shown.append(True)
        if end < duration:
            times.append(end)
            shown.append(False)
        self.show(node, np.array(times), np.array(shown))
