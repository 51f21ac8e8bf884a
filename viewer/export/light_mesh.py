"""Fewer triangles for files that travel: one budget shared out over all structures.

A reduced mesh keeps a choice of the original vertices, so normals, fibre coordinates and
verdicts are those of the full surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.progress import Progress, silent
from meshes.surface import Surface
from meshes.terminology import TissueLayer
from viewer.detail import reduced_faces

TRIANGLES = 300_000
#: Triangles grow with the area to this power: small bones keep relatively more of theirs.
_GROWTH = 0.75
#: Layers that need more or fewer than their area says: with too few triangles the thin sheets of
#: the back let what they lie on show through; fat and pleura are smooth.
_SHARE = {
    TissueLayer.SUBCUTANEOUS: 0.4,
    TissueLayer.SUPERFICIAL_MUSCLE: 2.4,
    TissueLayer.SECOND_MUSCLE: 1.5,
    TissueLayer.ORGAN: 0.5,
}
_ROUNDS = 6


@dataclass(frozen=True, eq=False)
class LightMesh:
    """A structure with fewer triangles.

    Attributes
    ----------
    index : ndarray of int32, shape (N,)
        Which vertices of the full surface are kept.
    faces : ndarray of int32, shape (M, 3)
        Into the kept vertices.
    vertices, normals : ndarray of float32, shape (N, 3)
        mm, LPS.
    """

    index: NDArray[np.int32]
    faces: NDArray[np.int32]
    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]


def light_meshes(
    atlas: Atlas, triangles: int = TRIANGLES, progress: Progress = silent
) -> dict[str, LightMesh]:
    """Return all structures with about ``triangles`` triangles in all.

    Parameters
    ----------
    atlas : Atlas
    triangles : int
        Full surfaces are kept where the atlas has no more than this.
    progress : Progress
    """
    surfaces = {item.id: item.surface for item in atlas.structures.values()}
    share = np.array([_SHARE.get(item.layer, 1.0) for item in atlas.structures.values()])
    aims = _shared_out(surfaces, share, triangles)
    made: dict[str, LightMesh] = {}
    for number, (name, surface) in enumerate(surfaces.items()):
        made[name] = light_mesh(surface, aims[name])
        progress((number + 1) / len(surfaces), "reducing the meshes")
    return made


def light_mesh(surface: Surface, triangles: int) -> LightMesh:
    """Return a surface with about ``triangles`` triangles, or all of them if it has fewer."""
    faces = surface.faces
    if triangles < len(faces):
        edge = np.sqrt(area_of(surface) / max(triangles, 20) / (np.sqrt(3.0) / 4.0))
        faces = reduced_faces(surface, float(edge))
    index, inverse = np.unique(faces, return_inverse=True)
    return LightMesh(
        index.astype(np.int32),
        inverse.reshape(-1, 3).astype(np.int32),
        np.asarray(surface.vertices[index], dtype=np.float32),
        _whole_normals(surface.normals[index]),
    )


def area_of(surface: Surface) -> float:
    """Return a surface's area, mm2."""
    corners = surface.vertices[surface.faces].astype(np.float64)
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return 0.5 * float(np.linalg.norm(doubled, axis=1).sum())


def _shared_out(
    surfaces: dict[str, Surface], share: NDArray[np.float64], triangles: int
) -> dict[str, int]:
    own = np.array([item.triangle_count for item in surfaces.values()], dtype=np.float64)
    weight = share * np.array([area_of(item) for item in surfaces.values()]) ** _GROWTH
    aim = own.copy()
    if own.sum() > triangles:
        # What a structure cannot use goes to the others.
        full = np.zeros(len(own), dtype=bool)
        for _ in range(_ROUNDS):
            left = triangles - own[full].sum()
            aim = np.where(full, own, left * weight / max(weight[~full].sum(), 1e-9))
            if not (aim > own).any():
                break
            full |= aim >= own
        aim = np.minimum(aim, own)
    return {name: int(value) for name, value in zip(surfaces, aim, strict=True)}


def _whole_normals(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return unit normals; the zero vector of a vertex without area becomes any direction."""
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    straight = np.array([0.0, 0.0, 1.0], dtype=np.float32)
    whole = np.where(length > 0.0, normals / np.where(length > 0.0, length, 1.0), straight)
    return np.asarray(whole, dtype=np.float32)
