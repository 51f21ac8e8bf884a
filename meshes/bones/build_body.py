"""Size the reference skeleton to a body: stature, frame, and the proportions of sex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from meshes.atlas import Body
from meshes.bones.figures import figures
from meshes.bones.solid import Array
from meshes.surface import Surface, vertex_normals

REFERENCE_CM = 175.0
REFERENCE_BMI = 24.0
GIRDLE = ("scapula", "clavicle", "humerus")
PELVIS = ("hip", "femur", "sacrum")
# The sacrum keeps the width of the spine as far as the lumbosacral joints and that of the
# pelvis from its ears outward, mm from the midline.
SPINAL_X, PELVIC_X = 18.0, 46.0
# The clavicle keeps its sternal end.
STERNAL_X, FREE_X = 22.0, 82.0


def sized(name: str, surface: Surface, body: Body) -> Surface:
    """Return a reference bone (left or midline) at the size of a body.

    Parameters
    ----------
    name : str
        Structure id.
    surface : Surface
        Shape of a man of 1750 mm and BMI 24.
    body : Body
    """
    scale = body.stature_cm / REFERENCE_CM
    woman = body.sex == "female"
    if not woman and scale == 1.0 and body.bmi == REFERENCE_BMI:
        return surface
    points = surface.vertices.astype(np.float64)
    if woman and name.startswith("rib_"):
        points -= float(figures("female")["rib_thinner_mm"]) * surface.normals
    points = _framed(name, _female(name, points) if woman else points, body)
    moved = (points * scale).astype(np.float32)
    return replace(surface, vertices=moved, normals=vertex_normals(moved, surface.faces))


def _framed(name: str, points: Array, body: Body) -> Array:
    """Widen girdle and pelvis with BMI."""
    row, more = figures("frame")[body.sex], body.bmi - REFERENCE_BMI
    base = name.split("_", maxsplit=1)[0]
    moved = points.copy()
    if base in PELVIS:
        moved[:, 0] *= _widening(points, 1.0, 1.0 + more * row["pelvis"])
    elif base in GIRDLE:
        wider = 1.0 + more * row["girdle"]
        inner = (STERNAL_X, FREE_X) if base == "clavicle" else (0.0, 1.0)
        moved[:, 0] *= _widening(points, 1.0, wider, inner)
    return moved


def _widening(
    points: Array, inner: float, outer: float, between: tuple[float, float] = (SPINAL_X, PELVIC_X)
) -> Array:
    """Return factors of x that run from ``inner`` near the midline to ``outer``."""
    share = np.clip((np.abs(points[:, 0]) - between[0]) / (between[1] - between[0]), 0.0, 1.0)
    return np.asarray(inner + share * (outer - inner))


def _female(name: str, points: Array) -> Array:
    row = figures("female")
    moved = points.copy()
    base = name.split("_", maxsplit=1)[0]
    if base in ("vertebra", "intervertebral"):
        moved[:, 0] *= row["vertebra_width"]
        return moved
    if base in PELVIS:
        moved[:, 0] *= _widening(points, row["vertebra_width"], row["pelvis_width"])
        return moved
    if base in ("rib", "costal", "sternum"):
        inner, far = row["cage_inner_x"], np.abs(moved[:, 0])
        share = np.clip(far / inner, 0.0, 1.0)
        moved[:, 0] *= 1.0 + (row["cage_width"] - 1.0) * share
        return _inclined(moved, row)
    if base in GIRDLE:
        pivot = np.asarray(row["girdle_pivot"])
        if base == "clavicle":
            # Its inner end follows the sternum down; over the first rib it stays high.
            share = np.clip(1.0 - (np.abs(points[:, 0]) - 22.0) / 45.0, 0.0, 1.0)
            moved += share[:, None] * (_inclined(moved, row) - moved)
        moved[:, 0] *= row["girdle"]
        moved[:, 1:] = pivot[1:] + (moved[:, 1:] - pivot[1:]) * row["girdle"]
        # The smaller blade would sink onto the ribs: it moves back, the sternal end stays.
        share = np.clip(np.abs(points[:, 0]) / 150.0, 0.0, 1.0) if base == "clavicle" else 1.0
        moved[:, 1] += row["girdle_back"] * share
    return moved


def _inclined(points: Array, row: Mapping[str, Any]) -> Array:
    moved = points.copy()
    ahead = np.maximum(row["incline_from_y"] - points[:, 1], 0.0)
    moved[:, 2] -= np.tan(np.radians(row["incline_deg"])) * ahead
    return moved
