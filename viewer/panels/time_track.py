"""The time line: a slider on which every stroke is drawn in the colours of its verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSlider, QToolTip

from annotations.verdict import Verdict
from viewer.lettering import pattern
from viewer.panels.wording import word
from viewer.stroke_marks import Run, strokes_at, verdict_runs

if TYPE_CHECKING:
    from annotations.timeline import Timeline

#: Slider steps per second.
PER_SECOND = 1000.0
_INSET = 9.0
_BAND = 12.0


class TimeTrack(QSlider):
    """Seconds of a timeline, in thousandths; a press anywhere goes there."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._timeline: Timeline | None = None
        self._runs: tuple[Run, ...] = ()
        self._brushes: dict[Verdict, QBrush] = {}
        self.setSingleStep(250)
        self.setPageStep(2000)
        self.setAccessibleName(self.tr("Time"))
        self.setMouseTracking(True)
        self.setMinimumWidth(120)

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Show the strokes of a timeline."""
        self._timeline = timeline
        self._runs = () if timeline is None else verdict_runs(timeline)
        blocked = self.blockSignals(True)
        self.setRange(0, 0 if timeline is None else int(timeline.duration_s * PER_SECOND))
        self.setValue(0)
        self.blockSignals(blocked)
        self.update()

    @property
    def runs(self) -> tuple[Run, ...]:
        """What is drawn on the line."""
        return self._runs

    def told_at(self, t: float) -> str:
        """Return what the tooltip says of a time."""
        if self._timeline is None:
            return ""
        lines = []
        for passage in strokes_at(self._timeline, t):
            worst = Verdict(int(passage.verdict.max()))
            here = passage.at(t).verdict
            lines.append(
                self.tr(
                    "{stroke}\n{technique}, {pressure}: {verdict} here, {worst} at its worst"
                ).format(
                    stroke=passage.stroke,
                    technique=word(passage.technique.label),
                    pressure=word(passage.pressure.label),
                    verdict=word(here.word),
                    worst=word(worst.word),
                )
            )
        return "\n".join(dict.fromkeys([f"{t:.1f} s", *lines]))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a line as high as a button."""
        return QSize(240, 30)

    def x_of(self, t: float) -> float:
        """Return where a time lies, pixels."""
        whole = max(self.maximum() / PER_SECOND, 1e-9)
        return _INSET + (self.width() - 2.0 * _INSET) * t / whole

    def time_at(self, x: float) -> float:
        """Return the time at a place, seconds, within the timeline."""
        share = (x - _INSET) / max(self.width() - 2.0 * _INSET, 1.0)
        return min(max(share, 0.0), 1.0) * self.maximum() / PER_SECOND

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the line, the strokes, where each begins, and where the clock stands."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(self.palette().windowText().color())
        if not self.isEnabled():
            ink.setAlphaF(0.4)
        faint = QColor(ink)
        faint.setAlphaF(0.25)
        middle = self.height() / 2.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint)
        whole = QRectF(_INSET, middle - 2.0, self.width() - 2.0 * _INSET, 4.0)
        painter.drawRoundedRect(whole, 2.0, 2.0)
        for run in self._runs:
            left, right = self.x_of(run.start_s), self.x_of(run.end_s)
            painter.setBrush(self._brush(run.verdict))
            painter.drawRect(QRectF(left, middle - _BAND / 2.0, max(right - left, 1.0), _BAND))
        painter.setPen(QPen(ink, 1.0))
        if self._timeline is not None:
            for mark in self._timeline.marks:
                x = self.x_of(mark.t)
                painter.drawLine(QPointF(x, middle - 10.0), QPointF(x, middle + 10.0))
        x = self.x_of(self.value() / PER_SECOND)
        painter.setPen(QPen(self.palette().window().color(), 1.5))
        painter.setBrush(self.palette().highlight() if self.hasFocus() else ink)
        painter.drawRoundedRect(QRectF(x - 4.0, middle - 12.0, 8.0, 24.0), 4.0, 4.0)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go to where the mouse is pressed."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Scrub."""
        if self.isSliderDown():
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End scrubbing."""
        self.setSliderDown(False)

    def event(self, event: QEvent) -> bool:
        """Tell what is done at the time under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            told = self.told_at(self.time_at(float(event.pos().x())))
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)

    def _go(self, event: QMouseEvent) -> None:
        self.setValue(round(self.time_at(event.position().x()) * PER_SECOND))

    def _brush(self, verdict: Verdict) -> QBrush:
        """Return the verdict's colour and pattern, as on the skin."""
        if verdict not in self._brushes:
            # The border of the sample is left out: it would be a line at every repeat.
            pixels = pattern(verdict, 74, 74)[1:-1, 1:-1].copy()
            image = QImage(pixels.data, 72, 72, 3 * 72, QImage.Format.Format_RGB888).copy()
            self._brushes[verdict] = QBrush(image)
        return self._brushes[verdict]
