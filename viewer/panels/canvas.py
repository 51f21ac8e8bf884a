"""The 3D view: the widget that VTK draws into, with Palpate's mouse.

Left drag rotates, middle or Shift + left drag pans, wheel or right drag zooms; a click selects
and a drag never does. VTK's own interaction is left out: the camera belongs to the state, not to
the widget.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from viewer.panels.gl_widget import GlWidget

#: One notch of the wheel makes the torso larger by this factor.
WHEEL_FACTOR = 1.12
#: An arrow key moves as a drag over this share of the widget's height does: some 13 degrees.
ARROW_STEP = 0.06
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0), Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0), Qt.Key.Key_Down: (0.0, 1.0),
}  # fmt: skip


class Canvas(GlWidget):
    """The widget that a :class:`viewer.scene.Scene` draws on.

    Attributes
    ----------
    turned, panned : Signal(float, float)
        Movement across and down, as shares of the widget's height.
    zoomed : Signal(float)
        Factor.
    pointed : Signal(float, float)
        The pointer moved, no button held; pixels from the upper left corner.
    clicked : Signal(float, float)
        Left button went down and up without a drag between.
    doubled : Signal(float, float)
        Left button went down twice.
    grabbed, released : Signal()
        A drag begins and ends.
    left : Signal()
        The pointer left the widget.
    """

    turned = Signal(float, float)
    panned = Signal(float, float)
    zoomed = Signal(float)
    pointed = Signal(float, float)
    clicked = Signal(float, float)
    doubled = Signal(float, float)
    grabbed = Signal()
    released = Signal()
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMinimumSize(360, 360)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("3D view of the torso"))
        self._button = Qt.MouseButton.NoButton
        self._pans = False
        self._drags = False
        self._pressed_at = QPointF()
        self._was_at = QPointF()

    def samples(self, per_pixel: int) -> None:
        """Smooth edges with this many samples per pixel from the next frame on."""
        self.render_window.SetMultiSamples(per_pixel)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin what may become a click or a drag."""
        if self._button is not Qt.MouseButton.NoButton:
            return
        self._button = event.button()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._pans = self._button is Qt.MouseButton.MiddleButton or (
            self._button is Qt.MouseButton.LeftButton and shift
        )
        self._drags = False
        self._pressed_at = self._was_at = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag, or tell where the pointer is."""
        now = event.position()
        if self._button is Qt.MouseButton.NoButton:
            self.pointed.emit(now.x(), now.y())
            return
        if not self._drags:
            away = (now - self._pressed_at).manhattanLength()
            if away < QApplication.startDragDistance():
                return
            self._drags = True
            self.grabbed.emit()
        step = (now - self._was_at) / max(self.height(), 1)
        self._was_at = now
        if self._pans:
            self.panned.emit(step.x(), step.y())
        elif self._button is Qt.MouseButton.RightButton:
            self.zoomed.emit(2.0 ** (-4.0 * step.y()))
        else:
            self.turned.emit(step.x(), step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the drag, or report the click."""
        if event.button() is not self._button:
            return
        button, self._button = self._button, Qt.MouseButton.NoButton
        if self._drags:
            self._drags = False
            self.released.emit()
        elif button is Qt.MouseButton.LeftButton and not self._pans:
            self.clicked.emit(event.position().x(), event.position().y())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell where; whatever follows begins with a press like any other."""
        self.mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self._pans:
            self.doubled.emit(event.position().x(), event.position().y())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom."""
        notches = event.angleDelta().y() / 120.0
        if notches:
            self.zoomed.emit(WHEEL_FACTOR**notches)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Turn with the arrow keys, move with Shift; leave every other key to the window."""
        way, held = _ARROWS.get(Qt.Key(event.key())), event.modifiers()
        shift = held & Qt.KeyboardModifier.ShiftModifier
        if way is None or held & ~(shift | Qt.KeyboardModifier.KeypadModifier):
            event.ignore()
            return
        (self.panned if shift else self.turned).emit(ARROW_STEP * way[0], ARROW_STEP * way[1])

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave every key to the window."""
        event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Leave VTK's interactor out of it."""
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tell that nothing is pointed at any more."""
        self.left.emit()
        event.accept()
