"""The 3D view: draws the session's state on a canvas and turns the mouse into steps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from annotations.caution import CautionField, caution_field
from annotations.skin_map import SkinMap, skin_map
from viewer import steps
from viewer.camera import Lens, lens_of
from viewer.occlusion import kept_openness
from viewer.opening import Follow
from viewer.panels.canvas import Canvas
from viewer.panels.overlay import Overlay
from viewer.panels.pointer import Pointer
from viewer.panels.session import Session
from viewer.panels.turner import Turner
from viewer.picking import pick_in, ray_through
from viewer.quick_stage import Quick, opaque
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState

if TYPE_CHECKING:
    from annotations.timeline import CameraPose
    from meshes.atlas import Atlas
    from meshes.errors import PalpateError

#: A picture that has stood still this long is drawn again in full.
REST_MS = 180
#: Samples per pixel of a picture that stands still.
SAMPLES = 4


class View(QWidget):
    """The torso, with what is written over it.

    Parameters
    ----------
    session : Session

    Attributes
    ----------
    canvas : Canvas
    overlay : Overlay
    pointer : Pointer
    picture : Picture or None
        What is drawn now.
    drawn : Signal()
        ``picture`` is another.
    frames : int
        Pictures that have reached the screen.
    moving : bool
        Whether fewer triangles are drawn because the picture is in motion.
    """

    drawn = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.picture: Picture | None = None
        self.moving = False
        self.frames = 0
        self._quick: Quick | None = None
        self._lens_at: NDArray[np.float64] | None = None
        self._closed = False
        self.canvas = Canvas(self)
        self.overlay = Overlay(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self._scene = Scene(self.canvas, kept_openness)
        self.pointer = Pointer(session, self.canvas, self.overlay)
        self.turner = Turner(session, self)
        self._rester = QTimer(self)
        self._rester.setSingleShot(True)
        self._rester.setInterval(REST_MS)
        self._rester.timeout.connect(self._rest)
        self._connect()

    def _connect(self) -> None:
        session, canvas = self._session, self.canvas
        canvas.installEventFilter(self)
        canvas.frameSwapped.connect(self._swapped)
        self.overlay.cube.chosen.connect(lambda view: self.turner.go(steps.seen_from, view))
        canvas.grabbed.connect(self.turner.stop)
        canvas.zoomed.connect(self.turner.stop)
        canvas.doubled.connect(self._centre)
        canvas.pointed.connect(self._lens_to)
        canvas.left.connect(self._lens_away)
        canvas.turned.connect(lambda x, y: session.change(steps.turned, x, y))
        canvas.panned.connect(self._pan)
        canvas.zoomed.connect(lambda factor: session.change(steps.zoomed, factor))
        session.opened.connect(self._opened)
        session.usable.connect(self.draw)
        session.changed.connect(self._changed)
        session.ran.connect(self._ran)
        session.progressed.connect(self._progress)
        session.failed.connect(self._failed)
        session.preparation.reduced.connect(self._reduced)
        session.preparation.seen.connect(self._seen)
        session.preparation.shaded.connect(self._shaded)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Tell everybody when the canvas has another size: what lies over it moves along."""
        if event.type() == QEvent.Type.Resize and watched is self.canvas and not self._closed:
            self._told_lens()
        return False

    @property
    def prepared(self) -> bool:
        """Whether all that makes moving pictures fast is there."""
        quick = self._quick  # first without, then with what is seen of each level
        return quick is not None and bool(quick.seen) and not self._session.preparation.busy

    def _swapped(self) -> None:
        self.frames += 1

    @property
    def lens(self) -> Lens | None:
        """The camera of the picture that is shown, or None before there is one."""
        frame = self._session.frame
        if self.picture is None or frame is None:
            return None
        aspect = self.canvas.width() / max(self.canvas.height(), 1)
        return lens_of(self.picture.camera, frame, aspect)

    def shown(self) -> ViewState:
        """Return the session's state at the present moment of the stroke."""
        state, moment = self._session.state, self._session.moment()
        if state.lens is not None and state.lens.follows is Follow.POINTER:
            state = replace(state, lens=state.lens.at(self._lens_at))
        if moment is None:
            return state
        if self._session.leads:
            state = steps.led(state, moment)
        return replace(
            state, contacts=moment.contacts, trails=moment.trails, caption=moment.caption
        )

    def draw(self) -> None:
        """Show the present state at the present moment of the stroke."""
        session = self._session
        if session.atlas is None or self._closed:
            return
        state = self.shown()
        self.picture = resolve(state, session.atlas, *self._on_skin(state))
        self._scene.show(self.picture)
        self.overlay.show_caption(state.caption)
        self._told_lens()

    def _on_skin(self, state: ViewState) -> tuple[CautionField | None, SkinMap | None]:
        """Return the surfaces that the skin shows, once they come without a wait."""
        atlas, pair, name = self._session.atlas, state.caution, state.surface
        if atlas is None or not self._session.measured:
            return None, None
        return (
            None if pair is None else caution_field(atlas, *pair),
            None if name is None else skin_map(atlas, name),
        )

    def _told_lens(self) -> None:
        """Tell everybody from where the picture is seen, and have it painted."""
        lens = self.lens
        if lens is not None and self.picture is not None:
            self.overlay.show_sides(lens)
            self.overlay.show_lens(lens)
            self.pointer.watch(self.picture, lens, still=not self.moving)
        self.canvas.update()
        self.drawn.emit()

    def close_view(self) -> None:
        """Stop everything that could still draw, then give the GL context back."""
        if self._closed:
            return
        self._closed = True
        self._rester.stop()
        self.turner.stop()
        self.pointer.stop()
        self._scene.close()
        self.canvas.close()

    # ------------------------------------------------------------------ what happens

    def _opened(self, atlas: Atlas) -> None:
        self._quick = None
        self.moving = False
        self.overlay.hide_progress()
        self.draw()

    def _changed(self, before: ViewState, after: ViewState) -> None:
        moved = self.moving
        if before.camera is not after.camera or before.peel != after.peel:
            self.hurry()
        if (
            self.moving == moved
            and after.same_as(replace(before, camera=after.camera))
            and after.camera is not None
        ):
            self._look(after.camera)
        else:
            self.draw()

    def _look(self, camera: CameraPose) -> None:
        """Show what is drawn from somewhere else."""
        if self.picture is None or self._closed:
            return
        self.picture = replace(self.picture, camera=camera)
        self._scene.look(self.picture)
        self._told_lens()

    def _ran(self, clock: Any) -> None:
        if clock.playing:
            self.hurry()
        self.draw()

    def _progress(self, done: float, what: str) -> None:
        if self._session.atlas is None:
            self.overlay.show_progress(done, what)

    def _failed(self, error: PalpateError) -> None:
        if self._session.atlas is None:
            self.overlay.show_message(str(error))

    def _reduced(self, quick: Quick) -> None:
        self._quick = quick

    def _seen(self, ids: frozenset[str], bits: Any) -> None:
        if self._quick is not None:
            self._quick = self._quick.with_choice(ids, bits)

    def _shaded(self, openness: Any) -> None:
        if not self._closed:
            self._scene.shade(openness)
            self.canvas.update()

    def _centre(self, x: float, y: float) -> None:
        """Bring what was clicked twice to the middle."""
        size, lens = (self.canvas.width(), self.canvas.height()), self.lens
        if lens is None or self.picture is None or not self.pointer.ready:
            return
        picked = pick_in(self.picture, lens, size, (x, y))
        if picked is not None:
            self.turner.go(steps.centred, picked.point)

    def _lens_to(self, x: float, y: float) -> None:
        """Put a peel lens that follows the pointer where the pointer is."""
        lens, wanted = self.lens, self._session.state.lens
        if lens is None or wanted is None or wanted.follows is not Follow.POINTER:
            return
        origin, direction = ray_through(lens, (self.canvas.width(), self.canvas.height()), x, y)
        # The disc is round in the picture: any place on the line of sight will do.
        self._lens_at = origin + float((lens.focus - origin) @ direction) * direction
        self.hurry()
        self.draw()

    def _lens_away(self) -> None:
        if self._lens_at is not None:
            self._lens_at = None
            self.draw()

    def _pan(self, across: float, down: float) -> None:
        lens = self.lens
        if lens is not None:
            self._session.change(steps.panned, lens, across, down)

    def hurry(self) -> None:
        """Draw fewer triangles until the picture stands still."""
        if self._quick is None:
            return
        self._rester.start()
        if not self.moving:
            self.moving = True
            self._scene.move(self._quick)
            self.canvas.samples(0)

    def _rest(self) -> None:
        """Draw the picture in full."""
        self.moving = False
        self._scene.move(None)
        self.canvas.samples(SAMPLES)
        self.draw()
        quick, picture = self._quick, self.picture
        if quick is not None and picture is not None and not quick.knows(picture):
            self._session.preparation.see(opaque(picture))
