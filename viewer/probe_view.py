"""What lies beneath the hand, as a column to scale with the names beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meshes.atlas import Atlas
from meshes.depth import Hit
from meshes.terminology import TissueLayer
from viewer.marks import Block, Mark, Stroke, Words
from viewer.palette import RGB, tissue_colour

#: Deeper than this is not drawn, mm.
DEEPEST_MM = 90.0
#: Thinner than this gets no name of its own, mm.
_THINNEST_MM = 0.3


@dataclass(frozen=True)
class Band:
    """One structure in the column.

    Attributes
    ----------
    name : str
    start_mm, end_mm : float
        Below the skin's surface.
    colour : tuple of int
        RGB 0..255.
    """

    name: str
    start_mm: float
    end_mm: float
    colour: RGB


def bands_of(atlas: Atlas, hits: Sequence[Hit]) -> tuple[Band, ...]:
    """Return the bands of a probe, from the skin through the first bone or organ.

    Pieces of one structure are joined.
    """
    bands: list[Band] = []
    for hit in through_first_bone(hits):
        if hit.enter_mm > DEEPEST_MM or hit.exit_mm - hit.enter_mm < _THINNEST_MM:
            continue
        entry = atlas[hit.structure].entry
        # Long names are joined names; the first is enough here.
        name = entry.english if len(entry.english) <= 24 else entry.english.partition(" and ")[0]
        name = name[:1].upper() + name[1:]
        if hit.part:
            name += f", {hit.part.replace('_', ' ')}"
        end = min(hit.exit_mm, DEEPEST_MM)
        if bands and bands[-1].name == name and hit.enter_mm - bands[-1].end_mm < 1.0:
            bands[-1] = Band(name, bands[-1].start_mm, end, bands[-1].colour)
        else:
            bands.append(Band(name, hit.enter_mm, end, tissue_colour(entry)))
    return tuple(bands)


def through_first_bone(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the hits up to and with the first bone or organ: a press reaches no further."""
    for index, hit in enumerate(hits):
        if hit.layer >= TissueLayer.BONE:
            return hits[: index + 1]
    return hits


def column_of(
    bands: tuple[Band, ...], box: tuple[float, float, float, float], letter: float
) -> list[Mark]:
    """Return the marks of a column.

    Parameters
    ----------
    bands : tuple of Band
    box : tuple of float
        Left, top, width and height in pixels; the heading stands inside.
    letter : float
        Height of the names, pixels.
    """
    if not bands:
        return []
    left, top, width, height = box
    marks: list[Mark] = [Words("Beneath the hand", left, top, 1.1 * letter, "lt", bold=True)]
    top += 2.4 * letter
    height -= 2.4 * letter
    deepest = max(band.end_mm for band in bands)
    reach = 10.0 * (int(deepest / 10.0) + 1)
    scale = height / reach

    def level(depth: float) -> int:
        # On whole pixels, so that in a film little is painted anew while a hand travels.
        return round(top + depth * scale)

    bar, thick = round(left + 2.6 * letter), round(1.5 * letter)
    marks.append(Block(bar, level(0.0), thick, level(reach) - level(0.0), (236, 236, 234)))
    for band in bands:
        start, end = level(band.start_mm), level(band.end_mm)
        marks.append(Block(bar, start, thick, end - start, band.colour))
    step = 10 if reach <= 60 else 20
    for depth in range(0, int(reach) + 1, step):
        at = level(depth)
        marks.append(Stroke(bar - 0.45 * letter, at, bar, at, max(1.0, 0.08 * letter)))
        text = f"{depth} mm" if depth == 0 else str(depth)
        marks.append(Words(text, bar - 0.65 * letter, at, 0.85 * letter, "rm"))
    names = bar + thick + 1.7 * letter
    middles = [level(0.5 * (band.start_mm + band.end_mm)) for band in bands]
    for band, at, y in zip(
        bands, middles, spread(middles, 1.25 * letter, (top, top + height)), strict=True
    ):
        thin = max(1.0, 0.06 * letter)
        marks.append(Stroke(bar + thick, at, names - 0.3 * letter, round(y), thin))
        room = int((left + width - names) / (0.56 * letter))
        text = band.name if len(band.name) <= room else band.name[: max(room - 1, 1)].rstrip() + "…"
        marks.append(Words(text, round(names), round(y), letter, "lm"))
    return marks


def spread(places: Sequence[float], apart: float, inside: tuple[float, float]) -> list[float]:
    """Return the places moved so that neighbours keep apart, in order.

    >>> spread([0.0, 1.0, 50.0], 10.0, (0.0, 100.0))
    [0.0, 10.0, 50.0]
    """
    moved: list[float] = []
    for place in places:
        least = moved[-1] + apart if moved else inside[0]
        moved.append(max(place, least))
    limit = inside[1]
    for index in range(len(moved) - 1, -1, -1):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - apart
    return moved
