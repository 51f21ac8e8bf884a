"""The legend of a map in millimetres: its colours from low to high, with figures."""

from __future__ import annotations

from annotations.skin_map import SkinMap
from viewer.colour_scale import colour_at
from viewer.marks import Block, Mark, Stroke, Words

#: Rows of colour that make the bar.
_ROWS = 48
_NOTHING = {
    "padding": "no colour: no bone below",
    "kidney_window": "no colour: no kidney below",
}


def scale_marks(chart: SkinMap, size: tuple[int, int], base: float) -> list[Mark]:
    """Return the legend of a map in the upper right corner of a picture.

    Parameters
    ----------
    chart : SkinMap
    size : tuple of int
        Of the picture, pixels.
    base : float
        Body height of ordinary text, pixels.
    """
    scale = chart.scale
    letter = 0.80 * base
    lines = [scale.title, *_words(chart)]
    room = max(0.58 * letter * len(line) for line in lines)
    left, top = size[0] - 1.1 * base - room, 1.0 * base
    marks: list[Mark] = [Words(scale.title, left, top, letter, "lt", bold=True)]
    bar_top, height, width = top + 1.7 * letter, 9.5 * letter, 1.5 * letter
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
        marks.append(Words(f"{value:g}{more} mm", left + 1.55 * width, y, 0.9 * letter, "lm"))
    below = bar_top + height + 0.9 * letter
    marks += [
        Words(text, left, below + index * 1.35 * letter, 0.9 * letter, "lt")
        for index, text in enumerate(_words(chart))
    ]
    return marks


def _words(chart: SkinMap) -> list[str]:
    words = [_NOTHING[chart.name]] if chart.name in _NOTHING else []
    if chart.line is not None:
        words.append(f"dashed: margin of {chart.line_mm:g} mm")
    return words
