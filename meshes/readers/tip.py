"""Tips of spinous processes whose hind border is a flat edge.

The general rule takes the lowest corner at the back, which is the palpable tip of a process that
slopes. Where a source's vertebra ends in an upright edge the finger feels its middle, and the
source's table names that vertebra.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from meshes.landmarks import Landmarks
from meshes.structure import Structure

#: Points of the hind border: this far in front of the hindmost one, and beside the median, mm.
_BORDER, _MEDIAN = 1.5, 6.0
#: How far along the spinous line a moved tip takes its neighbourhood with it, mm.
_REACH = 14.0
_LINE = "spinous_line"


def with_upright_tips(
    landmarks: Landmarks, structures: Mapping[str, Structure], vertebrae: Iterable[str]
) -> Landmarks:
    """Put the tips of some vertebrae at the middle of their hind border.

    Parameters
    ----------
    landmarks : Landmarks
    structures : mapping of str to Structure
    vertebrae : iterable of str
        Ids; one that is not there is passed over.

    Returns
    -------
    Landmarks
        With the tips moved, and the spinous line with them.
    """
    points, curves = dict(landmarks.points), dict(landmarks.curves)
    for bone in vertebrae:
        name = f"{bone}/spinous_process"
        if bone not in structures or name not in points:
            continue
        at = structures[bone].surface.vertices.astype(np.float64)
        at = at[np.abs(at[:, 0] - points[name][0]) < _MEDIAN]
        border = at[at[:, 1] > at[:, 1].max() - _BORDER]
        height = (border[:, 2].min() + border[:, 2].max()) / 2.0
        tip = np.array([points[name][0], border[:, 1].max(), height])
        if _LINE in curves:
            line = curves[_LINE].copy()
            away = np.linalg.norm(line - points[name], axis=1) / _REACH
            line += np.exp(-(away**2))[:, None] * (tip - points[name])
            curves[_LINE] = line
        points[name] = tip
    return replace(landmarks, points=points, curves=curves)
