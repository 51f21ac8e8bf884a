"""What the parts of a window share: the atlas, the state with its history, the clock.

A panel gets a session and nothing else: it asks for what is there, calls ``change`` with a
function of :mod:`viewer.steps` (or any function from one state to the next), and listens. No
panel knows another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from annotations.pressure import Pressure
from annotations.technique import Technique
from viewer import steps
from viewer.camera import Frame, frame_of
from viewer.panels.past import Past, Standing
from viewer.panels.played import Played
from viewer.panels.preparation import MakeTimeline, OpenAtlas, Preparation
from viewer.playback import Playback
from viewer.state import ViewState

if TYPE_CHECKING:
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.errors import PalpateError
    from viewer.history import History
    from viewer.panels.subject import Subject

Pair = tuple[Technique, Pressure]

#: Steps that need the frame of the atlas after the state.
CAMERA_STEPS = (
    steps.turned,
    steps.panned,
    steps.zoomed,
    steps.seen_from,
    steps.reset,
    steps.centred,
)
#: The movement that all camera steps belong to.
CAMERA = "camera"


class Session(Played):
    """Everything that the parts of one window share.

    Attributes
    ----------
    atlas : Atlas or None
        None until it is open.
    frame : Frame or None
        What zoom 1 shows of the atlas.
    past : Past
        What the user has done.
    pair : (Technique, Pressure)
        What the safety panel is set to, whether its surface is shown or not.
    strokes : callable or None
        Lays what is played on another body: takes the atlas and a ``Progress``.
    hushed : bool
        Whether names are kept back, because a quiz asks for them.
    measured : bool
        Whether pointing and caution surfaces answer without a wait.
    ready : bool
        Whether everything that was asked for at the start is there.
    opened : Signal(object)
        An atlas can be drawn; it may replace an earlier one.
    usable : Signal()
        ``measured`` became true.
    changed : Signal(object, object)
        The state before and the state now.
    pointed : Signal(object)
        :class:`viewer.picking.Picked`, or None where the pointer meets nothing.
    paired : Signal(object)
        ``pair`` was changed.
    progressed : Signal(float, str)
        Share done of what is being prepared, and what that is.
    hushing : Signal()
        ``hushed`` was changed.
    told : Signal(str)
        One line for the status bar.
    failed : Signal(object)
        A :class:`meshes.errors.PalpateError`.
    """

    opened = Signal(object)
    usable = Signal()
    changed = Signal(object, object)
    pointed = Signal(object)
    paired = Signal(object)
    progressed = Signal(float, str)
    hushing = Signal()
    told = Signal(str)
    failed = Signal(object)

    def __init__(self, subject: Subject | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.atlas: Atlas | None = None
        self.frame: Frame | None = None
        self.past = Past(subject)
        self.pair: Pair = (Technique.KNEADING, Pressure.MODERATE)
        self._given_pair = self.pair
        self.measured = False
        self.ready = False
        self.hushed = False
        self._wishes = (False, False)
        self._waits_for_stroke = False
        self._relaid = False
        self.strokes: MakeTimeline | None = None
        self.preparation = Preparation(self)
        self.preparation.opened.connect(self._opened)
        self.preparation.usable.connect(self._usable)
        self.preparation.loaded.connect(self._loaded)
        self.preparation.progressed.connect(self.progressed)
        self.preparation.failed.connect(self.failed)

    @property
    def state(self) -> ViewState:
        """What the user wants to see now."""
        return self.past.state

    @property
    def subject(self) -> Subject | None:
        """How the atlas is opened anew, in another pose or body; None if it cannot be."""
        return self.past.subject

    @property
    def history(self) -> History[Standing]:
        """The steps that can be undone and done again."""
        return self.past.history

    # ------------------------------------------------------------------ what gets ready

    def open(self, open_atlas: OpenAtlas, make_timeline: MakeTimeline | None = None) -> None:
        """Open an atlas in the background, instead of the present one once it is there."""
        self._waits_for_stroke = make_timeline is not None
        self.strokes = make_timeline
        self.ready = False
        self.preparation.start(open_atlas, make_timeline)

    def open_subject(
        self,
        subject: Subject,
        make_timeline: MakeTimeline | None = None,
        state: ViewState | None = None,
    ) -> None:
        """Open a subject in the background, as a step: another pose, body or atlas.

        Parameters
        ----------
        subject : Subject
        make_timeline : callable, optional
            What is to be played on it.
        state : ViewState, optional
            What is to be seen of it, if not the same as now.
        """
        before = self.state
        self.past.lay(subject, state)
        self._come_to(before)
        self._open_again(subject, make_timeline)

    def _open_again(self, subject: Subject, make_timeline: MakeTimeline | None = None) -> None:
        """Open a subject, with what was to be played on the one before unless told otherwise."""
        self._relaid = make_timeline is None and self.strokes is not None
        self.open(subject.open, make_timeline or self.strokes)

    def load(
        self,
        make_timeline: MakeTimeline,
        pose: str | None = None,
        *,
        leads: bool = False,
        plays: bool = False,
    ) -> None:
        """Lay strokes in the background; nothing happens before an atlas is open.

        Parameters
        ----------
        make_timeline : callable
        pose : str, optional
            Pose that they are meant for; a body that can be moved is brought into it first.
        leads : bool
            Whether camera, peel and caution surface follow the timeline, as in a tour.
        plays : bool
            Whether it plays as soon as it lies.
        """
        if self.atlas is None:
            return
        self._wishes = (leads, plays)
        before, subject = self.strokes, self.subject
        movable = subject is not None and subject.can_move
        if subject is not None and movable and pose is not None and not subject.lies_as(pose):
            self.open_subject(replace(subject, pose=pose), make_timeline)
        else:
            self.preparation.load(make_timeline)
        self.strokes = before if leads else make_timeline  # a tour is not laid on other bodies

    def show_timeline(self, timeline: Timeline | None, *, leads: bool = False) -> None:
        """Show a timeline from its start, or none; safety is asked for as it begins."""
        super().show_timeline(timeline, leads=leads)
        if timeline is not None and timeline.passages and self.state.caution is None and not leads:
            first = timeline.passages[0]
            self.give_pair((first.technique, first.pressure))

    def close(self) -> None:
        """End all work; nothing is told any more."""
        self.closed = True
        self.clock = self.clock.stopped()
        self.preparation.cancel()

    def _opened(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.frame = frame_of(atlas)
        self.measured = False
        self.past.look_at(atlas)
        if self.timeline is not None:  # it lies on the body that was there before
            self.timeline, self.leads = None, False
            self.clock = Playback(0.0, loop=self.clock.loop, speed=self.clock.speed)
            self.ran.emit(self.clock)
        self.opened.emit(atlas)

    def _usable(self) -> None:
        self.measured = True
        self.ready = not self._waits_for_stroke
        self.usable.emit()

    def _loaded(self, timeline: Timeline) -> None:
        self._waits_for_stroke = False
        self.ready = self.measured
        (leads, plays), self._wishes = self._wishes, (False, False)
        if self._relaid:  # the user has chosen how to press on the body before
            super().show_timeline(timeline)
        else:
            self.show_timeline(timeline, leads=leads)
        self._relaid = False
        if plays:
            self.run(self.clock.started())

    # ------------------------------------------------------------------ the state

    def change(self, how: Callable[..., ViewState], *arguments: Any, movement: str = "") -> None:
        """Change the state.

        Parameters
        ----------
        how : callable
            Takes the state (camera steps of :mod:`viewer.steps`: and the frame) and returns the
            next.
        *arguments
            What it takes besides.
        movement : str
            Name of a continuous movement that this belongs to: everything of one name without
            anything else between is taken back by one undo. Camera steps are always one.
        """
        if self.frame is None or self.closed:
            return
        if self.leads:
            self._take_over()
        framed = how in CAMERA_STEPS
        state = how(self.state, *((self.frame,) if framed else ()), *arguments)
        movement = movement or (CAMERA if framed else "")
        before = self.state
        if state.same_as(before):
            return
        self.past.take(state, movement)
        wanted = state.caution or state.pair
        if wanted is not None and wanted != (before.caution or before.pair):
            self._take_pair(wanted)
        self.changed.emit(before, state)

    def _take_over(self) -> None:
        """Stop a tour that the user interrupts, and stand where it stood: one step of undo."""
        timeline, before = self.timeline, self.state
        self.leads = False
        self.past.settle()
        if timeline is not None:
            here = steps.led(before, timeline.sample(self.clock.t))
            self.past.take(here)
            self.run(self.clock.stopped())
            self.changed.emit(before, here)

    def settle(self) -> None:
        """End a movement: what comes next is a step of its own."""
        self.past.settle()

    def undo(self) -> None:
        """Take the last step back."""
        self._go(self.past.undo)

    def redo(self) -> None:
        """Do again what was undone."""
        self._go(self.past.redo)

    def _go(self, where: Callable[[], None]) -> None:
        """Go to another step; another body is built in the background."""
        if self.closed:
            return
        before, lay = self.state, self.subject
        if self.leads:
            self.leads = False
            self.run(self.clock.stopped())
        where()
        self._come_to(before)
        if self.subject is not None and self.subject != lay:
            self._open_again(self.subject)

    def _come_to(self, before: ViewState) -> None:
        """Tell of the state that a step has led to."""
        state = self.state
        if state is not before:
            self._take_pair(state.caution or state.pair or self._given_pair)
            self.changed.emit(before, state)

    # ------------------------------------------------------------------ safety

    def set_pair(self, pair: Pair) -> None:
        """Choose technique and pressure, as a step; a caution surface that is shown follows."""
        if pair == self.pair:
            return
        self._take_pair(pair)
        self.change(steps.pressed_with, pair)

    def give_pair(self, pair: Pair) -> None:
        """Choose technique and pressure without the user: nothing is there to be taken back."""
        self._given_pair = pair
        self._take_pair(pair)

    def _take_pair(self, pair: Pair) -> None:
        if pair != self.pair:
            self.pair = pair
            self.paired.emit(pair)

    def hush(self, hushed: bool) -> None:
        """Keep names back, or tell them again."""
        if hushed != self.hushed:
            self.hushed = hushed
            self.hushing.emit()

    def fail(self, error: PalpateError) -> None:
        """Tell that something could not be done."""
        self.failed.emit(error)
