"""Vertebrae C3 to L5 as solids: body, pedicles, articular processes, laminae, processes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.column import Joint, Level, Plate
from meshes.bones.shape import blade, cone, ellipsoid, slab
from meshes.bones.solid import Array, Shape, Solid

X = np.array([1.0, 0.0, 0.0])


def vertebra(level: Level, step: float = 1.5) -> tuple[Array, NDArray[np.int64], Array]:
    """Return vertices, faces and normals of one vertebra (C3..L5), mirror-symmetric.

    Parameters
    ----------
    level : Level
    step : float
        Grid spacing of the solid, mm.
    """
    reach = np.array(
        [
            level.upper.centre, level.lower.centre, level.spine_tip, level.transverse_tip,
            level.above.centre, level.below.centre,
        ]
    )
    low, high = reach.min(axis=0) - 16.0, reach.max(axis=0) + 16.0
    depth = max(level.upper.half_depth, level.lower.half_depth)
    low[1] = min(low[1], level.body[1] - depth - 8.0)
    high[0] = max(level.transverse_tip[0], level.upper.half_width, level.below.centre[0] + 8.0) + 8.0
    solid = Solid(low, high, step, half=True)
    solid.add(body(level), 0.0)
    region = level.name[0]
    if region == "C":
        _cervical_sides(solid, level)
    else:
        _trunk_sides(solid, level)
    _arch(solid, level)
    _spine(solid, level)
    _canal(solid, level)
    _facets(solid, level)
    return solid.surface()


def body(level: Level) -> Shape:
    """Return the vertebral body between its endplates, waisted and rounded at the rims."""
    upper, lower = level.upper, level.lower
    axis = upper.centre - lower.centre
    length = float(np.linalg.norm(axis))
    up, back = axis / length, level.back
    power = 2.5
    waist = 0.09 if level.name[0] != "C" else 0.04
    hollow = 0.8 if level.name[0] != "C" else 0.3

    def distance(x: Array, y: Array, z: Array) -> Array:
        gap = (x - lower.centre[0], y - lower.centre[1], z - lower.centre[2])
        along = gap[0] * up[0] + gap[1] * up[1] + gap[2] * up[2]
        t = np.clip(along / length, 0.0, 1.0)
        slim = 1.0 - waist * 4.0 * t * (1.0 - t)
        width = (lower.half_width + t * (upper.half_width - lower.half_width)) * slim
        reach = (lower.half_depth + t * (upper.half_depth - lower.half_depth)) * slim
        behind = gap[0] * back[0] + gap[1] * back[1] + gap[2] * back[2]
        # The back wall is flatter than the front: squeeze the posterior half.
        behind = np.where(behind > 0.0, behind * 1.07, behind)
        rho = ((np.abs(x) / width) ** power + (np.abs(behind) / reach) ** power) ** (1.0 / power)
        radius = np.sqrt(x * x + behind * behind)
        side = radius * (1.0 - 1.0 / np.maximum(rho, 1e-3))
        side = np.where(rho < 0.05, -np.minimum(width, reach), side)
        cap = np.maximum(
            _over(upper, x, y, z) + hollow * np.clip(1.0 - rho * 1.15, 0.0, 1.0),
            _over(lower, x, y, z) + hollow * np.clip(1.0 - rho * 1.15, 0.0, 1.0),
        )
        return _round_maximum(side, cap, 2.2)

    most = max(upper.half_width, lower.half_width, upper.half_depth, lower.half_depth) + 2.0
    corners = np.array([upper.centre, lower.centre])
    return Shape(distance, corners.min(axis=0) - most, corners.max(axis=0) + most)


def _over(plate: Plate, x: Array, y: Array, z: Array) -> Array:
    n, c = plate.normal, plate.centre
    return np.asarray((x - c[0]) * n[0] + (y - c[1]) * n[1] + (z - c[2]) * n[2])


def _round_maximum(a: Array, b: Array, radius: float) -> Array:
    h = np.maximum(radius - np.abs(a - b), 0.0) / radius
    return np.asarray(np.maximum(a, b) + h * h * h * radius / 6.0)


def _pedicle_front(level: Level) -> Array:
    """Middle of the left pedicle where it leaves the body."""
    s = level.shape
    rise = s["pedicle_rise"] * float(np.linalg.norm(level.upper.centre - level.lower.centre))
    x = s["canal_width"] / 2 + s["pedicle_width"] / 2 - 1.0
    return np.asarray(level.wall() + level.up * rise + X * x - level.back * 3.0)


def pillar(level: Level) -> Array:
    """Middle of the left articular pillar: between its two facet joints."""
    upper, lower = level.above.centre, level.below.centre
    front = _pedicle_front(level)
    t = np.clip((front[2] - lower[2]) / (upper[2] - lower[2]), 0.35, 0.75)
    return np.asarray(lower + t * (upper - lower))


def _facing_frame(joint: Joint) -> Array:
    """Rows: across the facet, its normal, along its height."""
    across = np.cross(joint.facing, np.array([0.0, 0.0, 1.0]))
    across /= np.linalg.norm(across)
    return np.array([across, joint.facing, np.cross(across, joint.facing)])


def _facets(solid: Solid, level: Level) -> None:
    """Cut the joint spaces clean, so that neighbours never meet."""
    for joint, sign in ((level.above, 1.0), (level.below, -1.0)):
        rows = _facing_frame(joint)
        centre = joint.centre + sign * joint.facing * 7.4
        half = (joint.half_width + 3.0, 7.0, joint.half_height + 3.0)
        solid.cut(slab(centre, half, 1.0, rows), 0.6)


def _articular(solid: Solid, level: Level, blend: float) -> None:
    middle = pillar(level)
    thick = 2.6 if level.name[0] == "T" else 3.4
    for joint, sign in ((level.above, -1.0), (level.below, 1.0)):
        rows = _facing_frame(joint)
        centre = joint.centre + sign * joint.facing * (thick + 0.4)
        half = (joint.half_width, thick, joint.half_height)
        solid.add(slab(centre, half, 2.2, rows), blend)
        solid.add(cone(centre, middle, thick + 0.6, thick + 1.4), blend + 1.0)


def _trunk_sides(solid: Solid, level: Level) -> None:
    s, region = level.shape, level.name[0]
    front, middle = _pedicle_front(level), pillar(level)
    half_width, half_height = s["pedicle_width"] / 2, s["pedicle_height"] / 2
    along = middle - front
    length = float(np.linalg.norm(along))
    rows = _rows(along, level.up)
    solid.add(
        slab((front + middle) / 2, (half_width, length / 2 + 2.0, half_height),
             min(half_width, half_height) * 0.9, rows), 3.5,
    )
    _articular(solid, level, 3.0)
    tip, club, root = level.transverse_tip, s["transverse_club"], s["transverse_root"]
    if region == "T":
        start = middle + X * 1.0 + level.back * 1.0
        way = (tip - start) / np.linalg.norm(tip - start)
        end = tip - way * club * 0.55
        end = np.array([tip[0] - club * 0.92, end[1], end[2]])
        solid.add(cone(start, end, root, club * 0.8), 3.5)
        rows = _rows(way, level.up)
        solid.add(ellipsoid(end, (club * 0.95, club, club * 1.2), rows), 2.0)
    else:
        start = front + 0.45 * (middle - front) + X * half_width * 0.6
        way = (tip - start) / np.linalg.norm(tip - start)
        rows = _rows(way, level.up)
        end = tip - way * club
        tall = 1.9 if level.name != "L5" else 1.25
        for a, b, ra, rb in ((start, end, root, club), ):
            for lift in (-1.0, 0.0, 1.0):
                shift = rows[2] * lift
                solid.add(cone(a + shift * ra * tall * 0.6, b + shift * rb * tall * 0.45, ra, rb),
                          3.0)
    if region == "L" or level.name in ("T11", "T12"):
        joint = level.above
        bump = joint.centre + _outward(joint) * 4.0 + level.back * 3.5 + level.up * 1.0
        solid.add(ellipsoid(bump, (3.4, 3.6, 5.0)), 2.5)


def _outward(joint: Joint) -> Array:
    """Direction from the joint into the lower bone, kept level."""
    way = -joint.facing * np.array([1.0, 0.0, 0.0])
    norm = float(np.linalg.norm(way))
    return X if norm < 0.3 else np.asarray(way / norm)


def _cervical_sides(solid: Solid, level: Level) -> None:
    s = level.shape
    upper, lower = level.above, level.below
    front, middle = _pedicle_front(level), pillar(level)
    solid.add(cone(front, middle, s["pedicle_height"] / 2 * 0.9), 2.5)
    # The articular pillar: a short column between two sloping facets.
    axis = upper.centre - lower.centre
    rows = _rows(axis, level.back)
    solid.add(
        slab((upper.centre + lower.centre) / 2,
             (upper.half_width, float(np.linalg.norm(axis)) / 2 + 3.5, 5.2), 2.4, rows), 2.5,
    )
    tip, club = level.transverse_tip, s["transverse_club"]
    end = tip - X * club * 0.95
    rear = end + level.back * 1.5
    fore = end - level.back * (6.0 if level.name != "C7" else 4.0) + level.up * 0.5
    body_side = level.body - level.back * 1.0 + X * level.upper.half_width * 0.8
    solid.add(cone(middle - level.back * 2.0, rear, 3.4, club), 2.0)
    if level.name != "C7":
        solid.add(cone(body_side, fore, 3.0, club * 0.85), 2.0)
        solid.add(cone(fore, rear, club * 0.7, club * 0.7), 1.5)
    else:
        solid.add(cone(body_side, fore + X * -3.0, 2.8, club * 0.7), 2.0)
        solid.add(cone(fore + X * -3.0, rear, club * 0.6, club * 0.8), 1.5)
    # Uncinate processes raise the sides of the upper endplate.
    lip = level.upper.centre + X * (level.upper.half_width * 0.92) + level.back * 1.5
    solid.add(cone(lip - level.back * 4.0 - level.up * 1.0, lip + level.back * 2.0 - level.up * 0.3,
                   1.8), 2.0)
    hole = 0.5 * (body_side + middle) + X * 3.6
    hole = np.array([max(hole[0], level.upper.half_width + 3.4), *hole[1:]])
    solid.cut(cone(hole - level.up * 14.0, hole + level.up * 14.0, 2.7), 1.0)


def _arch(solid: Solid, level: Level) -> None:
    """Laminae: a roof from the pillars to the midline, overlapping like tiles."""
    s, region = level.shape, level.name[0]
    half = s["lamina_thickness"] / 2
    root = level.spine_root + level.back * half * 0.8
    middle = pillar(level)
    down = -level.up if region != "T" else _along(level)
    tall = s["lamina_height"] / 2 - half
    top, bottom = root - down * tall * 0.9, root + down * tall * 1.1
    side_top = middle + level.up * tall * 0.75 + level.back * 0.5
    joint = level.below
    side_low = joint.centre + joint.facing * (half + 1.2) + level.up * 1.0
    side_low = side_low - X * 1.0
    solid.add(blade(top, bottom, side_top, half), 2.5)
    solid.add(blade(bottom, side_top, side_low, half), 2.5)


def _along(level: Level) -> Array:
    way = level.spine_tip - level.spine_root
    down = -level.up
    mixed = way / np.linalg.norm(way) * 0.45 + down * 0.55
    return np.asarray(mixed / np.linalg.norm(mixed))


def _spine(solid: Solid, level: Level) -> None:
    """Spinous process: a plate from the laminae to the tip, with a swollen end."""
    s, region = level.shape, level.name[0]
    way = level.spine_tip - level.spine_root
    length = float(np.linalg.norm(way))
    way /= length
    rise = np.cross(way, X)
    rise = rise if rise[2] > 0 else -rise
    thick = s["spine_thickness"] / 2
    tall = max(s["spine_height"] / 2 - thick, 0.5)
    root = level.spine_root + way * s["lamina_thickness"] * 0.4
    end_radius = s["tip_width"] / 2 * (0.8 if region != "C" else 0.5)
    end = level.spine_tip - way * end_radius
    if region == "L":
        # A hatchet: tall plate whose lower corner is the tip.
        end = end + rise * 1.0
        upper_end = end + rise * tall * 1.55
        upper_root = root + rise * (tall * 0.9)
        lower_root = root - rise * tall * 0.9
        solid.add(blade(upper_root, lower_root, end, thick), 3.0)
        solid.add(blade(upper_root, end, upper_end, thick), 3.0)
        solid.add(cone(end, upper_end, end_radius, end_radius * 0.75), 2.5)
        return
    if region == "T":
        upper_root = root + rise * tall * 1.4
        lower_root = root - rise * tall * 1.4
        solid.add(blade(upper_root, lower_root, end, thick), 3.0)
        solid.add(cone(root - rise * tall * 0.6, end, thick * 1.35, end_radius * 0.85), 3.0)
        solid.add(cone(end - way * 4.0, end, thick, end_radius), 2.0)
        return
    solid.add(blade(root + rise * tall * 1.6, root - rise * tall * 1.6, end, thick), 2.5)
    if level.name == "C7":
        solid.add(cone(end - way * 5.0, end, thick, s["tip_width"] / 2), 2.0)
        return
    fork = end - way * 4.0
    prong = end + X * (s["tip_width"] / 2 - end_radius * 0.9)
    solid.add(cone(fork, prong, thick * 0.95, end_radius * 0.9), 1.5)


def _canal(solid: Solid, level: Level) -> None:
    """Cut the vertebral canal."""
    s = level.shape
    wall = level.wall() + level.back * 0.3
    depth = float((level.spine_root - wall) @ level.back)
    radii = (s["canal_width"] / 2, depth / 2, 1.0)
    root = level.spine_root - level.up * float((level.spine_root - wall) @ level.up)
    centre = 0.5 * (wall + root)
    up, back = level.up, level.back

    def distance(x: Array, y: Array, z: Array) -> Array:
        behind = (y - centre[1]) * back[1] + (z - centre[2]) * back[2]
        rho = ((np.abs(x) / radii[0]) ** 2.4 + (np.abs(behind) / radii[1]) ** 2.4) ** (1 / 2.4)
        radius = np.sqrt(x * x + behind * behind)
        return np.asarray(
            np.where(rho < 0.05, -radii[1], radius * (1.0 - 1.0 / np.maximum(rho, 1e-3)))
        )

    reach = np.array([radii[0], 1.0, 1.0]) * 1.0
    ends = np.array([centre + up * 30.0, centre - up * 30.0])
    low = ends.min(axis=0) - np.array([reach[0], radii[1], 0.0])
    high = ends.max(axis=0) + np.array([reach[0], radii[1], 0.0])
    solid.cut(Shape(distance, low, high), 1.5)


def _rows(along: Array, up: Array) -> Array:
    """Rows (side, along, up) with ``along`` kept exactly."""
    from meshes.bones.shape import frame_of

    return frame_of(along, up)
