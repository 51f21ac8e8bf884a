"""Relations: what lies directly superficial and deep to a structure, and what it touches.

Read from the needles of the depth field: each stands for the skin around its vertex, and the
structure met just before and just after the one asked for are its neighbours there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN
from meshes.depth_field import DepthField, depth_field
from meshes.per_atlas import PerAtlas
from meshes.skin_surface import skin_of

Floats = NDArray[np.float64]

#: Surfaces this close touch (mm).
TOUCH = 1.5
#: Shares below this are left out, per cent.
LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Share:
    """A neighbour, and the share of the structure's area over which it is one."""

    structure: str
    percent: float


@dataclass(frozen=True)
class Relations:
    """Neighbours of one structure, largest share first.

    Attributes
    ----------
    structure : str
    superficial, deep : tuple of Share
        What a needle meets just before and just after it. ``subcutaneous_fat`` stands for
        nothing else between it and the skin.
    covered_by : tuple of Share
        Everything that lies anywhere above it; shares add up to more than 100.
    touches : tuple of str
        Structures whose surface comes within ``TOUCH``, skin and fat left out.
    sampled : int
        Number of needles that met it; with none the shares are empty.
    """

    structure: str
    superficial: tuple[Share, ...]
    deep: tuple[Share, ...]
    covered_by: tuple[Share, ...]
    touches: tuple[str, ...]
    sampled: int

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``info --json`` holds under ``relations``."""

        def rows(shares: tuple[Share, ...]) -> list[dict[str, Any]]:
            return [{"structure": item.structure, "percent": item.percent} for item in shares]

        return {
            "superficial": rows(self.superficial),
            "deep": rows(self.deep),
            "covered_by": rows(self.covered_by),
            "touches": list(self.touches),
        }


def relations(atlas: Atlas, structure_id: str) -> Relations:
    """Return the neighbours of a structure.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    structure_id : str

    Raises
    ------
    UnknownName
        If the atlas holds no such structure.

    Notes
    -----
    Only needles from the side from which the structure lies shallowest count, so that the belly
    does not cover the kidney as the back does.
    """
    structure = atlas[structure_id]
    kept = _KEPT(atlas)
    if structure_id not in kept:
        field = depth_field(atlas)
        superficial, deep, covered, sampled = _layers(field, structure_id, _areas(atlas))
        kept[structure_id] = Relations(
            structure.id, superficial, deep, covered, _touching(atlas, structure_id), sampled
        )
    return kept[structure_id]


def _nothing(atlas: Atlas) -> dict[str, Relations]:
    return {}


_KEPT: PerAtlas[dict[str, Relations]] = PerAtlas(_nothing)


def _areas(atlas: Atlas) -> Floats:
    """Skin area that each needle stands for, shape (N,), mm^2."""
    return skin_of(atlas).vertex_area


def _layers(
    field: DepthField, structure_id: str, area: Floats
) -> tuple[tuple[Share, ...], tuple[Share, ...], tuple[Share, ...], int]:
    if structure_id not in field.names:
        return (), (), (), 0
    number = field.names.index(structure_id)
    vertex = field.vertex
    rows = np.flatnonzero(field.structure == number)
    if len(rows) == 0:
        return (), (), (), 0
    _, first = np.unique(vertex[rows], return_index=True)
    rows = rows[first]
    rows = rows[_from_the_near_side(field, rows, vertex)]
    at = vertex[rows]
    weight = area[at]
    total = float(weight.sum())
    outside = len(field.names)
    above = np.where(rows > field.first[at], field.structure[rows - 1], outside)
    last = field.first[at + 1] - 1
    below = _next_other(field, rows, last, number, outside)
    names = (*field.names, FAT)
    covered: dict[str, float] = {}
    length = rows - field.first[at]
    owner = np.repeat(np.arange(len(rows)), length)
    over = np.repeat(field.first[at], length) + _count_up(length)
    pairs = np.unique(np.stack([owner, field.structure[over]], axis=1), axis=0)
    for index in np.unique(pairs[:, 1]):
        covered[names[int(index)]] = float(weight[pairs[pairs[:, 1] == index, 0]].sum())
    return (
        _shares(_summed(above, weight, names), total),
        _shares(_summed(below, weight, (*field.names, "")), total),
        _shares(covered, total),
        len(rows),
    )


def _from_the_near_side(
    field: DepthField, rows: NDArray[np.intp], vertex: NDArray[np.int32]
) -> NDArray[np.bool_]:
    depth = field.enter_mm[rows]
    shallow = depth <= np.quantile(depth, 0.25)
    mean = field.inward[vertex[rows[shallow]]].mean(axis=0)
    return np.asarray(field.inward[vertex[rows]] @ mean > 0.0)


def _next_other(
    field: DepthField,
    rows: NDArray[np.intp],
    last: NDArray[np.int32],
    number: int,
    outside: int,
) -> NDArray[np.intp]:
    """Structure met next that is not the same one again."""
    step = rows + 1
    for _ in range(8):
        same = (step <= last) & (field.structure[np.minimum(step, last)] == number)
        if not same.any():
            break
        step = step + same
    return np.where(step <= last, field.structure[np.minimum(step, last)], outside)


def _count_up(length: NDArray[np.integer]) -> NDArray[np.int64]:
    """0, 1, .. length - 1 for each length, one after the other."""
    ends = np.cumsum(length)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - length, length)


def _summed(index: NDArray[np.integer], weight: Floats, names: tuple[str, ...]) -> dict[str, float]:
    total = np.bincount(index, weights=weight, minlength=len(names))
    return {names[int(item)]: float(total[item]) for item in np.flatnonzero(total)}


def _shares(amount: Mapping[str, float], total: float) -> tuple[Share, ...]:
    shares = [
        Share(name, round(100.0 * value / total, 1))
        for name, value in amount.items()
        if name and 100.0 * value / total >= LEAST_SHARE
    ]
    return tuple(sorted(shares, key=lambda item: (-item.percent, item.structure)))


def _touching(atlas: Atlas, structure_id: str) -> tuple[str, ...]:
    from scipy.spatial import cKDTree

    own = atlas[structure_id].surface
    if structure_id in (SKIN, FAT):
        return ()
    tree = cKDTree(_samples(own.vertices, own.faces))
    low, high = own.bounds[0] - TOUCH, own.bounds[1] + TOUCH
    found = []
    for name, other in atlas.structures.items():
        surface = other.surface
        if name in (structure_id, SKIN, FAT) or surface.triangle_count == 0:
            continue
        if (surface.bounds[0] > high).any() or (surface.bounds[1] < low).any():
            continue
        points = _samples(surface.vertices, surface.faces)
        points = points[((points >= low) & (points <= high)).all(axis=1)]
        if len(points) == 0:
            continue
        near = tree.query(points, distance_upper_bound=TOUCH)[0]
        if np.isfinite(near).any():
            found.append(name)
    return tuple(sorted(found))


def _samples(vertices: NDArray[np.float32], faces: NDArray[np.int32]) -> Floats:
    """Vertices and face centres, shape (K, 3)."""
    centres = vertices[faces].mean(axis=1)
    return np.concatenate([vertices, centres]).astype(np.float64)
