"""Legends of what is shown on the skin: verdicts with their patterns, millimetres in colours."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from annotations.skin_map import Scale
from annotations.verdict import Verdict
from viewer.colour_scale import STOPS
from viewer.panels.swatch import Swatch
from viewer.panels.wording import word


class VerdictLegend(QWidget):
    """The four verdicts, two beside two; what each means stands in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        for index, verdict in enumerate(Verdict):
            name, _, meaning = word(verdict.title).partition(":")
            swatch, text = Swatch(verdict), QLabel(name)
            for widget in (swatch, text):
                widget.setToolTip(meaning.strip().capitalize())
            row, column = index // 2, 2 * (index % 2)
            grid.addWidget(swatch, row, column)
            grid.addWidget(text, row, column + 1)
            grid.setColumnStretch(column + 1, 1)


class ScaleLegend(QWidget):
    """A bar of colours with millimetres."""

    def __init__(self) -> None:
        super().__init__()
        self._scale: Scale | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scale(self, scale: Scale) -> None:
        """Show another scale."""
        self._scale = scale
        title = word(scale.title)
        self.setAccessibleName(
            self.tr("{title}: {low:g} to {high:g} mm, light to dark").format(
                title=title, low=scale.low, high=scale.high
            )
        )
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return room for a bar and a line of figures."""
        return QSize(200, 2 * self.fontMetrics().height() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the bar, its ticks and their figures."""
        scale = self._scale
        if scale is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        left, right = 8.0, self.width() - 34.0
        bar = QRectF(left, 2.0, right - left, line)
        colours = QLinearGradient(bar.topLeft(), bar.topRight())
        for index, colour in enumerate(STOPS):
            colours.setColorAt(index / (len(STOPS) - 1), QColor(*colour))
        painter.setPen(QPen(self.palette().windowText().color(), 0.8))
        painter.setBrush(colours)
        painter.drawRoundedRect(bar, 3.0, 3.0)
        count = round((scale.high - scale.low) / scale.step)
        for index in range(count + 1):
            x = left + (right - left) * index / count
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 3.0))
            text = f"{scale.low + index * scale.step:g}" + ("+" if index == count else "")
            box = QRectF(x - 30.0, bar.bottom() + 3.0, 60.0, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.drawText(QPointF(right + 6.0, bar.bottom() - 3.0), self.tr("mm"))
        painter.end()
