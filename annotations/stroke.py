"""A stroke on this body: path, pace and force of each hand, laid on the timeline's clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.caution import caution_field
from annotations.hand import RHYTHM_HZ, dent_mm
from annotations.patch import patches
from annotations.path import headings, travelling
from annotations.protocol import StrokeSpec
from annotations.safety import measured_skin
from annotations.skin_curve import SkinCurve
from annotations.timeline import Passage
from meshes.depth import Hit, probe
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

Floats = NDArray[np.float64]

#: Time between the samples of a passage, s: 1 mm of way at 8 cm/s, so that the chords of the
#: tightest loops are as long as their arcs (speed within 2 %).
TICK = 1.0 / 80.0
#: Time between probes under the hand, s.
_PROBE_EVERY = 0.1
_HOLD_S = 5.0
#: A ramp shorter than this is none.
_SHORTEST_RAMP_S = 1e-3
#: Places between which the patch is looked at, mm of way.
_PATCH_STEP = 2.0


@dataclass(frozen=True, eq=False)
class Pace:
    """Way and effort over time.

    Attributes
    ----------
    times : ndarray, shape (K,)
        From 0, s.
    way : ndarray, shape (K,)
        Length of path covered, mm.
    effort : ndarray, shape (K,)
        Share of the full force, 0..1.
    """

    times: Floats
    way: Floats
    effort: Floats


def pace(spec: StrokeSpec, length_mm: float) -> Pace:
    """Return how a hand covers a path of some length.

    Speed and force rise over ``ramp_s``, stay, and fall over ``ramp_s``; between the ramps the
    speed is exactly what was asked. Percussion and vibration beat at their own rate.
    """
    ramp = spec.ramp_s if spec.ramp_s >= _SHORTEST_RAMP_S else 0.0
    if spec.path.hold is not None:
        total = spec.duration_s or _HOLD_S
        ramp = min(ramp, total / 2.0)
    elif spec.duration_s is not None:
        total = spec.duration_s
        ramp = min(ramp, total / 2.0)
    else:
        speed = 10.0 * spec.pace_cm_s
        ramp = min(ramp, length_mm / speed)
        total = length_mm / speed + ramp
    times = np.linspace(0.0, total, max(2, int(np.ceil(total / TICK)) + 1))
    effort = np.ones_like(times)
    if ramp > 0.0:
        effort = np.clip(np.minimum(times, total - times) / ramp, 0.0, 1.0)
    way = _way(times, length_mm, total, ramp)
    beat = RHYTHM_HZ.get(spec.technique)
    if beat is not None:
        effort = effort * (0.5 - 0.5 * np.cos(2.0 * np.pi * beat * times))
    return Pace(times, way, effort)


def _way(times: Floats, length_mm: float, total: float, ramp: float) -> Floats:
    """Length covered at each time when the speed rises and falls evenly over the ramps."""
    if length_mm <= 0.0:
        return np.zeros_like(times)
    speed = length_mm / (total - ramp)
    way = speed * (times - 0.5 * ramp)
    if ramp > 0.0:
        rising, falling = times < ramp, times > total - ramp
        way[rising] = 0.5 * speed * times[rising] ** 2 / ramp
        way[falling] = length_mm - 0.5 * speed * (total - times[falling]) ** 2 / ramp
    return np.clip(way, 0.0, length_mm)


def lay_stroke(
    atlas: Atlas, spec: StrokeSpec, start_s: float = 0.0, *, probing: bool = True
) -> list[Passage]:
    """Lay a stroke on an atlas, with all its repetitions, one passage per hand and repetition.

    Parameters
    ----------
    atlas : Atlas
    spec : StrokeSpec
    start_s : float
        When it begins on the timeline's clock.
    probing : bool
        Whether to record what lies beneath the hand (costs ten needles per second).
    """
    passages = []
    now = start_s
    ready = {side: _one_hand(atlas, spec, side, probing) for group in spec.rounds for side in group}
    for group in spec.rounds:
        for _ in range(spec.repetitions):
            together = [_at_time(ready[side], now) for side in group]
            passages += together
            now = max(item.end_s for item in together) + spec.pause_s
    return passages


def _one_hand(atlas: Atlas, spec: StrokeSpec, side: Side, probing: bool) -> Passage:
    curve, base = travelling(atlas, spec.path, side)
    line = curve.on(atlas)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1) if len(line) > 1 else np.empty(0)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    timed = pace(spec, float(length[-1]))
    # The curve's points lie on the skin 1 mm apart: between them it is as good as on it.
    on_skin = np.stack([np.interp(timed.way, length, line[:, axis]) for axis in range(3)], axis=1)
    # Headings are read along the path, where neighbours are evenly spaced in length, not in time.
    normal_on, heading_on = headings(atlas, curve, base)
    normal = _mix(normal_on, timed.way, length)
    heading = _mix(heading_on, timed.way, length)
    hand = spec.contact_hand
    verdict = _verdicts(atlas, spec, curve, timed, length)
    place = np.searchsorted(length, timed.way).clip(0, len(line) - 1)
    padding = _padding(atlas, curve)[place]
    force = spec.pressure.typical_force_n * timed.effort
    dent = [
        dent_mm(float(f), hand.radius_mm, float(p)) for f, p in zip(force, padding, strict=True)
    ]
    return Passage(
        stroke=spec.name,
        times=timed.times,
        points=on_skin,
        normals=normal,
        headings=heading,
        force_n=force,
        dent_mm=np.array(dent),
        roll_deg=np.zeros(len(force)),
        verdict=verdict,
        hand=hand.value,
        radius_mm=hand.radius_mm,
        technique=spec.technique,
        pressure=spec.pressure,
        push=_push(normal, spec.push),
        side=side.value,
        beneath=_beneath(atlas, timed.times, on_skin) if probing else (),
        window=spec.window,
    )


def _padding(atlas: Atlas, curve: SkinCurve) -> NDArray[np.float32]:
    """Soft tissue over bone at the nearest skin vertex of each point of a curve, mm."""
    vertex = atlas["skin"].surface.faces[curve.face, np.argmax(curve.weights, axis=1)]
    return np.asarray(measured_skin(atlas).values["padding_mm"][vertex])


def _mix(values: Floats, way: Floats, length: Floats) -> Floats:
    mixed = np.stack([np.interp(way, length, values[:, axis]) for axis in range(3)], axis=1)
    return mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9)


def _verdicts(
    atlas: Atlas, spec: StrokeSpec, curve: SkinCurve, timed: Pace, length: Floats
) -> NDArray[np.uint8]:
    """Strictest verdict under the hand at each time, looked up every 2 mm of way."""
    every = max(1, round(_PATCH_STEP * (len(curve) - 1) / max(float(length[-1]), 1e-9)))
    rows = np.unique(np.concatenate([np.arange(0, len(curve), every), [len(curve) - 1]]))
    places = SkinCurve(curve.face[rows], curve.weights[rows])
    under = patches(atlas, places, spec.contact_hand.radius_mm)
    worst, _ = under.strictest(caution_field(atlas, spec.technique, spec.pressure))
    nearest = np.abs(np.searchsorted(length[rows], timed.way)).clip(0, len(rows) - 1)
    return worst[nearest]


def _push(normal: Floats, push: str) -> Floats:
    """Direction of the force: straight in, or in and upward at 45 degrees in the sagittal sense."""
    if push == "in":
        return -normal
    up = np.array([0.0, 0.0, 1.0])
    tilted = -normal + up
    return tilted / np.maximum(np.linalg.norm(tilted, axis=1, keepdims=True), 1e-9)


def _beneath(
    atlas: Atlas, times: Floats, points: Floats
) -> tuple[tuple[float, tuple[Hit, ...]], ...]:
    every = max(1, round(_PROBE_EVERY / max(float(times[1] - times[0]), 1e-9)))
    moved = len(points) > 1 and float(np.ptp(points, axis=0).max()) > 1.0
    rows = range(0, len(times), every) if moved else range(1)
    return tuple((float(times[row]), tuple(probe(atlas, points[row]))) for row in rows)


def _at_time(passage: Passage, start_s: float) -> Passage:
    return replace(
        passage,
        times=passage.times + start_s,
        beneath=tuple((t + start_s, hits) for t, hits in passage.beneath),
    )
