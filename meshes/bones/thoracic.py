"""Thoracic arch: tall overlapping laminae, coronal facets, stout transverse processes."""

from __future__ import annotations

import numpy as np

from meshes.bones.column import Level
from meshes.bones.facet import X, cut_joints, facet_plate
from meshes.bones.shape import blade, cone, ellipsoid, strut
from meshes.bones.solid import Array, Solid

SWELL_MM = 0.8
"""What the rounded seams of its plates add to half of a lamina, mm."""


def pedicle_front(level: Level) -> Array:
    """Middle of the left pedicle where it leaves the body."""
    s = level.shape
    rise = s["pedicle_rise"] * float(np.linalg.norm(level.upper.centre - level.lower.centre))
    x = s["canal_width"] / 2 + s["pedicle_width"] / 2 - 0.8
    return np.asarray(level.wall() + level.up * rise + X * x - level.back * 4.0)


def pillar(level: Level) -> Array:
    """Middle of the left articular pillar, behind the pedicle and between the facet joints."""
    front = pedicle_front(level)
    upper, lower = level.above.centre, level.below.centre
    t = float(np.clip((front[2] - lower[2]) / (upper[2] - lower[2]), 0.4, 0.72))
    point = lower + t * (upper - lower)
    point[1] -= 0.5
    return np.asarray(point)


def lamina_rise(level: Level, margin: float) -> float:
    """Height of the laminae's upper border over the spinolaminar point, mm.

    It reaches up to ``margin`` below the upper facets.
    """
    over = float((level.above.centre - level.spine_root) @ level.up)
    return max(over - level.above.half_height - margin, 4.5)


def thoracic_arch(solid: Solid, level: Level) -> None:
    """Add the arch of T1..T12 to a body."""
    s = level.shape
    front, middle = pedicle_front(level), pillar(level)
    wide, tall = s["pedicle_width"] / 2, s["pedicle_height"] / 2
    solid.add(strut((front, middle), (wide, tall), (wide + 0.5, tall), level.up), 4.0)
    lumbar_like = level.name == "T12"
    for joint, side in ((level.above, -1.0), (level.below, 1.0)):
        thick = 2.5 if not (lumbar_like and side > 0) else 3.4
        solid.add(facet_plate(joint, side, thick), 3.0)
        centre = joint.centre + side * joint.facing * (thick + 0.4)
        solid.add(strut((middle, centre), (5.2, 4.6), (4.4, thick), level.back), 4.0)
    _laminae(solid, level, middle)
    _transverse(solid, level, middle)
    _spine(solid, level)
    cut_joints(solid, level)


def _laminae(solid: Solid, level: Level, middle: Array) -> None:
    s = level.shape
    # Three plates lie on one another and their seams swell: each is thinner than the lamina.
    half = s["lamina_thickness"] / 2 - SWELL_MM
    root = level.spine_root + level.back * half * 0.7
    way = _way(level)
    top = root + level.up * lamina_rise(level, 4.0)
    bottom = root + way * s["lamina_height"] * 0.52 - level.up * 1.0
    side_top = middle + level.up * s["lamina_height"] * 0.28 + level.back * 1.5
    joint = level.below
    side_low = joint.centre + joint.facing * (half + 0.5) - level.up * 1.5 - X * 1.5
    if level.name == "T12":
        side_low = joint.centre + joint.facing * 3.5 + level.up * 2.0
    solid.add(blade(top, bottom, side_top, half), 3.0)
    solid.add(blade(bottom, side_top, side_low, half), 3.0)
    # The laminae run on into the process: seen from behind, a shield that narrows downward.
    length = float(np.linalg.norm(level.spine_tip - level.spine_root))
    far = level.spine_root + way * length * 0.58
    slim = half * 0.62
    solid.add(blade(side_top, side_low + level.up * 3.0, far, slim), 4.0)


def _transverse(solid: Solid, level: Level, middle: Array) -> None:
    s = level.shape
    tip, club, root = level.transverse_tip, s["transverse_club"], s["transverse_root"]
    start = middle + level.back * 2.0
    way = (tip - start) / np.linalg.norm(tip - start)
    # The knobs reach a millimetre past the tip that was measured; T12 has hardly a process.
    end = tip - way * club * (0.95 if level.name == "T12" else 0.75)
    waist = start + 0.55 * (end - start) - level.back * 0.5
    solid.add(strut((start, waist), (root, root * 1.4), (club * 0.82, club * 1.3), level.up), 5.0)
    solid.add(
        strut((waist, end), (club * 0.82, club * 1.3), (club * 0.95, club * 1.2), level.up), 4.0
    )
    if level.name == "T12":
        # Three small tubercles stand for the process.
        joint = level.above
        solid.add(
            ellipsoid(joint.centre + X * 5.0 + level.back * 1.5 - level.up * 1.0, (3.4, 4.0, 5.0)),
            3.0,
        )
        solid.add(ellipsoid(end - level.up * 6.0 - X * 1.0, (3.0, 3.0, 4.5)), 4.0)


def _spine(solid: Solid, level: Level) -> None:
    """Add a long process, three-sided: broad below, a sharp crest above, blunt tip."""
    s = level.shape
    way = _way(level)
    rise = np.cross(way, X)
    rise = rise if rise[2] > 0 or rise[1] > 0 else -rise
    thick, tall = s["spine_thickness"] / 2, s["spine_height"] / 2
    length = float(np.linalg.norm(level.spine_tip - level.spine_root))
    root = level.spine_root + way * s["lamina_thickness"] * 0.5
    blunt = s["tip_width"] / 2 * 0.85
    end = level.spine_tip - way * blunt
    near = root + way * 0.35 * length
    solid.add(strut((root, near), (thick * 1.5, tall * 1.4), (thick * 1.2, tall), rise), 4.0)
    solid.add(strut((near, end), (thick * 1.15, tall), (blunt * 0.75, tall * 0.8), rise), 3.0)
    solid.add(
        ellipsoid(
            end - way * 1.0,
            (blunt * 0.95, blunt + 1.0, tall * 0.95 + 0.6),
            np.array([X, way, rise]),
        ),
        3.0,
    )
    crest = root + rise * tall * 1.05 - way * 1.0
    solid.add(cone(crest, end - way * 5.0 + rise * tall * 0.7, 1.7, 1.6), 3.5)


def _way(level: Level) -> Array:
    way = level.spine_tip - level.spine_root
    return np.asarray(way / np.linalg.norm(way))
