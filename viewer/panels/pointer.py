"""What the pointer meets in the 3D view: names it, lists what lies beneath, selects on a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from meshes.skin_surface import skin_of
from viewer import steps
from viewer.camera import Lens
from viewer.panels.canvas import Canvas
from viewer.panels.overlay import Overlay
from viewer.panels.session import Session
from viewer.picking import Picked, pick_in

if TYPE_CHECKING:
    from viewer.resolve import Picture
    from viewer.state import ViewState

#: Least time between two questions; the first after a rest is answered at once.
ASK_EVERY_MS = 8


class Pointer(QObject):
    """Asks what is under the pointer, at most every few milliseconds, and tells the session.

    Attributes
    ----------
    picked : Picked or None
        What is under the pointer now.
    """

    def __init__(self, session: Session, canvas: Canvas, overlay: Overlay) -> None:
        super().__init__(canvas)
        self._session = session
        self._canvas = canvas
        self._overlay = overlay
        self._picture: Picture | None = None
        self._lens: Lens | None = None
        self._at: tuple[float, float] | None = None
        self.picked: Picked | None = None
        self._stopped = False
        self._waits = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ASK_EVERY_MS)
        self._timer.timeout.connect(self._again)
        canvas.pointed.connect(self._move)
        canvas.left.connect(self._leave)
        canvas.clicked.connect(self._click)

    @property
    def ready(self) -> bool:
        """Whether rays can be cast without a wait; until then nothing is asked."""
        return self._session.measured and not self._stopped

    def watch(self, picture: Picture, lens: Lens, *, still: bool) -> None:
        """Tell what is drawn now and from where, and whether it stands still."""
        # While the picture moves, only a lens that follows the pointer is worth the question.
        moved = picture is not self._picture and (still or picture.opened is not None)
        self._picture, self._lens = picture, lens
        if moved and self._at is not None and not self._stopped:
            # Something else is under the pointer, though it has not moved: ask again.
            self._waits = True
            if not self._timer.isActive():
                self._timer.start()

    def stop(self) -> None:
        """Ask nothing any more."""
        self._stopped = True
        self._timer.stop()

    def ask(self) -> None:
        """Name what is under the pointer and tell what lies beneath it."""
        self.picked = self._pick(self._at)
        if self.picked is None or self._picture is None:
            self._overlay.show_pointer("")
            self._session.pointed.emit(None)
            return
        atlas, part = self._picture.atlas, self.picked.part
        entry = atlas[self.picked.structure].entry
        name = f"{entry.name}, {part.replace('_', ' ')}" if part else entry.name
        latin = f"  ·  {entry.latin}" if entry.latin else ""
        told = f"{name[:1].upper()}{name[1:]}{latin}"
        if not self.picked.held:
            told = self.tr("Not in this atlas")
        self._overlay.show_pointer("" if self._session.hushed else told)
        self._session.pointed.emit(self.picked)

    def _move(self, x: float, y: float) -> None:
        self._at = (x, y)
        if self._timer.isActive():
            self._waits = True
        elif self.ready:
            self.ask()
            self._timer.start()

    def _again(self) -> None:
        """Answer for where the pointer has gone meanwhile."""
        if self._waits and self.ready:
            self._waits = False
            self.ask()
            self._timer.start()

    def _leave(self) -> None:
        self._at = None
        self._waits = False
        self._timer.stop()
        self._overlay.show_pointer("")
        self._session.pointed.emit(None)

    def _click(self, x: float, y: float) -> None:
        """Choose what was clicked and fix the needle there, in one step."""
        picked = self._pick((x, y))
        atlas = self._session.atlas
        if picked is None or atlas is None:
            self._session.change(_nothing)
            return
        point = skin_of(atlas).nearest(picked.point).position if "skin" in atlas else None
        self._session.change(_clicked, picked.structure if picked.held else None, point)

    def _pick(self, at: tuple[float, float] | None) -> Picked | None:
        if at is None or self._picture is None or self._lens is None or not self.ready:
            return None
        size = (self._canvas.width(), self._canvas.height())
        return pick_in(self._picture, self._lens, size, at)


def _clicked(
    state: ViewState, structure_id: str | None, point: Sequence[float] | None
) -> ViewState:
    return steps.needled(steps.selected(state, structure_id), point)


def _nothing(state: ViewState) -> ViewState:
    return steps.needled(steps.selected(state, None), None)
