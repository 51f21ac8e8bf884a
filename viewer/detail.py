"""Fewer triangles on the same vertices, for moving pictures.

A reduced mesh whose corners are taken to the nearest original vertex needs no arrays of its own:
it is a shorter index list into the full ones, shaded with the full normals, fibres and shade.
So changing detail costs no upload, and a still drawn after a move only exchanges the list.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.surface import Surface
from meshes.terminology import System
from viewer.kept_array import array_path, keep_array, kept_array

Reduced = dict[str, NDArray[np.int32]]

#: Edge of the triangles aimed at, mm: six pixels of a 720-line picture of the whole torso.
EDGE_MM = 8.0
#: The same for muscles and fasciae: thin sheets that lie on one another would cut through.
SHEET_EDGE_MM = 6.5
_SHEETS = (System.MUSCULAR, System.FASCIAL)
_FORMAT = 3


def reduced_triangles(atlas: Atlas) -> Reduced:
    """Return fewer triangles per structure, as indices into its full vertices.

    Kept in the cache folder if the atlas has a digest.
    """
    path = array_path(atlas, "detail", str(_FORMAT))
    joined = kept_array(path)
    found = None if joined is None else _apart(joined, atlas)
    if found is not None:
        return found
    result = {
        item.id: reduced_faces(item.surface, SHEET_EDGE_MM if item.system in _SHEETS else EDGE_MM)
        for item in atlas.structures.values()
    }
    keep_array(path, _joined(result))
    return result


def reduced_faces(surface: Surface, edge_mm: float = EDGE_MM) -> NDArray[np.int32]:
    """Return triangles of about ``edge_mm`` on the surface's own vertices, shape (K, 3)."""
    faces = surface.faces
    corners = surface.vertices[faces].astype(np.float64)
    area = 0.5 * np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    aim = int(area.sum() / (np.sqrt(3.0) / 4.0 * edge_mm**2))
    if len(faces) < 200 or aim > 0.8 * len(faces):
        return faces
    import fast_simplification
    from scipy.spatial import cKDTree

    points, fewer = fast_simplification.simplify(
        np.array(surface.vertices, dtype=np.float64),  # a copy: mapped arrays are read-only
        np.array(faces, dtype=np.int32),
        target_count=max(aim, 100),
        agg=5.0,
    )
    _, nearest = cKDTree(surface.vertices).query(points)
    snapped = nearest.astype(np.int32)[fewer]
    whole = (
        (snapped[:, 0] != snapped[:, 1])
        & (snapped[:, 1] != snapped[:, 2])
        & (snapped[:, 2] != snapped[:, 0])
    )
    return np.ascontiguousarray(snapped[whole])


def _joined(result: Reduced) -> NDArray[np.int32]:
    """Return one array: the number of triangles of each structure, then all triangles."""
    counts = np.array([len(faces) for faces in result.values()], dtype=np.int32)
    return np.concatenate([counts, *(faces.ravel() for faces in result.values())])


def _apart(joined: NDArray[np.int32], atlas: Atlas) -> Reduced | None:
    counts = joined[: len(atlas)]
    if len(joined) != len(atlas) + 3 * int(counts.sum()):
        return None
    triangles = joined[len(atlas) :].reshape(-1, 3)
    ends = np.cumsum(counts)
    return {
        name: triangles[end - count : end]
        for name, count, end in zip(atlas, counts, ends, strict=True)
    }
