"""The caution surface: on or off, for which technique at which pressure, and its legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.verdict import Verdict
from viewer.lettering import pattern

if TYPE_CHECKING:
    from viewer.state import ViewState
    from viewer.window import Window

Pair = tuple[Technique, Pressure]


class CautionBox(QWidget):
    """Chooses the pair whose verdicts are shown on the skin.

    Attributes
    ----------
    changed : Signal(object)
        The pair, or None where the surface is off.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on = QCheckBox("Caution surface (C)")
        self._technique = QComboBox()
        for technique in Technique:
            self._technique.addItem(technique.label)
        self._technique.setAccessibleName("Technique")
        self._pressure = QComboBox()
        for pressure in Pressure:
            self._pressure.addItem(pressure.label)
        self._pressure.setAccessibleName("Pressure")
        self.choose((Technique.KNEADING, Pressure.FIRM), shown=False)
        for widget in (self._on, self._technique, self._pressure):
            widget.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._on.toggled.connect(self._tell)
        self._technique.currentIndexChanged.connect(self._tell)
        self._pressure.currentIndexChanged.connect(self._tell)
        column = QVBoxLayout(self)
        for widget in (self._technique, self._pressure, self._on):
            column.addWidget(widget)
        for verdict in Verdict:
            row = QHBoxLayout()
            row.addWidget(_Swatch(verdict))
            text = QLabel(verdict.title)
            text.setWordWrap(True)
            row.addWidget(text, 1)
            column.addLayout(row)

    @property
    def pair(self) -> Pair:
        """The technique and pressure chosen, shown or not."""
        return (
            list(Technique)[self._technique.currentIndex()],
            list(Pressure)[self._pressure.currentIndex()],
        )

    def toggle(self) -> None:
        """Turn the surface on or off."""
        if self.isEnabled():
            self._on.toggle()

    def choose(self, pair: Pair | None, *, shown: bool) -> None:
        """Show a choice without telling anybody."""
        for widget in (self._on, self._technique, self._pressure):
            widget.blockSignals(True)
        if pair is not None:
            self._technique.setCurrentIndex(list(Technique).index(pair[0]))
            self._pressure.setCurrentIndex(list(Pressure).index(pair[1]))
        self._on.setChecked(shown)
        for widget in (self._on, self._technique, self._pressure):
            widget.blockSignals(False)

    def _tell(self) -> None:
        self.changed.emit(self.pair if self._on.isChecked() else None)


class _Swatch(QWidget):
    """A verdict's colour with its pattern, as it is drawn on the skin."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self._verdict = verdict
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(f"{verdict.word}: {verdict.pattern}")

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a small box."""
        return QSize(30, 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the sample."""
        painter = QPainter(self)
        pixels = np.ascontiguousarray(pattern(self._verdict, self.width(), self.height()))
        height, width, _ = pixels.shape
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.drawImage(0, 0, image)
        painter.end()


def install(window: Window) -> None:
    """Add the box and its key."""
    session = window.session
    box = window.caution = CautionBox()
    box.choose(session.pair, shown=False)
    box.setEnabled(False)

    def choose(pair: Pair | None) -> None:
        session.set_pair(box.pair)
        if (pair is not None) != (session.state.caution is not None):
            session.show_caution(pair is not None)

    def follow(before: ViewState, after: ViewState) -> None:
        if before.caution != after.caution:
            box.choose(after.caution, shown=after.caution is not None)

    box.changed.connect(choose)
    session.changed.connect(follow)
    session.paired.connect(lambda pair: box.choose(pair, shown=session.state.caution is not None))
    session.usable.connect(lambda: box.setEnabled(True))
    translate = QCoreApplication.translate
    title = translate("CautionBox", "May I press here?")
    window.add_panel("safety", title, box, Qt.DockWidgetArea.RightDockWidgetArea)
    window.menus.add("view", translate("CautionBox", "Caution surface"), box.toggle, "C")
