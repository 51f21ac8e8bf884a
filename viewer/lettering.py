"""Painting marks: one font, a light halo around every letter, so that text reads on anything."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotations.verdict import Verdict
from viewer import palette
from viewer.marks import Block, Mark, Stroke, Words
from viewer.renderer import overlap

if TYPE_CHECKING:
    from PIL import Image, ImageFont

HALO = (255, 255, 255, 225)
FAINT = (96, 99, 105, 255)
#: Of a pixel; floats of one place differ in their last ones.
_DIGITS = 3


class Lettering:
    """Paints marks over pictures of one size; each mark is drawn once and kept.

    Parameters
    ----------
    size : tuple of int
        Width and height, pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        #: The last marks, and each one painted: its sheet and the box that goes to.
        self._marks: tuple[Mark, ...] = ()
        self._sheets: list[tuple[Image.Image, int, int, int, int]] = []

    def over(self, pixels: NDArray[np.uint8], marks: tuple[Mark, ...]) -> NDArray[np.uint8]:
        """Return the picture with the marks painted over it, shape (H, W, 3)."""
        return self.over_part(pixels, marks, (0, 0, *self.size))

    def box(self, mark: Mark) -> tuple[int, int, int, int]:
        """Return the part of the picture that a mark may paint: left, upper, right, lower edge."""
        _, x, y, far, down = _placed(mark)
        width, height = self.size
        return max(x, 0), max(y, 0), min(far, width), min(down, height)

    def inside(self, marks: tuple[Mark, ...], box: tuple[int, int, int, int]) -> tuple[Mark, ...]:
        """Return the marks that may paint in a part of the picture."""
        self._place(marks)
        return tuple(
            mark for mark, sheet in zip(marks, self._sheets, strict=True) if overlap(sheet[1:], box)
        )

    def over_part(
        self, pixels: NDArray[np.uint8], marks: tuple[Mark, ...], box: tuple[int, int, int, int]
    ) -> NDArray[np.uint8]:
        """Return a part of a picture with its share of the marks painted over it.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (h, w, 3)
        marks : tuple of Mark
            Of the whole picture.
        box : tuple of int
            Left, upper, right and lower edge of the part.
        """
        from PIL import Image

        self._place(marks)
        image: Image.Image | None = None
        for sheet, x, y, far, down in self._sheets:
            if overlap((x, y, far, down), box):
                if image is None:
                    image = Image.fromarray(pixels)
                image.paste(sheet, (x - box[0], y - box[1]), sheet)
        return pixels if image is None else np.asarray(image)

    def _place(self, marks: tuple[Mark, ...]) -> None:
        if marks is not self._marks:
            self._marks, self._sheets = marks, [_placed(mark) for mark in marks]


def _placed(mark: Mark) -> tuple[Image.Image, int, int, int, int]:
    """Return a mark painted, with left, upper, right and lower edge of where that goes."""
    sheet, x, y = _tile(mark)
    return sheet, x, y, x + sheet.width, y + sheet.height


@lru_cache(maxsize=1024)
def _tile(mark: Mark) -> tuple[Image.Image, int, int]:
    """Return a mark painted on a transparent sheet that just holds it, and where that goes."""
    if not isinstance(mark, Words):
        return _painted(mark)
    # Words that went some whole pixels are not painted again.
    x, y = int(np.floor(mark.x)), int(np.floor(mark.y))
    off = round(mark.x - x, _DIGITS), round(mark.y - y, _DIGITS)
    sheet, left, upper = _painted(replace(mark, x=off[0], y=off[1]))
    return sheet, x + left, y + upper


@lru_cache(maxsize=512)
def _painted(mark: Mark) -> tuple[Image.Image, int, int]:
    from PIL import Image, ImageDraw

    left, upper, right, lower = _extent(mark)
    x, y = int(np.floor(left)) - 1, int(np.floor(upper)) - 1
    size = (max(int(np.ceil(right)) + 2 - x, 1), max(int(np.ceil(lower)) + 2 - y, 1))
    # Transparent white, so that soft edges do not darken.
    sheet = Image.new("RGBA", size, (255, 255, 255, 0))
    pen = ImageDraw.Draw(sheet)
    if isinstance(mark, Words):
        _write(pen, replace(mark, x=mark.x - x, y=mark.y - y))
    elif isinstance(mark, Stroke):
        _rule(
            pen,
            replace(mark, x0=mark.x0 - x, y0=mark.y0 - y, x1=mark.x1 - x, y1=mark.y1 - y),
        )
    elif isinstance(mark, Block):
        corner = (mark.x - x, mark.y - y)
        far = (corner[0] + mark.width, corner[1] + mark.height)
        pen.rectangle((corner, far), fill=(*mark.colour, 255))
    else:
        # Rounded in the picture and not on the sheet, or half pixels would go the other way.
        patch = Image.fromarray(pattern(mark.verdict, round(mark.width), round(mark.height)))
        sheet.paste(patch, (round(mark.x) - x, round(mark.y) - y))
    return sheet, x, y


def _extent(mark: Mark) -> tuple[float, float, float, float]:
    """Left, upper, right and lower edge of what a mark paints, pixels."""
    if isinstance(mark, Stroke):
        half = max(1, round(mark.width)) / 2.0 + 2.0
        return (
            min(mark.x0, mark.x1) - half,
            min(mark.y0, mark.y1) - half,
            max(mark.x0, mark.x1) + half,
            max(mark.y0, mark.y1) + half,
        )
    if isinstance(mark, Words):
        letter = font(mark.size, mark.bold)
        at = letter.getbbox(mark.text, anchor=_anchor(mark), stroke_width=_halo(mark))
        edge = 0.5 * mark.size if mark.plate else 0.0
        return (
            mark.x + at[0] - edge - 1.0,
            mark.y + at[1] - edge - 1.0,
            mark.x + at[2] + edge + 1.0,
            mark.y + at[3] + edge + 1.0,
        )
    return mark.x - 1.0, mark.y - 1.0, mark.x + mark.width + 1.0, mark.y + mark.height + 1.0


def _anchor(mark: Words) -> str:
    return mark.anchor.replace("t", "a").replace("b", "d")


def _halo(mark: Words) -> int:
    return 0 if mark.plate else max(1, round(mark.size * 0.13))


def font(size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the font at a pixel size."""
    return _font(max(6, round(size)), bold)


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> Any:
    from PIL import ImageFont

    # DejaVu comes with matplotlib, which PyVista needs; Pillow's own font is the way out.
    found = importlib.util.find_spec("matplotlib")
    if found is not None and found.submodule_search_locations:
        folder = Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
        path = folder / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a line of text is, pixels."""
    return float(font(size, bold).getlength(text))


def shortened(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return a line of text, cut off with an ellipsis where it is wider than ``room`` pixels."""
    while len(text) > 4 and width(text, size, bold=bold) > room:
        text = text[:-2].rstrip() + "…"
    return text


def _write(pen: Any, mark: Words) -> None:
    letter = font(mark.size, mark.bold)
    anchor = _anchor(mark)
    if mark.plate:
        box = pen.textbbox((mark.x, mark.y), mark.text, font=letter, anchor=anchor)
        edge = 0.5 * mark.size
        pen.rectangle(
            (box[0] - edge, box[1] - 0.5 * edge, box[2] + edge, box[3] + 0.5 * edge),
            fill=(*palette.BACKGROUND, 215),
        )
    pen.text(
        (mark.x, mark.y),
        mark.text,
        font=letter,
        anchor=anchor,
        fill=FAINT if mark.faint else (*palette.INK, 255),
        stroke_width=_halo(mark),
        stroke_fill=HALO,
    )


def _rule(pen: Any, mark: Stroke) -> None:
    line = ((mark.x0, mark.y0), (mark.x1, mark.y1))
    width = max(1, round(mark.width))
    pen.line(line, fill=HALO, width=width + 2)
    pen.line(line, fill=(*palette.INK, 255), width=width)


def pattern(verdict: Verdict, width: int, height: int) -> NDArray[np.uint8]:
    """Return a sample of a verdict's colour and pattern, shape (height, width, 3).

    The same figures as in the skin's shader, drawn at 9 pixels to the repeat.
    """
    fine = 3
    y, x = np.mgrid[0 : height * fine, 0 : width * fine] / fine
    colour = np.array(palette.verdict_colour(verdict), dtype=np.float64)
    over = np.zeros(y.shape)
    ink = colour
    if verdict is Verdict.LIGHTEN:
        row = np.floor(y / 8.0)
        cell = np.hypot((x / 8.0 + 0.5 * (row % 2)) % 1.0 - 0.5, (y / 8.0) % 1.0 - 0.5)
        over, ink = (cell < 0.22).astype(float), np.array([107.0, 84.0, 5.0])
    elif verdict is Verdict.AVOID:
        over = (np.abs(((x + y) / 9.0) % 1.0 - 0.5) < 0.16).astype(float)
        ink = np.array([92.0, 33.0, 0.0])
    elif verdict is Verdict.NEVER:
        one = np.abs(((x + y) / 9.0) % 1.0 - 0.5) < 0.13
        two = np.abs(((x - y) / 9.0) % 1.0 - 0.5) < 0.13
        over, ink = (one | two).astype(float), np.array([237.0, 219.0, 247.0])
    mixed = colour + (ink - colour) * (0.85 * over)[..., None]
    mixed = mixed.reshape(height, fine, width, fine, 3).mean(axis=(1, 3))
    mixed[[0, -1]] = mixed[:, [0, -1]] = palette.INK
    return np.round(mixed).astype(np.uint8)
