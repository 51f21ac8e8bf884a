"""The field's fixed vocabularies: side, system, tissue layer, provenance."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Side(StrEnum):
    """The subject's side; left is always the subject's left (+x)."""

    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"

    @property
    def mirrored(self) -> Side:
        """The other side; the midline mirrors onto itself."""
        return {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.MIDLINE: Side.MIDLINE}[self]

    @property
    def sign(self) -> int:
        """Sign of x on this side: +1 left, -1 right, 0 midline."""
        return {Side.LEFT: 1, Side.RIGHT: -1, Side.MIDLINE: 0}[self]


class System(StrEnum):
    """Anatomical system a structure belongs to."""

    INTEGUMENTARY = "integumentary"
    FASCIAL = "fascial"
    MUSCULAR = "muscular"
    SKELETAL = "skeletal"
    ARTICULAR = "articular"
    VISCERAL = "visceral"
    NERVOUS = "nervous"
    VASCULAR = "vascular"


class TissueLayer(IntEnum):
    """Peel layer, outermost first (design.md)."""

    SKIN = 0
    SUBCUTANEOUS = 1
    SUPERFICIAL_MUSCLE = 2
    SECOND_MUSCLE = 3
    ERECTOR_SPINAE = 4
    DEEP_MUSCLE = 5
    BONE = 6
    ORGAN = 7

    @property
    def title(self) -> str:
        """Name shown beside the peel slider."""
        return _LAYER_TITLES[self]


_LAYER_TITLES = {
    TissueLayer.SKIN: "Skin",
    TissueLayer.SUBCUTANEOUS: "Subcutaneous fat and superficial fascia",
    TissueLayer.SUPERFICIAL_MUSCLE: "Superficial muscles",
    TissueLayer.SECOND_MUSCLE: "Second layer of muscles",
    TissueLayer.ERECTOR_SPINAE: "Erector spinae and semispinalis",
    TissueLayer.DEEP_MUSCLE: "Deep muscles",
    TissueLayer.BONE: "Bones",
    TissueLayer.ORGAN: "Organs",
}


class Provenance(StrEnum):
    """Where a structure's shape came from."""

    MEASURED = "measured"
    GENERATED = "generated"
    IMPORTED = "imported"


def split_side(structure_id: str) -> tuple[str, Side]:
    """Split ``trapezius_left`` into its base and its side.

    >>> split_side("rib_12_left")
    ('rib_12', <Side.LEFT: 'left'>)
    >>> split_side("skin")
    ('skin', <Side.MIDLINE: 'midline'>)
    """
    for side in (Side.LEFT, Side.RIGHT):
        suffix = f"_{side.value}"
        if structure_id.endswith(suffix):
            return structure_id[: -len(suffix)], side
    return structure_id, Side.MIDLINE


def mirror_id(name: str) -> str:
    """Return the id (or ``id/part``, or landmark name) of the other side.

    Only a trailing side word of each ``/``-separated piece is exchanged.

    >>> mirror_id("trapezius_left/descending"), mirror_id("vertebra_T4/transverse_process_left")
    ('trapezius_right/descending', 'vertebra_T4/transverse_process_right')
    """
    pieces = []
    for piece in name.split("/"):
        base, side = split_side(piece)
        pieces.append(piece if side is Side.MIDLINE else f"{base}_{side.mirrored.value}")
    return "/".join(pieces)
