"""The structures of an atlas: a named node each, under a node per tissue layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from meshes.structure import Structure
from meshes.terminology import Provenance
from viewer.export.glb.axes import as_bytes, linear, placed, turned
from viewer.export.glb.file import VERTICES
from viewer.export.glb.model import Model
from viewer.export.light_mesh import LightMesh
from viewer.palette import belly_and_tendon, tissue_colour
from viewer.peel import COVERING_OPACITY, COVERINGS


def add_structures(model: Model, meshes: dict[str, LightMesh]) -> None:
    """Add every structure of the model's atlas.

    Parameters
    ----------
    model : Model
    meshes : dict of str to LightMesh
        What is drawn of each structure, by id.
    """
    items = model.atlas.structures.values()
    for layer in sorted({item.layer for item in items}):
        extras = {"layer": int(layer), "title": layer.title}
        row = {"name": f"layer_{int(layer)}", "children": [], "extras": extras}
        model.layers[layer] = model.node(row, model.root)
    for item in items:
        row = _quantised(model, item, meshes[item.id])
        row["name"], row["extras"] = item.id, _extras(item)
        model.structures[item.id] = model.node(row, model.layers[item.layer])


def _quantised(model: Model, item: Structure, mesh: LightMesh) -> dict[str, Any]:
    """Return a node with its mesh in 16-bit positions and 8-bit normals."""
    points = placed(mesh.vertices)
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = (low + high) / 2.0, max(float((high - low).max()) / 2.0, 1e-6)
    attributes = {
        "POSITION": model.file.accessor(
            np.round((points - centre) / half * 32767.0).astype(np.int16),
            VERTICES,
            normalized=True,
            bounds=True,
        ),
        "NORMAL": model.file.accessor(as_bytes(turned(mesh.normals)), VERTICES, normalized=True),
    }
    # An imported source's meshes may be open or turned inside out.
    loose = item.origin.kind is Provenance.IMPORTED
    fibres = item.surface.fibres
    if fibres is not None and item.system.value == "muscular":
        shades = linear(belly_and_tendon(fibres.tendon[mesh.index]))
        rgba = np.full((len(shades), 4), 255, dtype=np.uint8)
        rgba[:, :3] = np.round(255.0 * shades)
        attributes["COLOR_0"] = model.file.accessor(rgba, VERTICES, normalized=True)
        material = model.material("muscle", (255, 255, 255), loose=loose)
    else:
        clear = COVERING_OPACITY if item.entry.base in COVERINGS else 1.0
        colour = tissue_colour(item.entry)
        material = model.material(item.system.value, colour, clear, loose=loose)
    primitive = {
        "attributes": attributes,
        "indices": model.triangles(mesh.faces),
        "material": material,
    }
    index = model.file.add("meshes", {"name": item.id, "primitives": [primitive]})
    return {"mesh": index, "translation": centre.tolist(), "scale": [half] * 3}


def _extras(item: Structure) -> dict[str, Any]:
    return {
        "id": item.id,
        "english": item.entry.english,
        "latin": item.entry.latin,
        "side": item.side.value,
        "layer": int(item.layer),
        "system": item.system.value,
        "provenance": item.origin.kind.value,
        "licence": item.origin.licence,
    }
