"""One hand's share of a stroke on the clock, and what is seen of it at a moment."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.verdict import Verdict

if TYPE_CHECKING:
    from meshes.depth import Hit

Vector = NDArray[np.float64]

#: How far the window under a hand reaches beyond its contact, mm, how small it starts, and how
#: long it takes to open, s.
_WINDOW_RIM_MM = 34.0
_LEAST_WINDOW_MM = 10.0
_OPENS_S = 0.7


@dataclass(frozen=True, eq=False)
class Contact:
    """A hand on the skin at one moment.

    Attributes
    ----------
    position : ndarray, shape (3,)
        Skin point at the middle of the contact, mm; the dent is not applied to it.
    normal : ndarray, shape (3,)
        Outward skin normal.
    heading : ndarray, shape (3,)
        Unit tangent: where the fingers point.
    roll_deg : float
        Rotation of the hand about its heading.
    radius_mm : float
        Radius of the contact patch.
    hand : str
        ``thumb``, ``fingers``, ``palm``, ``knuckles`` or ``forearm``.
    technique, pressure
        What is being done.
    force_n : float
        Normal force now, newtons; ramps and rhythm included.
    dent_mm : float
        How far the skin gives under it now.
    verdict : Verdict
        The strictest verdict under the contact patch.
    push : ndarray, shape (3,), or None
        Direction of the force; straight in (minus the normal) if None.
    side : str
        ``left`` or ``right``: the side of the body it is on.
    """

    position: Vector
    normal: Vector
    heading: Vector
    roll_deg: float
    radius_mm: float
    hand: str
    technique: Technique
    pressure: Pressure
    force_n: float
    dent_mm: float
    verdict: Verdict
    push: Vector | None = None
    side: str = "left"


@dataclass(frozen=True, eq=False)
class Trail:
    """The path a contact has left behind, oldest point first.

    Attributes
    ----------
    points : ndarray, shape (K, 3)
        On the skin, mm.
    age_s : ndarray, shape (K,)
        Seconds since the contact was there.
    verdict : ndarray, shape (K,)
        Verdict under the patch there.
    """

    points: Vector
    age_s: Vector
    verdict: NDArray[np.uint8]


@dataclass(frozen=True)
class Window:
    """A round opening under the hand, through which a deeper layer is seen.

    Attributes
    ----------
    peel : float
        Peel depth inside, 0 (skin) to 7 (organs).
    radius_mm : float
        Now; it opens as the hand touches down and closes as it lifts off.
    """

    peel: float
    radius_mm: float


@dataclass(frozen=True, eq=False)
class Passage:
    """One hand's share of a stroke, sampled at ``times``.

    Attributes
    ----------
    stroke : str
        Name of the stroke.
    times : ndarray, shape (K,)
        Rising, seconds on the timeline's clock.
    points, normals, headings : ndarray, shape (K, 3)
    force_n, dent_mm, roll_deg : ndarray, shape (K,)
    verdict : ndarray, shape (K,)
        Strictest verdict under the patch at each time.
    hand : str
    radius_mm : float
    technique, pressure
    push : ndarray, shape (K, 3), or None
        Direction of the force; straight in if None.
    side : str
        ``left`` or ``right``.
    beneath : tuple of (float, tuple of Hit)
        What the probe found at some of the times, in rising order.
    window : float or None
        Peel depth of the window that opens under the hand; None: none does.
    """

    stroke: str
    times: Vector
    points: Vector
    normals: Vector
    headings: Vector
    force_n: Vector
    dent_mm: Vector
    roll_deg: Vector
    verdict: NDArray[np.uint8]
    hand: str
    radius_mm: float
    technique: Technique
    pressure: Pressure
    push: Vector | None = None
    side: str = "left"
    beneath: tuple[tuple[float, tuple[Hit, ...]], ...] = ()
    window: float | None = None

    @property
    def start_s(self) -> float:
        """When the hand touches down."""
        return float(self.times[0])

    @property
    def end_s(self) -> float:
        """When the hand lifts off."""
        return float(self.times[-1])

    def at(self, t: float) -> Contact:
        """Return the contact at a time between start and end.

        Parameters
        ----------
        t : float
            Seconds; before the start and after the end it stays where it is.
        """
        index = int(np.clip(np.searchsorted(self.times, t) - 1, 0, len(self.times) - 2))
        span = self.times[index + 1] - self.times[index]
        share = float(np.clip((t - self.times[index]) / span, 0.0, 1.0))

        def mix(values: Vector) -> Vector:
            return np.asarray(values[index] * (1.0 - share) + values[index + 1] * share)

        normal = _unit(mix(self.normals))
        heading = mix(self.headings)
        heading = _unit(heading - normal * float(heading @ normal))
        return Contact(
            position=mix(self.points),
            normal=normal,
            heading=heading,
            roll_deg=float(mix(self.roll_deg)),
            radius_mm=self.radius_mm,
            hand=self.hand,
            technique=self.technique,
            pressure=self.pressure,
            force_n=float(mix(self.force_n)),
            dent_mm=float(mix(self.dent_mm)),
            verdict=Verdict(int(max(self.verdict[index], self.verdict[index + 1]))),
            push=None if self.push is None else _unit(mix(self.push)),
            side=self.side,
        )

    def trail(self, t: float, length_s: float) -> Trail | None:
        """Return the path of the last ``length_s`` seconds, or None if there is none."""
        if not self.start_s < t < self.end_s + length_s:
            return None
        keep = (self.times <= t) & (self.times >= t - length_s)
        if int(keep.sum()) < 2:
            return None
        return Trail(self.points[keep], t - self.times[keep], self.verdict[keep])

    def beneath_at(self, t: float) -> tuple[Hit, ...]:
        """Return what lies under the hand at a time.

        Between two probes that met the same structures in the same order the millimetres are
        mixed; otherwise the nearer probe counts.
        """
        if not self.beneath:
            return ()
        times = [time for time, _ in self.beneath]
        index = int(np.clip(bisect_right(times, t) - 1, 0, len(times) - 1))
        after = min(index + 1, len(times) - 1)
        if after == index:
            return self.beneath[index][1]
        share = float(np.clip((t - times[index]) / (times[after] - times[index]), 0.0, 1.0))
        first, second = self.beneath[index][1], self.beneath[after][1]
        if [_met(hit) for hit in first] != [_met(hit) for hit in second]:
            return first if share < 0.5 else second
        return tuple(_mixed(one, other, share) for one, other in zip(first, second, strict=True))

    def window_at(self, t: float) -> Window | None:
        """Return the window under the hand at a time.

        Parameters
        ----------
        t : float
            Seconds.
        """
        if self.window is None:
            return None
        opening = ease(min(t - self.start_s, self.end_s - t) / _OPENS_S)
        radius = opening * (_WINDOW_RIM_MM + self.radius_mm)
        return Window(self.window, radius) if radius >= _LEAST_WINDOW_MM else None


def ease(share: float) -> float:
    """Return a smooth 0..1 for 0..1, with no speed and no jerk-free start at both ends.

    >>> ease(0.0), ease(0.5), ease(1.0)
    (0.0, 0.5, 1.0)
    """
    x = min(max(share, 0.0), 1.0)
    return min(x * x * x * (x * (6.0 * x - 15.0) + 10.0), 1.0)


def _met(hit: Hit) -> tuple[str, str | None]:
    return hit.structure, hit.part


def _mixed(one: Hit, other: Hit, share: float) -> Hit:
    enter = one.enter_mm * (1.0 - share) + other.enter_mm * share
    leave = one.exit_mm * (1.0 - share) + other.exit_mm * share
    return replace(one, enter_mm=enter, exit_mm=leave, thickness_mm=leave - enter)


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0.0 else vector
