"""Lumbar arch: sagittal facets with mammillary processes, hatchet-shaped spinous process."""

from __future__ import annotations

import numpy as np

from meshes.bones.column import Level
from meshes.bones.facet import X, cut_joints, facet_plate
from meshes.bones.shape import blade, cone, ellipsoid, strut
from meshes.bones.solid import Array, Solid
from meshes.bones.thoracic import lamina_rise, pedicle_front

HIND_BORDER = np.array([0.0, -0.2, 0.98])


def lumbar_arch(solid: Solid, level: Level) -> None:
    """Add the arch of L1..L5 to a body."""
    s = level.shape
    front = pedicle_front(level)
    upper, lower = level.above, level.below
    base = upper.centre - upper.facing * 4.5 - level.up * 8.0 - level.back * 3.0
    base[0] = max(base[0], front[0] - 1.0)
    wide, tall = s["pedicle_width"] / 2, s["pedicle_height"] / 2
    solid.add(strut((front, base), (wide, tall), (wide * 0.95, tall * 0.92), level.up), 5.0)
    # Upper process: a stout plate with the mammillary process behind.
    solid.add(facet_plate(upper, -1.0, 4.0), 3.5)
    seat = upper.centre - upper.facing * 4.4
    solid.add(strut((base, seat), (5.0, 6.0), (4.2, 6.0), level.back), 5.0)
    solid.add(ellipsoid(seat + level.back * 5.5 + level.up * 0.5 + X * 0.8, (3.6, 4.0, 5.2)), 4.0)
    # Pars and lower process.
    foot = lower.centre + lower.facing * 3.8
    pars = 0.55 * base + 0.45 * foot + level.back * 4.5
    pars[0] -= 1.0
    solid.add(strut((base, pars), (5.4, 5.0), (4.6, 5.6), level.back), 5.0)
    solid.add(strut((pars, foot), (4.6, 5.4), (3.8, 5.6), level.back), 4.0)
    solid.add(facet_plate(lower, 1.0, 3.6), 3.5)
    _laminae(solid, level, pars, foot)
    _transverse(solid, level, front, base)
    _spine(solid, level)
    cut_joints(solid, level)


def _laminae(solid: Solid, level: Level, pars: Array, foot: Array) -> None:
    s = level.shape
    half = s["lamina_thickness"] / 2
    root = level.spine_root + level.back * half * 0.8
    top = root + level.up * min(lamina_rise(level, -1.0), 15.0)
    drop = float((level.below.centre - root) @ level.up) + 4.0
    bottom = root + level.up * min(drop, -6.0)
    upper = pars + level.up * 4.0 - X * 0.5
    lower = 0.4 * pars + 0.6 * foot + np.array([-2.0, 0.5, 0.0])
    solid.add(blade(top, bottom, upper, half), 6.0)
    solid.add(blade(bottom, upper, lower, half), 6.0)


def _transverse(solid: Solid, level: Level, front: Array, base: Array) -> None:
    s = level.shape
    tip, club, root = level.transverse_tip, s["transverse_club"], s["transverse_root"]
    massive = level.name == "L5"
    start = front + (0.55 if not massive else 0.35) * (base - front)
    start = start + X * s["pedicle_width"] * 0.15
    way = (tip - start) / np.linalg.norm(tip - start)
    end = tip - way * club * 1.2
    if massive:
        solid.add(strut((start, end), (root * 1.5, root * 1.5), (club, club * 1.5), level.up), 6.0)
        return
    middle = start + 0.5 * (end - start)
    solid.add(
        strut((start, middle), (root * 1.1, root * 1.9), (club * 0.95, club * 2.2), level.up), 5.0
    )
    solid.add(
        strut((middle, end), (club * 0.95, club * 2.2), (club * 0.95, club * 1.8), level.up), 3.0
    )
    # Accessory process at the root, behind.
    solid.add(
        cone(
            start + level.back * 4.0, start + X * 3.0 + level.back * 6.5 - level.up * 3.0, 2.4, 1.6
        ),
        3.0,
    )


def _spine(solid: Solid, level: Level) -> None:
    """Add a plate that is tall in profile; its lower hind corner is the tip."""
    s = level.shape
    way = level.spine_tip - level.spine_root
    length = float(np.linalg.norm(way))
    way /= length
    rise = np.cross(way, X)
    rise = rise if rise[2] > 0 else -rise
    thick, tall = s["spine_thickness"] / 2, s["spine_height"] / 2
    swell = s["tip_width"] / 2 * 0.9
    end = level.spine_tip - way * swell * 0.8 + rise * swell * 0.5
    # The hind border stands nearly upright whatever the dip: its lower corner is the tip.
    upper_end = end + HIND_BORDER * (2.0 * tall - 2.2 * swell)
    root = level.spine_root + way * s["lamina_thickness"] * 0.4
    upper_root, lower_root = root + rise * tall * 0.75, root - rise * tall * 0.55
    lower_middle = 0.5 * (lower_root + end) + rise * 1.2
    solid.add(blade(upper_root, lower_root, upper_end, thick), 4.0)
    solid.add(blade(lower_root, lower_middle, upper_end, thick), 3.0)
    solid.add(blade(lower_middle, end, upper_end, thick), 3.0)
    middle = 0.5 * (end + upper_end)
    solid.add(strut((end, middle), (swell, swell), (thick * 1.15, thick * 1.3), rise), 2.0)
    solid.add(
        strut((middle, upper_end), (thick * 1.15, thick * 1.3), (swell * 0.8, swell * 0.8), rise),
        2.0,
    )
