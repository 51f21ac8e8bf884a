"""Ways to find a point on a bone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from meshes.finding.bone import Array, Bone, Samples
from meshes.finding.search import Missing, Search

FAR_MM = 400.0
"""A ray that is to come from outside a bone starts this far away."""


def region(search: Search, options: Mapping[str, Any]) -> tuple[Bone, Samples]:
    """Return a rule's bone and the samples of it that lie in its region."""
    bone = search.bone(options["bone"])
    samples = bone.samples
    keep = search.inside(bone, samples.points, options.get("within", {}), samples.normals)
    if not keep.any():
        raise Missing(f"{options['bone']}: nothing in the region")
    return bone, samples.only(keep)


def extreme(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the farthest place along ``direction``.

    The mean of all that lies within ``depth`` mm (1.5) of the farthest, so that one stray
    vertex of a scan does not decide; brought back to the surface unless ``snap = false``;
    into the bone's median plane with ``midline = true``.
    """
    bone, samples = region(search, options)
    height = samples.points @ search.direction(options["direction"])
    top = height >= height.max() - float(options.get("depth", 1.5))
    found = np.average(samples.points[top], weights=samples.areas[top], axis=0)
    return _placed(bone, found, options)


def centre(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the middle of a region: its area's mean, or with ``box = true`` its bounds' middle."""
    bone, samples = region(search, options)
    if options.get("box", False):
        found = 0.5 * (samples.points.min(axis=0) + samples.points.max(axis=0))
    else:
        found = np.average(samples.points, weights=samples.areas, axis=0)
    return _placed(bone, found, {"snap": False, **options})


def sphere(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the centre of the ball or socket that a region is part of.

    Least squares, repeated without the worst fifth; ``hollow = true`` keeps only the faces
    that look towards the centre (a socket), otherwise those that look away.
    """
    bone, samples = region(search, options)
    sign = -1.0 if options.get("hollow", False) else 1.0
    keep = np.ones(len(samples.points), dtype=np.bool_)
    points, areas = samples.points, samples.areas
    found = np.average(points, weights=areas, axis=0)
    for _ in range(8):
        root = np.sqrt(areas[keep])
        matrix = np.column_stack([2.0 * points[keep], np.ones(int(keep.sum()))])
        squares = (points[keep] ** 2).sum(axis=1)
        solved = np.linalg.lstsq(matrix * root[:, None], squares * root, rcond=None)[0]
        found = solved[:3]
        offset = points - found
        length = np.linalg.norm(offset, axis=1)
        radius = float(np.sqrt(max(solved[3] + found @ found, 0.0)))
        outward = (offset * samples.normals).sum(axis=1) / np.maximum(length, 1e-9) * sign
        good = outward > 0.5
        if good.sum() < 30:
            break
        miss = np.abs(length - radius)
        keep = good & (miss <= max(float(np.quantile(miss[good], 0.8)), 0.3))
    return _placed(bone, found, {"snap": False, **options})


def nearest(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the place of a region that is nearest to the place ``to``."""
    bone, samples = region(search, options)
    to = search.point(options["to"])
    distance = np.linalg.norm(samples.points - to, axis=1)
    near = distance <= distance.min() + float(options.get("depth", 0.5))
    found = np.average(samples.points[near], weights=samples.areas[near], axis=0)
    return _placed(bone, found, options)


def cast(search: Search, options: Mapping[str, Any]) -> Array:
    """Find where a ray through the place ``to``, coming along ``direction``, first meets the bone.

    Where it meets nothing, the nearest place on the surface.
    """
    bone = search.bone(options["bone"])
    way = search.direction(options["direction"])
    to = search.point(options["to"])
    hits = bone.cast(to - FAR_MM * way, way)
    return hits[0] if len(hits) else bone.nearest(to)


def midway(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the middle of the first stretch inside the bone of a ray through ``to``.

    The ray comes along ``direction`` from outside; a stretch shorter than ``least`` mm (4)
    is a flake and joined to the next. ``share`` (0.5) asks for another place than the middle.
    """
    bone = search.bone(options["bone"])
    way = search.direction(options["direction"])
    to = search.point(options["to"])
    hits = bone.cast(to - FAR_MM * way, way)
    share = float(options.get("share", 0.5))
    for last in hits[1:]:
        if (last - hits[0]) @ way >= float(options.get("least", 4.0)):
            return np.asarray(hits[0] + share * (last - hits[0]), dtype=np.float64)
    return to


def place(search: Search, options: Mapping[str, Any]) -> Array:
    """Take a place as it is: on a curve, between two points, shifted."""
    found = search.point(options["at"])
    if "bone" not in options:
        return found
    return _placed(search.bone(options["bone"]), found, options)


def on_curve(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the place of a curve that is farthest along ``direction``, between two shares."""
    curve = search.curve(options["along"])
    low, high = options.get("between", (0.0, 1.0))
    step = np.concatenate([[0.0], np.linalg.norm(np.diff(curve, axis=0), axis=1)]).cumsum()
    keep = (step >= low * step[-1]) & (step <= high * step[-1])
    part = curve[keep]
    height = part @ search.direction(options["direction"])
    best = int(height.argmax())
    if "bone" not in options:
        return part[best]
    # From the centre line out to the bone's surface.
    bone, way = search.bone(options["bone"]), search.direction(options["outward"])
    hits = bone.cast(part[best] + 40.0 * way, -way)
    return hits[0] if len(hits) else bone.nearest(part[best])


def crossing(search: Search, options: Mapping[str, Any]) -> Array:
    """Find where a curve first crosses the plane through ``at`` square to ``direction``."""
    curve = search.curve(options["along"])
    height = (curve - search.point(options["at"])) @ search.direction(options["direction"])
    change = np.flatnonzero(np.diff(np.signbit(height)))
    if len(change) == 0:
        raise Missing(f"{options['along']} does not cross the plane")
    before = int(change[0])
    share = height[before] / (height[before] - height[before + 1])
    return np.asarray(curve[before] + share * (curve[before + 1] - curve[before]), dtype=np.float64)


def _placed(bone: Bone, found: Array, options: Mapping[str, Any]) -> Array:
    if options.get("midline", False):
        found = np.array([bone.median_x, found[1], found[2]])
    if options.get("snap", True):
        snapped = bone.nearest(found)
        if options.get("midline", False):
            snapped[0] = found[0]
        return snapped
    return found


METHODS: Mapping[str, Callable[[Search, Mapping[str, Any]], Array]] = {
    "extreme": extreme,
    "centre": centre,
    "sphere": sphere,
    "nearest": nearest,
    "cast": cast,
    "midway": midway,
    "place": place,
    "on_curve": on_curve,
    "crossing": crossing,
}
