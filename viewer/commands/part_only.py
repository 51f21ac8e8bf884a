"""An atlas in which a structure is cut down to one of its parts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from meshes.atlas import Atlas


def with_part_only(atlas: Atlas, name: str, part: str) -> Atlas:
    """Return the atlas with a structure cut down to one of its parts; the whole without one."""
    item = atlas[name]
    if part not in item.parts:
        return atlas
    surface = item.surface
    faces = surface.faces[item.part_faces(part)]
    used, index = np.unique(faces, return_inverse=True)
    fibres = surface.fibres
    if fibres is not None:
        fibres = replace(
            fibres,
            u=fibres.u[used],
            v=fibres.v[used],
            direction=fibres.direction[used],
            tendon=fibres.tendon[used],
        )
    cut = replace(
        surface,
        vertices=surface.vertices[used],
        normals=surface.normals[used],
        faces=index.reshape(faces.shape).astype(surface.faces.dtype),
        part=None,
        fibres=fibres,
    )
    # Without a digest what follows is not kept as if it were the whole structure's.
    kept = {**atlas.structures, name: replace(item, surface=cut, parts=())}
    return replace(atlas, structures=kept, digest="")
