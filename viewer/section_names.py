"""The names in a cut: two columns, a line from each to its structure, nothing over anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from meshes.depth import FAT, SKIN
from meshes.section import Section
from viewer.lettering import font
from viewer.marks import Block, Mark, Stroke, Words
from viewer.palette import INK
from viewer.section_raster import UNKNOWN, OwnerMap, Window
from viewer.section_tissue import PAPER

#: Less of a structure than this gets no name, mm2.
LEAST_NAMED_MM2 = 8.0


@dataclass(frozen=True)
class Named:
    """A name and the place in the picture that it points to, pixels."""

    name: str
    x: float
    y: float


Place = TypeVar("Place", bound=Named)


def column_width(made: Section, width: int, letter: float) -> int:
    """Return the width that the longest name needs, up to a quarter of the picture."""
    longest = max(
        font(letter).getlength(readable(item.structure.entry.english)) for item in made.slices
    )
    return round(min(longest + 3.2 * letter, 0.25 * width))


def _fitted(text: str, letter: float, room: float) -> str:
    """Return a text cut short where it is wider than the room for it, pixels."""
    if font(letter).getlength(text) <= room:
        return text
    while text and font(letter).getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def names_of(owners: OwnerMap, box: tuple[int, int, int, int], letter: float) -> list[Mark]:
    """Names in two columns, each with a line to its structure; no two lines cross."""
    apart = 1.32 * letter
    left, top, width, height = box
    room = int(height / apart)
    found = _by_name(owners)
    sides = _shared_out(found, width / 2.0, room)
    marks: list[Mark] = []
    for side, named in zip((-1, 1), sides, strict=True):
        edge = left - 0.4 * letter if side < 0 else left + width + 0.4 * letter
        at = [Named(item.name, item.x + left, item.y + top) for item in named]
        for item, y in without_crossings(at, edge, apart, (top + letter, top + height - letter)):
            text = _fitted(item.name, letter, left - 1.6 * letter)
            elbow = edge - side * 0.15 * letter
            marks += [
                Stroke(elbow, y, item.x, item.y, 1.0),
                Block(item.x - 2.5, item.y - 2.5, 5, 5, PAPER),
                Block(item.x - 1.5, item.y - 1.5, 3, 3, INK),
                Words(text, edge + side * 0.4 * letter, y, letter, "lm" if side > 0 else "rm"),
            ]
    space = owners.coarse == UNKNOWN
    marks += _space_name(space, owners.window, (left, top), letter)
    return marks


def _by_name(owners: OwnerMap) -> dict[str, list[Named]]:
    """Every visible structure's names with a point in each of its sides, largest area first."""
    found: dict[str, list[Named]] = {}
    area: dict[str, float] = {}
    for index, item in enumerate(owners.slices):
        mask = owners.mask(index)
        mm2 = float(mask.sum()) / owners.window.scale**2
        if mm2 < LEAST_NAMED_MM2:
            continue
        name = readable(item.structure.entry.english)
        at = _deepest_point(mask, lateral=item.structure.id in (SKIN, FAT))
        found.setdefault(name, []).append(Named(name, *at))
        area[name] = area.get(name, 0.0) + mm2
    return {name: found[name] for name in sorted(found, key=lambda item: -area[item])}


def readable(english: str) -> str:
    """Return a structure's name as it stands in a picture.

    >>> readable("rhomboid major")
    'Rhomboid major'
    """
    name = english if len(english) <= 30 else english.partition(" and ")[0]
    return name[:1].upper() + name[1:]


def _deepest_point(mask: NDArray[np.bool_], lateral: bool) -> tuple[float, float]:
    """Return the point of a mask farthest from its border (x, y); or a thick one at the side."""
    from scipy import ndimage

    found = ndimage.find_objects(mask.astype(np.int8))[0]
    first = (found[0].start, found[1].start)
    inside = ndimage.distance_transform_edt(np.pad(mask[found], 1))[1:-1, 1:-1]
    if lateral:
        rows, columns = np.nonzero(inside >= 0.5 * np.quantile(inside[mask[found]], 0.8))
        best = int(np.argmin(np.hypot(rows - 0.80 * inside.shape[0], columns)))
        row, column = rows[best], columns[best]
    else:
        row, column = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return float(first[1] + column) + 0.5, float(first[0] + row) + 0.5


def _shared_out(
    found: dict[str, list[Named]], middle: float, room: int
) -> tuple[list[Named], list[Named]]:
    """Share names between the two columns so that both are about as full all the way down."""
    sides: tuple[list[Named], list[Named]] = ([], [])
    kept = list(found.values())[: 2 * room]
    for places in sorted(kept, key=lambda item: item[0].y):
        first = min(places, key=lambda item: item.x)
        last = max(places, key=lambda item: item.x)
        lone = len(places) == 1 and abs(first.x - middle) > 0.12 * middle
        if lone:
            side = 0 if first.x < middle else 1
        else:
            side = 0 if len(sides[0]) <= len(sides[1]) else 1
        if len(sides[side]) >= room:
            side = 1 - side
        sides[side].append(first if side == 0 else last)
    return sides


def without_crossings(
    named: Sequence[Place], edge: float, apart: float, inside: tuple[float, float]
) -> list[tuple[Place, float]]:
    """Give each name a height in a column such that no two lines to it cross."""
    order = sorted(named, key=lambda item: item.y)
    heights = settled([item.y for item in order], apart, inside)
    # Exchanging two crossing lines always shortens both together, so this comes to an end.
    for _ in range(len(order) ** 2):
        pair = next(
            (
                (a, b)
                for a in range(len(order))
                for b in range(a + 1, len(order))
                if _cross((edge, heights[a]), order[a], (edge, heights[b]), order[b])
            ),
            None,
        )
        if pair is None:
            break
        a, b = pair
        order[a], order[b] = order[b], order[a]
    return list(zip(order, heights, strict=True))


def settled(places: Sequence[float], apart: float, inside: tuple[float, float]) -> list[float]:
    """Return the places moved as little as possible so that neighbours keep apart, in order.

    Parameters
    ----------
    places : sequence of float
        Increasing.
    apart : float
        Closer together only where there is no room for all.
    inside : tuple of float
        Lowest and highest place.

    Examples
    --------
    >>> settled([10.0, 10.0, 50.0], 10.0, (0.0, 100.0))
    [5.0, 15.0, 50.0]
    """
    count = len(places)
    if count == 0:
        return []
    step = min(apart, (inside[1] - inside[0]) / max(count - 1, 1))
    # Without the steps between them the places have to be in order: pool those that are not.
    pools: list[list[float]] = []
    for index, place in enumerate(places):
        pools.append([place - index * step])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    level = [float(np.mean(pool)) for pool in pools for _ in pool]
    highest = inside[1] - (count - 1) * step
    return [min(max(at, inside[0]), highest) + k * step for k, at in enumerate(level)]


def _cross(a: tuple[float, float], to_a: Named, b: tuple[float, float], to_b: Named) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    end_a, end_b = (to_a.x, to_a.y), (to_b.x, to_b.y)
    return (
        side(a, end_a, b) * side(a, end_a, end_b) < 0.0
        and side(b, end_b, a) * side(b, end_b, end_a) < 0.0
    )


def _space_name(
    space: NDArray[np.bool_], window: Window, corner: tuple[int, int], letter: float
) -> list[Mark]:
    """Say in the middle of a large space that the atlas does not hold what is there."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(space)
    radius = float(inside.max(initial=0.0))
    if radius < 22.0 * window.scale:
        return []
    rows, columns = np.nonzero(inside > 0.85 * radius)
    best = int(np.argmin(np.abs(columns - space.shape[1] / 2.0)))
    x, y = corner[0] + float(columns[best]), corner[1] + float(rows[best])
    return [
        Words("organs here are", x, y - 0.65 * letter, letter, "mm", faint=True),
        Words("not in this atlas", x, y + 0.65 * letter, letter, "mm", faint=True),
    ]
