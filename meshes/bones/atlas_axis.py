"""The atlas (C1) and the axis (C2) as solids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.column import Level
from meshes.bones.facet import cut_disc_spaces, joint_space
from meshes.bones.shape import blade, cone, ellipsoid, slab, tube
from meshes.bones.solid import Array, Solid
from meshes.bones.vertebra import body

X = np.array([1.0, 0.0, 0.0])


def atlas(level: Level, step: float = 1.25) -> tuple[Array, NDArray[np.int64], Array]:
    """Return C1: anterior arch, lateral masses, posterior arch with its tubercle."""
    tip, side = level.spine_tip, level.transverse_tip
    y, z = level.body[1], level.body[2]
    solid = Solid((0.0, y - 18.0, z - 18.0), (side[0] + 6.0, tip[1] + 6.0, z + 16.0), step, True)
    mass = np.array([19.5, y + 0.5, z + 2.0])
    rows = np.array([[0.87, 0.0, -0.5], [0.0, 1.0, 0.0], [0.5, 0.0, 0.87]])
    solid.add(ellipsoid(mass, (8.5, 11.5, 11.5), rows), 0.0)
    front = np.array([0.0, y - 11.0, z - 1.0])
    for piece in tube([front, (8.0, y - 10.0, z - 1.0), (15.5, y - 5.0, z)], (4.2, 3.8, 4.6)):
        solid.add(piece, 2.5)
    solid.add(ellipsoid(front + (0.0, -1.6, -1.0), (3.0, 2.6, 4.0)), 2.0)
    reach = tip[1] - y
    ring = [
        (19.0, y + 7.0, z + 0.5),
        (20.0, y + 0.42 * reach, z + 0.5),
        (15.5, y + 0.68 * reach, z),
        (8.0, y + 0.86 * reach, z - 0.5),
        (0.0, tip[1] - 3.4, tip[2]),
    ]
    for piece in tube(ring, (3.6, 3.4, 3.6, 4.0, 3.6)):
        solid.add(piece, 2.5)
    solid.add(ellipsoid(tip + (0.0, -3.4, 0.0), (4.0, 3.4, 4.6)), 2.0)
    end = side - X * 4.0
    solid.add(cone(mass + (5.0, 4.0, -3.0), end, 4.4, 4.0), 2.5)
    solid.add(cone(mass + (5.0, -5.0, -3.0), end - (2.0, 2.0, 0.0), 3.0, 3.4), 2.0)
    solid.cut(cone(mass + (12.5, -2.0, 12.0), mass + (12.5, -2.0, -16.0), 3.1), 1.0)
    # Facets: hollow above for the occipital condyles, flat and sloping below for the axis.
    solid.cut(ellipsoid(mass + (-2.0, 0.0, 14.0), (7.0, 11.5, 6.5), rows), 1.0)
    tilt = np.array([[0.94, 0.0, -0.34], [0.0, 1.0, 0.0], [0.34, 0.0, 0.94]])
    solid.cut(slab(mass + (-2.2, 0.0, -14.4), (12.0, 14.0, 8.0), 1.0, tilt), 0.8)
    return solid.surface(3800)


def axis(level: Level, step: float = 1.25) -> tuple[Array, NDArray[np.int64], Array]:
    """Return C2: body with the dens, sloping upper facets, stout forked spinous process."""
    tip, side = level.spine_tip, level.transverse_tip
    y = level.body[1]
    low_centre = level.lower.centre
    solid = Solid(
        (0.0, y - 16.0, low_centre[2] - 16.0), (side[0] + 6.0, tip[1] + 8.0, 606.0), step, True
    )
    top = np.array([0.0, y + 0.5, 580.0])
    solid.add(body(level), 0.0)
    solid.add(cone(low_centre + (0.0, 0.0, 9.0), top, 7.5, 6.0), 3.0)
    solid.add(cone(top, (0.0, y - 0.5, 597.0), 5.4, 5.0), 3.0)
    solid.add(ellipsoid((0.0, y - 0.5, 597.5), (5.2, 5.2, 5.0)), 1.5)
    mass = np.array([15.5, y + 1.0, 575.5])
    tilt = np.array([[0.92, 0.0, -0.39], [0.0, 1.0, 0.0], [0.39, 0.0, 0.92]])
    solid.add(slab(mass, (8.6, 8.6, 5.0), 3.0, tilt), 2.5)
    solid.add(cone(mass - (3.0, 0.0, 3.0), low_centre + (5.0, 2.0, 7.5), 6.0, 6.0), 3.0)
    joint = level.below
    pillar = joint.centre + joint.facing * 5.0
    solid.add(cone(mass + (1.0, 4.0, -3.0), pillar + (-1.0, 0.0, 0.0), 5.2, 5.4), 3.0)
    end = side - X * 3.4
    solid.add(cone(mass + (2.0, 1.0, -5.0), end, 4.0, 3.4), 2.5)
    root = level.spine_root + (0.0, 2.5, 2.0)
    solid.add(blade(root + (0, 0, 4.0), root - (0, 0, 2.2), pillar + (-2.0, 0.0, 2.5), 3.4), 3.0)
    solid.add(
        blade(root - (0, 0, 2.2), pillar + (-2.0, 0.0, 2.5), pillar + (-1.0, 0, -2.0), 3.2), 2.5
    )
    way = (tip - root) / np.linalg.norm(tip - root)
    end = tip - way * 4.0
    solid.add(blade(root + (0, 0, 4.0), root - (0, 0, 2.0), end + (0, 0, 1.0), 3.4), 3.0)
    solid.add(cone(end - way * 6.0, end + X * 2.8 - (0.0, 0.0, 0.5), 4.0, 3.2), 3.5)
    solid.cut(cone((15.5 + 7.0, y + 1.0, 560.0), (15.5 + 5.5, y + 1.0, 574.0), 2.8), 1.0)
    back = level.wall() + (0.0, 0.5, 0.0)
    depth = float(level.spine_root[1] - back[1])
    centre = np.array([0.0, back[1] + depth / 2, 570.0])
    solid.cut(ellipsoid(centre, (11.5, depth / 2, 60.0)), 1.5)
    solid.cut(joint_space(joint, -1.0), 0.8)
    solid.cut(joint_space(level.above, 1.0), 0.8)
    cut_disc_spaces(solid, level)
    return solid.surface(3800)
