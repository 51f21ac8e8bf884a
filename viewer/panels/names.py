"""Names in the margins of the 3D view; they are away while the picture moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer import steps
from viewer.labels import letter_size
from viewer.leaders import leader_marks
from viewer.marks import Block, Mark, Stroke, Words
from viewer.panels.session import Session

if TYPE_CHECKING:
    from viewer.panels.view import View
    from viewer.resolve import Picture
    from viewer.window import Window

translate = QCoreApplication.translate
#: Names come this long after the picture has come to rest, milliseconds.
AFTER_MS = 40
_INK, _HALO, _NOTE = QColor(38, 40, 44), QColor(250, 249, 247, 235), QColor(255, 246, 196, 235)


class NameLayer(QWidget):
    """The names as they are painted over the canvas; the mouse goes through it.

    Attributes
    ----------
    marks : tuple of Mark
        What is painted, pixels of the canvas.
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.marks: tuple[Mark, ...] = ()
        self.hide()

    def show_marks(self, marks: tuple[Mark, ...]) -> None:
        """Paint these instead; none hides the layer, and screen readers are told the words."""
        self.marks = marks
        self.setAccessibleName(", ".join(one.text for one in marks if isinstance(one, Words)))
        self.setVisible(bool(marks))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw lines, dots and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self.marks:
            if isinstance(mark, Stroke):
                for colour, width in ((_HALO, mark.width + 2.0), (_INK, mark.width)):
                    painter.setPen(QPen(colour, width))
                    painter.drawLine(QPointF(mark.x0, mark.y0), QPointF(mark.x1, mark.y1))
            elif isinstance(mark, Block):
                painter.fillRect(
                    QRectF(mark.x, mark.y, mark.width, mark.height), QColor(*mark.colour)
                )
            elif isinstance(mark, Words):
                self._write(painter, mark)
        painter.end()

    def _write(self, painter: QPainter, mark: Words) -> None:
        font = QFont(self.font())
        font.setPixelSize(max(round(mark.size), 9))
        font.setBold(mark.bold)
        metrics = QFontMetricsF(font)
        wide = metrics.horizontalAdvance(mark.text)
        left = mark.x - {"l": 0.0, "m": 0.5, "r": 1.0}[mark.anchor[0]] * wide
        line = mark.y + 0.5 * (metrics.ascent() - metrics.descent())
        if mark.plate:
            box = QRectF(left - 4.0, mark.y - 0.5 * metrics.height(), wide + 8.0, metrics.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_NOTE)
            painter.drawRoundedRect(box, 3.0, 3.0)
        path = QPainterPath()
        path.addText(QPointF(left, line), font, mark.text)
        if not mark.plate:
            painter.strokePath(path, QPen(_HALO, 3.5))
        painter.fillPath(path, _INK)


class Names(QObject):
    """Keeps the names where their structures are seen.

    Parameters
    ----------
    session : Session
    view : View

    Attributes
    ----------
    layer : NameLayer
    """

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(view)
        self._session = session
        self._view = view
        self._laid: object = None
        self.layer = NameLayer(view.canvas)
        self._ended = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self._lay)
        view.drawn.connect(self.follow)
        session.hushing.connect(self.follow)
        view.canvas.installEventFilter(self)

    @property
    def wanted(self) -> bool:
        """Whether there are names to show at all."""
        session = self._session
        return session.state.leaders and session.measured and not (session.hushed or session.leads)

    def follow(self) -> None:
        """Take the names away if the picture is another, and lay them anew once it rests."""
        picture = self._view.picture
        if self._ended or not self.wanted or picture is None:
            self.stop()
            return
        if self._laid is not None and self._laid == self._key(picture):
            return
        self._laid = None
        if self.layer.isVisible():
            self.layer.hide()
        self._timer.start()

    def stop(self) -> None:
        """Show none, and lay none."""
        self._timer.stop()
        self._laid = None
        if self.layer.marks:
            self.layer.show_marks(())

    def end(self) -> None:
        """Stop for good: a window that closes still sends sizes and pictures."""
        self._ended = True
        self.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Cover the canvas as it changes size."""
        if event.type() == QEvent.Type.Resize:
            self.layer.setGeometry(self._view.canvas.rect())
            self.follow()
        return False

    def _key(self, picture: Picture) -> object:
        """Return what the names depend on."""
        canvas = self._view.canvas
        return (
            canvas.width(), canvas.height(), id(picture.atlas), id(picture.camera), picture.draws,
            picture.cut, picture.lens, picture.peel_side, picture.spread_mm, picture.latin,
            picture.notes, bool(picture.caution or picture.chart), bool(picture.caption),
        )  # fmt: skip

    def _lay(self) -> None:
        view, picture, lens = self._view, self._view.picture, self._view.lens
        if not self.wanted or picture is None or lens is None:
            return
        if view.moving:
            self._timer.start()
            return
        size = (view.canvas.width(), view.canvas.height())
        self.layer.setGeometry(view.canvas.rect())
        self.layer.show_marks(tuple(leader_marks(picture, lens, size, letter_size(size))))
        self._laid = self._key(picture)


def install(window: Window) -> None:
    """Add the names and the commands that show them."""
    session = window.session
    names = window.names = Names(session, window.view)
    window.closing.connect(names.end)

    def toggle() -> None:
        session.change(steps.named, not session.state.leaders)

    def toggle_latin() -> None:
        session.change(steps.in_latin, not session.state.latin)

    shown = window.menus.add("view", translate("Names", "Names in the picture"), toggle, "A")
    latin = window.menus.add("view", translate("Names", "Names in Latin"), toggle_latin, "Shift+A")
    for action in (shown, latin):
        action.setCheckable(True)

    def follow() -> None:
        shown.setChecked(session.state.leaders)
        latin.setChecked(session.state.latin)

    session.changed.connect(lambda _before, _after: follow())
    session.opened.connect(lambda _atlas: follow())
