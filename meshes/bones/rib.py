"""Ribs: oval tubes along measured centre lines, with head, neck, tubercle, angle and groove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.bones.column import column
from meshes.bones.figures import figures, vector
from meshes.bones.solid import Array
from meshes.bones.sweep import loft, spline, tangents

AROUND = 14
SPACING_MM = 4.8


@dataclass(frozen=True, eq=False)
class Rib:
    """A left rib's shape and the places on it.

    Attributes
    ----------
    vertices, faces : ndarray
        Closed surface.
    line : ndarray, shape (K, 3)
        Centre line from head to tip.
    along : ndarray, shape (K,)
        Arc length, mm.
    tubercle, angle : float
        Arc lengths of the tubercle and of the angle.
    """

    vertices: Array
    faces: NDArray[np.int64]
    line: Array
    along: Array
    tubercle: float
    angle: float


def narrowed(points: Array) -> Array:
    """Return cage points with width and depth reduced to the ANSUR chest of the reference body."""
    data = figures("ribs")
    moved = np.array(points, dtype=np.float64)
    side = np.abs(moved[..., 0]) - float(data["fixed_x"])
    moved[..., 0] -= np.sign(moved[..., 0]) * (1.0 - float(data["width_scale"])) * _eased(side)
    ahead = float(data["fixed_y"]) - moved[..., 1]
    moved[..., 1] += (1.0 - float(data["depth_scale"])) * _eased(ahead)
    return moved


def _eased(beyond: Array) -> Array:
    """Return how far beyond a plane, with a quadratic onset of 20 mm that keeps ribs smooth."""
    gap = np.maximum(beyond, 0.0)
    return np.asarray(np.where(gap < 20.0, gap**2 / 40.0, gap - 10.0) * 1.11)


@lru_cache(maxsize=1)
def ribs() -> tuple[Rib, ...]:
    """Return the twelve left ribs at the reference stature."""
    return tuple(_rib(row) for row in figures("ribs")["rib"])


def head_of(number: int) -> tuple[Array, float]:
    """Return the ball that a left rib's head takes up in its vertebra: centre and radius."""
    rib = ribs()[number - 1]
    inward = rib.line[0] - rib.line[6]
    inward /= np.linalg.norm(inward)
    return rib.line[0] - inward * 4.0, 5.0


def outward(line: Array, slope_deg: float) -> tuple[Array, Array]:
    """Return per point the direction out of the cage and the one up along it."""
    way = tangents(line)
    side = np.cross(np.array([0.0, 0.0, 1.0]), way)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(way, side)
    up *= np.sign(up[:, 2:3])
    slope = np.radians(slope_deg)
    out = np.cos(slope) * side + np.sin(slope) * up
    return out, np.cos(slope) * up - np.sin(slope) * side


def _rib(row: Mapping[str, Any]) -> Rib:
    number = int(row["number"])
    points = narrowed(vector(row["line"]))
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    # The first and last rings crowd together so that the ends come out round.
    line = spline(points, max(int(length / SPACING_MM), 20))
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    total = along[-1]
    extra = np.array([0.25, 0.9, 1.9])
    at = np.unique(np.concatenate([along, extra, total - extra]))
    line = np.stack([np.interp(at, along, line[:, i]) for i in range(3)], axis=1)
    along = at
    out, up = outward(line, 0.0)
    tilt = np.interp(along / total, [0.0, 0.12, 0.3, 1.0], [0.0, 0.35, 1.0, 1.0])
    angle = np.radians(float(row["slope"])) * tilt[:, None]
    out, up = np.cos(angle) * out + np.sin(angle) * up, np.cos(angle) * up - np.sin(angle) * out
    tip = column()[f"T{number}"].transverse_tip
    tubercle = float(along[np.argmin(np.linalg.norm(line - tip, axis=1))])
    bend = float(along[np.argmin(np.linalg.norm(line - narrowed(vector(row["angle"])), axis=1))])
    bend = max(bend, tubercle + 6.0)
    rings = _rings(row, line, along, (out, up), (tubercle, bend))
    vertices, faces = loft(rings)
    return Rib(vertices, faces, line, along, tubercle, bend)


def _rings(
    row: Mapping[str, Any],
    line: Array,
    along: Array,
    frame: tuple[Array, Array],
    marks: tuple[float, float],
) -> Array:
    out, up = frame
    tubercle, bend = marks
    total = along[-1]
    section = vector(row["section"]) * float(figures("ribs")["section_scale"])
    number = int(row["number"])
    # Head, neck, then the measured sections; smoothed, since three rays each were measured.
    knots = np.array(
        [0.0, 0.5 * tubercle, tubercle + 8.0, 0.3 * total, 0.5 * total, 0.75 * total, total]
    )
    knots = np.maximum.accumulate(knots + 1e-3 * np.arange(7))
    neck = (0.66 * section[0, 0], 0.8 * section[0, 1])
    tall = np.interp(
        along,
        knots,
        [
            11.0,
            neck[0],
            0.85 * section[0, 0],
            section[0, 0],
            section[1, 0],
            section[2, 0],
            section[2, 0] * (1.0 if number < 11 else 0.55),
        ],
    )
    thick = np.interp(
        along,
        knots,
        [
            9.0,
            neck[1],
            section[0, 1],
            section[0, 1],
            section[1, 1],
            section[2, 1],
            section[2, 1] * (1.0 if number < 11 else 0.8),
        ],
    )
    kernel = np.exp(-0.5 * (np.arange(-4, 5) / 2.0) ** 2)
    kernel /= kernel.sum()
    tall = np.convolve(np.pad(tall, 4, mode="edge"), kernel, mode="valid")
    thick = np.convolve(np.pad(thick, 4, mode="edge"), kernel, mode="valid")
    for gap, reach in ((along, 4.5), (total - along, 4.0)):
        t = np.clip((gap + 0.15) / reach, 0.0, 1.0)
        round_off = np.sqrt(1.0 - (1.0 - t) ** 2)
        tall, thick = tall * round_off, thick * round_off
    turn = 2.0 * np.pi * np.arange(AROUND) / AROUND
    c, s = np.cos(turn), np.sin(turn)
    power = 2.4
    radius = (np.abs(c) ** power + np.abs(s) ** power) ** (-1.0 / power)
    across, height = radius * c, radius * s
    shaft = np.clip((along - tubercle - 10.0) / 25.0, 0.0, 1.0)
    shaft *= np.clip((total - along) / 30.0, 0.0, 1.0)
    # The lower border is the sharper one; the groove runs inside it.
    sharp = 1.0 - 0.22 * shaft[:, None] * np.clip(-height, 0.0, 1.0) ** 2
    groove = 0.9 * shaft[:, None] * np.exp(-(((height + 0.55) / 0.3) ** 2)) * np.clip(-across, 0, 1)
    a = across * thick[:, None] / 2.0 * sharp + groove
    b = height * tall[:, None] / 2.0
    bump = np.exp(-0.5 * ((along - tubercle) / 4.2) ** 2)[:, None] * (2.6 if number < 11 else 0.6)
    ridge = np.exp(-0.5 * ((along - bend) / 5.0) ** 2)[:, None] * (1.0 if 2 < number < 12 else 0.3)
    a += (bump + ridge) * np.clip(across, 0.0, 1.0)
    b -= bump * 0.35 * np.clip(-height, 0.0, 1.0)
    return np.asarray(
        line[:, None, :] + a[..., None] * out[:, None, :] + b[..., None] * up[:, None, :]
    )
