"""Articular processes: plates on either side of a facet joint, and the clean joint space."""

from __future__ import annotations

import numpy as np

from meshes.bones.column import Joint, Level
from meshes.bones.shape import slab, tablet
from meshes.bones.solid import Array, Shape, Solid

X = np.array([1.0, 0.0, 0.0])
GAP_MM = 0.7


def facing_frame(joint: Joint) -> Array:
    """Rows: across the facet, its normal, along its height."""
    across = np.cross(joint.facing, np.array([0.0, 0.0, 1.0]))
    across /= np.linalg.norm(across)
    return np.array([across, joint.facing, np.cross(across, joint.facing)])


def facet_plate(joint: Joint, side: float, thick: float) -> Shape:
    """Return the plate that carries a facet.

    Parameters
    ----------
    joint : Joint
    side : float
        -1 for the lower bone (its facet looks along ``facing``), +1 for the upper bone.
    thick : float
        Half thickness, mm.
    """
    centre = joint.centre + side * joint.facing * (thick + GAP_MM / 2)
    half = (joint.half_width, thick, joint.half_height)
    return tablet(centre, half, min(thick * 0.9, 2.6), facing_frame(joint))


def joint_space(joint: Joint, side: float) -> Shape:
    """Return what must stay free on one side of a joint (+1 the upper bone's side)."""
    centre = joint.centre + side * joint.facing * (4.0 - GAP_MM / 2)
    half = np.array([joint.half_width + 2.5, 4.0, joint.half_height + 2.5])
    return slab(centre, half, 2.5, facing_frame(joint))


def cut_joints(solid: Solid, level: Level) -> None:
    """Cut the joint spaces, so that a bone never enters its neighbour there."""
    solid.cut(joint_space(level.above, 1.0), 1.2)
    solid.cut(joint_space(level.below, -1.0), 1.2)


def cut_disc_spaces(solid: Solid, level: Level) -> None:
    """Keep the arch out of the disc spaces."""
    plates = (level.lower,) if level.name[0] == "C" else (level.upper, level.lower)
    for plate in plates:
        rows = np.array([X, plate.normal, plate.posterior])
        half = (plate.half_width * 0.8, 3.0, plate.half_depth + 1.0)
        solid.cut(tablet(plate.centre + plate.normal * 3.0, half, 0.5, rows), 0.5)
