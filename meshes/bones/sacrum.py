"""Sacrum and coccyx: a front and a back relief between them, with crests, foramina, ears."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.bones.apart import without
from meshes.bones.column import disc_below, joint_below
from meshes.bones.facet import facet_plate, joint_space
from meshes.bones.figures import figures, vector
from meshes.bones.shape import cone, ellipsoid, strut, tablet
from meshes.bones.solid import Array, Shape, Solid

STEP_MM = 1.7
TRIANGLES = 7600
# The bone is described square to its own long axis, which runs down and back.
ORIGIN = np.array([0.0, 5.0, -8.0])
ALONG = np.array([0.0, 0.57, -0.8216])
BEHIND = np.array([0.0, 0.8216, 0.57])


@lru_cache(maxsize=1)
def sacrum() -> tuple[Array, NDArray[np.int64], Array]:
    """Return vertices, faces and normals of the sacrum, mirror-symmetric."""
    return sacrum_solid().surface(TRIANGLES)


@lru_cache(maxsize=1)
def sacrum_solid() -> Solid:
    """Return the sacrum's distance field, which the hip bone is fitted against."""
    data = figures("sacrum")
    solid = Solid((0.0, -24.0, -108.0), (68.0, 88.0, 26.0), STEP_MM, half=True)
    solid.add(_relief(data), 0.0)
    _base(solid)
    for y, z, radius in data["tubercles"]:
        middle = np.array([0.0, y, z]) - BEHIND * radius
        solid.add(ellipsoid(middle, (3.4, radius, radius * 1.4), _rows()), 3.5)
    for x, y, z, behind, ahead in data["foramina"]:
        back = np.array([x, y, z])
        solid.cut(ellipsoid(back + BEHIND * 3.0, (behind, 8.0, behind * 1.15), _rows()), 3.0)
        front = back - BEHIND * (float(back @ BEHIND) - _front_at(float(z)) @ BEHIND)
        front[0] = x + 2.0
        solid.cut(ellipsoid(front - BEHIND * 2.0, (ahead * 1.15, 8.0, ahead * 0.85), _rows()), 4.0)
        solid.cut(cone(back, front, behind * 0.6, ahead * 0.5), 2.0)
    _canal(solid)
    return solid


def _rows() -> Array:
    return np.array([[1.0, 0.0, 0.0], BEHIND, ALONG])


def _front_at(z: float) -> Array:
    profile = vector(figures("sacrum")["profile"])[::-1]
    return np.array([0.0, float(np.interp(z, profile[:, 0], profile[:, 1])), z])


def _relief(data: Mapping[str, Any]) -> Shape:
    profile, width = vector(data["profile"])[::-1], vector(data["width"])[::-1]
    front = np.stack([np.zeros(len(profile)), profile[:, 1], profile[:, 0]], axis=1) - ORIGIN
    crest = np.stack([np.zeros(len(profile)), profile[:, 2], profile[:, 0]], axis=1) - ORIGIN
    front_s, front_h = (front @ ALONG)[::-1], (front @ BEHIND)[::-1]
    crest_s, crest_h = (crest @ ALONG)[::-1], (crest @ BEHIND)[::-1]
    groove = np.array(
        [
            [0, 0],
            [3, 1.2],
            [6.5, 5.6],
            [9, 6.8],
            [12, 6.6],
            [14.5, 8.0],
            [19, 10.5],
            [24, 10.6],
            [29, 8.6],
            [33, 10.5],
            [40, 17],
            [50, 27],
            [60, 36],
        ],
        float,
    )

    level_s = float((np.array([0.0, 53.0, -27.0]) - ORIGIN) @ ALONG)

    def distance(x: Array, y: Array, z: Array) -> Array:
        side = np.abs(x)
        gap_y, gap_z = y - ORIGIN[1], z - ORIGIN[2]
        s = gap_y * ALONG[1] + gap_z * ALONG[2]
        h = gap_y * BEHIND[1] + gap_z * BEHIND[2]
        half = np.interp(z, width[:, 0], width[:, 1]) + np.zeros_like(s)
        # Toward the tip everything draws together.
        shrink = np.clip(half / 45.0, 0.3, 1.0)
        back = np.interp(s, crest_s, crest_h) - np.interp(
            side / np.maximum(shrink, 0.6), groove[:, 0], groove[:, 1]
        ) * np.clip(shrink * 1.15, 0.45, 1.0)
        # The lateral and intermediate crests are rows of tubercles, low beside the foramina.
        beads = 0.5 + 0.5 * np.cos(2.0 * np.pi * (s - level_s) / 19.5)
        back = back - beads * (
            2.6 * np.exp(-(((side - 12.0) / 3.0) ** 2))
            + 3.0 * np.exp(-(((side - 30.0) / 6.0) ** 2))
        )
        # In front the wings lie behind the promontory above, before the hollow below.
        above = np.clip((30.0 - s) / 30.0, 0.0, 1.0)
        wing = _smooth(side, 13.0, 46.0) * 19.0 * above
        hollow = -3.5 * _smooth(side, 10.0, 34.0) * (1.0 - above)
        fore = np.interp(s, front_s, front_h) + wing + hollow
        # The ear-shaped sides lean inward behind.
        lean = 0.50 * np.clip(h - 16.0, 0.0, 60.0) * above
        lateral = (side - half + lean) / np.sqrt(1.0 + 0.2 * above)
        faces = [fore - h, (h - back) / 1.15, lateral]
        return _round_maximum(_round_maximum(faces[0], faces[1], 5.0), faces[2], 14.0)

    return Shape(distance, np.array([0.0, -20.0, -101.0]), np.array([60.0, 82.0, 14.0]))


def _base(solid: Solid) -> None:
    """Shape the top: S1 endplate, sloping wings, upper articular processes."""
    disc = disc_below("L5")
    plate = disc.lower
    up, back = plate.normal, plate.posterior

    def above_wing(x: Array, y: Array, z: Array) -> Array:
        # The wing's upper face rises outward and backward from the endplate's rim.
        side = np.abs(x)
        height = -13.0 + 0.44 * np.clip(side - 22.0, 0.0, 40.0) + 0.30 * (y - 2.0)
        height = height - 0.010 * np.clip(side - 22.0, 0.0, 40.0) * np.clip(y - 25.0, 0.0, 40.0)
        return np.asarray((height - z) / 1.15)

    limits = np.array([0.0, -24.0, -40.0]), np.array([68.0, 70.0, 30.0])
    solid.cut(Shape(above_wing, *limits), 6.0)
    rows = np.array([[1.0, 0.0, 0.0], back, np.cross([1.0, 0.0, 0.0], back)])
    half = (plate.half_width, plate.half_depth, 11.0)
    solid.add(
        tablet(plate.centre - up * 11.0, (half[0], half[2], half[1]), 3.0, rows[[0, 2, 1]]), 10.0
    )
    solid.add(cone((20.0, 6.0, -18.0), (46.0, 17.0, -10.0), 10.0, 8.0), 7.0)
    joint = joint_below("L5")
    seat = joint.centre - joint.facing * 4.2
    solid.add(strut(((24.0, 30.0, -16.0), seat), (9.0, 8.0), (6.8, 4.6), back), 6.0)
    solid.add(facet_plate(joint, -1.0, 3.8), 3.0)
    solid.cut(joint_space(joint, 1.0), 1.0)
    # Laminae of S1 roof the canal.
    solid.add(strut(((20.0, 36.0, -10.0), (0.0, 46.0, -14.0)), (3.4, 5.0), (3.4, 6.5), up), 5.0)

    def over_plate(x: Array, y: Array, z: Array) -> Array:
        over = (y - plate.centre[1]) * up[1] + (z - plate.centre[2]) * up[2]
        behind = (y - plate.centre[1]) * back[1] + (z - plate.centre[2]) * back[2]
        outline = np.maximum(
            np.abs(x) - plate.half_width - 1.0, np.abs(behind) - plate.half_depth - 1.0
        )
        return np.asarray(np.maximum(-over, outline))

    solid.cut(Shape(over_plate, np.array([0.0, -26.0, -22.0]), np.array([30.0, 24.0, 24.0])), 1.0)


def _canal(solid: Solid) -> None:
    line = [
        (0.0, 29.0, 8.0),
        (0.0, 35.0, -12.0),
        (0.0, 48.0, -33.0),
        (0.0, 61.0, -54.0),
        (0.0, 66.5, -76.0),
    ]
    radii = [(12.0, 8.0), (10.5, 6.0), (7.5, 4.0), (6.0, 3.2), (5.0, 3.0)]
    for k in range(len(line) - 1):
        solid.cut(strut((line[k], line[k + 1]), radii[k], radii[k + 1], BEHIND), 1.5)
    # Hiatus between the cornua.
    solid.cut(ellipsoid((0.0, 78.0, -90.0), (5.0, 9.0, 12.0)), 2.5)
    solid.add(cone((8.0, 68.5, -82.0), (8.0, 69.0, -93.0), 3.2, 2.4), 4.0)


def coccyx(step: float = 1.3) -> tuple[Array, NDArray[np.int64]]:
    """Return the coccyx: four shrinking segments, with cornua and transverse processes.

    It ends where it meets the sacrum.
    """
    rows = vector(figures("sacrum")["coccyx"])
    solid = Solid((0.0, 48.0, -141.0), (24.0, 82.0, -94.0), step, half=True)
    for k, (y, z, half) in enumerate(rows):
        last = k == len(rows) - 1
        middle = (0.0, y, z) if not last else (0.0, y, z + 1.4)
        size = (half * 0.72, 4.6 - 0.5 * k, 4.9 - 0.5 * k)
        solid.add(ellipsoid(middle, size), 3.0)
        if k < 2:
            solid.add(cone((half * 0.4, y, z + 1.0), (half - 2.0, y - 0.5, z + 1.5), 3.0, 2.0), 3.0)
        if not last:
            after = rows[k + 1]
            solid.add(
                cone((0.0, y, z), (0.0, after[0], after[1]), half * 0.42, after[2] * 0.42), 3.0
            )
    y, z, _ = rows[0]
    solid.add(cone((7.5, y + 1.5, z + 1.0), (7.8, y + 4.5, z + 5.0), 2.2, 1.7), 2.0)
    vertices, faces, _ = solid.surface(2000)
    return without((vertices, faces), [sacrum()[:2]])


def _smooth(value: Array, start: float, end: float) -> Array:
    t = np.clip((value - start) / (end - start), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def _round_maximum(a: Array, b: Array, radius: float) -> Array:
    h = np.maximum(radius - np.abs(a - b), 0.0) / radius
    return np.asarray(np.maximum(a, b) + h * h * h * radius / 6.0)
