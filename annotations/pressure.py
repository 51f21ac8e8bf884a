"""The four pressures, with the forces they stand for."""

from __future__ import annotations

from enum import StrEnum

from annotations.technique import Technique, technique_named
from meshes.errors import InputError, UnknownName


class Pressure(StrEnum):
    """How hard a hand presses; ``light`` < ``moderate`` < ``firm`` < ``deep``.

    The ranges are those of facts section 10.3. They are engineering figures for teaching
    (confidence L, ``deep`` M), not clinical clearance.
    """

    LIGHT = "light"
    MODERATE = "moderate"
    FIRM = "firm"
    DEEP = "deep"

    @property
    def rank(self) -> int:
        """0 for light up to 3 for deep."""
        return _ORDER.index(self)

    @property
    def force_n(self) -> tuple[float, float]:
        """Least and greatest normal force of one hand or tool, newtons."""
        return _FORCE_N[self]

    @property
    def contact_kpa(self) -> tuple[float, float]:
        """Least and greatest mean contact pressure, kPa."""
        return _CONTACT_KPA[self]

    @property
    def typical_force_n(self) -> float:
        """Middle of the force range, newtons."""
        low, high = _FORCE_N[self]
        return (low + high) / 2.0

    @property
    def label(self) -> str:
        """Name with its force range, for legends."""
        low, high = self.force_n
        return f"{self.value} ({low:g}-{high:g} N)"

    @property
    def place(self) -> str:
        """Where the force goes, if it is not a whole hand's; else empty.

        ``deep`` begins below where ``firm`` ends: it is a thumb's or an elbow's, on a tenth of a
        palm's area, and so presses harder (facts section 10.3).
        """
        return "on 2-4 cm2 under a thumb or elbow" if self is Pressure.DEEP else ""


_ORDER = (Pressure.LIGHT, Pressure.MODERATE, Pressure.FIRM, Pressure.DEEP)

_FORCE_N = {
    Pressure.LIGHT: (2.0, 8.0),
    Pressure.MODERATE: (10.0, 30.0),
    Pressure.FIRM: (30.0, 60.0),
    Pressure.DEEP: (30.0, 80.0),
}

_CONTACT_KPA = {
    Pressure.LIGHT: (2.0, 12.0),
    Pressure.MODERATE: (12.0, 40.0),
    Pressure.FIRM: (40.0, 100.0),
    Pressure.DEEP: (100.0, 250.0),
}


def pressure_named(name: str) -> Pressure:
    """Return the pressure with this id.

    Raises
    ------
    UnknownName
        If there is none; the message names the nearest.
    """
    try:
        return Pressure(name)
    except ValueError:
        raise UnknownName("pressure", name, [item.value for item in Pressure]) from None


def parse_pair(text: str) -> tuple[Technique, Pressure]:
    """Read ``technique:pressure`` as options take it.

    Raises
    ------
    InputError
        If the text is not two names with a colon between; UnknownName if one is not known.

    Examples
    --------
    >>> parse_pair("kneading:firm")
    (<Technique.KNEADING: 'kneading'>, <Pressure.FIRM: 'firm'>)
    """
    pieces = text.split(":")
    if len(pieces) != 2:
        raise InputError(
            f"technique and pressure required as TECHNIQUE:PRESSURE, received {text!r}; "
            "write for example kneading:firm"
        )
    return technique_named(pieces[0].strip()), pressure_named(pieces[1].strip())
