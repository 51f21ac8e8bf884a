"""The spinous line on the skin: where a finger running down the spine would run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.frame import POSTERIOR
from meshes.landmarks import resample
from meshes.skin_surface import skin_of

Floats = NDArray[np.float64]

CURVE = "spinous_line"
_STEP = 2.0


def spinous_line_on_skin(atlas: Atlas) -> Floats | None:
    """Return the spinous line carried straight back onto the skin, top to bottom.

    Returns
    -------
    ndarray, shape (K, 3), or None
        Points 2 mm apart, mm; None if the atlas has no spinous line.
    """
    if CURVE not in atlas.landmarks.curves:
        return None
    line = atlas.landmarks.curve(CURVE)
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    bone = resample(line, np.linspace(0.0, 1.0, max(2, int(length / _STEP) + 1)))
    skin = skin_of(atlas)
    on_skin = skin.leave(bone, np.broadcast_to(POSTERIOR, bone.shape))
    lost = ~np.isfinite(on_skin).all(axis=1)
    on_skin[lost] = skin.project(bone[lost])
    return on_skin
