"""The tissue beside a needle as a panel draws it: a picture, its sides, the needle in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

#: Room above the skin, mm, where the needle comes in.
ABOVE_MM = 7.0
_NEEDLE, _HALO = QColor(38, 40, 44), QColor(255, 255, 255, 190)


@dataclass(frozen=True)
class CutPlace:
    """What a picture of the tissue beside a needle has to be, to stand beside the column.

    Attributes
    ----------
    size : tuple of int
        Width and height, device pixels.
    scale : float
        Device pixels per mm.
    ratio : float
        Device pixels per pixel.
    """

    size: tuple[int, int]
    scale: float
    ratio: float


@dataclass(frozen=True, eq=False)
class CutPicture:
    """A picture of the tissue beside a needle.

    Attributes
    ----------
    image : QImage
    left, right : str
        Letters of the sides, as ``L``.
    silent : ndarray of bool, shape (K,)
        Row by row, K rows from ``ABOVE_MM`` above the skin down to the column's end: whether the
        needle goes through a space whose contents the atlas does not know.
    """

    image: QImage
    left: str
    right: str
    silent: NDArray[np.bool_]

    def silent_at(self, depth_mm: float, reach_mm: float) -> bool:
        """Whether the atlas knows nothing of what a needle meets at a depth."""
        row = int((ABOVE_MM + depth_mm) / (ABOVE_MM + reach_mm) * len(self.silent))
        return bool(self.silent[min(row, len(self.silent) - 1)])

    def draw(self, painter: QPainter, box: QRectF) -> None:
        """Draw the picture, and the sides at its foot."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self.image)
        plain = painter.font()
        bold = QFont(plain)
        bold.setBold(True)
        painter.setFont(bold)
        foot = box.adjusted(3.0, 0.0, -3.0, -2.0)
        for text, side in (
            (self.left, Qt.AlignmentFlag.AlignLeft),
            (self.right, Qt.AlignmentFlag.AlignRight),
        ):
            where = side | Qt.AlignmentFlag.AlignBottom
            painter.setPen(_HALO)
            for x, y in ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)):
                painter.drawText(foot.translated(x, y), where, text)
            painter.setPen(_NEEDLE)
            painter.drawText(foot, where, text)
        painter.setFont(plain)


def draw_needle(painter: QPainter, box: QRectF, per_mm: float, tick_mm: float) -> None:
    """Draw a needle down the middle of a box, with a tick at every so many mm.

    Parameters
    ----------
    painter : QPainter
    box : QRectF
        Of the picture: it begins ``ABOVE_MM`` above the skin.
    per_mm : float
        Pixels per mm.
    tick_mm : float
    """
    middle, skin = box.center().x(), box.top() + ABOVE_MM * per_mm
    for colour, wide in ((_HALO, 3.6), (_NEEDLE, 1.6)):
        painter.setPen(QPen(colour, wide))
        painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
    painter.setPen(QPen(_NEEDLE, 1.0))
    for index in range(1, int((box.bottom() - skin) / (tick_mm * per_mm) + 1e-6) + 1):
        y = round(skin + index * tick_mm * per_mm) + 0.5
        painter.drawLine(QPointF(middle - 3.0, y), QPointF(middle + 3.0, y))
