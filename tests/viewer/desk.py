"""Hands for a window under test: a stroke on the phantom, a mouse, keys, the picture's pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from annotations.hand import Hand
from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import CameraPose, Caption, Key, Passage, Timeline
from meshes.progress import Progress
from tests.phantom import skin_point

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from meshes.atlas import Atlas
    from viewer.window import Window

PATIENCE_MS = 30_000


def stroke(atlas: Atlas, progress: Progress) -> Timeline:
    """Ten seconds of kneading down the phantom's left side."""
    times = np.linspace(1.0, 9.0, 81)
    points = np.array([skin_point(60.0, 400.0 - 20.0 * t) for t in times])
    normals = np.tile([0.0, 1.0, 0.0], (len(times), 1))
    passage = Passage(
        stroke="kneading",
        times=times,
        points=points,
        normals=normals,
        headings=np.tile([0.0, 0.0, -1.0], (len(times), 1)),
        force_n=np.full(len(times), 30.0),
        dent_mm=np.full(len(times), 4.0),
        roll_deg=np.zeros(len(times)),
        verdict=np.zeros(len(times), np.uint8),
        hand=Hand.PALM,
        radius_mm=30.0,
        technique=Technique.KNEADING,
        pressure=Pressure.MODERATE,
    )
    return Timeline(
        10.0,
        (Key(0.0, CameraPose(30.0, 10.0, 1.5, np.zeros(3))),),
        (Key(0.0, 0.0),),
        captions=(Caption(0.0, 10.0, "Knead down the left side"),),
        passages=(passage,),
        title="Kneading",
    )


def shown(qtbot: QtBot, window: Any) -> None:
    """Show a window and make it the active one; without a window manager nobody else does."""
    window.show()
    with qtbot.waitActive(window, timeout=PATIENCE_MS):
        window.activateWindow()


class Mouse:
    """A mouse over the window's canvas; places are shares of its width and height."""

    def __init__(self, window: Window, qtbot: QtBot) -> None:
        self._canvas = window.view.canvas
        self._qtbot = qtbot

    def at(self, x: float, y: float) -> Any:
        from PySide6.QtCore import QPoint

        return QPoint(int(x * self._canvas.width()), int(y * self._canvas.height()))

    def click(self, x: float, y: float) -> None:
        from PySide6.QtCore import Qt

        self._qtbot.mouseClick(self._canvas, Qt.MouseButton.LeftButton, pos=self.at(x, y))

    def double(self, x: float, y: float) -> None:
        from PySide6.QtCore import Qt

        self._qtbot.mouseDClick(self._canvas, Qt.MouseButton.LeftButton, pos=self.at(x, y))

    def hover(self, x: float, y: float) -> None:
        from PySide6.QtTest import QTest

        QTest.mouseMove(self._canvas, self.at(x, y))
        self._qtbot.wait(80)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        button: str = "left",
        shift: bool = False,
    ) -> None:
        """Press, move in steps with the button held, release."""
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        which = {
            "left": Qt.MouseButton.LeftButton,
            "middle": Qt.MouseButton.MiddleButton,
            "right": Qt.MouseButton.RightButton,
        }[button]
        held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier

        def send(kind: QEvent.Type, x: float, y: float, buttons: Qt.MouseButton) -> None:
            place = QPointF(self.at(x, y))
            everywhere = QPointF(self._canvas.mapToGlobal(place.toPoint()))
            cause = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else which
            event = QMouseEvent(kind, place, everywhere, cause, buttons, held)
            QApplication.sendEvent(self._canvas, event)

        send(QEvent.Type.MouseButtonPress, *start, which)
        for share in np.linspace(0.2, 1.0, 5):
            x = start[0] + share * (end[0] - start[0])
            y = start[1] + share * (end[1] - start[1])
            send(QEvent.Type.MouseMove, float(x), float(y), which)
        send(QEvent.Type.MouseButtonRelease, *end, Qt.MouseButton.NoButton)
        self._qtbot.wait(10)

    def wheel(self, notches: int) -> None:
        from PySide6.QtCore import QPoint, QPointF, Qt
        from PySide6.QtGui import QWheelEvent
        from PySide6.QtWidgets import QApplication

        place = QPointF(self.at(0.5, 0.5))
        event = QWheelEvent(
            place, QPointF(self._canvas.mapToGlobal(place.toPoint())), QPoint(),
            QPoint(0, 120 * notches), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self._canvas, event)


def press(
    qtbot: QtBot, window: Window, key: str, *, shift: bool = False, ctrl: bool = False
) -> None:
    """Press a key with the canvas in focus."""
    from PySide6.QtCore import Qt

    held = Qt.KeyboardModifier.NoModifier
    if shift:
        held |= Qt.KeyboardModifier.ShiftModifier
    if ctrl:
        held |= Qt.KeyboardModifier.ControlModifier
    window.view.canvas.setFocus()
    qtbot.keyClick(window.view.canvas, getattr(Qt.Key, f"Key_{key}"), held)
    qtbot.wait(5)


def click(qtbot: QtBot, widget: Any, at: Any = None) -> None:
    """Click with the left button, in the middle unless told where; a tick box on its box."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtWidgets import QCheckBox

    if at is None and isinstance(widget, QCheckBox):
        at = QPoint(8, widget.height() // 2)
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())
    qtbot.wait(5)


def command(qtbot: QtBot, window: Window, menu: str, *titles: str) -> None:
    """Open a menu of the bar with the mouse and click on a command, or on one of a submenu."""
    bar, page = window.menuBar(), window.menus[menu]
    click(qtbot, bar, bar.actionGeometry(page.menuAction()).center())
    qtbot.waitUntil(page.isVisible, timeout=PATIENCE_MS)
    for title in titles[:-1]:
        action = next(item for item in page.actions() if item.text() == title)
        click(qtbot, page, page.actionGeometry(action).center())
        page = action.menu()
        qtbot.waitUntil(page.isVisible, timeout=PATIENCE_MS)
    action = next(item for item in page.actions() if item.text() == titles[-1])
    click(qtbot, page, page.actionGeometry(action).center())


def choose(qtbot: QtBot, box: Any, row: int, *, surely: bool = True) -> None:
    """Choose a row of a combo box with the keys, and make sure that it is chosen."""
    from PySide6.QtCore import Qt

    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    for _ in range(row):
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.currentIndex() == row or not surely


def choose_data(qtbot: QtBot, box: Any, data: Any) -> None:
    """Choose the row of a combo box that stands for something, with the keys."""
    row = box.findData(data)
    assert row >= 0, data
    choose(qtbot, box, row)


def fill(qtbot: QtBot, field: Any, text: str, *, enter: bool = True) -> None:
    """Write a text into a field instead of what it holds, and press Return in a line."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QLineEdit

    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    lines = text.split("\n")
    for index, line in enumerate(lines):
        qtbot.keyClicks(field, line)
        if index < len(lines) - 1 or (enter and isinstance(field, QLineEdit)):
            qtbot.keyClick(field, Qt.Key.Key_Return)


def scrub(qtbot: QtBot, window: Window, t: float) -> None:
    """Press on the time line at a time, seconds."""
    from PySide6.QtCore import QPoint

    track = window.playback.track
    click(qtbot, track, QPoint(round(track.x_of(t)), track.height() // 2))


def pixels(window: Window) -> Any:
    """The canvas as it is on the screen, shape (H, W, 3)."""
    image = window.view.canvas.grabFramebuffer().convertToFormat(
        window.view.canvas.grabFramebuffer().format().Format_RGB888
    )
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
