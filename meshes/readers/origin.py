"""The common origin, centre of the L5-S1 disc, found on an atlas that draws no discs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.errors import ReadError
from meshes.readers.mend import Mesh

_DOWN_AND_BACK = np.array([0.0, 0.57, -0.82])  # normal of L5's lower endplate, sacral slope 35 deg
_FACING = 0.75  # cosine: endplates, not the rims and laminae beside them
_DISC_MM = 20.0  # the disc is 5 to 15 mm high, the endplates up to 6 degrees off our guess
_BODY_SHARE = 0.45  # vertebral body: the front share of L5's depth


def disc_centre(l5: Mesh, sacrum: Mesh) -> NDArray[np.float64]:
    """Return the centre of the L5-S1 disc, shape (3,), in the meshes' coordinates.

    The disc is the space between L5's lower and the sacrum's upper endplate: each patch of the one
    that faces the other is paired with the patch opposite, and the middle of the pairs, weighted
    by area, is the disc's centre. x is the middle of both bones, not of the pairs.

    Parameters
    ----------
    l5, sacrum : Mesh
        Faces turned outward, mm, axes LPS, any origin.

    Raises
    ------
    ReadError
        If the two bones do not face each other across a disc's height.
    """
    from scipy.spatial import cKDTree

    front = l5.vertices[:, 1].min()
    back = front + _BODY_SHARE * np.ptp(l5.vertices[:, 1])
    lower, lower_area, lower_normal = _patches(l5)
    upper, _, upper_normal = _patches(sacrum)
    below = (lower_normal @ _DOWN_AND_BACK > _FACING) & (lower[:, 1] < back)
    above = upper_normal @ _DOWN_AND_BACK < -_FACING
    lower, lower_area, upper = lower[below], lower_area[below], upper[above]
    if len(lower) and len(upper):
        _, nearest = cKDTree(upper).query(lower)
        offset = upper[nearest] - lower
        gap = np.linalg.norm(offset, axis=1)
        paired = (gap < _DISC_MM) & (offset @ _DOWN_AND_BACK > _FACING * gap)
        if paired.any():
            middle = lower[paired] + 0.5 * offset[paired]
            centre = np.average(middle, axis=0, weights=lower_area[paired])
            centre[0] = 0.5 * (_midline(l5) + _midline(sacrum))
            return np.asarray(centre, dtype=np.float64)
    raise ReadError(
        "vertebra_L5 and sacrum must face each other across the L5-S1 disc (at most "
        f"{_DISC_MM:g} mm apart) to set the origin; check the units and the mapping of both"
    )


def _patches(
    mesh: Mesh,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    corners = mesh.vertices[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(across, axis=1)
    return corners.mean(axis=1), 0.5 * length, across / np.where(length > 0.0, length, 1.0)[:, None]


def _midline(mesh: Mesh) -> float:
    return 0.5 * float(mesh.vertices[:, 0].min() + mesh.vertices[:, 0].max())
