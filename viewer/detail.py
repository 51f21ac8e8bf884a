"""Fewer triangles on the same vertices, for moving pictures.

A reduced mesh whose corners are taken to the nearest original vertex needs no arrays of its own:
it is a shorter index list into the full ones, shaded with the full normals, fibres and shade.
So changing detail costs no upload, and a still drawn after a move only exchanges the list.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.errors import WriteError
from meshes.store import cache_folder
from meshes.surface import Surface
from meshes.terminology import System

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
    path = _kept(atlas)
    if path is not None and path.exists():
        found = _load(path, atlas)
        if found is not None:
            return found
    result = {
        item.id: reduced_faces(item.surface, SHEET_EDGE_MM if item.system in _SHEETS else EDGE_MM)
        for item in atlas.structures.values()
    }
    if path is not None:
        _save(path, result)
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


def _kept(atlas: Atlas) -> Path | None:
    if not atlas.digest:
        return None
    return cache_folder() / "detail" / f"{atlas.digest[:32]}-{_FORMAT}.npy"


def _save(path: Path, result: Reduced) -> None:
    from viewer.export.atomic import whole_file

    # One array: the number of triangles of each structure, then all triangles.
    counts = np.array([len(faces) for faces in result.values()], dtype=np.int32)
    joined = np.concatenate([counts, *(faces.ravel() for faces in result.values())])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as beside:
            np.save(beside, joined)
    except (OSError, WriteError):
        return  # a cache that cannot be written costs time, not the picture


def _load(path: Path, atlas: Atlas) -> Reduced | None:
    try:
        joined = np.load(path)
    except (OSError, ValueError):
        return None
    counts = joined[: len(atlas)]
    if len(joined) != len(atlas) + 3 * int(counts.sum()):
        return None
    triangles = joined[len(atlas) :].reshape(-1, 3)
    ends = np.cumsum(counts)
    return {
        name: triangles[end - count : end]
        for name, count, end in zip(atlas, counts, ends, strict=True)
    }
