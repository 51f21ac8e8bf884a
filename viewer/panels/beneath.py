"""The column that says what lies beneath the pointer, in order, in millimetres."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from meshes.atlas import Atlas
from meshes.depth import Hit
from viewer.palette import tissue_colour

#: Least height of a band, so that its name can be read, pixels.
LEAST_BAND = 18.0
#: Between two structures this much, mm, is shown as a gap of its own.
LEAST_GAP_MM = 1.5
GAP = "between"
_SCALE_WIDTH = 44
Band = tuple[str, float, float, QColor]
_HINT = "Point at the torso to see what lies beneath."


class BeneathColumn(QWidget):
    """Name of the structure under the pointer, and everything below the skin there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(250)
        self._name = QLabel(_HINT)
        self._name.setWordWrap(True)
        self._name.setTextFormat(Qt.TextFormat.RichText)
        self._name.setMinimumHeight(56)
        self._name.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._bands = _Bands(self)
        column = QVBoxLayout(self)
        column.addWidget(self._name)
        column.addWidget(self._bands, 1)

    @property
    def name(self) -> str:
        """What the column says is under the pointer, as rich text."""
        return self._name.text()

    @property
    def names(self) -> list[str]:
        """Names of the bands from the skin inward."""
        return [text for text, *_ in self._bands.rows if text != GAP]

    def show_name(self, english: str, latin: str, more: str = "") -> None:
        """Show a structure's name, English first."""
        text = f"<b>{english[:1].upper()}{english[1:]}</b>"
        if latin:
            text += f"<br><i>{latin}</i>"
        if more:
            text += f"<br><small>{more}</small>"
        self._name.setText(text)

    def show_hits(self, atlas: Atlas, hits: Sequence[Hit]) -> None:
        """Show what a probe found."""
        rows: list[Band] = []
        reached = 0.0
        for hit in hits:
            if hit.enter_mm - reached > LEAST_GAP_MM:
                rows.append((GAP, reached, hit.enter_mm, QColor(Qt.GlobalColor.transparent)))
            reached = max(reached, hit.exit_mm)
            entry = atlas[hit.structure].entry
            name = entry.name if not hit.part else f"{entry.name}, {hit.part.replace('_', ' ')}"
            rows.append((name, hit.enter_mm, hit.exit_mm, QColor(*tissue_colour(entry))))
        self._bands.show_rows(rows)
        self._bands.setAccessibleDescription(
            "; ".join(f"{name} {start:.0f} to {end:.0f} mm" for name, start, end, _ in rows)
        )

    def clear(self) -> None:
        """Show the hint again."""
        self._name.setText(_HINT)
        self._bands.show_rows([])


class _Bands(QWidget):
    """Bands from the skin inward with a millimetre scale."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[Band] = []
        self.setAccessibleName("What lies beneath the pointer")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return room for some ten bands."""
        return QSize(250, 320)

    def show_rows(self, rows: list[Band]) -> None:
        """Draw these bands."""
        self.rows = rows
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw each band as tall as it is thick, but never too low to be read."""
        if not self.rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        small = QFont(self.font())
        small.setPointSizeF(max(self.font().pointSizeF() - 1.5, 7.0))
        ink = self.palette().windowText().color()
        top = 8.0
        for (name, start, end, colour), height in zip(self.rows, self._heights(), strict=True):
            box = QRectF(_SCALE_WIDTH, top, self.width() - _SCALE_WIDTH - 2, height)
            painter.fillRect(box, colour)
            painter.setPen(QPen(self.palette().window().color(), 1.0))
            painter.drawRect(box)
            painter.setFont(small)
            painter.setPen(ink)
            scale = QRectF(0, top - 8, _SCALE_WIDTH - 6, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(scale, right, f"{start:.0f} mm")
            light = colour.lightness() > 110 or colour.alpha() == 0
            painter.setPen(QColor("black") if light else QColor("white"))
            text = f"{name}  {end - start:.0f} mm" if end > start else name
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box.adjusted(6, 0, -4, 0), left, _elided(painter, text, box.width()))
            top += height
        painter.end()

    def _heights(self) -> list[float]:
        """Heights in pixels: the room shared by thickness, after each has its least."""
        thick = [max(end - start, 0.0) for _, start, end, _ in self.rows]
        spare = max(self.height() - 16.0 - LEAST_BAND * len(thick), 0.0)
        total = sum(thick) or 1.0
        return [LEAST_BAND + spare * value / total for value in thick]


def _elided(painter: QPainter, text: str, width: float) -> str:
    metrics = painter.fontMetrics()
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width) - 10)
