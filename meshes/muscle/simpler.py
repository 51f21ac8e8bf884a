"""Fewer triangles: vertices that a flat patch does not need are left out, hardly ever moved.

The laid grid is even; a belly's middle needs far fewer points than its margins. Every vertex
that stays is one of the grid's, so it keeps its fibre coordinates and its smooth normal; the
edges between parts, and those where tendon passes into belly, stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from meshes.relax import relaxed
from meshes.surface import Fibres, Surface

#: How far the surface may move by leaving a vertex out, mm.
TOLERANCE_MM = 0.3
_BANDS = (0.05, 0.95)


def simpler(surface: Surface, tolerance: float = TOLERANCE_MM) -> Surface:
    """Return a closed surface with fewer triangles, nowhere further off than a tolerance.

    Where fewer triangles would cross each other they are relaxed, or a smaller tolerance taken.

    Parameters
    ----------
    surface : Surface
        Closed, with fibre coordinates.
    tolerance : float
        mm.
    """
    for share in (1.0, 0.5, 0.25, 0.1):
        fewer = _simplified(surface, share * tolerance)
        settled = relaxed(fewer.vertices, fewer.faces)
        if settled is not None:
            return replace(fewer, vertices=settled)
    return surface


def _simplified(surface: Surface, tolerance: float) -> Surface:
    import manifold3d
    from scipy.spatial import cKDTree

    kind = _kinds(surface)
    vertices = np.array(surface.vertices, dtype=np.float32)
    whole = manifold3d.Manifold(
        manifold3d.Mesh(vertices, np.array(surface.faces, dtype=np.uint32), face_id=kind)
    )
    if whole.status() != manifold3d.Error.NoError:
        return surface
    mesh = whole.simplify(tolerance).to_mesh()
    kept = cKDTree(vertices).query(np.asarray(mesh.vert_properties)[:, :3])[1]
    faces = np.asarray(mesh.tri_verts, dtype=np.int32)
    lines = surface.fibres
    fibres = None
    if lines is not None:
        fibres = Fibres(lines.u[kept], lines.v[kept], lines.direction[kept], lines.tendon[kept])
    part = None
    if surface.part is not None:
        part = (np.asarray(mesh.face_id) // (len(_BANDS) + 1)).astype(np.int16)
    return Surface(vertices[kept], faces, np.asarray(surface.normals)[kept], part, fibres)


def _kinds(surface: Surface) -> NDArray[np.uint32]:
    """Return a number per face: faces of unlike numbers keep the edge between them."""
    count = len(surface.faces)
    part = np.zeros(count, dtype=np.int64) if surface.part is None else surface.part
    band = np.zeros(count, dtype=np.int64)
    if surface.fibres is not None:
        share = surface.fibres.tendon[surface.faces].mean(axis=1)
        band = np.searchsorted(_BANDS, share)
    return np.asarray(part * (len(_BANDS) + 1) + band, dtype=np.uint32)
