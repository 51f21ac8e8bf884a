"""Which structures of a picture are drawn in one go, and in what order.

Opaque tissue comes first, then each group that lets something through, inner groups before outer
ones.
"""

from __future__ import annotations

from viewer.buffers import SKIN
from viewer.resolve import Draw, Picture

#: Layer, opacity, emphasis.
Key = tuple[int, float, float]
#: Groups of one opacity that a picture can hold beside the opaque one.
GROUPS = 6
#: Group of what is opaque and not highlighted.
SOLID: Key = (0, 1.0, 0.0)


def groups_of(picture: Picture) -> tuple[tuple[str, ...], ...]:
    """Return the ids of each group of a picture that is drawn in one go, without the skin."""
    return tuple(rows_of(picture).values())


def rows_of(picture: Picture) -> dict[Key, tuple[str, ...]]:
    """Return the ids of each group of a picture, without the skin."""
    rows: dict[Key, list[str]] = {}
    # Outer layers first: what they hide is then rejected before it is shaded.
    for draw in sorted(picture.draws, key=lambda draw: draw.layer):
        if draw.id != SKIN:
            rows.setdefault(_key_of(draw), []).append(draw.id)
    return {key: tuple(ids) for key, ids in rows.items()}


def inner_first(rows: dict[Key, tuple[str, ...]]) -> list[Key]:
    """Return the groups in the order of drawing.

    >>> inner_first({(2, 0.4, 0.0): (), (6, 0.4, 0.0): (), (99, 1.0, 1.0): ()})
    [(99, 1.0, 1.0), (6, 0.4, 0.0), (2, 0.4, 0.0)]
    """
    return sorted(rows, reverse=True)


def skin_drawn(picture: Picture) -> Draw | None:
    """Return how the skin is drawn in a picture, or None if it is not."""
    return next((draw for draw in picture.draws if draw.id == SKIN), None)


def _key_of(draw: Draw) -> Key:
    if draw.opacity >= 1.0:
        # Opaque but emphasised structures have a group of their own, drawn with the opaque ones.
        return SOLID if draw.emphasis == 0.0 else (99, 1.0, draw.emphasis)
    return (draw.layer, round(draw.opacity, 3), draw.emphasis)
