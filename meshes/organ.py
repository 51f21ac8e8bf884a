"""Kidneys for any atlas: a bean with hilum and sinus, placed by vertebral level.

Size, levels and tilts are those of ``organs.toml``; the bean is then pushed forward and
sideways until it is free of the ribs, vertebrae and muscles that the atlas has, and where it
still touches, its surface yields as the organ does against psoas and quadratus lumborum.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from meshes.atlas import Body
from meshes.catalogue import load_catalogue
from meshes.field.blend import smooth_max
from meshes.field.extract import evened, level_surface, neighbour_mean, one_body, settled
from meshes.field.grid import Grid
from meshes.landmarks import Landmarks
from meshes.outline import LevelMap
from meshes.structure import Origin, Structure
from meshes.surface import Surface, vertex_normals
from meshes.terminology import Provenance, Side, System

_GRID_MM = 4.0
_REACH_MM = 60.0  # obstacles further from the kidney than this are not looked at
_DEEPEST_MM = 14.0  # no vertex is taken to lie deeper in an obstacle than this
_ROUNDS = 40
_OBSTACLES = (System.MUSCULAR, System.SKELETAL, System.ARTICULAR)

Points = NDArray[np.float64]


@lru_cache(maxsize=1)
def kidney_data() -> dict[str, Any]:
    """Return the ``[kidney]`` table of ``organs.toml`` (read once per process)."""
    text = (files("meshes") / "organs.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)["kidney"]
    return table


def generate_kidneys(
    structures: Mapping[str, Structure],
    landmarks: Landmarks,
    body: Body | None = None,
) -> dict[str, Structure]:
    """Return ``kidney_left`` and ``kidney_right``, clear of the structures given.

    Parameters
    ----------
    structures : mapping of str to Structure
        Bones and muscles that the kidneys must not meet, mm, LPS.
    landmarks : Landmarks
        Needs ``vertebra_X/body`` of at least three vertebrae.
    body : Body, optional
        Scales the organ by stature; without one, by the length of the spine.

    Raises
    ------
    InputError
        If there are too few vertebrae to place the kidneys by.
    """
    levels = LevelMap.of(landmarks)
    size = levels.scale if body is None else body.stature_cm / 175.0
    catalogue = load_catalogue()
    origin = Origin(
        Provenance.GENERATED,
        "generated from published size, level and tilt (anatomy facts, section 7)",
        "Apache-2.0",
    )
    result = {}
    for side in (Side.LEFT, Side.RIGHT):
        shape, faces = bean(side)
        vertices = _placed(shape * size, side, levels)
        obstacles = _obstacles(structures, vertices)
        if obstacles is not None:
            vertices = _freed(vertices, faces, obstacles, size)
        name = f"kidney_{side.value}"
        result[name] = Structure(catalogue[name], Surface.of(vertices, faces), origin)
    return result


@lru_cache(maxsize=2)
def bean(side: Side) -> tuple[Points, NDArray[np.int64]]:
    """Return the kidney in its own axes, centred, for a man of 1750 mm.

    Returns
    -------
    vertices : ndarray, shape (N, 3)
        mm; +x towards the hilum, y through the thickness, +z to the upper pole.
    faces : ndarray, shape (M, 3)
        Counter-clockwise seen from outside.
    """
    data = kidney_data()
    half = np.array([data["width"][side], data["thickness"], data["length"][side]]) / 2.0
    grid = Grid.around(-half - 14.0, half + 14.0, _GRID_MM)
    x, y, z = grid.axes()
    along = z / np.float32(half[2])
    # the middle line arches away from the hilum, so that the poles lean towards it
    arch = np.float32(data["bend"]) * (1.0 - 1.9 * along**2)
    across = (x + arch) / np.float32(half[0] - 0.25 * data["bend"])
    through = y / np.float32(half[1])
    power = np.float32(2.25)
    reach = (np.abs(across) ** power + np.abs(through) ** power + np.abs(along) ** power) ** (
        1.0 / power
    )
    field = ((reach - 1.0) * np.float32(half[1])).astype(np.float32)
    deep, wide, tall = data["sinus"]
    hilum = np.float32(half[0] - 0.8 * data["bend"])
    pocket = np.sqrt(((x - hilum) / deep) ** 2 + (y / wide) ** 2 + (z / tall) ** 2)
    hollow = ((1.0 - pocket) * np.float32(wide)).astype(np.float32)
    field = smooth_max(field, hollow, data["lip"])
    points, faces, _ = level_surface(one_body(field), grid, mirrored=False)
    points = settled(evened(points, faces, field, grid), faces)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - 0.5 * (low + high)) * (2.0 * half / (high - low))
    return points, faces


def _placed(shape: Points, side: Side, levels: LevelMap) -> Points:
    """Turn a bean by its tilts and put it at its vertebral level."""
    data = kidney_data()
    sign = float(side.sign)
    coronal, sagittal, turn = (
        np.radians(data[key]) for key in ("coronal_tilt", "sagittal_tilt", "hilum_turn")
    )
    # upper pole up, to the middle and back
    axis = np.array([-sign * np.tan(coronal), np.tan(sagittal), 1.0])
    axis /= np.linalg.norm(axis)
    hilum = np.array([-sign * np.cos(turn), -np.sin(turn), 0.0])
    hilum -= (hilum @ axis) * axis
    hilum /= np.linalg.norm(hilum)
    through = np.cross(axis, hilum)
    turned = shape @ np.stack([hilum, through, axis])
    middle = levels.place(np.array([sign * data["middle_x"], 0.0, data["middle_z"][side]]))
    behind = levels.place(np.array([sign * 70.0, data["behind_y"][side], 141.0]))
    spread = 0.5 * (turned.min(axis=0) + turned.max(axis=0))
    moved = turned - spread + middle
    slab = np.abs(moved[:, 2] - behind[2]) < 8.0 * levels.scale
    slab &= np.abs(moved[:, 0] - behind[0]) < 10.0 * levels.scale
    moved[:, 1] += behind[1] - moved[slab, 1].max()
    return np.asarray(moved)


def _obstacles(
    structures: Mapping[str, Structure], vertices: Points
) -> tuple[cKDTree, Points] | None:
    """Return the surface samples near a kidney, as a tree, with their outward normals."""
    low, high = vertices.min(axis=0) - _REACH_MM, vertices.max(axis=0) + _REACH_MM
    points, normals = [], []
    for item in structures.values():
        if item.system not in _OBSTACLES or item.entry.base in kidney_data()["passes"]:
            continue
        bounds = item.surface.bounds
        if (bounds[0] > high).any() or (bounds[1] < low).any():
            continue
        corners = np.asarray(item.surface.vertices, dtype=np.float64)[item.surface.faces]
        if np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) < 0.0:
            corners = corners[:, ::-1]  # an imported mesh turned inside out
        centres = corners.mean(axis=1)
        near = ((centres > low) & (centres < high)).all(axis=1)
        corners = corners[near]
        facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-9)
        for weights in ((1, 1, 1), (4, 1, 1), (1, 4, 1), (1, 1, 4)):
            share = np.array(weights) / sum(weights)
            points.append(np.einsum("k,fkd->fd", share, corners))
            normals.append(facing)
    if not points or sum(map(len, points)) == 0:
        return None
    joined = np.concatenate(points)
    return cKDTree(joined, balanced_tree=False), np.concatenate(normals)


def _freed(
    vertices: Points,
    faces: NDArray[np.int64],
    obstacles: tuple[cKDTree, Points],
    size: float,
) -> Points:
    """Push a kidney away from what it meets, then let its surface yield where it still does."""
    data = kidney_data()
    clearance, furthest = data["clearance"], data["furthest_push"] * size
    moved = np.zeros(3)
    for _ in range(_ROUNDS):
        lack, away = _shortfall(vertices + moved, obstacles, clearance)
        if lack.max() <= 0.0:
            return vertices + moved
        # level steps only: height is given by the vertebrae
        way = (away * lack[:, None]).sum(axis=0) * np.array([1.0, 1.0, 0.0])
        length = float(np.linalg.norm(way))
        if length < 1e-6:
            break
        step = way / length * min(0.5 * float(lack.max()), 1.5)
        if np.linalg.norm(moved + step) > furthest:
            break
        moved += step
    return _yielding(vertices + moved, faces, obstacles, clearance)


def _yielding(
    vertices: Points,
    faces: NDArray[np.int64],
    obstacles: tuple[cKDTree, Points],
    clearance: float,
) -> Points:
    """Dent a kidney smoothly where it still meets an obstacle."""
    mean = neighbour_mean(faces, len(vertices))
    result = vertices
    deepest = kidney_data()["deepest_dent"]
    for _ in range(_ROUNDS):
        lack, _ = _shortfall(result, obstacles, clearance)
        if lack.max() <= 0.0:
            break
        normals = vertex_normals(result.astype(np.float32), faces.astype(np.int32))
        press = lack
        for _ in range(4):  # spread the dent, never lessen it where it is needed
            press = np.maximum(lack, mean @ press)
        moved = result - 0.5 * press[:, None] * normals - vertices
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        result = vertices + moved * np.minimum(1.0, deepest / np.maximum(length, 1e-9))
    return np.asarray(result)


def _shortfall(
    vertices: Points, obstacles: tuple[cKDTree, Points], clearance: float
) -> tuple[NDArray[np.float64], Points]:
    """Return how far each vertex is short of the clearance, and the way out of the obstacle.

    A vertex is behind a surface only where the nearest piece of it faces it squarely: at the
    open rim of a sheet neither side is the inside.
    """
    tree, normals = obstacles
    distance, index = tree.query(vertices, distance_upper_bound=_DEEPEST_MM)
    found = np.isfinite(distance)
    away = np.zeros_like(vertices)
    lack = np.zeros(len(vertices))
    nearest = index[found]
    height = np.einsum("ij,ij->i", vertices[found] - tree.data[nearest], normals[nearest])
    behind = height < -0.7 * distance[found]
    signed = np.where(behind, -distance[found], distance[found])
    lack[found] = np.maximum(clearance - signed, 0.0)
    away[found] = normals[nearest]
    return lack, away
