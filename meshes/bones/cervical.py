"""Cervical arch of C3..C7: articular pillars, transverse foramina, forked spinous process."""

from __future__ import annotations

import numpy as np

from meshes.bones.column import LEVELS, Level, spine_root
from meshes.bones.facet import X, cut_joints
from meshes.bones.shape import blade, cone, ellipsoid, slab, strut, tablet
from meshes.bones.solid import Array, Solid


def cervical_arch(solid: Solid, level: Level) -> None:
    """Add the arch of C3..C7 to a body."""
    upper, lower = level.above, level.below
    middle = 0.5 * (upper.centre + lower.centre)
    # Pillar: a leaning column, cut to its facets afterwards.
    axis = upper.centre - lower.centre
    length = float(np.linalg.norm(axis))
    side = np.array([X, np.cross(axis / length, X), axis / length])
    side = side[[0, 2, 1]]
    half = (upper.half_width + 0.4, length / 2 + 2.8, upper.half_height + 0.6)
    solid.add(tablet(middle, half, 2.5, side), 3.0)
    # Its side is waisted between the facets.
    edge = middle + X * (half[0] + 3.2)
    solid.cut(cone(edge - level.back * 12.0, edge + level.back * 12.0, 4.2), 4.0)
    front = level.body + X * level.upper.half_width * 0.75 + level.back * 4.0 + level.up * 1.5
    solid.add(strut((front, middle - level.back * 2.0), (3.0, 4.2), (3.4, 4.6), level.up), 3.0)
    cut_joints(solid, level)
    _laminae(solid, level, middle)
    _transverse(solid, level, middle)
    _spine(solid, level)
    _clear_neighbours(solid, level)


def _clear_neighbours(solid: Solid, level: Level) -> None:
    """Cut behind and before the joints again, where laminae were added."""
    for joint, sign in ((level.above, 1.0), (level.below, -1.0)):
        rows = np.array([X, joint.facing, np.cross(X, joint.facing)])
        centre = joint.centre + sign * joint.facing * 3.7
        solid.cut(
            slab(centre, (joint.half_width + 1.5, 3.35, joint.half_height + 1.0), 2.0, rows), 1.0
        )


def _laminae(solid: Solid, level: Level, middle: Array) -> None:
    s = level.shape
    half = s["lamina_thickness"] / 2
    root = level.spine_root + level.back * half
    lift = s["lamina_height"] / 2 - half
    over = spine_root(LEVELS[LEVELS.index(level.name) - 1]) - level.spine_root
    rise = min(lift * 0.9, float(over @ level.up) - 6.5)
    # Where the next arch lies further forward the lower border overhangs it, as tiles do.
    ahead = float((level.spine_root - spine_root(LEVELS[LEVELS.index(level.name) + 1]))[1])
    tiled = float(np.clip(ahead / 4.0, 0.0, 1.0))
    top = root + level.up * rise
    bottom = root - level.up * lift * (1.1 + 0.75 * tiled) + level.back * 2.2 * tiled
    side = middle + level.back * 3.8 - X * 1.5
    side_top, side_low = side + level.up * lift * 1.05, side - level.up * lift * 1.15
    solid.add(blade(top, bottom, side_top, half), 5.0)
    solid.add(blade(bottom, side_top, side_low, half), 5.0)
    far = root + (level.spine_tip - root) * 0.2
    solid.add(blade(side + level.up * lift * 0.4, side_low, far, half * 0.8), 5.0)


def _transverse(solid: Solid, level: Level, middle: Array) -> None:
    s = level.shape
    tip, club = level.transverse_tip, s["transverse_club"]
    stout = level.name == "C7"
    rear = tip - X * club * 0.9
    start = middle - level.back * 3.0 + X * 1.0
    if stout:
        start = middle + X * 1.0
        solid.add(strut((start, rear), (4.2, 5.0), (club, club * 1.15), level.up), 4.0)
    else:
        solid.add(strut((start, rear), (2.6, 3.6), (club * 0.8, club), level.up), 3.0)
        solid.add(ellipsoid(rear, (club * 0.9, club * 0.9, club * 1.15)), 1.5)
    beside = level.body - level.back * 1.5 + X * level.upper.half_width * 0.85
    fore = rear - level.back * 6.0 - X * 3.0 + level.up * (1.0 if not stout else 0.0)
    fore[1] = max(fore[1], level.body[1] - 5.0) if not stout else beside[1] + 3.0
    size = 2.6 if not stout else 1.8
    solid.add(strut((beside, fore), (size, size * 1.2), (size * 0.9, size * 1.1), level.up), 2.5)
    if not stout:
        solid.add(ellipsoid(fore + X * 0.6, (2.4, 2.6, 3.4)), 1.5)
    # The bar that closes the foramen at the side, hollow above for the spinal nerve.
    solid.add(
        strut((fore - level.up * 1.2, rear - level.up * 1.2), (1.8, 2.2), (1.8, 2.4), level.up), 2.0
    )
    hole = np.array([max(level.upper.half_width, level.lower.half_width) + 3.4, 0.0, 0.0])
    hole[1:] = 0.5 * (beside[1:] + middle[1:] - level.back[1:] * 5.0)
    solid.cut(cone(hole - level.up * 14.0, hole + level.up * 14.0, 2.7), 1.5)


def _spine(solid: Solid, level: Level) -> None:
    s = level.shape
    way = level.spine_tip - level.spine_root
    length = float(np.linalg.norm(way))
    way /= length
    rise = np.cross(way, X)
    rise = rise if rise[2] > 0 else -rise
    thick, tall = s["spine_thickness"] / 2, s["spine_height"] / 2
    root = level.spine_root + way * s["lamina_thickness"] * 0.6
    wide = s["tip_width"] / 2
    if level.name == "C7":
        end = level.spine_tip - way * wide * 0.9
        solid.add(strut((root, end), (thick * 1.3, tall * 1.1), (thick, tall * 0.8), rise), 4.0)
        solid.add(ellipsoid(end, (wide, wide * 0.95, wide * 1.05)), 3.0)
        return
    prong = 2.4
    fork = level.spine_tip - way * 6.0
    solid.add(strut((root, fork), (thick * 1.6, tall * 1.5), (thick * 1.1, tall * 1.1), rise), 5.0)
    end = level.spine_tip - way * prong + X * (wide - prong)
    solid.add(strut((fork, end), (thick, tall), (prong, prong * 1.1), rise), 3.5)
