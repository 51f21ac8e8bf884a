"""A cut as a plate: the tissue in colour, every structure named once, sides, scale, credits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotations.cut import Cut
from meshes.atlas import Atlas
from meshes.depth import FAT
from meshes.errors import InputError
from meshes.section import Section, section
from meshes.terminology import System
from viewer.labels import credit_line, letter_size, wrapped
from viewer.lettering import Lettering
from viewer.marks import Block, Mark, Stroke, Words
from viewer.palette import (
    BELLY,
    BONE,
    CARTILAGE,
    INK,
    KIDNEY,
    LIGAMENT,
    LUNG,
    PLEURA,
    RGB,
    TENDON,
    tissue_colour,
)
from viewer.palette import (
    SKIN as SKIN_COLOUR,
)
from viewer.section_names import column_width, names_of
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
    (LUNG, "lung"),
    (LOOSE, "fat, loose tissue"),
    (SKIN_COLOUR, "skin"),
)


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
        raise InputError(
            f"a cut through the body of atlas {atlas.name!r} required ({_reach(atlas, cut)}), "
            f"received {cut.text!r}, which meets nothing"
        )
    size = size or _fitting(made)
    base = letter_size((size[0], min(size[1], round(0.8 * size[0]))))
    letter = 0.66 * base
    column = column_width(made, size[0], letter)
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
        *names_of(owners, box, letter),
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
    column = column_width(made, WIDTH, 0.66 * base)
    height = (WIDTH - 2 * column) * tall / across + (4.6 + _FOOT) * base
    return WIDTH, round(min(max(height, _LOWEST), _HIGHEST))


def _reach(atlas: Atlas, cut: Cut) -> str:
    """Say where planes like this one meet the atlas."""
    axis = int(np.argmax(np.abs(cut.plane.normal)))
    corners = np.array([item.surface.bounds for item in atlas.values()]).reshape(-1, 3)
    low, high = corners[:, axis].min(), corners[:, axis].max()
    return f"{'xyz'[axis]} from {low:.0f} to {high:.0f} mm"


def _heading(atlas: Atlas, cut: Cut, base: float) -> list[Mark]:
    below = " · ".join((cut.note, atlas.title))
    return [
        Words(cut.title, 1.1 * base, 0.9 * base, 1.25 * base, "lt", bold=True),
        Words(below, 1.1 * base, 2.5 * base, 0.78 * base, "lt", faint=True),
    ]


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
