"""Ways to find a curve on a bone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from meshes.finding.bone import Array, Bone, unit
from meshes.finding.centre_line import centre_line
from meshes.finding.points import FAR_MM
from meshes.finding.search import Missing, Search
from meshes.finding.spline import distinct, smoothed
from meshes.landmarks import resample


def ridge(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the line of the farthest places along ``direction``, slice by slice.

    Slices stand square to the straight line ``from`` -> ``to``. Without ``direction`` but with
    ``pivot`` and ``axis`` they fan out around a pivot instead, and the farthest from the
    pivot counts: for an arched crest. ``midline = true`` moves what is found into the bone's
    median plane.
    """
    bone = search.bone(options["bone"])
    start, end = search.point(options["from"]), search.point(options["to"])
    count = int(options.get("slices", 40))
    shares = (np.arange(count) + 0.5) / count
    low, high = options.get("between", (0.0, 1.0))
    shares = low + (high - low) * shares
    fan = "pivot" in options
    found = [start]
    for share in shares:
        if fan:
            point, normal, way = _spoke(search, options, (start, end), float(share))
        else:
            point, normal = start + share * (end - start), unit(end - start)
            way = search.direction(options["direction"])
        farthest = _farthest(search, bone, (point, normal, way), options)
        if farthest is not None:
            found.append(farthest)
    if len(found) < 3:
        raise Missing(f"{options['bone']}: no slice meets the region")
    found.append(end)
    if options.get("midline", False):
        found = [np.array([bone.median_x, place[1], place[2]]) for place in found]
    return _finished(bone, np.array(found), options)


def _spoke(
    search: Search, options: Mapping[str, Any], ends: tuple[Array, Array], share: float
) -> tuple[Array, Array, Array]:
    """Return the pivot, the normal of the half plane and the way outward at a share of the turn."""
    pivot, axis = search.point(options["pivot"]), search.direction(options["axis"])
    first, last = (unit(end - pivot - ((end - pivot) @ axis) * axis) for end in ends)
    side = np.cross(axis, first)
    turn = float(np.arctan2(last @ side, last @ first))
    if options.get("turn") == "negative" and turn > 0.0:
        turn -= 2.0 * np.pi
    if options.get("turn") == "positive" and turn < 0.0:
        turn += 2.0 * np.pi
    way = np.cos(turn * share) * first + np.sin(turn * share) * side
    return pivot, np.cross(axis, way), way


def _farthest(
    search: Search, bone: Bone, cut: tuple[Array, Array, Array], options: Mapping[str, Any]
) -> Array | None:
    """Return the mean of what lies within ``depth`` mm of the farthest of a slice."""
    point, normal, way = cut
    segments = bone.section(point, normal)
    if len(segments) == 0:
        return None
    shares = np.linspace(0.0, 1.0, 5)[:, None, None]
    points = (segments[:, 0] * (1.0 - shares) + segments[:, 1] * shares).reshape(-1, 3)
    length = np.tile(np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1), 5)
    keep = search.inside(bone, points, options.get("within", {}))
    if "pivot" in options:
        keep &= (points - point) @ way > 0.0
    if not keep.any():
        return None
    points, length = points[keep], length[keep] + 1e-9
    height = points @ way
    top = height >= height.max() - float(options.get("depth", 0.8))
    return np.asarray(np.average(points[top], weights=length[top], axis=0), dtype=np.float64)


def join(search: Search, options: Mapping[str, Any]) -> Array:
    """Lead a smooth line through points, in order; a point that is missing is passed over."""
    found = []
    for name in options["through"]:
        try:
            found.append(search.point(name))
        except Missing:
            continue
    if len(found) < 2:
        raise Missing("fewer than two points to join")
    return _finished(None, np.array(found), options)


def drape(search: Search, options: Mapping[str, Any]) -> Array:
    """Lay the line through points on the bone, coming along ``direction`` from outside.

    With ``direction = "out"`` each place is reached from outside, away from the bone's centre
    (for a skull cap).
    """
    bone = search.bone(options["bone"])
    points = np.array([search.point(name) for name in options["through"]])
    line = resample(points, np.linspace(0.0, 1.0, int(options.get("slices", 40))))
    laid = []
    for place in line:
        if options["direction"] == "out":
            middle = bone.bounds.mean(axis=0)
            middle[2] = place[2]
            way = unit(middle - place)
        else:
            way = search.direction(options["direction"])
        hits = bone.cast(place - FAR_MM * way, way)
        laid.append(hits[0] if len(hits) else bone.nearest(place))
    return _finished(bone, np.array(laid), options)


def middle(search: Search, options: Mapping[str, Any]) -> Array:
    """Find the centre line of a long bone from the end nearest ``start`` to the other end."""
    bone = search.bone(options["bone"])
    line = centre_line(bone, search.point(options["start"]), float(options.get("smooth", 0.1)))
    if "end" in options:  # the ring of the far end is skewed; a known end mends it
        line = np.vstack([line, search.point(options["end"])])
    return _finished(bone, line, {**options, "smooth": 0.0, "snap": False})


def _finished(bone: Bone | None, line: Array, options: Mapping[str, Any]) -> Array:
    """Smooth (``smooth`` mm), space evenly (``spacing`` mm), and bring back to the surface."""
    line = distinct(line)
    line = smoothed(line, float(options.get("smooth", 1.0)))
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    count = max(round(length / float(options.get("spacing", 3.0))), 4) + 1
    line = resample(line, np.linspace(0.0, 1.0, count))
    if bone is not None and options.get("snap", False):
        line = bone.nearest(line)
    return line


METHODS: Mapping[str, Callable[[Search, Mapping[str, Any]], Array]] = {
    "ridge": ridge,
    "join": join,
    "drape": drape,
    "centre_line": middle,
}
