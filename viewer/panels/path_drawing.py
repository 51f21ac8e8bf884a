"""Draw a line on the skin with the mouse; it comes back as an anatomical path."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent

from annotations.drawn_path import Described, describe
from annotations.timeline import Trail
from annotations.verdict import Verdict
from viewer.panels.background import Task
from viewer.picking import pick

if TYPE_CHECKING:
    from collections.abc import Callable

    from meshes.atlas import Atlas
    from viewer.panels.session import Session
    from viewer.panels.view import View
    from viewer.state import ViewState

#: Points nearer to the last one than this are not kept, mm.
_STEP_MM = 3.0


class PathDrawing(QObject):
    """While it is on, dragging with the left button draws on the skin instead of turning.

    Attributes
    ----------
    described : Signal(object)
        A :class:`annotations.drawn_path.Described`.
    failed : Signal(object)
        A :class:`meshes.errors.PalpateError`.
    ended : Signal()
        Drawing is off again.
    """

    described = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, session: Session, view: View, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._view = view
        self._points: list[Any] = []
        self._task: Task | None = None
        self.on = False

    def begin(self) -> None:
        """Take the left button until a line is drawn."""
        if not self.on and self._session.measured:
            self.on = True
            self._points = []
            self._view.canvas.installEventFilter(self)
            self._view.canvas.setCursor(Qt.CursorShape.CrossCursor)

    def end(self) -> None:
        """Give the left button back."""
        if self.on:
            self.on = False
            self._view.canvas.removeEventFilter(self)
            self._view.canvas.unsetCursor()
            self.ended.emit()

    def stop(self) -> None:
        """End everything; nothing is told any more."""
        self.on = False
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Draw with the left button; everything else goes on as usual."""
        if not isinstance(event, QMouseEvent) or not self.on:
            return False
        kind, left = event.type(), Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseButtonPress and event.button() is left:
            self._points = []
            self._add(event)
            return True
        if kind == QEvent.Type.MouseMove and event.buttons() & left:
            self._add(event)
            return True
        if kind == QEvent.Type.MouseButtonRelease and event.button() is left:
            self._add(event)
            self._finish()
            return True
        return False

    def _add(self, event: QMouseEvent) -> None:
        session, lens = self._session, self._view.lens
        if session.atlas is None or lens is None:
            return
        canvas = self._view.canvas
        at = (event.position().x(), event.position().y())
        # The skin catches the pointer at every peel level: a stroke runs on it.
        size = (canvas.width(), canvas.height())
        picked = pick(session.atlas, {"skin": 1.0}, lens, size, at)
        if picked is None:
            return
        if self._points and np.linalg.norm(self._points[-1] - picked.point) < _STEP_MM:
            return
        self._points.append(picked.point)
        session.change(_with_trail(np.array(self._points)), movement="drawing")

    def _finish(self) -> None:
        points, atlas = np.array(self._points), self._session.atlas
        self._session.settle()
        self.end()
        if atlas is None or len(points) == 0:
            return
        if self._task is not None:
            self._task.cancel()
        self._task = Task(lambda _: _describe(atlas, points))
        self._task.start_for(self.described.emit, self.failed.emit)


def _describe(atlas: Atlas, points: Any) -> Described:
    return describe(atlas, points)


def _with_trail(points: Any) -> Callable[[ViewState], ViewState]:
    trail = Trail(points, np.zeros(len(points)), np.full(len(points), Verdict.WORK, np.uint8))
    return lambda state: replace(state, trails=(trail,))
