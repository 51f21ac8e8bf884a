"""A cube that shows how the torso stands, to be clicked, and a bar that gives the scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from viewer.camera import Lens

#: Letter, view, outward direction and the direction its letter's top points to.
FACES = (
    ("P", "posterior", (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    ("A", "anterior", (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    ("L", "left", (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    ("R", "right", (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    ("S", "superior", (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)),
    ("I", "inferior", (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)),
)
#: What turns with the torso is painted at this interval.
PAINT_EVERY_MS = 50
_SIDE = 92
_LENGTHS_MM = (500, 200, 100, 50, 20, 10, 5, 2, 1)
_FACE, _HOVER, _EDGE, _INK = (
    QColor(238, 236, 232, 235), QColor(255, 214, 130, 245), QColor(90, 90, 96), QColor(34, 36, 42),
)  # fmt: skip


class Soon:
    """Has a widget painted, at most so many times a second.

    What lies over the 3D view is painted and uploaded by the processor; done for every frame of a
    turn it takes as long as the torso.
    """

    def __init__(self, widget: QWidget) -> None:
        self._timer = QTimer(widget)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAINT_EVERY_MS)
        self._timer.timeout.connect(widget.update)

    def ask(self) -> None:
        """Have it painted soon."""
        if not self._timer.isActive():
            self._timer.start()


class OrientationCube(QWidget):
    """The cube; faces turned to the viewer can be clicked.

    Attributes
    ----------
    chosen : Signal(str)
        Name of the view of the face that was clicked.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(_SIDE, _SIDE)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Orientation cube"))
        self.setToolTip(self.tr("Click a face to look at it"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._axes: tuple[NDArray[np.float64], ...] | None = None
        self._under = ""
        self._soon = Soon(self)

    def show_lens(self, lens: Lens) -> None:
        """Turn the cube like the torso."""
        axes = (lens.right, np.cross(lens.right, lens.forward), -lens.forward)
        if self._axes is None or not np.array_equal(axes, self._axes):
            self._axes = axes
            self._soon.ask()

    def place_of(self, view: str) -> QPointF | None:
        """Return where the face of a view is, if it is turned to the viewer."""
        for name, polygon in self._polygons():
            if name == view:
                return polygon.boundingRect().center()
        return None

    def _polygons(self) -> list[tuple[str, QPolygonF]]:
        return [(face[1], self._polygon(face)) for face in FACES if self._facing(face) > 0.08]

    def _facing(self, face: tuple[str, str, tuple[float, ...], tuple[float, ...]]) -> float:
        return 0.0 if self._axes is None else float(np.dot(face[2], self._axes[2]))

    def _flat(self, place: NDArray[np.float64]) -> QPointF:
        assert self._axes is not None
        scale = 0.27 * _SIDE
        return QPointF(
            _SIDE / 2.0 + scale * float(place @ self._axes[0]),
            _SIDE / 2.0 - scale * float(place @ self._axes[1]),
        )

    def _polygon(self, face: tuple[str, str, tuple[float, ...], tuple[float, ...]]) -> QPolygonF:
        out, up = np.array(face[2]), np.array(face[3])
        side = np.cross(up, out)
        corners = [out + a * side + b * up for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        return QPolygonF([self._flat(corner) for corner in corners])

    def _at(self, place: QPointF) -> str:
        for name, polygon in self._polygons():
            if polygon.containsPoint(place, Qt.FillRule.OddEvenFill):
                return name
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the faces that are turned to the viewer."""
        if self._axes is None:
            return
        pen = QPainter(self)
        pen.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setBold(True)
        for face in FACES:
            facing = self._facing(face)
            if facing <= 0.02:
                continue
            polygon = self._polygon(face)
            colour = QColor(_HOVER if face[1] == self._under else _FACE)
            pen.setPen(QPen(_EDGE, 1.2))
            pen.setBrush(colour.darker(int(100 + 22 * (1.0 - facing))))
            pen.drawPolygon(polygon)
            if facing > 0.25:
                font.setPointSizeF(8.0 + 9.0 * facing)
                pen.setFont(font)
                pen.setPen(_INK)
                middle = polygon.boundingRect().center()
                box = QRectF(middle.x() - 16, middle.y() - 16, 32, 32)
                pen.drawText(box, Qt.AlignmentFlag.AlignCenter, face[0])
        pen.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Light up the face under the pointer."""
        under = self._at(event.position())
        if under != self._under:
            self._under = under
            self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Keep the press from the torso."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the face under the pointer."""
        name = self._at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and name:
            self.chosen.emit(name)
        event.accept()


class ScaleBar(QWidget):
    """A length in millimetres at the depth that is looked at.

    Attributes
    ----------
    length_mm : int
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(240, 34)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Scale"))
        self.length_mm = 0
        self.pixels = 0.0
        self._soon = Soon(self)

    def show_lens(self, lens: Lens, height: int) -> None:
        """Choose a round length that fits.

        Parameters
        ----------
        lens : Lens
        height : int
            Of the picture, pixels.
        """
        per_mm = height / lens.height_mm
        self.length_mm = next((mm for mm in _LENGTHS_MM if mm * per_mm <= 180.0), 1)
        pixels = self.length_mm * per_mm
        if pixels != self.pixels:
            self.pixels = pixels
            self._soon.ask()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the bar, its ends and its length."""
        if not self.length_mm:
            return
        pen = QPainter(self)
        pen.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, left, right = 26.0, 6.0, 6.0 + self.pixels
        for colour, width in ((QColor(255, 255, 255, 190), 5.0), (_INK, 1.8)):
            pen.setPen(QPen(colour, width))
            pen.drawLine(QPointF(left, y), QPointF(right, y))
            for x in (left, right):
                pen.drawLine(QPointF(x, y - 5.0), QPointF(x, y + 5.0))
        pen.setPen(_INK)
        box = QRectF(left, 0.0, max(self.pixels, 70.0), 20.0)
        pen.drawText(box, Qt.AlignmentFlag.AlignLeft, f"{self.length_mm} mm")
        pen.end()
