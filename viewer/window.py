"""The desktop window: rotate and peel the torso, ask what lies beneath, play the stroke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from annotations.caution import caution_field
from meshes.depth import caster_of, probe
from meshes.progress import Progress, part_of
from meshes.terminology import TissueLayer
from viewer import steps
from viewer.camera import Frame, Lens, frame_of, lens_of
from viewer.detail import Reduced, reduced_triangles
from viewer.history import History
from viewer.occlusion import Openness, kept_openness, openness
from viewer.panels.actions import Actions
from viewer.panels.background import Task
from viewer.panels.beneath import BeneathColumn
from viewer.panels.canvas import Canvas
from viewer.panels.caution_box import CautionBox
from viewer.panels.overlay import Overlay
from viewer.panels.peel_slider import PeelSlider
from viewer.panels.playback_bar import PlaybackBar
from viewer.picking import Picked, pick
from viewer.playback import Playback
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState

if TYPE_CHECKING:
    from annotations.caution import CautionField
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.errors import PalpateError

NOTICE = "Palpate teaches; it does not diagnose."
#: Least time between two frames of a playing stroke, and between two questions of the pointer.
FRAME_MS = 33
POINTER_MS = 30
#: A picture that has stood still this long is drawn again in full.
REST_MS = 220
#: Samples per pixel of a picture that stands still.
SAMPLES = 4

OpenAtlas = Callable[[Progress], "Atlas"]
MakeTimeline = Callable[["Atlas", Progress], "Timeline"]


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
    history : History of ViewState
        What the user sees and how it came to that; strokes are not part of it.
    clock : Playback
    """

    def __init__(self, open_atlas: OpenAtlas, make_timeline: MakeTimeline | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Palpate")
        self.resize(1280, 820)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.atlas: Atlas | None = None
        self.history: History[ViewState] = History(ViewState())
        self.clock = Playback(0.0)
        self.picked: Picked | None = None
        self.ready = False
        self._make_timeline = make_timeline
        self._timeline: Timeline | None = None
        self._picture: Picture | None = None
        self._frame: Frame | None = None
        self._tasks: list[Task] = []
        self._fewer: Reduced | None = None
        self._moving = False
        self._closed = False
        self._lay_out()
        plotter: Any = self.canvas  # a PyVista plotter by its second base class
        self._scene = Scene(plotter, kept_openness)
        self._connect()
        self._start(open_atlas, self._opened, "building the torso")

    @property
    def state(self) -> ViewState:
        """What the user wants to see now."""
        return self.history.now

    @property
    def lens(self) -> Lens | None:
        """The camera of the picture that is shown, or None before there is one."""
        if self._picture is None or self._frame is None:
            return None
        aspect = self.canvas.width() / max(self.canvas.height(), 1)
        return lens_of(self._picture.camera, self._frame, aspect)

    # ------------------------------------------------------------------ layout

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
        for layout, share in ((left, 0), (middle, 1)):
            row.addLayout(layout, share)
        row.addWidget(self.beneath)
        for side in (self.peel, self.caution):
            side.setFixedWidth(250)
        self.setCentralWidget(page)
        self._licence = QLabel()
        self.statusBar().addWidget(self._licence, 1)
        self.statusBar().addPermanentWidget(QLabel(f"mm · {NOTICE}"))
        for widget in (self.peel, self.caution, self.playback):
            widget.setEnabled(False)

    def _connect(self) -> None:
        self.actions_ = Actions(self)
        self.canvas.turned.connect(lambda x, y: self.change(steps.turned, x, y, step=False))
        self.canvas.panned.connect(self._pan)
        self.canvas.zoomed.connect(lambda factor: self.change(steps.zoomed, factor, step=False))
        self.canvas.pointed.connect(self._point)
        self.canvas.clicked.connect(self._click)
        self.canvas.left.connect(self._unpoint)
        self.peel.peeled.connect(self._peel)
        self.peel.settled.connect(self._settle)
        self.caution.changed.connect(self._choose_caution)
        self.playback.toggled.connect(self.play_or_pause)
        self.playback.scrubbed.connect(lambda t: self._run(self.clock.at(t)))
        self.playback.paced.connect(lambda speed: self._run(replace(self.clock, speed=speed)))
        self.playback.looped.connect(lambda loop: self._run(replace(self.clock, loop=loop)))
        self._since_frame = QElapsedTimer()
        self._ticker = QTimer(self)
        self._ticker.setInterval(FRAME_MS)
        self._ticker.timeout.connect(self._tick)
        self._asker = QTimer(self)
        self._asker.setSingleShot(True)
        self._asker.setInterval(POINTER_MS)
        self._asker.timeout.connect(self._ask)
        self._rester = QTimer(self)
        self._rester.setSingleShot(True)
        self._rester.setInterval(REST_MS)
        self._rester.timeout.connect(self._rest)
        self._pointer: tuple[float, float] | None = None
        self._peel_before: ViewState | None = None

    # ------------------------------------------------------------------ background work

    def _start(
        self, work: Callable[[Progress], Any], then: Callable[[Any], None], what: str
    ) -> None:
        task = Task(work)
        self._tasks.append(task)
        task.progressed.connect(lambda done, step: self._progress(done, f"{what}: {step}"))
        task.done.connect(then)
        task.failed.connect(self._failed)
        if self.atlas is None:
            self.overlay.show_progress(0.0, what)
        task.start()

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
        self.actions_.enable(atlas)
        self.draw()
        self._start(self._prepare, self._prepared, "preparing depth and strokes")

    def _prepare(self, progress: Progress) -> Timeline | None:
        """Build in the background what pointing, caution and playing need."""
        assert self.atlas is not None
        progress(0.0, "depth")
        caster_of(self.atlas)
        progress(0.2, "safety")
        caution_field(self.atlas, *self.caution.pair)
        if self._make_timeline is None:
            return None
        return self._make_timeline(self.atlas, part_of(progress, 0.5, 1.0))

    def _prepared(self, timeline: Timeline | None) -> None:
        self.ready = True
        self._timeline = timeline
        self.caution.setEnabled(True)
        self.statusBar().clearMessage()
        if timeline is not None:
            self.clock = Playback(timeline.duration_s)
            if timeline.passages and self.state.caution is None:
                first = timeline.passages[0]
                self.caution.choose((first.technique, first.pressure), shown=False)
            self.playback.show_stroke(timeline.title, self.clock)
        self.draw()
        self._start(self._reduce, self._reduced, "preparing fast pictures")

    def _reduce(self, progress: Progress) -> Reduced:
        assert self.atlas is not None
        return reduced_triangles(self.atlas)

    def _reduced(self, fewer: Reduced) -> None:
        self._fewer = fewer
        self._start(self._shade, self._shaded, "preparing light and shade")

    def _shade(self, progress: Progress) -> list[Openness]:
        assert self.atlas is not None
        shades = []
        for layer in TissueLayer:
            progress(int(layer) / len(TissueLayer), layer.title)
            shades.append(openness(self.atlas, int(layer)))
        return shades

    def _shaded(self, shades: list[Openness]) -> None:
        for shade in shades:
            self._scene.shade(shade)
        self.draw()

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
            Whether undo takes it back.
        """
        if self._frame is None:
            return
        camera = (steps.turned, steps.panned, steps.zoomed, steps.seen_from, steps.reset)
        frame = (self._frame,) if how in camera else ()
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
        self._picture = resolve(state, self.atlas, self._caution())
        self._scene.show(self._picture)
        lens = self.lens
        if lens is not None:
            self.overlay.show_sides(lens)
        self.overlay.show_caption(state.caption)
        self.canvas.update()

    def _move(self) -> None:
        """Draw fewer triangles until the picture stands still."""
        if self._fewer is not None:
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
        if pair is None or not self.ready or self.atlas is None:
            return None
        return caution_field(self.atlas, *pair)

    # ------------------------------------------------------------------ what the hands do

    def _pan(self, across: float, down: float) -> None:
        lens = self.lens
        if lens is not None:
            self.change(steps.panned, lens, across, down, step=False)

    def _peel(self, depth: float) -> None:
        if self._peel_before is None:
            self._peel_before = self.state
        self.change(steps.peeled, depth, step=False)

    def _settle(self, depth: float) -> None:
        """Make one step of undo out of a whole glide."""
        before, self._peel_before = self._peel_before, None
        if before is not None and before.peel != depth:
            self.history = self.history.amended(replace(before, camera=self.state.camera))
            self.change(steps.peeled, depth)

    def _choose_caution(self, pair: Any) -> None:
        self.change(lambda state: replace(state, caution=pair))
        if pair is not None and self.state.peel >= 1.0:
            self.statusBar().showMessage("The caution surface lies on the skin: peel back", 5000)

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

    # ------------------------------------------------------------------ the pointer

    def _point(self, x: float, y: float) -> None:
        self._pointer = (x, y)
        if self.ready and not self._asker.isActive():
            self._asker.start()

    def _unpoint(self) -> None:
        self._pointer = None
        self._asker.stop()
        self.overlay.show_pointer("")

    def _ask(self) -> None:
        """Name what is under the pointer and list what lies beneath it."""
        picked = self._pick(self._pointer)
        self.picked = picked
        if picked is None or self.atlas is None:
            self.overlay.show_pointer("")
            self.beneath.clear()
            return
        entry = self.atlas[picked.structure].entry
        part = picked.part.replace("_", " ") if picked.part else ""
        name = f"{entry.name}, {part}" if part else entry.name
        self.overlay.show_pointer(
            f"{name[:1].upper()}{name[1:]}" + (f"  ·  {entry.latin}" if entry.latin else "")
        )
        self.beneath.show_name(name, entry.latin, entry.action)
        self.beneath.show_hits(self.atlas, probe(self.atlas, picked.point))

    def _click(self, x: float, y: float) -> None:
        picked = self._pick((x, y))
        self.change(steps.selected, None if picked is None else picked.structure)

    def _pick(self, at: tuple[float, float] | None) -> Picked | None:
        lens = self.lens
        if at is None or lens is None or self.atlas is None or self._picture is None:
            return None
        opacity = {draw.id: draw.opacity for draw in self._picture.draws}
        return pick(self.atlas, opacity, lens, (self.canvas.width(), self.canvas.height()), at)

    # ------------------------------------------------------------------ the end

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop everything that could still draw, then give the GL context back."""
        if not self._closed:
            self._closed = True
            for timer in (self._ticker, self._asker, self._rester):
                timer.stop()
            for task in self._tasks:
                task.cancel()
            self._scene.close()
            self.canvas.close()
        super().closeEvent(event)


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line


def run(open_atlas: OpenAtlas, make_timeline: MakeTimeline | None = None) -> int:
    """Open a window and return when it is closed.

    Raises
    ------
    MachineError
        If there is no display, or a library that Qt needs is missing.
    """
    application = QApplication.instance() or QApplication(["palpate"])
    application.setApplicationName("Palpate")
    window = Window(open_atlas, make_timeline)
    window.show()
    code = QApplication.exec()
    Task.finish_all()
    return code
