"""The drawn column: what a needle passes through, to scale, with millimetres and names.

Beside the column of a fixed needle lies the cut through the tissue around it, to the same scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from viewer.probe_view import spread
from viewer.reading import LOOSE_MM, THINNEST_MM, Band

#: The scale ends at a multiple of this, mm, so that it does not jump at every millimetre.
_REACH_STEP = 20.0
_LEAST_REACH = 40.0
_TICK = 10.0
#: Width of the column, pixels: alone, and beside a cut.
_BAR, _SLIM = 46.0, 18.0
#: Width of a cut, as a share of the widget's and at least, pixels, and at most, mm.
_CUT_SHARE, _CUT_LEAST, _CUT_MOST_MM = 0.32, 60.0, 130.0
#: Room above the skin in a cut, mm, where the needle comes in.
ABOVE_MM = 7.0
#: How far the names stand from the column, pixels: alone, and beside a cut.
_LEADER, _SHORT_LEADER = 20.0, 13.0


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


@dataclass(frozen=True)
class _Plan:
    """Where things stand, pixels."""

    left: float
    top: float
    per_mm: float
    cut: float
    bar: float
    thick: float
    names: float


class DepthColumn(QWidget):
    """Bands from the skin inward; thickness is to scale, names stand beside with leaders.

    Attributes
    ----------
    rows : tuple of Band
        What is drawn.
    reach_mm : float
        Depth at the lower end.
    cut : CutPicture or None
        What is drawn beside the column of a fixed needle; None before there is one.
    laid : Signal()
        ``cut_place`` may be another.
    """

    laid = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Band, ...] = ()
        self.reach_mm = _LEAST_REACH
        self.cut: CutPicture | None = None
        self._beside = False
        self._told: list[tuple[QRectF, str]] = []
        self.setAccessibleName(self.tr("What lies beneath"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(180)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return room for some ten bands."""
        return QSize(270, 300)

    def show_rows(self, rows: tuple[Band, ...], *, beside: bool = False) -> None:
        """Draw these bands.

        Parameters
        ----------
        rows : tuple of Band
        beside : bool
            Whether the tissue beside the needle is shown too.
        """
        if rows == self.rows and beside == self._beside:
            return
        self.rows, self._beside = rows, beside
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
        self.laid.emit()

    def show_cut(self, cut: CutPicture | None) -> None:
        """Draw this beside the column whenever that of a fixed needle is shown."""
        self.cut = cut
        self.update()

    def cut_place(self) -> CutPlace | None:
        """Return what a cut has to be; None where none is to be shown."""
        if not self._beside or not self.rows:
            return None
        plan, ratio = self._plan(), self.devicePixelRatioF()
        tall = (ABOVE_MM + self.reach_mm) * plan.per_mm
        size = (max(round(plan.cut * ratio), 8), max(round(tall * ratio), 8))
        return CutPlace(size, plan.per_mm * ratio, ratio)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Ask for a cut of the new size."""
        super().resizeEvent(event)
        self.laid.emit()

    def event(self, event: QEvent) -> bool:
        """Tell a name in full that is drawn shortened."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            text = next((text for box, text in self._told if box.contains(at)), "")
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw scale, cut, bands and names."""
        self._told = []
        if not self.rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        plan = self._plan()
        self._draw_scale(painter, plan)
        if self._beside:
            self._draw_cut(painter, plan)
        self._draw_bands(painter, plan)
        self._draw_names(painter, plan)
        painter.end()

    def _small(self) -> QFont:
        small = QFont(self.font())
        small.setPointSizeF(max(self.font().pointSizeF() - 1.0, 7.0))
        return small

    def _plan(self) -> _Plan:
        metrics = QFontMetricsF(self._small())
        line = metrics.height()
        top, bottom = 0.5 * line + 2.0, self.height() - 0.5 * line - 2.0
        left = metrics.horizontalAdvance("100 ") + 8.0
        if not self._beside:
            per_mm = (bottom - top) / self.reach_mm
            return _Plan(left, top, per_mm, 0.0, left, _BAR, left + _BAR + _LEADER)
        per_mm = (bottom - 2.0) / (self.reach_mm + ABOVE_MM)
        cut = min(max(_CUT_SHARE * self.width(), _CUT_LEAST), _CUT_MOST_MM * per_mm)
        bar = left + cut + 3.0
        return _Plan(
            left, 2.0 + ABOVE_MM * per_mm, per_mm, cut, bar, _SLIM, bar + _SLIM + _SHORT_LEADER
        )

    def _draw_scale(self, painter: QPainter, plan: _Plan) -> None:
        ink = self._faint(0.75)
        painter.setPen(QPen(ink, 1.0))
        line = painter.fontMetrics().height()
        every = 1 if _TICK * plan.per_mm > 1.1 * line else 2
        for index in range(int(self.reach_mm / _TICK) + 1):
            y = round(plan.top + index * _TICK * plan.per_mm) + 0.5
            painter.drawLine(QPointF(plan.left - 5.0, y), QPointF(plan.left - 1.0, y))
            if index % every == 0:
                text = self.tr("mm") if index == 0 else f"{index * _TICK:.0f}"
                box = QRectF(0.0, y - line / 2.0, plan.left - 7.0, line)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
                )

    def _draw_cut(self, painter: QPainter, plan: _Plan) -> None:
        """Draw the tissue beside the needle, and the needle through its middle."""
        above = plan.top - ABOVE_MM * plan.per_mm
        box = QRectF(plan.left, above, plan.cut, (ABOVE_MM + self.reach_mm) * plan.per_mm)
        if self.cut is None:
            painter.fillRect(box.adjusted(0.0, plan.top - above, 0.0, 0.0), self._faint(0.07))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, self.cut.image)
        middle = box.center().x()
        for colour, wide in ((QColor(255, 255, 255, 170), 3.6), (QColor(38, 40, 44), 1.6)):
            painter.setPen(QPen(colour, wide))
            painter.drawLine(QPointF(middle, above), QPointF(middle, box.bottom()))
        painter.setPen(QPen(QColor(38, 40, 44), 1.0))
        for index in range(1, int(self.reach_mm / _TICK) + 1):
            y = round(plan.top + index * _TICK * plan.per_mm) + 0.5
            painter.drawLine(QPointF(middle - 3.0, y), QPointF(middle + 3.0, y))
        if self.cut is not None:
            bold = self._small()
            bold.setBold(True)
            painter.setFont(bold)
            foot = box.adjusted(3.0, 0.0, -3.0, -2.0)
            for text, side in (
                (self.cut.left, Qt.AlignmentFlag.AlignLeft),
                (self.cut.right, Qt.AlignmentFlag.AlignRight),
            ):
                self._draw_haloed(painter, foot, side | Qt.AlignmentFlag.AlignBottom, text)
            painter.setFont(self._small())

    @staticmethod
    def _draw_haloed(painter: QPainter, box: QRectF, where: Qt.AlignmentFlag, text: str) -> None:
        """Write dark on light, so that it is read on any tissue."""
        painter.setPen(QColor(255, 255, 255, 190))
        for x, y in ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)):
            painter.drawText(box.translated(x, y), where, text)
        painter.setPen(QColor(30, 30, 34))
        painter.drawText(box, where, text)

    def _draw_bands(self, painter: QPainter, plan: _Plan) -> None:
        whole = QRectF(plan.bar, plan.top, plan.thick, self.reach_mm * plan.per_mm)
        rounded = QPainterPath()
        rounded.addRoundedRect(whole, 4.0, 4.0)
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(whole, self._faint(0.07))
        for row in self.rows:
            box = QRectF(
                plan.bar,
                plan.top + row.start_mm * plan.per_mm,
                plan.thick,
                (row.end_mm - row.start_mm) * plan.per_mm,
            )
            if self._unknown(row):
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

    def _unknown(self, row: Band) -> bool:
        """Whether a band is a gap of which nothing is known; a cut knows more than its width."""
        if row.name or row.end_mm - row.start_mm <= LOOSE_MM:
            return False
        middle = 0.5 * (row.start_mm + row.end_mm)
        return not (self._beside and self.cut) or self.cut.silent_at(middle, self.reach_mm)

    def _draw_names(self, painter: QPainter, plan: _Plan) -> None:
        named = [row for row in self.rows if row.name and row.end_mm - row.start_mm >= THINNEST_MM]
        line = float(painter.fontMetrics().height())
        middles = [plan.top + 0.5 * (row.start_mm + row.end_mm) * plan.per_mm for row in named]
        places = spread(middles, line, (0.5 * line, self.height() - 0.5 * line))
        right = plan.bar + plan.thick
        for row, middle, place in zip(named, middles, places, strict=True):
            painter.setPen(QPen(self._faint(0.5), 1.0))
            path = QPainterPath(QPointF(right + 1.0, middle))
            half = 0.5 * (right + plan.names)
            path.cubicTo(
                QPointF(half, middle), QPointF(half - 2.0, place),
                QPointF(plan.names - 3.0, place),
            )  # fmt: skip
            painter.drawPath(path)
            box = QRectF(plan.names, place - line / 2.0, self.width() - plan.names, line)
            self._draw_name(painter, box, row)

    def _draw_name(self, painter: QPainter, box: QRectF, row: Band) -> None:
        """Write a name with its thickness; beside a cut the name alone where both are too long."""
        metrics = painter.fontMetrics()
        thick = self.tr("{mm} mm").format(mm=_in_mm(row.end_mm - row.start_mm))
        room = box.width() - metrics.horizontalAdvance(thick) - 8.0
        if self._beside and metrics.horizontalAdvance(row.name) > room:
            room = box.width() - 2.0
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, int(max(room, 20.0)))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self.palette().windowText().color())
        painter.drawText(box, flags, name)
        self._told.append((box, f"{row.name}, {thick}"))
        rest = QRectF(box)
        rest.setLeft(box.left() + metrics.horizontalAdvance(name) + 6.0)
        if rest.width() >= metrics.horizontalAdvance(thick):
            painter.setPen(self._faint(0.6))
            painter.drawText(rest, flags, thick)

    def _faint(self, share: float) -> QColor:
        ink = QColor(self.palette().windowText().color())
        ink.setAlphaF(share)
        return ink


def _in_mm(thickness: float) -> str:
    """Return a thickness as it is told: tenths below 10 mm would claim more than is known."""
    return f"{thickness:.0f}" if thickness >= 1.0 else f"{thickness:.1f}"
