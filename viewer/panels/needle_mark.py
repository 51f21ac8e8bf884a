"""The fixed needle on the torso: its head stands off the skin, its point is where it enters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from meshes.skin_surface import skin_of
from viewer.panels.session import Session

if TYPE_CHECKING:
    from viewer.panels.view import View
    from viewer.window import Window

#: Length of the needle outside the body, mm.
SHAFT_MM = 55.0
_HEAD = 6.0
_MARGIN = 12


class NeedleMark(QWidget):
    """The needle as it is painted over the canvas; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._tip = self._head = QPointF()
        self.hide()

    def show_between(self, tip: QPointF, head: QPointF) -> None:
        """Show the needle from its point to its head, pixels of the canvas."""
        left, top = min(tip.x(), head.x()) - _MARGIN, min(tip.y(), head.y()) - _MARGIN
        corner = QPointF(round(left), round(top))
        self._tip, self._head = tip - corner, head - corner
        wide = abs(tip.x() - head.x()) + 2 * _MARGIN
        tall = abs(tip.y() - head.y()) + 2 * _MARGIN
        self.setGeometry(round(left), round(top), round(wide) + 1, round(tall) + 1)
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw shaft and head, light round dark, so that both show on any tissue."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((QColor(255, 255, 255, 220), 4.2), (QColor(38, 40, 44), 1.8)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(self._tip, self._head)
        painter.setPen(QPen(QColor(255, 255, 255, 220), 1.6))
        painter.setBrush(QColor(200, 30, 60))
        painter.drawEllipse(self._head, _HEAD, _HEAD)
        painter.end()


class NeedlePlace(QObject):
    """Keeps the mark where the session's needle is.

    Parameters
    ----------
    session : Session
    view : View
    """

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(view)
        self._session = session
        self._view = view
        self.mark = NeedleMark(view.canvas)
        view.drawn.connect(self.place)

    def place(self) -> None:
        """Move the mark; a needle on the far side of the body is not seen."""
        needle, atlas, lens = self._session.state.needle, self._session.atlas, self._view.lens
        if needle is None or atlas is None or lens is None or not self._session.measured:
            self.mark.hide()
            return
        skin = skin_of(atlas).nearest(np.array(needle))
        if float(skin.normal @ lens.forward) > 0.1:
            self.mark.hide()
            return
        size = (self._view.canvas.width(), self._view.canvas.height())
        # Where the view is close, the head may lie beside the picture, or behind the eye.
        tip = lens.place_of(skin.position, size)
        head = lens.place_of(skin.position + SHAFT_MM * skin.normal, size, margin=size[1])
        if tip is None or head is None:
            self.mark.hide()
            return
        self.mark.show_between(QPointF(*tip), QPointF(*head))


def install(window: Window) -> None:
    """Add the mark."""
    window.needle = NeedlePlace(window.session, window.view)
