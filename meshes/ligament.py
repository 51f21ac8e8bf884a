"""The ligaments behind the spine: the supraspinous band and the nuchal septum.

Both follow landmarks alone, so every atlas that has none of its own can have them. Sizes and
the landmarks they run along stand in ``ligaments.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.bones.sweep import loft, tangents
from meshes.catalogue import load_catalogue
from meshes.finding.bone import Bone, sample
from meshes.finding.spline import distinct, smoothed
from meshes.landmarks import Landmarks, resample
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance

Array = NDArray[np.float64]

_AROUND = 16
LEVEL_MM = 2.3
"""Half the height of the slice of bone that a place of a ligament has to lie behind."""

_ORIGIN = Origin(
    Provenance.GENERATED, "generated along spinous processes and the occiput", "Apache-2.0"
)


@lru_cache(maxsize=1)
def ligament_data() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of ``ligaments.toml`` (read once per process)."""
    text = files("meshes").joinpath("ligaments.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def generate_ligaments(
    structures: Mapping[str, Structure], landmarks: Landmarks, scale: float = 1.0
) -> dict[str, Structure]:
    """Return the ligaments that the landmarks allow and the atlas does not have.

    Parameters
    ----------
    structures : mapping of str to Structure
        Bones that the ligaments lie behind, mm, LPS.
    landmarks : Landmarks
        Tips of the spinous processes, sacral crest, external occipital protuberance.
    scale : float
        Stature / 1750 mm: the sizes of the table are those of a man of 1750 mm.

    Returns
    -------
    dict of str to Structure
        Closed surfaces. A ligament whose ends are missing is left out; a level missing between
        them is bridged.
    """
    made = {}
    for name, shape in _SHAPES.items():
        if name in structures:
            continue
        rings = shape(structures, landmarks, ligament_data()[name], scale)
        if rings is not None:
            vertices, faces = loft(rings)
            made[name] = Structure(load_catalogue()[name], Surface.of(vertices, faces), _ORIGIN)
    return made


def _supraspinous(
    structures: Mapping[str, Structure],
    landmarks: Landmarks,
    table: Mapping[str, Any],
    scale: float,
) -> Array | None:
    """Return the rings of a flat band whose front lies on the tips, shape (K, M, 3)."""
    tips = _present(landmarks, table["through"])
    if len(tips) < 4:
        return None
    line = _spaced(smoothed(distinct(tips), 0.8), float(table["spacing"]))
    width, thickness = scale * float(table["width"]), scale * float(table["thickness"])
    line = _behind(line, _bones(structures, table["bones"]), 0.5 * thickness, 0.4 * width)
    # Both ends run out thin into what they are attached to.
    taper = _taper(line, 12.0)
    back = np.cross(tangents(line), [1.0, 0.0, 0.0])
    back *= np.sign(back[:, 1:2])
    turn = np.linspace(0.0, 2.0 * np.pi, _AROUND, endpoint=False)
    aside = 0.5 * width * (0.35 + 0.65 * taper)[:, None] * np.cos(turn)
    behind = 0.5 * thickness * (0.35 + 0.65 * taper)[:, None] * np.sin(turn)
    rings = line[:, None, :] + behind[..., None] * back[:, None, :]
    rings[..., 0] += aside
    return np.asarray(rings, dtype=np.float64)


def _nuchal(
    structures: Mapping[str, Structure],
    landmarks: Landmarks,
    table: Mapping[str, Any],
    scale: float,
) -> Array | None:
    """Return the rings of a median septum, slice by level slice, shape (K, M, 3)."""
    from scipy.interpolate import PchipInterpolator

    front = _present(landmarks, table["anterior"])
    if table["top"] not in landmarks.points or table["bottom"] not in landmarks.points:
        return None
    top, bottom = landmarks.point(table["top"]), landmarks.point(table["bottom"])
    falls = np.concatenate([[True], np.diff(np.minimum.accumulate(front[:, 2])) < -1e-3])
    front = front[falls][::-1]
    if len(front) < 3:
        return None
    count = max(int((top[2] - bottom[2]) / float(table["spacing"])), 8)
    height = np.linspace(top[2] - 1.0, bottom[2] + 1.0, count)
    share = (top[2] - height) / (top[2] - bottom[2])
    border = top + share[:, None] * (bottom - top)
    border[:, 1] -= scale * float(table["hollow"]) * 4.0 * share * (1.0 - share)
    anterior = PchipInterpolator(front[:, 2], front[:, 1])(height)
    line = np.column_stack([border[:, 0], anterior, height])
    anterior = _behind(line, _bones(structures, table["bones"]), 0.2, 0.4)[:, 1]
    # Below, the septum ends on the tip of the vertebra prominens and does not stand out behind it.
    ends = bottom[1] + 1.0 * scale
    anterior = np.where(share > 0.75, np.minimum(anterior, ends), anterior)
    posterior = np.maximum(border[:, 1], anterior + 2.0 * scale)
    turn = np.linspace(0.0, 2.0 * np.pi, _AROUND, endpoint=False)
    middle, half = 0.5 * (posterior + anterior), 0.5 * (posterior - anterior)
    y = middle[:, None] + half[:, None] * _squared(np.cos(turn))
    behind = (posterior[:, None] - y) / (scale * float(table["border_depth"]))
    bulge = np.clip(1.0 - behind, 0.0, 1.0) ** 2
    septum, rim = scale * float(table["septum"]), scale * float(table["border"])
    x = 0.5 * (septum + (rim - septum) * bulge) * _squared(np.sin(turn))
    z = np.broadcast_to(height[:, None], y.shape)
    return np.stack([border[:, :1] + x, y, z], axis=2)


_SHAPES: Mapping[
    str,
    Callable[
        [Mapping[str, Structure], Landmarks, Mapping[str, Any], float],
        Array | None,
    ],
] = {"supraspinous_ligament": _supraspinous, "nuchal_ligament": _nuchal}


def _present(landmarks: Landmarks, names: list[str]) -> Array:
    """Return the landmarks that exist, in order; ``curve @ share`` is a place on a curve."""
    found = []
    for name in names:
        base, _, share = (word.strip() for word in name.partition("@"))
        if share and base in landmarks.curves:
            found.append(landmarks.along(base, float(share)))
        elif base in landmarks.points:
            found.append(landmarks.point(base))
    return np.array(found).reshape(-1, 3)


def _bones(structures: Mapping[str, Structure], starts: list[str]) -> Bone | None:
    present = [
        item.surface
        for name, item in structures.items()
        if name.startswith(tuple(starts)) and item.surface.triangle_count
    ]
    return Bone.of(present) if present else None


def _behind(line: Array, bone: Bone | None, clearance: float, aside: float) -> Array:
    """Return the line pushed back where the bone would stand out behind it.

    ``clearance`` and ``aside`` in mm: how far behind the bone the line is to run, and how wide
    a strip of bone counts. The push fades out smoothly along the line.
    """
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d

    line = line + np.array([0.0, clearance, 0.0])
    if bone is None:
        return line
    offset = bone.corners[:, :, 0] - line[:, 0].mean()
    near = (offset.min(axis=1) <= aside) & (offset.max(axis=1) >= -aside)
    points = sample(bone.corners[near], 1.0).points
    points = points[np.abs(points[:, 0] - line[:, 0].mean()) <= aside]
    push = np.zeros(len(line))
    for index, place in enumerate(line):
        level = points[np.abs(points[:, 2] - place[2]) <= LEVEL_MM]
        if len(level):
            push[index] = max(0.0, level[:, 1].max() + clearance - place[1])
    # A place that lies far in front of the bone is no ligament's: leave it.
    push = np.where(push < 25.0, push, 0.0)
    push = np.maximum(gaussian_filter1d(maximum_filter1d(push, 5), 1.5), push)
    return line + push[:, None] * np.array([0.0, 1.0, 0.0])


def _spaced(line: Array, step: float) -> Array:
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    return resample(line, np.linspace(0.0, 1.0, max(round(length / step), 8) + 1))


def _taper(line: Array, reach: float) -> Array:
    """Return factors that rise from 0 at both ends to 1 within ``reach`` mm."""
    step = np.concatenate([[0.0], np.linalg.norm(np.diff(line, axis=0), axis=1)]).cumsum()
    near = np.minimum(step, step[-1] - step) / reach
    return np.asarray(np.sqrt(np.clip(near, 0.0, 1.0)), dtype=np.float64)


def _squared(wave: Array) -> Array:
    """Return a sine or cosine made blunter, so that a section is a rounded rectangle."""
    return np.asarray(np.sign(wave) * np.abs(wave) ** 0.6, dtype=np.float64)
