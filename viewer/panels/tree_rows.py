"""How a row of the structure tree is painted: an eye, the English name, Latin, a count."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPalette, QPen
from PySide6.QtWidgets import QItemDelegate, QStyle, QStyleOptionViewItem

from viewer.panels.tree_model import COUNT, DRAWN, GHOST, LATIN, NOTED

_FAINT = 0.45


class TreeRows(QItemDelegate):
    """Paints rows of a :class:`viewer.panels.tree_model.TreeModel`."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._index: QModelIndex | QPersistentModelIndex = QModelIndex()

    def sizeHint(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return a row a little higher than its text."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(hint.height(), option.fontMetrics.height() + 6))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a row."""
        self._index = index
        super().paint(painter, option, index)

    def drawCheck(  # noqa: N802
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        state: Qt.CheckState,
    ) -> None:
        """Draw the eye: open, half shut where some are hidden, shut."""
        if not rect.isValid():
            return
        ink = QColor(_ink(option))
        if state is Qt.CheckState.Unchecked:
            ink.setAlphaF(_FAINT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_eye(painter, QRectF(rect), ink, state)
        painter.restore()

    def drawDisplay(  # noqa: N802
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, text: str
    ) -> None:
        """Draw the English name, then the Latin and the count as far as there is room."""
        index = self._index
        ink = QColor(_ink(option))
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect.adjusted(0, 0, 400, 0), option.palette.highlight())
        faint = QColor(ink)
        faint.setAlphaF(_FAINT + 0.15)
        font = QFont(option.font)
        font.setItalic(bool(index.data(GHOST)))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        box = rect.adjusted(4, 0, -6, 0)
        painter.setPen(ink if index.data(DRAWN) else faint)
        count = int(index.data(COUNT) or 0)
        tail = f"{count}" if count else ("\N{PENCIL}" if index.data(NOTED) else "")
        if tail:
            room = metrics.horizontalAdvance(tail)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.save()
            painter.setPen(faint)
            painter.drawText(box, right, tail)
            painter.restore()
            box.adjust(0, 0, -room - 8, 0)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        name = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, left, name)
        latin = str(index.data(LATIN) or "")
        box.adjust(metrics.horizontalAdvance(name) + 10, 0, 0, 0)
        if latin and box.width() > 30:
            font.setItalic(True)
            painter.setFont(font)
            painter.setPen(faint)
            latin = painter.fontMetrics().elidedText(
                latin, Qt.TextElideMode.ElideRight, box.width()
            )
            painter.drawText(box, left, latin)


def draw_eye(painter: QPainter, box: QRectF, ink: QColor, state: Qt.CheckState) -> None:
    """Draw an eye: open (checked), half shut (some are hidden) or shut."""
    middle, half = box.center(), min(box.width(), box.height()) / 2.0
    left, right = QPointF(middle.x() - half, middle.y()), QPointF(middle.x() + half, middle.y())
    lift = QPointF(0.0, 1.1 * half)
    painter.setPen(QPen(ink, max(half / 6.0, 1.0)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    lower = QPainterPath(left)
    lower.quadTo(middle + lift, right)
    painter.drawPath(lower)
    if state is Qt.CheckState.Unchecked:
        for share in (-0.55, 0.0, 0.55):  # lashes of a shut eye
            foot = QPointF(middle.x() + share * half, middle.y() + 0.5 * half)
            painter.drawLine(foot, foot + QPointF(share * half * 0.4, 0.45 * half))
        return
    upper = QPainterPath(left)
    upper.quadTo(middle - lift, right)
    painter.drawPath(upper)
    if state is Qt.CheckState.Checked:
        painter.setBrush(ink)
    painter.drawEllipse(middle, 0.27 * half, 0.27 * half)
    if state is Qt.CheckState.PartiallyChecked:
        painter.drawLine(
            middle + QPointF(-0.8 * half, 0.7 * half), middle + QPointF(0.8 * half, -0.7 * half)
        )


def _ink(option: QStyleOptionViewItem) -> QColor:
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
    return option.palette.color(role)
