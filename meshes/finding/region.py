"""Regions of a bone, as a rule's ``within`` table describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshes.errors import ReadError
from meshes.finding.bone import Array, Bone, unit

if TYPE_CHECKING:
    from meshes.finding.search import Search

AXES = {"x": 0, "y": 1, "z": 2}


def contains(
    search: Search, bone: Bone, cloud: tuple[Array, Array | None], key: str, value: Any
) -> NDArray[np.bool_]:
    """Tell which points satisfy one entry of a ``within`` table.

    Parameters
    ----------
    search : Search
    bone : Bone
    cloud : tuple of ndarray, shape (K, 3)
        Points, and the surface's normals there (None where there is no surface).
    key, value
        Millimetres are those of a man of 1750 mm and are scaled to the person.
        ``x``, ``y``, ``z``: [low, high] as shares of the bone's bounds;
        ``median``: mm from the bone's median plane;
        ``sphere`` and ``outside``: [place, mm];
        ``tube``: [place, place, mm] around the straight line;
        ``beyond``: list of [place, direction] or [place, direction, mm];
        ``box``: {at, x, y, z}, each axis [low, high] in mm from the place;
        ``near``: [curve, mm];
        ``along``: [curve, from, to] in mm of the curve's length, negative from its end;
        ``facing``: [direction, degrees].
    """
    points, normals = cloud
    if key in AXES:
        low, high = bone.bounds[:, AXES[key]]
        share = (points[:, AXES[key]] - low) / max(high - low, 1e-9)
        return np.asarray((share >= value[0]) & (share <= value[1]))
    if key == "median":
        return np.asarray(np.abs(points[:, 0] - bone.median_x) <= search.scale * value)
    if key in ("sphere", "outside"):
        ball = np.linalg.norm(points - search.point(value[0]), axis=1) <= search.scale * value[1]
        return np.asarray(ball if key == "sphere" else ~ball)
    if key == "tube":
        start = search.point(value[0])
        offset, way = points - start, unit(search.point(value[1]) - start)
        aside = offset - (offset @ way)[:, None] * way
        return np.asarray(np.linalg.norm(aside, axis=1) <= search.scale * value[2])
    if key == "beyond":
        return _beyond(search, points, value)
    if key == "box":
        return _in_box(search, points, value)
    if key in ("near", "along"):
        return _at_curve(search, points, key, value)
    if key == "facing":
        if normals is None:
            return np.ones(len(points), dtype=np.bool_)
        return np.asarray(normals @ search.direction(value[0]) >= np.cos(np.radians(value[1])))
    raise ReadError(f"a region has no {key!r}")


def _beyond(search: Search, points: Array, planes: list[Any]) -> NDArray[np.bool_]:
    keep = np.ones(len(points), dtype=np.bool_)
    for place, way, *least in planes:
        height = (points - search.point(place)) @ search.direction(way)
        keep &= height >= (search.scale * float(least[0]) if least else 0.0)
    return keep


def _in_box(search: Search, points: Array, box: Mapping[str, Any]) -> NDArray[np.bool_]:
    offset = (points - search.point(box["at"])) / search.scale
    keep = np.ones(len(points), dtype=np.bool_)
    for name in AXES.keys() & box.keys():
        keep &= (offset[:, AXES[name]] >= box[name][0]) & (offset[:, AXES[name]] <= box[name][1])
    return keep


def _at_curve(search: Search, points: Array, key: str, value: list[Any]) -> NDArray[np.bool_]:
    from scipy.spatial import KDTree

    from meshes.landmarks import resample

    curve = search.curve(value[0])
    length = float(np.linalg.norm(np.diff(curve, axis=0), axis=1).sum())
    count = max(int(length), 2)
    distance, index = KDTree(resample(curve, np.linspace(0.0, 1.0, count))).query(points)
    if key == "near":
        return np.asarray(distance <= search.scale * value[1])
    at = index / (count - 1.0) * length
    low, high = (
        search.scale * one if one >= 0.0 else length + search.scale * one for one in value[1:]
    )
    return np.asarray((at >= low) & (at <= high))
