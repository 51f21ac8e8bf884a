"""A verdict's colour with its pattern, as it is drawn on the skin."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from annotations.verdict import Verdict
from viewer.lettering import pattern


class Swatch(QWidget):
    """A sample of a verdict's surface; sharp on screens of any density."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.setFixedSize(self.sizeHint())
        self.show_verdict(verdict)

    def show_verdict(self, verdict: Verdict) -> None:
        """Show another verdict."""
        self.verdict = verdict
        self.setAccessibleName(f"{verdict.word}: {verdict.pattern}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a small box."""
        return QSize(30, 18)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the sample."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        wide, tall = round(self.width() * ratio), round(self.height() * ratio)
        pixels = _sample(self.verdict, wide, tall)
        image = QImage(pixels.data, wide, tall, 3 * wide, QImage.Format.Format_RGB888)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)
        painter.end()


@lru_cache(maxsize=32)
def _sample(verdict: Verdict, width: int, height: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(pattern(verdict, width, height))
