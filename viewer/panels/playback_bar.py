"""Play, pause and scrub the stroke."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStyle,
    QToolButton,
    QWidget,
)

from viewer.playback import Playback

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
        self._play.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._play.clicked.connect(self.toggled)
        self._title = QLabel()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Time")
        self._slider.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._slider.valueChanged.connect(lambda value: self.scrubbed.emit(value / 1000.0))
        self._time = QLabel()
        self._speed = QComboBox()
        self._speed.addItems([f"{speed:g} ×" for speed in SPEEDS])
        self._speed.setCurrentIndex(SPEEDS.index(1.0))
        self._speed.setAccessibleName("Speed")
        self._speed.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._speed.currentIndexChanged.connect(lambda index: self.paced.emit(SPEEDS[index]))
        self._loop = QCheckBox("Loop")
        self._loop.setChecked(True)
        self._loop.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._loop.toggled.connect(self.looped)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self._play)
        row.addWidget(self._title)
        row.addWidget(self._slider, 1)
        for widget in (self._time, self._speed, self._loop):
            row.addWidget(widget)
        self.show_stroke("", Playback(0.0))

    @property
    def title(self) -> str:
        """What can be played."""
        return self._title.text()

    def show_stroke(self, title: str, clock: Playback) -> None:
        """Show what can be played; with no duration, nothing can."""
        self._title.setText(title)
        blocked = self._slider.blockSignals(True)
        self._slider.setRange(0, int(clock.duration_s * 1000))
        self._slider.blockSignals(blocked)
        self.setEnabled(clock.duration_s > 0.0)
        self.show_clock(clock)

    def show_clock(self, clock: Playback) -> None:
        """Show where the clock stands, without telling anybody."""
        kind = (
            QStyle.StandardPixmap.SP_MediaPause
            if clock.playing
            else (QStyle.StandardPixmap.SP_MediaPlay)
        )
        self._play.setIcon(self.style().standardIcon(kind))
        self._play.setToolTip("Pause (Space)" if clock.playing else "Play (Space)")
        self._play.setAccessibleName("Pause" if clock.playing else "Play")
        if not self._slider.isSliderDown():
            blocked = self._slider.blockSignals(True)
            self._slider.setValue(int(clock.t * 1000))
            self._slider.blockSignals(blocked)
        self._time.setText(f"{clock.t:4.1f} / {clock.duration_s:.1f} s")
