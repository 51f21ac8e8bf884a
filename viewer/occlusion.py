"""Ambient openness: how much of the sky each vertex sees, so that folds and hollows look deep.

Each tissue layer is lit as it is seen when it lies outermost: only its own and deeper structures
stand in the light. The result depends on the atlas alone and is kept on disk under its digest,
so that drawing costs nothing; a screen-space pass costs several times the frame under llvmpipe.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.embree import scene_of
from meshes.field.extract import neighbour_mean
from meshes.structure import Structure
from meshes.surface import Surface
from meshes.terminology import TissueLayer
from viewer.kept_array import array_path, keep_array, kept_array
from viewer.peel import COVERINGS

Openness = dict[str, NDArray[np.float32]]

#: Farther neighbours cast no shade, mm.
REACH_MM = 42.0
#: Start of a ray above its own surface, mm.
_LIFT_MM = 0.7
_RAYS = 14
_FORMAT = 2
#: Width of what counts as a hollow or a ridge of the skin, and the height that is a strong one, mm.
RELIEF_MM, HIGH_MM = 20.0, 1.2
#: Share of the openness that a flat place loses to one on a ridge.
RELIEF = 0.14


def openness(atlas: Atlas, layer: int) -> Openness:
    """Return the openness per vertex of a layer's structures, 0 closed to 1 open.

    Parameters
    ----------
    atlas : Atlas
        If it has a digest the result is kept in the cache folder.
    layer : int
        Peel layer.
    """
    found = kept_openness(atlas, layer)
    if found is None:
        # Rounded as it is kept, so that a picture is the same from a cold and a warm cache.
        found = {
            name: np.round(values * 255.0).astype(np.uint8).astype(np.float32) / 255.0
            for name, values in _of_layer(atlas, layer).items()
        }
        pieces = [np.round(values * 255.0).astype(np.uint8) for values in found.values()]
        keep_array(_path(atlas, layer), np.concatenate([np.empty(0, np.uint8), *pieces]))
    return found


def kept_openness(atlas: Atlas, layer: int) -> Openness | None:
    """Return the openness of a layer if it is in the cache folder, else None."""
    joined = kept_array(_path(atlas, layer))
    if joined is None:
        return None
    result: Openness = {}
    start = 0
    for item in _lit(atlas, layer):
        count = len(item.surface.vertices)
        result[item.id] = joined[start : start + count].astype(np.float32) / 255.0
        start += count
    return result if start == len(joined) else None


def _path(atlas: Atlas, layer: int) -> Path | None:
    return array_path(atlas, "shading", f"{layer}-{_FORMAT}")


def _lit(atlas: Atlas, layer: int) -> list[Structure]:
    return [item for item in atlas.structures.values() if int(item.layer) == layer]


def _of_layer(atlas: Atlas, layer: int) -> Openness:
    seen = [
        item
        for item in atlas.structures.values()
        if int(item.layer) >= layer and (item.entry.base not in COVERINGS or layer == 7)
    ]
    lit = _lit(atlas, layer)
    if layer == 0:
        seen = lit
    scene = _scene([item.surface for item in seen])
    found = {item.id: _shade(scene, item.surface) for item in lit}
    if layer <= int(TissueLayer.SUBCUTANEOUS):
        for item in lit:
            found[item.id] = found[item.id] * relief(item.surface)
    return found


def _scene(surfaces: list[Surface]) -> Any:
    start = 0
    points, faces = [], []
    for surface in surfaces:
        points.append(surface.vertices)
        faces.append(surface.faces + np.int32(start))
        start += len(surface.vertices)
    return scene_of([(np.concatenate(points), np.concatenate(faces))])


def _shade(scene: Any, surface: Surface) -> NDArray[np.float32]:
    normals = np.asarray(surface.normals, dtype=np.float32)
    count = len(normals)
    if not count:
        return np.ones(0, dtype=np.float32)
    first = np.where(np.abs(normals[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    tangent = np.cross(normals, first).astype(np.float32)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
    across = np.cross(normals, tangent).astype(np.float32)
    start = np.ascontiguousarray(surface.vertices + _LIFT_MM * normals, dtype=np.float32)
    # Neighbours look into turned directions, and smoothing over them stands for more rays.
    turn = (np.arange(count) * 2.399963).astype(np.float32)
    reach = np.full(count, REACH_MM, dtype=np.float32)

    def seen(index: int) -> NDArray[np.float32]:
        radius = np.sqrt((index + 0.5) / _RAYS)
        angle = turn + 2.399963 * index
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        z = np.sqrt(1.0 - radius * radius)
        way = x[:, None] * tangent + y[:, None] * across + z * normals
        distance = scene.run(
            start, np.ascontiguousarray(way, dtype=np.float32), dists=reach, query="DISTANCE"
        )
        return np.asarray(np.clip(distance / REACH_MM, 0.0, 1.0), dtype=np.float32)

    # Embree lets go of the interpreter lock, so that the directions share the cores.
    with ThreadPoolExecutor() as pool:
        total = sum(pool.map(seen, range(_RAYS)), np.zeros(count, dtype=np.float32))
    return _smoothed((total / _RAYS).astype(np.float32), surface.faces)


def relief(surface: Surface) -> NDArray[np.float32]:
    """Return how far a surface stands out of its surroundings, as a factor of its openness.

    A back is all but convex: hardly a point of it hides another from the sky, so that an even
    sky shows neither the furrow over the spine nor the edge of the scapula. Hollows are darkened
    therefore, and ridges left bright, by their height over the surface smoothed to 20 mm, less
    the roundness of the body itself.

    Returns
    -------
    ndarray of float32, shape (N,)
        From ``1 - 2 * RELIEF`` in hollows to 1 on ridges.
    """
    points = np.asarray(surface.vertices, dtype=np.float64)
    mean = neighbour_mean(surface.faces.astype(np.int64), len(points))
    sides = points[surface.faces] - points[np.roll(surface.faces, -1, axis=1)]
    edge = float(np.linalg.norm(sides, axis=2).mean())
    spread = partial(_spread, mean, edge)
    height = ((points - spread(points, RELIEF_MM)) * surface.normals).sum(axis=1)
    height -= spread(height, 2.0 * RELIEF_MM)
    tone = np.tanh(spread(height, 0.3 * RELIEF_MM) / HIGH_MM)
    return np.asarray(1.0 - RELIEF * (1.0 - tone), dtype=np.float32)


def _spread(mean: Any, edge: float, values: NDArray[np.float64], far: float) -> Any:
    """Average over ``far`` mm: a round over neighbours adds half an edge's square a direction."""
    for _ in range(round(2.0 * (far / edge) ** 2)):
        values = mean @ values
    return values


def _smoothed(values: NDArray[np.float32], faces: NDArray[np.int32]) -> NDArray[np.float32]:
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    count = len(values)
    degree = np.bincount(ends[:, 0], minlength=count) + np.bincount(ends[:, 1], minlength=count)
    for _ in range(2):
        summed = np.bincount(ends[:, 0], weights=values[ends[:, 1]], minlength=count)
        summed += np.bincount(ends[:, 1], weights=values[ends[:, 0]], minlength=count)
        values = ((values + summed) / (1.0 + degree)).astype(np.float32)
    return values
