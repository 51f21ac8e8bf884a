"""The desktop window: rotate and peel the torso, ask what lies beneath, play the stroke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from annotations.caution import caution_field
from annotations.compose import protocol_timeline
from annotations.protocol import open_protocol
from viewer import steps
from viewer.camera import Frame, Lens, frame_of, lens_of
from viewer.history import History
from viewer.labels import NOTICE
from viewer.occlusion import kept_openness
from viewer.panels.actions import Actions
from viewer.panels.beneath import BeneathColumn
from viewer.panels.canvas import Canvas
from viewer.panels.caution_box import CautionBox
from viewer.panels.overlay import Overlay
from viewer.panels.peel_slider import PeelSlider
from viewer.panels.playback_bar import PlaybackBar
from viewer.panels.pointer import Pointer
from viewer.panels.preparation import MakeTimeline, OpenAtlas, Preparation
from viewer.playback import Playback
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState

if TYPE_CHECKING:
    from annotations.caution import CautionField
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.errors import PalpateError
    from viewer.detail import Reduced

#: Least time between two frames of a playing stroke.
FRAME_MS = 33
#: A picture that has stood still this long is drawn again in full.
REST_MS = 220
#: Samples per pixel of a picture that stands still.
SAMPLES = 4

_CAMERA_STEPS = (steps.turned, steps.panned, steps.zoomed, steps.seen_from, steps.reset)


class Window(QMainWindow):
    """One window on one atlas; the atlas is opened in the background.

    Parameters
    ----------
    open_atlas : callable
        Takes a ``Progress`` and returns the atlas.
    make_timeline : callable, optional
        Takes the atlas and a ``Progress`` and returns what can be played.

    Attributes
    ----------
    atlas : Atlas or None
        None until it is open.
    picture : Picture or None
        What is drawn now.
    history : History of ViewState
        What the user sees and how it came to that; strokes are not part of it.
    clock : Playback
    ready : bool
        Whether pointing, caution and the stroke work.
    """

    def __init__(self, open_atlas: OpenAtlas, make_timeline: MakeTimeline | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Palpate")
        self.resize(1280, 820)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.atlas: Atlas | None = None
        self.picture: Picture | None = None
        self.history: History[ViewState] = History(ViewState())
        self.clock = Playback(0.0)
        self.ready = False
        self._waits_for_stroke = make_timeline is not None
        self._timeline: Timeline | None = None
        self._frame: Frame | None = None
        self._fewer: Reduced | None = None
        self._moving = False
        self._before_peel: ViewState | None = None
        self._closed = False
        self._lay_out()
        plotter: Any = self.canvas  # a PyVista plotter by its second base class
        self._scene = Scene(plotter, kept_openness)
        self._time()
        self.pointer = Pointer(self.canvas, self.overlay, self.beneath)
        self.preparation = Preparation(self)
        self.commands = Actions(self)
        self._connect()
        self.preparation.start(open_atlas, make_timeline)

    @property
    def state(self) -> ViewState:
        """What the user wants to see now."""
        return self.history.now

    @property
    def lens(self) -> Lens | None:
        """The camera of the picture that is shown, or None before there is one."""
        if self.picture is None or self._frame is None:
            return None
        aspect = self.canvas.width() / max(self.canvas.height(), 1)
        return lens_of(self.picture.camera, self._frame, aspect)

    # ------------------------------------------------------------------ set-up

    def _lay_out(self) -> None:
        self.canvas = Canvas(self)
        self.overlay = Overlay(self.canvas)
        self.peel = PeelSlider()
        self.caution = CautionBox()
        self.beneath = BeneathColumn()
        self.playback = PlaybackBar()
        left = QVBoxLayout()
        left.addWidget(self.peel, 1)
        left.addWidget(_line())
        left.addWidget(self.caution)
        middle = QVBoxLayout()
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.playback)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(4, 4, 4, 4)
        row.addLayout(left)
        row.addLayout(middle, 1)
        row.addWidget(self.beneath)
        for side in (self.peel, self.caution):
            side.setFixedWidth(250)
        self.setCentralWidget(page)
        self._licence = QLabel()
        self.statusBar().addWidget(self._licence, 1)
        self.statusBar().addPermanentWidget(QLabel(f"mm · {NOTICE}"))
        for widget in (self.peel, self.caution, self.playback):
            widget.setEnabled(False)

    def _time(self) -> None:
        self._since_frame = QElapsedTimer()
        self._ticker = QTimer(self)
        self._ticker.setInterval(FRAME_MS)
        self._ticker.timeout.connect(self._tick)
        self._rester = QTimer(self)
        self._rester.setSingleShot(True)
        self._rester.setInterval(REST_MS)
        self._rester.timeout.connect(self._rest)

    def _connect(self) -> None:
        self.canvas.turned.connect(lambda x, y: self.change(steps.turned, x, y, step=False))
        self.canvas.panned.connect(self._pan)
        self.canvas.zoomed.connect(lambda factor: self.change(steps.zoomed, factor, step=False))
        self.pointer.selected.connect(lambda name: self.change(steps.selected, name))
        self.peel.peeled.connect(self._peel)
        self.peel.settled.connect(self._settle)
        self.caution.changed.connect(self._choose_caution)
        self.playback.toggled.connect(self.play_or_pause)
        self.playback.scrubbed.connect(lambda t: self._run(self.clock.at(t)))
        self.playback.paced.connect(lambda speed: self._run(replace(self.clock, speed=speed)))
        self.playback.looped.connect(lambda loop: self._run(replace(self.clock, loop=loop)))
        self.preparation.progressed.connect(self._progress)
        self.preparation.opened.connect(self._opened)
        self.preparation.usable.connect(self._usable)
        self.preparation.loaded.connect(self._loaded)
        self.preparation.reduced.connect(self._reduced)
        self.preparation.shaded.connect(self._shaded)
        self.preparation.failed.connect(self._failed)

    # ------------------------------------------------------------------ what gets ready

    def _progress(self, done: float, what: str) -> None:
        if self.atlas is None:
            self.overlay.show_progress(done, what)
        else:
            self.statusBar().showMessage(f"{what} ({done:.0%})", 2000)

    def _failed(self, error: PalpateError) -> None:
        if self.atlas is None:
            self.overlay.show_message(str(error))
        self.statusBar().showMessage(str(error))

    def _opened(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self._frame = frame_of(atlas)
        self.overlay.hide_progress()
        self.setWindowTitle(f"Palpate - {atlas.title}")
        self._licence.setText(atlas.licence)
        self._licence.setToolTip(atlas.licence)
        self.peel.setEnabled(True)
        self.commands.enable()
        self.draw()

    def _usable(self) -> None:
        self.pointer.ready = True
        self.caution.setEnabled(True)
        self.ready = not self._waits_for_stroke
        self.draw()

    def _loaded(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.ready = True
        self._ticker.stop()
        self.clock = Playback(timeline.duration_s, loop=self.clock.loop, speed=self.clock.speed)
        if timeline.passages and self.state.caution is None:
            first = timeline.passages[0]
            self.caution.choose((first.technique, first.pressure), shown=False)
        self.playback.show_stroke(timeline.title, self.clock)
        self.draw()

    def _reduced(self, fewer: Reduced) -> None:
        self._fewer = fewer

    def _shaded(self, openness: Any) -> None:
        self._scene.shade(openness)
        self.canvas.update()

    # ------------------------------------------------------------------ the picture

    def change(self, how: Callable[..., ViewState], *arguments: Any, step: bool = True) -> None:
        """Change the state and draw it.

        Parameters
        ----------
        how : callable
            A function of :mod:`viewer.steps`; camera steps get the frame after the state.
        *arguments
            What it takes besides.
        step : bool
            Whether undo takes it back; what is not a step of its own is part of a movement.
        """
        if self._frame is None:
            return
        frame = (self._frame,) if how in _CAMERA_STEPS else ()
        state = how(self.state, *frame, *arguments)
        self.history = self.history.then(state) if step else self.history.amended(state)
        if not step:
            self._move()
        self.draw()

    def undo(self) -> None:
        """Take the last step back."""
        self._go_to(self.history.undone())

    def redo(self) -> None:
        """Do again what was undone."""
        self._go_to(self.history.redone())

    def _go_to(self, history: History[ViewState]) -> None:
        self.history = history
        self.peel.show_depth(self.state.peel)
        pair = self.state.caution
        self.caution.choose(pair, shown=pair is not None)
        self.draw()

    def draw(self) -> None:
        """Show the present state at the present moment of the stroke."""
        if self.atlas is None or self._closed:
            return
        state = self.state
        if self._timeline is not None and (self.clock.playing or self.clock.t > 0.0):
            moment = self._timeline.sample(self.clock.t)
            state = replace(
                state, contacts=moment.contacts, trails=moment.trails, caption=moment.caption
            )
        self.picture = resolve(state, self.atlas, self._caution())
        self._scene.show(self.picture)
        lens = self.lens
        if lens is not None:
            self.overlay.show_sides(lens)
            self.pointer.watch(self.picture, lens)
        self.overlay.show_caption(state.caption)
        self.canvas.update()

    def _move(self) -> None:
        """Draw fewer triangles until the picture stands still."""
        if self._fewer is None:
            return
        self._rester.start()
        if not self._moving:
            self._moving = True
            self._scene.detail(self._fewer)
            self.canvas.samples(0)

    def _rest(self) -> None:
        """Draw the picture in full."""
        self._moving = False
        self._scene.detail(None)
        self.canvas.samples(SAMPLES)
        self.draw()

    def _caution(self) -> CautionField | None:
        pair = self.state.caution
        if pair is None or not self.pointer.ready or self.atlas is None:
            return None
        return caution_field(self.atlas, *pair)

    # ------------------------------------------------------------------ what the hands do

    def _pan(self, across: float, down: float) -> None:
        lens = self.lens
        if lens is not None:
            self.change(steps.panned, lens, across, down, step=False)

    def _peel(self, depth: float) -> None:
        if self._before_peel is None:
            self._before_peel = self.state
        self.change(steps.peeled, depth, step=False)

    def _settle(self, depth: float) -> None:
        """Make one step of undo out of a whole glide."""
        before, self._before_peel = self._before_peel, None
        if before is not None and before.peel != depth:
            self.history = self.history.amended(replace(before, camera=self.state.camera))
            self.change(steps.peeled, depth)

    def _choose_caution(self, pair: Any) -> None:
        self.change(lambda state: replace(state, caution=pair))
        if pair is not None and self.state.peel >= 1.0:
            self.statusBar().showMessage("The caution surface lies on the skin: peel back", 5000)

    # ------------------------------------------------------------------ the stroke

    def load_protocol(self, name: str) -> None:
        """Lay the strokes of a protocol, by name or path, and show them once they lie."""
        if self.atlas is None:
            return

        def lay(atlas: Atlas, progress: Any) -> Timeline:
            return protocol_timeline(atlas, open_protocol(name), progress)

        self.preparation.load(lay)

    def play_or_pause(self) -> None:
        """Start or stop the stroke."""
        self._run(self.clock.toggled())

    def _run(self, clock: Playback) -> None:
        if self._timeline is None:
            return
        self.clock = clock
        self.playback.show_clock(clock)
        if clock.playing:
            self._move()
        if clock.playing and not self._ticker.isActive():
            self._since_frame.restart()
            self._ticker.start()
        elif not clock.playing:
            self._ticker.stop()
        self.draw()

    def _tick(self) -> None:
        self._run(self.clock.advanced(self._since_frame.restart() / 1000.0))

    # ------------------------------------------------------------------ the end

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop everything that could still draw, then give the GL context back."""
        if not self._closed:
            self._closed = True
            self._ticker.stop()
            self._rester.stop()
            self.pointer.stop()
            self.preparation.cancel()
            self._scene.close()
            self.canvas.close()
        super().closeEvent(event)


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
