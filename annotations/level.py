"""Levels of the spine: heights that a finger finds by the tips of the spinous processes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.errors import InputError
from meshes.landmarks import Landmarks

Floats = NDArray[np.float64]

#: Levels from above to below; those of the sacrum are on its median crest.
LEVELS = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 5)),
)


def tip_name(level: str) -> str:
    """Return the landmark of a level's palpable tip.

    >>> tip_name("T4"), tip_name("S2")
    ('vertebra_T4/spinous_process', 'sacrum/median_crest_S2')
    """
    if level.startswith("S"):
        return f"sacrum/median_crest_{level}"
    return f"vertebra_{level}/spinous_process"


def is_tip(name: str) -> bool:
    """Whether a landmark is the palpable tip of a level.

    >>> is_tip(tip_name("T4")), is_tip(tip_name("S2")), is_tip("vertebra_T4/body")
    (True, True, False)
    """
    return name.endswith("/spinous_process") or name.startswith("sacrum/median_crest_")


def level_tip(atlas: Atlas, level: str) -> Floats:
    """Return the tip of a level's spinous process (sacral: its median crest), shape (3,), mm.

    Raises
    ------
    InputError
        If the atlas has no such landmark.
    """
    name = tip_name(level)
    if name not in atlas.landmarks.points:
        raise InputError(
            f"site {level!r} needs the landmark {name!r}, which atlas {atlas.name!r} does not hold"
        )
    return atlas.landmarks.points[name]


def level_of_height(landmarks: Landmarks, z: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the level of a height as a number: 0 at the C1 tip, 1 at C2, ... (LEVELS).

    Heights above C1 and below S4 go on at the spacing of the last two levels.

    Parameters
    ----------
    landmarks : Landmarks
    z : ndarray, shape (K,)
        mm.

    Returns
    -------
    ndarray, shape (K,)
        NaN where fewer than two levels are known.
    """
    heights, numbers = [], []
    for number, level in enumerate(LEVELS):
        at = landmarks.points.get(tip_name(level))
        if at is not None:
            heights.append(float(at[2]))
            numbers.append(float(number))
    if len(heights) < 2:
        return np.full(np.shape(z), np.nan)
    falling = np.array(heights)
    count = np.array(numbers)
    level = np.interp(-np.asarray(z, dtype=np.float64), -falling, count)
    above = np.maximum(np.asarray(z) - falling[0], 0.0) / max(falling[0] - falling[1], 1.0)
    below = np.maximum(falling[-1] - np.asarray(z), 0.0) / max(falling[-2] - falling[-1], 1.0)
    return np.asarray(level - above + below)
