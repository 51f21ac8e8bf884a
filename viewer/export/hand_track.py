"""A passage of a hand as numbers that a web page or a glTF viewer can follow.

The hand on the skin is a rigid motion (where, which way, how rolled) and a bend: its height over
the tangent plane as a quadratic, fitted to what :func:`viewer.hand_on_skin.place_hand` does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import Contact, Passage
from meshes.surface import Surface
from viewer.hand import hand_shape
from viewer.hand_on_skin import axes_of, place_hand

Floats = NDArray[np.float64]

#: Samples per second of the motion and of the bend, which changes slowly.
RATE_HZ = 20.0
_BEND_HZ = 2.5
#: Half the length over which the hand bends, mm; the forearm behind it stays straight.
REACH_MM = 62.0
#: Every so many vertices are enough to fit three numbers.
_STRIDE = 19


@dataclass(frozen=True, eq=False)
class HandTrack:
    """One passage, K samples.

    Attributes
    ----------
    passage : Passage
    times : ndarray, shape (K,)
        Rising, seconds on the timeline's clock; the first and last are touch-down and lift-off.
    position : ndarray, shape (K, 3)
        Middle of the contact on the skin, mm, LPS.
    ahead, normal : ndarray, shape (K, 3)
        Where the hand's own x and z point.
    roll : ndarray, shape (K,)
        About x, radians.
    dent : ndarray, shape (K,)
        mm.
    bend : ndarray, shape (K, 3)
        Factors of :func:`bend_terms`, 1/mm.
    verdict : ndarray of uint8, shape (K,)
    left : bool
        Whether it is a left hand (the shape is a right one).
    """

    passage: Passage
    times: Floats
    position: Floats
    ahead: Floats
    normal: Floats
    roll: Floats
    dent: Floats
    bend: Floats
    verdict: NDArray[np.uint8]
    left: bool

    @property
    def rotations(self) -> Floats:
        """Rows are the hand's x, y and z after its roll, in LPS; shape (K, 3, 3)."""
        across = np.cross(self.normal, self.ahead)
        cos, sin = np.cos(self.roll)[:, None], np.sin(self.roll)[:, None]
        return np.stack(
            [self.ahead, cos * across + sin * self.normal, cos * self.normal - sin * across],
            axis=1,
        )

    @property
    def origin(self) -> Floats:
        """Where the hand's own origin is: the contact, sunk by the dent; shape (K, 3)."""
        return self.position - self.dent[:, None] * self.normal


def bend_terms(local: Floats) -> Floats:
    """Return what the bend's three factors multiply at points of the hand, shape (N, 3).

    Parameters
    ----------
    local : ndarray, shape (N, 3)
        In the hand's own frame, mm.
    """
    a, b = local[:, 0], local[:, 1]
    held = np.clip((a + 1.7 * REACH_MM) / REACH_MM, 0.0, 1.0)
    a, b = np.clip(a, -REACH_MM, REACH_MM), np.clip(b * held, -REACH_MM, REACH_MM)
    return np.stack([a * a, b * b, a * b], axis=1)


def hand_track(passage: Passage, skin: Surface, rate_hz: float = RATE_HZ) -> HandTrack:
    """Return a passage sampled evenly.

    Parameters
    ----------
    passage : Passage
    skin : Surface
        What the hand lies on.
    rate_hz : float
    """
    times = _even(passage.start_s, passage.end_s, rate_hz)
    contacts = [passage.at(float(t)) for t in times]
    axes = [axes_of(item) for item in contacts]
    middle = contacts[len(contacts) // 2]
    knots = _even(passage.start_s, passage.end_s, _BEND_HZ)
    bends = np.array([_bend(passage.at(float(t)), skin) for t in knots])
    return HandTrack(
        passage,
        times,
        np.array([item.position for item in contacts]),
        np.array([x for x, _, _ in axes]),
        np.array([z for _, _, z in axes]),
        np.radians([item.roll_deg for item in contacts]),
        np.array([item.dent_mm for item in contacts]),
        np.stack([np.interp(times, knots, bends[:, term]) for term in range(3)], axis=1),
        np.array([int(item.verdict) for item in contacts], dtype=np.uint8),
        left=bool(middle.position[0] > 0.0),
    )


def camera_times(duration_s: float, rate_hz: float) -> Floats:
    """Return evenly spaced times over a timeline, its ends included."""
    return _even(0.0, duration_s, rate_hz)


def _even(start: float, end: float, rate_hz: float) -> Floats:
    return np.linspace(start, end, max(2, int(np.ceil((end - start) * rate_hz)) + 1))


def _bend(contact: Contact, skin: Surface) -> Floats:
    flat = replace(contact, roll_deg=0.0, dent_mm=0.0)
    placed = place_hand(flat, skin.vertices, skin.normals)
    local = (placed.vertices[::_STRIDE] - contact.position) @ np.stack(axes_of(contact)).T
    rest = hand_shape(contact.hand).vertices[::_STRIDE, 2]
    terms = bend_terms(local)
    found, *_ = np.linalg.lstsq(terms, local[:, 2] - rest, rcond=None)
    return np.asarray(found, dtype=np.float64)
