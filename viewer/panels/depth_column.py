"""The drawn column: what a needle passes through, to scale, with millimetres and names."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.probe_view import spread
from viewer.reading import LOOSE_MM, THINNEST_MM, Band

#: The scale ends at a multiple of this, mm, so that it does not jump at every millimetre.
_REACH_STEP = 20.0
_LEAST_REACH = 40.0
_TICK = 10.0
_BAR = 46.0


class DepthColumn(QWidget):
    """Bands from the skin inward; thickness is to scale, names stand beside with leaders.

    Attributes
    ----------
    rows : tuple of Band
        What is drawn.
    reach_mm : float
        Depth at the lower end.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Band, ...] = ()
        self.reach_mm = _LEAST_REACH
        self.setAccessibleName(self.tr("What lies beneath"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(180)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return room for some ten bands."""
        return QSize(270, 300)

    def show_rows(self, rows: tuple[Band, ...]) -> None:
        """Draw these bands."""
        if rows == self.rows:
            return
        self.rows = rows
        deepest = max((row.end_mm for row in rows), default=0.0)
        self.reach_mm = max(_LEAST_REACH, _REACH_STEP * math.ceil(deepest / _REACH_STEP))
        self.setAccessibleDescription(
            "; ".join(
                self.tr("{name} {start:.0f} to {end:.0f} mm").format(
                    name=row.name, start=row.start_mm, end=row.end_mm
                )
                for row in rows
                if row.name
            )
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw scale, bands and names."""
        if not self.rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = QFont(self.font())
        small.setPointSizeF(max(self.font().pointSizeF() - 1.0, 7.0))
        painter.setFont(small)
        line = painter.fontMetrics().height()
        top, bottom = 0.5 * line + 2.0, self.height() - 0.5 * line - 2.0
        per_mm = (bottom - top) / self.reach_mm
        left = painter.fontMetrics().horizontalAdvance("100 ") + 8.0
        self._draw_scale(painter, left, top, per_mm)
        self._draw_bands(painter, left, top, per_mm)
        self._draw_names(painter, left + _BAR, top, per_mm)
        painter.end()

    def _draw_scale(self, painter: QPainter, left: float, top: float, per_mm: float) -> None:
        ink = self._faint(0.75)
        painter.setPen(QPen(ink, 1.0))
        line = painter.fontMetrics().height()
        every = 1 if _TICK * per_mm > 1.1 * line else 2
        for index in range(int(self.reach_mm / _TICK) + 1):
            y = round(top + index * _TICK * per_mm) + 0.5
            painter.drawLine(QPointF(left - 5.0, y), QPointF(left - 1.0, y))
            if index % every == 0:
                text = self.tr("mm") if index == 0 else f"{index * _TICK:.0f}"
                box = QRectF(0.0, y - line / 2.0, left - 7.0, line)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
                )

    def _draw_bands(self, painter: QPainter, left: float, top: float, per_mm: float) -> None:
        whole = QRectF(left, top, _BAR, self.reach_mm * per_mm)
        rounded = QPainterPath()
        rounded.addRoundedRect(whole, 4.0, 4.0)
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(whole, self._faint(0.07))
        for row in self.rows:
            box = QRectF(
                left, top + row.start_mm * per_mm, _BAR, (row.end_mm - row.start_mm) * per_mm
            )
            if not row.name and row.end_mm - row.start_mm > LOOSE_MM:
                painter.fillRect(box, self._faint(0.05))
                painter.fillRect(box, Qt.BrushStyle.BDiagPattern)
                continue
            painter.fillRect(box, QColor(*row.colour))
            painter.setPen(QPen(QColor(0, 0, 0, 60), 0.7))
            painter.drawLine(box.topLeft(), box.topRight())
        painter.restore()
        painter.setPen(QPen(self._faint(0.45), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(rounded)

    def _draw_names(self, painter: QPainter, right: float, top: float, per_mm: float) -> None:
        named = [row for row in self.rows if row.name and row.end_mm - row.start_mm >= THINNEST_MM]
        metrics = painter.fontMetrics()
        line = float(metrics.height())
        middles = [top + 0.5 * (row.start_mm + row.end_mm) * per_mm for row in named]
        places = spread(middles, line, (0.5 * line, self.height() - 0.5 * line))
        text_left = right + 20.0
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for row, middle, place in zip(named, middles, places, strict=True):
            painter.setPen(QPen(self._faint(0.5), 1.0))
            path = QPainterPath(QPointF(right + 1.0, middle))
            path.cubicTo(
                QPointF(right + 10.0, middle), QPointF(right + 8.0, place),
                QPointF(text_left - 3.0, place),
            )  # fmt: skip
            painter.drawPath(path)
            thick = self.tr("{mm} mm").format(mm=_in_mm(row.end_mm - row.start_mm))
            room = self.width() - text_left - metrics.horizontalAdvance(thick) - 8.0
            name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, int(max(room, 20.0)))
            painter.setPen(self.palette().windowText().color())
            box = QRectF(text_left, place - line / 2.0, self.width() - text_left, line)
            painter.drawText(box, flags, name)
            painter.setPen(self._faint(0.6))
            box.setLeft(text_left + metrics.horizontalAdvance(name) + 6.0)
            painter.drawText(box, flags, thick)

    def _faint(self, share: float) -> QColor:
        ink = QColor(self.palette().windowText().color())
        ink.setAlphaF(share)
        return ink


def _in_mm(thickness: float) -> str:
    """Return a thickness as it is told: tenths below 10 mm would claim more than is known."""
    return f"{thickness:.0f}" if thickness >= 1.0 else f"{thickness:.1f}"
