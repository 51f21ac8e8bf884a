"""Which part of its bone a face belongs to, from where it lies at the reference stature."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from meshes.bones.carried import target
from meshes.bones.column import Level
from meshes.bones.figures import figures, vector
from meshes.bones.rib import Rib
from meshes.bones.solid import Array

Tags = NDArray[np.int16]
VERTEBRA = (
    "body",
    "spinous_process",
    "transverse_process_left",
    "transverse_process_right",
    "lamina",
)
RIB = ("head", "angle", "shaft", "tip")
SCAPULA = (
    "spine",
    "acromion",
    "medial_border",
    "lateral_border",
    "superior_angle",
    "inferior_angle",
    "coracoid_process",
    "glenoid",
)
HIP_BONE = ("iliac_crest", "psis", "asis", "ischial_tuberosity")
SACRUM = ("median_sacral_crest",)
SKULL = (
    "external_occipital_protuberance",
    "mastoid_process_left",
    "mastoid_process_right",
    "occiput",
)
HUMERUS = ("greater_tubercle", "lesser_tubercle", "deltoid_tuberosity")
FEMUR = ("greater_trochanter",)
STERNUM = ("manubrium", "body", "xiphoid_process")


def vertebra_tags(level: Level, centres: Array) -> Tags:
    """Tag the faces of a vertebra by their centres, shape (M, 3)."""
    x, behind = np.abs(centres[:, 0]), centres - level.wall()
    depth = behind @ level.back
    tags = np.full(len(centres), VERTEBRA.index("lamina"), dtype=np.int16)
    tags[depth < 0.0] = VERTEBRA.index("body")
    way = level.spine_tip - level.spine_root
    length = float(np.linalg.norm(way))
    along = (centres - level.spine_root) @ (way / length)
    start = min(0.3 * length, 9.0) if level.name != "C1" else 3.0
    spine = (along > start) & (x < 6.5 + 0.05 * along) & (depth > 0.0)
    tags[spine] = VERTEBRA.index("spinous_process")
    tip = level.transverse_tip
    inner = max(0.55 * tip[0], level.above.centre[0] + level.above.half_width * 0.6)
    if level.name[0] == "C":
        inner = tip[0] - 9.0 if level.name != "C1" else tip[0] - 14.0
    if level.name == "T12":
        inner = tip[0] - 7.0
    low = tip[2] - 12.0
    lateral = (x > inner) & (centres[:, 2] > low) & (centres[:, 2] < tip[2] + 12.0) & ~spine
    if level.name[0] == "L":
        lateral &= depth > -6.0
        lateral &= ~((x < level.upper.half_width + 1.5) & (depth < 0.0))
    tags[lateral & (centres[:, 0] > 0)] = VERTEBRA.index("transverse_process_left")
    tags[lateral & (centres[:, 0] < 0)] = VERTEBRA.index("transverse_process_right")
    return tags


def rib_tags(rib: Rib, centres: Array) -> Tags:
    """Tag the faces of a left rib."""
    from scipy.spatial import cKDTree

    at = rib.along[cKDTree(rib.line).query(centres)[1]]
    tags = np.full(len(centres), RIB.index("shaft"), dtype=np.int16)
    tags[at < 11.0] = RIB.index("head")
    tags[np.abs(at - rib.angle) < 9.0] = RIB.index("angle")
    tags[at > rib.along[-1] - 16.0] = RIB.index("tip")
    return tags


def scapula_tags(centres: Array) -> Tags:
    """Tag the faces of the left scapula."""
    at = {row["name"]: vector(row["target"]) for row in figures("warped")["scapula"]["pairs"]}
    tags = np.full(len(centres), -1, dtype=np.int16)
    border = [
        at["superior_angle"],
        at["spine_root"],
        at["medial_border_middle"],
        at["inferior_angle"],
    ]
    tags[_near(centres, border) < 9.0] = SCAPULA.index("medial_border")
    below = at["glenoid"] + np.array([-4.0, 4.0, -22.0])
    side = [below, at["lateral_border_middle"], at["inferior_angle"]]
    tags[_near(centres, side) < 9.0] = SCAPULA.index("lateral_border")
    ridge = [
        at["spine_root"],
        0.5 * (at["spine_root"] + at["acromial_angle"]) + np.array([0.0, 6.0, 2.0]),
        at["acromial_angle"],
    ]
    crest = (_near(centres, ridge) < 13.0) & (centres[:, 0] > at["spine_root"][0] + 4.0)
    tags[crest] = SCAPULA.index("spine")
    tip = [at["acromial_angle"], at["acromion"], at["acromion_front"]]
    tags[_near(centres, tip) < 17.0] = SCAPULA.index("acromion")
    beak = [at["coracoid_knuckle"], at["coracoid_process"]]
    tags[_near(centres, beak) < 13.0] = SCAPULA.index("coracoid_process")
    tags[np.linalg.norm(centres - at["glenoid"], axis=1) < 17.0] = SCAPULA.index("glenoid")
    for name, reach in (("superior_angle", 15.0), ("inferior_angle", 19.0)):
        tags[np.linalg.norm(centres - at[name], axis=1) < reach] = SCAPULA.index(name)
    return tags


def hip_bone_tags(centres: Array) -> Tags:
    """Tag the faces of the left hip bone."""
    row = figures("hip_bone")
    at = {name: vector(row[name]) for name in ("psis", "asis", "ischial_tuberosity")}
    crest = list(vector(row["crest"])[:-1, :3])
    tags = np.full(len(centres), -1, dtype=np.int16)
    tags[_near(centres, crest) < 10.5] = HIP_BONE.index("iliac_crest")
    for name, reach in (("psis", 16.0), ("asis", 16.0), ("ischial_tuberosity", 24.0)):
        tags[np.linalg.norm(centres - at[name], axis=1) < reach] = HIP_BONE.index(name)
    return tags


def sacrum_tags(centres: Array) -> Tags:
    """Tag the median crest of the sacrum."""
    rows = vector(figures("sacrum")["profile"])[::-1]
    crest = np.interp(centres[:, 2], rows[:, 0], rows[:, 2])
    on = (np.abs(centres[:, 0]) < 8.0) & (centres[:, 1] > crest - 11.0) & (centres[:, 2] > -84.0)
    return np.where(on, 0, -1).astype(np.int16)


def skull_tags(centres: Array) -> Tags:
    """Tag the occiput, its protuberance and the mastoid processes."""
    inion = target("skull", "external_occipital_protuberance")
    mastoid = target("skull", "mastoid_left")
    tags = np.full(len(centres), -1, dtype=np.int16)
    x, y, z = centres.T
    tags[(y > 10.0 + 0.45 * np.abs(x)) & (z < 668.0)] = SKULL.index("occiput")
    near = np.linalg.norm((np.abs(centres) - mastoid) * [1, 0.8, 0.75], axis=1) < 17.0
    side = near & (np.abs(x) > 34.0) & (np.abs(y - mastoid[1]) < 18.0)
    tags[side & (x > 0)] = SKULL.index("mastoid_process_left")
    tags[side & (x < 0)] = SKULL.index("mastoid_process_right")
    tags[np.linalg.norm(centres - inion, axis=1) < 11.0] = 0
    return tags


def humerus_tags(centres: Array) -> Tags:
    """Tag the tubercles and the deltoid tuberosity of the left humerus."""
    row = figures("warped")["humerus"]
    head, lift = vector(row["head_target"]), np.radians(float(row["abduction"]))
    shaft = np.array([np.sin(lift), 0.0, -np.cos(lift)])
    out = np.array([np.cos(lift), 0.0, np.sin(lift)])
    gap = centres - head
    along, lateral, behind = gap @ shaft, gap @ out, gap[:, 1]
    tags = np.full(len(centres), -1, dtype=np.int16)
    top = along < 32.0
    tags[top & (lateral > 14.0) & (behind > -14.0)] = HUMERUS.index("greater_tubercle")
    tags[top & (behind < -13.0) & (lateral > -2.0) & (lateral <= 16.0)] = 1
    ranged = (along > 118.0) & (along < 160.0) & (lateral > np.interp(along, [118, 160], [6, 4]))
    tags[ranged] = HUMERUS.index("deltoid_tuberosity")
    return tags


def femur_tags(centres: Array) -> Tags:
    """Tag the greater trochanter of the left femur."""
    head = vector(figures("warped")["femur"]["head_target"])
    gap = centres - head
    on = (gap[:, 0] > 38.0) & (gap[:, 2] > -52.0)
    return np.where(on, 0, -1).astype(np.int16)


def sternum_tags(centres: Array) -> Tags:
    """Tag manubrium, body and xiphoid process."""
    limits = figures("sternum")["parts"]
    tags = np.full(len(centres), 1, dtype=np.int16)
    tags[centres[:, 2] > limits["manubrium_above"]] = 0
    tags[centres[:, 2] < limits["xiphoid_below"]] = 2
    return tags


def _near(points: Array, line: list[Array]) -> Array:
    """Distance of points from a polyline."""
    best = np.full(len(points), np.inf)
    for a, b in pairwise(line):
        way = b - a
        t = np.clip((points - a) @ way / (way @ way), 0.0, 1.0)
        best = np.minimum(best, np.linalg.norm(points - a - t[:, None] * way, axis=1))
    return best
