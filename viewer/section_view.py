"""A cut as a plate: the tissue in colour, every structure named once, sides, scale, credits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotations.cut import Cut
from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN
from meshes.errors import InputError
from meshes.section import Section, section
from meshes.terminology import System
from viewer.labels import credit_line, letter_size, wrapped
from viewer.lettering import Lettering, font
from viewer.marks import Block, Mark, Stroke, Words
from viewer.palette import (
    BELLY,
    BONE,
    CARTILAGE,
    INK,
    KIDNEY,
    LIGAMENT,
    PLEURA,
    RGB,
    TENDON,
    tissue_colour,
)
from viewer.palette import (
    SKIN as SKIN_COLOUR,
)
from viewer.section_raster import (
    UNKNOWN,
    OwnerMap,
    Window,
    owner_map,
    trunk_bounds,
    window_around,
)
from viewer.section_tissue import LOOSE, PAPER, SPACE, paint

Floats = NDArray[np.float64]

#: Width of a plate, pixels, and the least and greatest height that fits it to the cut.
WIDTH, _LOWEST, _HIGHEST = 1500, 860, 1900
#: Less of a structure than this gets no name, mm2.
LEAST_NAMED_MM2 = 8.0
#: Room below the picture for sides, scale, legend and credits, in letters.
_FOOT = 6.4
_SCALES_MM = (100, 50, 20, 10, 5)
_LEGEND: tuple[tuple[RGB, str], ...] = (
    (BELLY, "muscle"),
    (TENDON, "tendon, fascia"),
    (LIGAMENT, "ligament"),
    (BONE, "bone"),
    (CARTILAGE, "cartilage, disc"),
    (KIDNEY, "kidney"),
    (PLEURA, "pleura"),
    (LOOSE, "fat, loose tissue"),
    (SKIN_COLOUR, "skin"),
)


@dataclass(frozen=True)
class Named:
    """A name and the place in the picture that it points to, pixels."""

    name: str
    x: float
    y: float


def cut_view(atlas: Atlas, cut: Cut, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Return a cut through an atlas as a labelled plate, shape (height, width, 3).

    Parameters
    ----------
    atlas : Atlas
    cut : Cut
        From ``annotations.cut.find_cut``.
    size : tuple of int, optional
        Width and height, pixels; by default as high as the cut asks for.

    Raises
    ------
    InputError
        If the plane does not meet the atlas.
    """
    made = section(atlas, cut.plane)
    if not made.slices:
        low, high = _reach(atlas, cut)
        raise InputError(
            f"a cut through the body of atlas {atlas.name!r} required ({low:.0f} to {high:.0f} mm "
            f"across the plane), received {cut.text!r}, which meets nothing"
        )
    size = size or _fitting(made)
    base = letter_size((size[0], min(size[1], round(0.8 * size[0]))))
    letter = 0.66 * base
    column = _column(made, size[0], letter)
    top, bottom = round(4.6 * base), round(_FOOT * base)
    box = (column, top, size[0] - 2 * column, size[1] - top - bottom)
    if min(box[2:]) < 100:
        raise InputError(
            f"a picture of a cut needs at least 500x400 pixels, received {size[0]}x{size[1]}"
        )
    window = window_around(made, box[2:])
    owners = owner_map(made, window)
    canvas = np.full((size[1], size[0], 3), PAPER, dtype=np.uint8)
    canvas[top : top + box[3], column : column + box[2]] = paint(made, owners)
    marks = [
        *_heading(atlas, cut, base),
        *_names(owners, box, letter),
        *_sides(made, box, size, base),
        *_scale(window, box, base),
        *_legend(owners, size, base),
        *credits_of(atlas, size, base),
    ]
    return Lettering(size).over(canvas, tuple(marks))


def _fitting(made: Section) -> tuple[int, int]:
    """Return the size of a plate whose height suits the cut."""
    low, high = trunk_bounds(made)
    across, tall = high - low
    base = letter_size((WIDTH, round(0.8 * WIDTH)))
    column = _column(made, WIDTH, 0.66 * base)
    height = (WIDTH - 2 * column) * tall / across + (4.6 + _FOOT) * base
    return WIDTH, round(min(max(height, _LOWEST), _HIGHEST))


def _reach(atlas: Atlas, cut: Cut) -> tuple[float, float]:
    normal = cut.plane.normal
    corners = np.array([item.surface.bounds for item in atlas.values()]).reshape(-1, 3)
    heights = (corners - cut.plane.origin) @ normal
    return float(heights.min()), float(heights.max())


def _heading(atlas: Atlas, cut: Cut, base: float) -> list[Mark]:
    below = " · ".join((cut.note, atlas.title))
    return [
        Words(cut.title, 1.1 * base, 0.9 * base, 1.25 * base, "lt", bold=True),
        Words(below, 1.1 * base, 2.5 * base, 0.78 * base, "lt", faint=True),
    ]


# ---------------------------------------------------------------- names


def _column(made: Section, width: int, letter: float) -> int:
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


def _names(owners: OwnerMap, box: tuple[int, int, int, int], letter: float) -> list[Mark]:
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
        for item, y in _without_crossings(at, edge, apart, (top + letter, top + height - letter)):
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


def _without_crossings(
    named: Sequence[Named], edge: float, apart: float, inside: tuple[float, float]
) -> list[tuple[Named, float]]:
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


# ---------------------------------------------------------------- around the picture


def direction_letters(way: Floats) -> str:
    """Return the side a direction points to: L, R, A, P, S, I, or two of them.

    >>> direction_letters(np.array([0.0, -1.0, 0.0]))
    'A'
    """
    letters = (("L", "R"), ("P", "A"), ("S", "I"))
    order = np.argsort(-np.abs(way))
    said = [letters[int(k)][0 if way[k] > 0.0 else 1] for k in order if abs(way[k]) > 0.45]
    return "".join(said[:2])


def _sides(
    made: Section, box: tuple[int, int, int, int], size: tuple[int, int], base: float
) -> list[Mark]:
    left, top, width, height = box
    plane = made.plane
    big = 1.5 * base
    inset = 0.9 * base
    bottom = top + height
    return [
        Words(direction_letters(-plane.right), inset, bottom + 0.2 * base, big, "lt", bold=True),
        Words(direction_letters(plane.right), size[0] - inset, bottom + 0.2 * base, big, "rt",
              bold=True),
        Words(direction_letters(plane.up), left + width / 2.0, top - 0.2 * base, big, "mb",
              bold=True),
        Words(direction_letters(-plane.up), left + width / 2.0, bottom + 0.2 * base, big, "mt",
              bold=True),
    ]  # fmt: skip


def _scale(window: Window, box: tuple[int, int, int, int], base: float) -> list[Mark]:
    left, top, _, height = box
    length = next((mm for mm in _SCALES_MM if mm * window.scale <= 0.25 * window.width), 5)
    x, y = left + 0.5 * base, top + height + 1.0 * base
    return scale_bar((x, y), length, window.scale, base)


def scale_bar(
    at: tuple[float, float], length: float, pixels_per_mm: float, base: float
) -> list[Mark]:
    """Return a horizontal bar with its length in mm."""
    (x, y), end = at, at[0] + length * pixels_per_mm
    tick, thick = 0.28 * base, max(1.5, 0.10 * base)
    return [
        Stroke(x, y, end, y, thick),
        Stroke(x, y - tick, x, y + tick, thick),
        Stroke(end, y - tick, end, y + tick, thick),
        Words(f"{length:g} mm", (x + end) / 2.0, y - 0.35 * base, 0.8 * base, "mb"),
    ]


def _legend(owners: OwnerMap, size: tuple[int, int], base: float) -> list[Mark]:
    shown = {tissue_colour(item.structure.entry) for item in owners.slices}
    kinds = {item.structure.system for item in owners.slices}
    rows = [
        (colour, word)
        for colour, word in _LEGEND
        if colour in shown
        or (colour == LOOSE and FAT in {item.structure.id for item in owners.slices})
        or (colour == TENDON and System.MUSCULAR in kinds)
    ]
    if (owners.coarse == UNKNOWN).any():
        rows.append((SPACE, "not in this atlas"))
    letter = 0.62 * base
    widths = [1.6 * base + 0.58 * letter * len(word) for _, word in rows]
    x = max((size[0] - sum(widths)) / 2.0, 0.5 * base)
    y = size[1] - 2.55 * base
    marks: list[Mark] = []
    for (colour, word), width in zip(rows, widths, strict=True):
        marks += [
            Block(x - 1, y - 0.38 * base - 1, 0.76 * base + 2, 0.76 * base + 2, INK),
            Block(x, y - 0.38 * base, 0.76 * base, 0.76 * base, colour),
            Words(word, x + 1.05 * base, y, letter, "lm"),
        ]
        x += width
    return marks


def credits_of(atlas: Atlas, size: tuple[int, int], base: float) -> list[Mark]:
    """Return the notice and the licence at the foot of a plate."""
    letter = 0.58 * base
    room = int((size[0] - 2.0 * base) / (0.53 * letter))
    lines = wrapped(credit_line(atlas), room)[:2]
    bottom = size[1] - 0.45 * base
    return [
        Words(line, size[0] / 2.0, bottom - (len(lines) - 1 - row) * 1.25 * letter, letter, "mb",
              faint=True)
        for row, line in enumerate(lines)
    ]  # fmt: skip
