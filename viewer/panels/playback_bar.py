"""Play, pause and scrub the stroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from viewer.panels.elided import ElidedLabel
from viewer.panels.icons import icon
from viewer.panels.time_track import PER_SECOND, TimeTrack
from viewer.playback import Playback

if TYPE_CHECKING:
    from annotations.timeline import Timeline

SPEEDS = (0.25, 0.5, 1.0, 2.0)


class PlaybackBar(QWidget):
    """A play button, a time line and the name of what plays.

    Attributes
    ----------
    toggled : Signal()
    scrubbed : Signal(float)
        Seconds.
    paced : Signal(float)
        Speed, seconds of the stroke per second.
    looped : Signal(bool)
    """

    toggled = Signal()
    scrubbed = Signal(float)
    paced = Signal(float)
    looped = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._play = QToolButton()
        self._play.setIconSize(QSize(22, 22))
        self._play.clicked.connect(self.toggled)
        self._icon = ""
        self._title = ElidedLabel()
        self.track = TimeTrack()
        self.track.valueChanged.connect(lambda value: self.scrubbed.emit(value / PER_SECOND))
        self._time = QLabel()
        self._time.setMinimumWidth(self._time.fontMetrics().horizontalAdvance("000.0 / 000.0 s"))
        self._speed = QComboBox()
        self._speed.addItems([f"{speed:g} ×" for speed in SPEEDS])
        self._speed.setCurrentIndex(SPEEDS.index(1.0))
        self._speed.setAccessibleName(self.tr("Speed"))
        self._speed.currentIndexChanged.connect(lambda index: self.paced.emit(SPEEDS[index]))
        self._loop = QCheckBox(self.tr("Loop"))
        self._loop.setChecked(True)
        self._loop.toggled.connect(self.looped)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self._play)
        row.addWidget(self._title)
        row.addWidget(self.track, 1)
        for widget in (self._time, self._speed, self._loop):
            row.addWidget(widget)
        self.show_timeline(None, Playback(0.0))

    @property
    def title(self) -> str:
        """What can be played."""
        return self._title.text()

    def show_timeline(self, timeline: Timeline | None, clock: Playback) -> None:
        """Show what can be played; without a timeline nothing can."""
        self._title.setText("" if timeline is None else timeline.title)
        self.track.show_timeline(timeline)
        self.setEnabled(clock.duration_s > 0.0)
        self.show_clock(clock)

    def show_clock(self, clock: Playback) -> None:
        """Show where the clock stands, without telling anybody."""
        self._show_icon("pause" if clock.playing else "play")
        self._play.setToolTip(
            self.tr("Pause (Space)") if clock.playing else self.tr("Play (Space)")
        )
        self._play.setAccessibleName(self.tr("Pause") if clock.playing else self.tr("Play"))
        if not self.track.isSliderDown():
            blocked = self.track.blockSignals(True)
            self.track.setValue(int(clock.t * PER_SECOND))
            self.track.blockSignals(blocked)
        self._time.setText(f"{clock.t:4.1f} / {clock.duration_s:.1f} s")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw the button anew when the window turns light or dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._icon:
            name, self._icon = self._icon, ""
            self._show_icon(name)

    def _show_icon(self, name: str) -> None:
        if name != self._icon:
            self._icon = name
            self._play.setIcon(icon(name, self))
