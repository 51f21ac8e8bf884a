"""The legend of a map in millimetres: its colours from low to high, with figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotations.skin_map import SkinMap
from viewer.colour_scale import colour_at
from viewer.marks import Block, Mark, Stroke, Words

#: Rows of colour that make the bar.
_ROWS = 48
#: Height of the bar, in letters: as a rule, and where there is little room.
_TALL, _SHORT = 9.5, 5.0
_NOTHING = {
    "padding": "no colour: no bone below",
    "kidney_window": "no colour: no kidney below",
}


def scale_marks(
    chart: SkinMap,
    size: tuple[int, int],
    base: float,
    body: NDArray[np.floating] | None = None,
) -> list[Mark]:
    """Return the legend of a map in the upper right corner of a picture.

    Parameters
    ----------
    chart : SkinMap
    size : tuple of int
        Of the picture, pixels.
    base : float
        Body height of ordinary text, pixels.
    body : ndarray, shape (N, 2), optional
        Where points of the body are seen, pixels. A legend that would lie over them is made
        shorter, then loses its notes, and then is left out.
    """
    for rows, noted in ((_TALL, True), (_SHORT, True), (_SHORT, False)):
        marks, box = _laid(chart, size, base, (rows, _words(chart) if noted else []))
        if body is None or not _lies_over(box, body, size):
            return marks
    return []


def _laid(
    chart: SkinMap, size: tuple[int, int], base: float, parts: tuple[float, list[str]]
) -> tuple[list[Mark], tuple[float, float, float]]:
    """Return a legend of so many letters' height with these notes, and its left, top, bottom."""
    scale = chart.scale
    tall, notes = parts
    letter = 0.80 * base
    room = max(0.58 * letter * len(line) for line in [scale.title, *notes])
    left, top = size[0] - 1.1 * base - room, 1.0 * base
    marks: list[Mark] = [Words(scale.title, left, top, letter, "lt", bold=True)]
    bar_top, height, width = top + 1.7 * letter, tall * letter, 1.5 * letter
    row = height / _ROWS
    for index in range(_ROWS):
        colour = colour_at((index + 0.5) / _ROWS)
        # A little taller than its row, so that no gap is left by rounding.
        marks.append(Block(left, bar_top + index * row, width, row + 0.5, colour))
    ticks = round((scale.high - scale.low) / scale.step)
    for index in range(ticks + 1):
        value = scale.low + index * scale.step
        y = bar_top + height * index / ticks
        more = "+" if index == ticks else ""
        marks.append(Stroke(left + width, y, left + 1.3 * width, y, max(1.0, 0.08 * base)))
        # In a short bar figures at every step would stand on each other.
        if tall >= 1.3 * ticks or index in (0, ticks):
            text = f"{value:g}{more} mm"
            marks.append(Words(text, left + 1.55 * width, y, 0.9 * letter, "lm"))
    below = bar_top + height + 0.9 * letter
    marks += [
        Words(text, left, below + index * 1.35 * letter, 0.9 * letter, "lt")
        for index, text in enumerate(notes)
    ]
    end = below + len(notes) * 1.35 * letter if notes else bar_top + height + 0.5 * letter
    return marks, (left, top, end)


def _lies_over(
    box: tuple[float, float, float], body: NDArray[np.floating], size: tuple[int, int]
) -> bool:
    """Whether a legend lies over the body, or reaches into the heading's half."""
    left, top, end = box
    x, y = body.T
    return left < 0.5 * size[0] or bool(((x > left) & (y > top) & (y < end)).any())


def _words(chart: SkinMap) -> list[str]:
    words = [_NOTHING[chart.name]] if chart.name in _NOTHING else []
    if chart.line is not None:
        words.append(f"dashed: margin of {chart.line_mm:g} mm")
    return words
