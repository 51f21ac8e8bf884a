"""Small icons in the ink of the window, light or dark; the style's own are black."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

_SIDE = 32.0


def icon(name: str, widget: QWidget) -> QIcon:
    """Return an icon as a widget would draw it.

    Parameters
    ----------
    name : str
        ``play``, ``pause``, ``close`` or ``float``.
    widget : QWidget
        Whose palette gives the ink.
    """
    made = QIcon()
    for group, mode in (
        (QPalette.ColorGroup.Active, QIcon.Mode.Normal),
        (QPalette.ColorGroup.Disabled, QIcon.Mode.Disabled),
    ):
        made.addPixmap(_drawn(name, widget.palette().color(group, _INK), widget), mode)
    return made


_INK = QPalette.ColorRole.WindowText


def _drawn(name: str, ink: QColor, widget: QWidget) -> QPixmap:
    ratio = widget.devicePixelRatioF()
    picture = QPixmap(round(_SIDE * ratio), round(_SIDE * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    pen = QPainter(picture)
    pen.setRenderHint(QPainter.RenderHint.Antialiasing)
    if name in ("play", "pause"):
        pen.setPen(Qt.PenStyle.NoPen)
        pen.setBrush(ink)
        if name == "play":
            pen.drawPolygon(QPolygonF([QPointF(8, 5), QPointF(27, 16), QPointF(8, 27)]))
        else:
            pen.drawRect(QRectF(7, 5, 6, 22))
            pen.drawRect(QRectF(19, 5, 6, 22))
    else:
        pen.setPen(QPen(ink, 3.0))
        if name == "close":
            pen.drawLine(QPointF(8, 8), QPointF(24, 24))
            pen.drawLine(QPointF(24, 8), QPointF(8, 24))
        else:
            pen.drawRect(QRectF(7, 13, 12, 12))
            pen.drawPolyline([QPointF(13, 8), QPointF(25, 8), QPointF(25, 20)])
    pen.end()
    return picture
