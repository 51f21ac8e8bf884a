"""What can be written or drawn over a picture, as plain data in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotations.verdict import Verdict

Anchor = Literal["lt", "mt", "rt", "lm", "mm", "rm", "lb", "mb", "rb"]


@dataclass(frozen=True)
class Words:
    """A line of text.

    Attributes
    ----------
    text : str
    x, y : float
        Pixels from the upper left corner.
    size : float
        Height of the letters' body, pixels.
    anchor : str
        Where (x, y) lies in the text: left/middle/right, top/middle/bottom.
    bold, faint : bool
    plate : bool
        On a pale strip, for small letters that may lie on anything.
    """

    text: str
    x: float
    y: float
    size: float
    anchor: Anchor
    bold: bool = False
    faint: bool = False
    plate: bool = False


@dataclass(frozen=True)
class Stroke:
    """A straight line, pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float


@dataclass(frozen=True)
class Swatch:
    """A patch with a verdict's colour and pattern, pixels."""

    x: float
    y: float
    width: float
    height: float
    verdict: Verdict


@dataclass(frozen=True)
class Block:
    """A rectangle of one colour, pixels."""

    x: float
    y: float
    width: float
    height: float
    colour: tuple[int, int, int]


Mark = Words | Stroke | Swatch | Block
