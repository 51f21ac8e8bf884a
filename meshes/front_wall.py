"""The front wall of the belly: where its muscles stand, as landmarks beneath the skin's outline.

No bone carries the wall between the costal margin and the pelvis. Its place follows the outline
of the body (``outline.toml``) less the fat in front (``front_wall.toml``), so that rectus and
obliques lie as deep in a lean body as in a stout one.
"""

from __future__ import annotations

import math
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from meshes.atlas import Body
from meshes.errors import InputError
from meshes.fat import fat_data, site_thickness
from meshes.landmarks import Landmarks
from meshes.outline import REFERENCE, LevelMap, body_measure, outline_data

Floats = NDArray[np.float64]

_STEP_MM = 5.0


@lru_cache(maxsize=1)
def front_wall_data() -> dict[str, Any]:
    """Return what ``front_wall.toml`` holds (read once per process)."""
    text = (files("meshes") / "front_wall.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def front_wall(landmarks: Landmarks, body: Body) -> Landmarks:
    """Return the wall's lines, from below the xiphoid to above the pubis.

    Parameters
    ----------
    landmarks : Landmarks
        Needs ``vertebra_X/body`` of at least three vertebrae.
    body : Body

    Returns
    -------
    Landmarks
        Curves of the front of rectus abdominis, mm: ``front_wall/linea_alba`` in the midline and,
        ``_left`` and ``_right``, ``front_wall/linea_semilunaris`` along the muscle's lateral
        border and ``front_wall/rectus`` half way to it. Empty without vertebrae.
    """
    try:
        levels = LevelMap.of(landmarks)
    except InputError:
        return Landmarks()
    rows = front_wall_data()["row"]
    heights = np.array([row["z"] for row in rows])
    z = np.linspace(heights[0], heights[-1], 1 + round(np.ptp(heights) / _STEP_MM))
    side = _profile(z, heights, [row["semilunaris"] for row in rows]) * levels.scale
    curves = {"front_wall/linea_alba": wall_at(np.zeros_like(side), z, levels, body)}
    for name, x in (("linea_semilunaris", side), ("rectus", 0.5 * side)):
        line = wall_at(x, z, levels, body)
        curves[f"front_wall/{name}_left"] = line
        curves[f"front_wall/{name}_right"] = line * np.array([-1.0, 1.0, 1.0])
    return Landmarks(curves=curves)


def wall_at(x: Floats, z: Floats, levels: LevelMap, body: Body) -> Floats:
    """Return places on the wall's foremost surface, shape (N, 3), mm.

    Parameters
    ----------
    x : ndarray, shape (N,)
        mm to the left in the atlas.
    z : ndarray, shape (N,)
        Heights in the facts' frame, within those of ``front_wall.toml``.
    levels : LevelMap
    body : Body
    """
    data, trunk = front_wall_data(), outline_data()["trunk"]
    rows = data["row"]
    heights = [row["z"] for row in rows]
    at = [row["z"] for row in trunk]

    def share(key: str) -> list[float]:
        return [body_measure(row[key][0], body) * row[key][1] for row in trunk]

    behind = np.stack([0.0 * z, _profile(z, heights, [row["behind"] for row in rows]), z], axis=1)
    placed = levels.place(behind)
    back = placed[:, 1] + site_thickness(data["back"], body)
    back -= site_thickness(data["back"], REFERENCE)
    excess = body.bmi - fat_data()["reference_bmi"][body.sex]
    more = math.exp(data["growth"] * excess) * (data["female"] if body.sex == "female" else 1.0)
    fat = _profile(z, heights, [row["fat"] for row in rows]) * more
    front = back - _profile(z, at, share("depth")) + fat
    rear = back - _profile(z, at, [row["inset"] for row in trunk]) * levels.scale
    half = 0.5 * _profile(z, at, share("breadth")) - data["flank"] * more
    power = _profile(z, at, [row["power"] for row in trunk])
    out = np.clip(np.abs(x) / half, 0.0, 0.98)
    y = 0.5 * (front + rear) - 0.5 * (rear - front) * (1.0 - out**power) ** (1.0 / power)
    return np.stack([x, y, placed[:, 2]], axis=1)


def _profile(z: Floats, heights: list[float] | Floats, values: list[float]) -> Floats:
    order = np.argsort(heights)
    curve = PchipInterpolator(np.asarray(heights)[order], np.asarray(values)[order])
    return np.asarray(curve(z))
