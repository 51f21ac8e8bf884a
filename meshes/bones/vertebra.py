"""Vertebrae C3 to L5 as solids: the frame that all regions share, the body and the canal.

They are modelled and not taken from OpenSim: its vertebrae (424 triangles each, the cervical ones
one block) need warping by up to 45 degrees at the spinous processes to meet the facts, while a
model made of the facts meets every process tip within 3 mm and keeps neighbours apart by
construction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.cervical import cervical_arch
from meshes.bones.column import Level, Plate
from meshes.bones.facet import cut_disc_spaces
from meshes.bones.lumbar import lumbar_arch
from meshes.bones.shape import ellipsoid
from meshes.bones.solid import Array, Shape, Solid
from meshes.bones.thoracic import thoracic_arch

ARCH = {"C": cervical_arch, "T": thoracic_arch, "L": lumbar_arch}
STEP_MM = {"C": 1.5, "T": 1.9, "L": 2.1}
TRIANGLES = {"C": 2900, "T": 2900, "L": 3500}
POWER = 2.5


def vertebra(level: Level) -> tuple[Array, NDArray[np.int64], Array]:
    """Return vertices, faces and normals of one vertebra (C3..L5), mirror-symmetric."""
    region = level.name[0]
    reach = np.array(
        [
            level.upper.centre,
            level.lower.centre,
            level.spine_tip,
            level.transverse_tip,
            level.above.centre,
            level.below.centre,
        ]
    )
    low, high = reach.min(axis=0) - 17.0, reach.max(axis=0) + 17.0
    depth = max(level.upper.half_depth, level.lower.half_depth)
    low[1] = min(low[1], level.body[1] - depth - 8.0)
    high[0] = max(level.transverse_tip[0], level.upper.half_width, level.lower.half_width) + 8.0
    solid = Solid(low, high, STEP_MM[region], half=True)
    solid.add(body(level), 0.0)
    ARCH[region](solid, level)
    cut_canal(solid, level)
    cut_disc_spaces(solid, level)
    if region == "T":
        _costal_facets(solid, level)
    return solid.surface(TRIANGLES[region])


def body(level: Level) -> Shape:
    """Return the vertebral body between its endplates, waisted and rounded at the rims."""
    upper, lower = level.upper, level.lower
    axis = upper.centre - lower.centre
    length = float(np.linalg.norm(axis))
    up, back = axis / length, level.back
    cervical = level.name[0] == "C"
    waist = 0.03 if cervical else 0.10
    hollow = {"C": 0.3, "T": 0.7, "L": 0.6}[level.name[0]]

    def distance(x: Array, y: Array, z: Array) -> Array:
        gap = (x - lower.centre[0], y - lower.centre[1], z - lower.centre[2])
        along = gap[0] * up[0] + gap[1] * up[1] + gap[2] * up[2]
        t = np.clip(along / length, 0.0, 1.0)
        slim = 1.0 - waist * (4.0 * t * (1.0 - t)) ** 0.8
        width = (lower.half_width + t * (upper.half_width - lower.half_width)) * slim
        reach = (lower.half_depth + t * (upper.half_depth - lower.half_depth)) * slim
        behind = gap[0] * back[0] + gap[1] * back[1] + gap[2] * back[2]
        # The back wall is flatter than the front: squeeze the posterior half.
        behind = np.where(behind > 0.0, behind * 1.07, behind)
        rho = ((np.abs(x) / width) ** POWER + (np.abs(behind) / reach) ** POWER) ** (1.0 / POWER)
        radius = np.sqrt(x * x + behind * behind)
        side = radius * (1.0 - 1.0 / np.maximum(rho, 1e-3))
        side = np.where(rho < 0.05, -np.minimum(width, reach), side)
        dish = hollow * np.clip(1.0 - rho * 1.15, 0.0, 1.0)
        over, under = _over(upper, x, y, z) + dish, _over(lower, x, y, z) + dish
        if cervical:
            # Uncinate processes: the sides of the upper endplate rise, the lower one gives way.
            lift = 3.0 * np.clip((np.abs(x) / width - 0.6) / 0.4, 0.0, 1.0) ** 1.5
            over, under = over - lift, under + lift
        return _round_maximum(side, np.maximum(over, under), 2.2)

    most = max(upper.half_width, lower.half_width, upper.half_depth, lower.half_depth) + 2.0
    corners = np.array([upper.centre, lower.centre])
    return Shape(distance, corners.min(axis=0) - most, corners.max(axis=0) + most)


def cut_canal(solid: Solid, level: Level) -> None:
    """Cut the vertebral canal: rounded, between the body's back wall and the laminae."""
    wall = level.wall() + level.back * 0.3
    up, back = level.up, level.back
    root = level.spine_root - up * float((level.spine_root - wall) @ up)
    centre = 0.5 * (wall + root)
    wide = level.shape["canal_width"] / 2.0
    taper = {"C": 0.25, "T": 0.35, "L": 0.5}[level.name[0]]
    deep = max(0.5 * float((root - wall) @ back), 5.5)

    def distance(x: Array, y: Array, z: Array) -> Array:
        behind = (y - centre[1]) * back[1] + (z - centre[2]) * back[2]
        # Narrower behind: the canal is a rounded triangle where the laminae meet.
        breadth = wide * (1.0 - taper * np.clip(behind / deep, 0.0, 1.0))
        rho = ((np.abs(x) / breadth) ** 2.3 + (np.abs(behind) / deep) ** 2.3) ** (1 / 2.3)
        radius = np.sqrt(x * x + behind * behind)
        return np.where(rho < 0.05, -deep, radius * (1.0 - 1.0 / np.maximum(rho, 1e-3)))

    ends = np.array([centre + up * 30.0, centre - up * 30.0])
    side = np.array([wide, deep, 0.0])
    solid.cut(Shape(distance, ends.min(axis=0) - side, ends.max(axis=0) + side), 2.0)


def _costal_facets(solid: Solid, level: Level) -> None:
    """Hollow the demifacets for the heads of this rib and the next."""
    from meshes.bones.rib import head_of

    number = int(level.name[1:])
    for rib in (number, number + 1):
        if rib <= 12:
            centre, radius = head_of(rib)
            solid.cut(ellipsoid(centre, (radius, radius, radius)), 1.0)


def _over(plate: Plate, x: Array, y: Array, z: Array) -> Array:
    n, c = plate.normal, plate.centre
    return np.asarray((x - c[0]) * n[0] + (y - c[1]) * n[1] + (z - c[2]) * n[2])


def _round_maximum(a: Array, b: Array, radius: float) -> Array:
    h = np.maximum(radius - np.abs(a - b), 0.0) / radius
    return np.asarray(np.maximum(a, b) + h * h * h * radius / 6.0)
