"""The panel that says what lies beneath the pointer, in order, in millimetres."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from annotations.verdict import Verdict
from meshes.atlas import Atlas
from viewer.panels.depth_column import DepthColumn
from viewer.panels.swatch import Swatch
from viewer.panels.wording import word
from viewer.reading import Reading, bands


class BeneathColumn(QWidget):
    """What is seen there, the verdict, and everything below the skin.

    Attributes
    ----------
    freed : Signal()
        The needle shall be taken out.
    """

    freed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(270)
        self._name = QLabel()
        self._name.setWordWrap(True)
        self._name.setTextFormat(Qt.TextFormat.RichText)
        self._name.setAlignment(Qt.AlignmentFlag.AlignTop)
        two_lines = self._name.fontMetrics().lineSpacing() * 2 + 4
        self._name.setMinimumHeight(two_lines)
        self._free = QToolButton()
        self._free.setText("\N{MULTIPLICATION SIGN}")
        self._free.setAutoRaise(True)
        self._free.setAccessibleName(self.tr("Take the needle out"))
        self._free.setToolTip(self.tr("Take the needle out (N)"))
        self._free.clicked.connect(self.freed)
        self._pin = _Pin()
        self.column = DepthColumn()
        self._swatch = Swatch(Verdict.WORK)
        self._verdict = QLabel()
        self._verdict.setAccessibleName(self.tr("Verdict at the pointer"))
        top = QHBoxLayout()
        top.addWidget(self._pin, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._name, 1)
        top.addWidget(self._free, 0, Qt.AlignmentFlag.AlignTop)
        judged = QHBoxLayout()
        judged.addWidget(self._swatch)
        judged.addWidget(self._verdict, 1)
        body = QVBoxLayout(self)
        body.setContentsMargins(8, 6, 8, 6)
        body.addLayout(top)
        body.addWidget(self.column, 1)
        body.addLayout(judged)
        self.clear()

    @property
    def name(self) -> str:
        """What the panel says is under the pointer, as rich text."""
        return self._name.text()

    @property
    def names(self) -> list[str]:
        """Names of the bands from the skin inward."""
        return [row.name for row in self.column.rows if row.name]

    @property
    def verdict(self) -> str:
        """The verdict as it is told."""
        return self._verdict.text()

    def show_reading(
        self, atlas: Atlas, reading: Reading, title: str, more: str = "", *, fixed: bool = False
    ) -> None:
        """Show what a needle tells.

        Parameters
        ----------
        atlas : Atlas
        reading : Reading
        title : str
            What is seen there, or where the needle stands.
        more : str
            Second line, in italics.
        fixed : bool
            Whether this is the needle that a click has fixed.
        """
        text = f"<b>{title}</b>"
        if more:
            text += f"<br><i>{more}</i>"
        self._name.setText(text)
        self._pin.setVisible(fixed)
        self._free.setVisible(fixed)
        self.column.show_rows(bands(atlas, reading.hits), beside=fixed)
        self.show_judgement(reading)

    def show_judgement(self, reading: Reading) -> None:
        """Show the verdict of a reading."""
        judged = reading.judgement
        self._swatch.show_verdict(judged.verdict)
        self._swatch.show()
        technique = word(judged.technique.label.partition(" (")[0])
        said = word(judged.verdict.title.partition(":")[0])
        self._verdict.setText(f"<b>{said}</b> · {technique}, {word(judged.pressure.value)}")

    def clear(self) -> None:
        """Show how to begin."""
        self._name.setText(
            self.tr("Point at the torso to see what lies beneath; click to fix the needle.")
        )
        self._pin.hide()
        self._free.hide()
        self._swatch.hide()
        self._verdict.clear()
        self.column.show_rows(())


class _Pin(QWidget):
    """A small needle: what is shown is fixed."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a narrow box."""
        return QSize(12, 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the head and the shaft."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().windowText().color(), 1.4))
        painter.drawLine(QPointF(6, 7), QPointF(6, 19))
        painter.setBrush(QColor(200, 30, 60))
        painter.drawEllipse(QPointF(6, 5), 3.6, 3.6)
        painter.end()
