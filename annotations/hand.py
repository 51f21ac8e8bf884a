"""The parts of the hand that touch, with the size of the patch they make."""

from __future__ import annotations

from enum import StrEnum

from annotations.pressure import Pressure
from annotations.technique import Technique


class Hand(StrEnum):
    """What touches the skin."""

    THUMB = "thumb"
    FINGERS = "fingers"
    KNUCKLES = "knuckles"
    PALM = "palm"
    FOREARM = "forearm"

    @property
    def radius_mm(self) -> float:
        """Radius of a disc of the same area as the contact, mm (ENG)."""
        return _RADIUS_MM[self]


_RADIUS_MM = {
    Hand.THUMB: 11.0,  # 3.8 cm2: facts 10.3 gives 2-4 cm2 for a deep thumb
    Hand.FINGERS: 16.0,
    Hand.KNUCKLES: 20.0,
    Hand.PALM: 32.0,
    Hand.FOREARM: 36.0,
}

_USUAL_HAND = {
    Technique.GLIDING: Hand.PALM,
    Technique.KNEADING: Hand.FINGERS,
    Technique.FRICTION: Hand.THUMB,
    Technique.SUSTAINED_PRESS: Hand.THUMB,
    Technique.VIBRATION: Hand.FINGERS,
    Technique.PERCUSSION: Hand.FINGERS,
}

#: Middle of the speeds in facts sections 10.3 and 10.4, cm/s.
_USUAL_SPEED = {
    Pressure.LIGHT: 8.0,
    Pressure.MODERATE: 6.0,
    Pressure.FIRM: 4.0,
    Pressure.DEEP: 2.0,
}

#: Beats per second of what is not steady (facts section 10.4).
RHYTHM_HZ = {Technique.PERCUSSION: 4.0, Technique.VIBRATION: 8.0}

#: Stiffness of muscle under a slow press, kPa (ENG: a thumb at 25 N sinks about 8 mm in 30).
_TISSUE_KPA = 50.0
_MOST_STRAIN = 0.55


def usual_hand(technique: Technique) -> Hand:
    """Return the part of the hand that a technique usually takes."""
    return _USUAL_HAND[technique]


def usual_speed_cm_s(pressure: Pressure) -> float:
    """Return the usual speed of a travelling hand, cm/s."""
    return _USUAL_SPEED[pressure]


def dent_mm(force_n: float, radius_mm: float, padding_mm: float) -> float:
    """Return how far the skin gives under a contact, mm.

    Parameters
    ----------
    force_n : float
    radius_mm : float
        Of the contact patch.
    padding_mm : float
        Soft tissue over bone; infinite counts as 60 mm.

    Notes
    -----
    A saturating strain ``0.55 q / (q + 50 kPa)`` of the padding under the mean contact pressure
    ``q``. Made for pictures that look right, not measured (ENG).

    Examples
    --------
    >>> round(dent_mm(20.0, 16.0, 30.0), 1), round(dent_mm(20.0, 16.0, 8.0), 1)
    (5.5, 1.5)
    """
    pressure_kpa = 1000.0 * force_n / (3.14159 * radius_mm**2)
    strain = _MOST_STRAIN * pressure_kpa / (pressure_kpa + _TISSUE_KPA)
    return strain * min(padding_mm, 60.0)
