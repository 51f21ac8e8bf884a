"""The six techniques of the hands, and which of them is harsher than which."""

from __future__ import annotations

from enum import StrEnum

from meshes.errors import UnknownName


class Technique(StrEnum):
    """A massage technique (facts section 10.4; design.md, Safety).

    The order of harshness is partial: friction and a sustained press cannot be compared, but
    both are harsher than gliding and milder than vibration, and percussion is harshest of all.
    """

    GLIDING = "gliding"
    KNEADING = "kneading"
    FRICTION = "friction"
    SUSTAINED_PRESS = "sustained_press"
    VIBRATION = "vibration"
    PERCUSSION = "percussion"

    @property
    def label(self) -> str:
        """English name with the classical term."""
        return _TITLES[self]

    @property
    def description(self) -> str:
        """One line that says what the hands do."""
        return _DESCRIPTIONS[self]

    @property
    def next_harsher(self) -> tuple[Technique, ...]:
        """The techniques directly above this one in the order of harshness."""
        return _NEXT_HARSHER[self]

    def is_harsher_than(self, other: Technique) -> bool:
        """Whether this technique is strictly harsher than ``other``.

        >>> Technique.PERCUSSION.is_harsher_than(Technique.GLIDING)
        True
        >>> Technique.FRICTION.is_harsher_than(Technique.SUSTAINED_PRESS)
        False
        """
        return any(step is self or self.is_harsher_than(step) for step in _NEXT_HARSHER[other])


_TITLES = {
    Technique.GLIDING: "Gliding (effleurage)",
    Technique.KNEADING: "Kneading (petrissage)",
    Technique.FRICTION: "Friction",
    Technique.SUSTAINED_PRESS: "Sustained press (ischaemic compression)",
    Technique.VIBRATION: "Vibration",
    Technique.PERCUSSION: "Percussion (tapotement)",
}

_DESCRIPTIONS = {
    Technique.GLIDING: "long strokes with a broad hand that slides over the skin",
    Technique.KNEADING: "grasping, lifting and rolling the muscle in circles",
    Technique.FRICTION: "small circles or cross strokes that move tissue over tissue",
    Technique.SUSTAINED_PRESS: "a steady press held until the tension falls",
    Technique.VIBRATION: "a fine or coarse oscillation passed on by fingertips or palm",
    Technique.PERCUSSION: "rhythmic tapping, cupping or hacking with loose wrists",
}

_NEXT_HARSHER: dict[Technique, tuple[Technique, ...]] = {
    Technique.GLIDING: (Technique.KNEADING, Technique.SUSTAINED_PRESS),
    Technique.KNEADING: (Technique.FRICTION,),
    Technique.FRICTION: (Technique.VIBRATION,),
    Technique.SUSTAINED_PRESS: (Technique.VIBRATION,),
    Technique.VIBRATION: (Technique.PERCUSSION,),
    Technique.PERCUSSION: (),
}


def technique_named(name: str) -> Technique:
    """Return the technique with this id.

    Raises
    ------
    UnknownName
        If there is none; the message names the nearest.
    """
    try:
        return Technique(name)
    except ValueError:
        raise UnknownName("technique", name, [item.value for item in Technique]) from None
