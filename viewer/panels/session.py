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

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.skin_map import SkinMap, skin_map
from annotations.technique import Technique
from meshes.pose import parse_pose
from viewer import steps
from viewer.camera import Frame, frame_of
from viewer.history import History
from viewer.panels.preparation import MakeTimeline, OpenAtlas, Preparation
from viewer.playback import Playback
from viewer.state import ViewState

if TYPE_CHECKING:
    from annotations.caution import CautionField
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.errors import PalpateError
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


class Session(QObject):
    """Everything that the parts of one window share.

    Attributes
    ----------
    atlas : Atlas or None
        None until it is open.
    subject : Subject or None
        How the atlas is opened anew, in another pose or body; None if it cannot be.
    frame : Frame or None
        What zoom 1 shows of the atlas.
    history : History of ViewState
    pair : (Technique, Pressure)
        What the safety panel is set to, whether its surface is shown or not.
    timeline : Timeline or None
    clock : Playback
    leads : bool
        Whether the timeline leads camera, peel and caution surface, as a tour does; a change
        that the user makes ends it.
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
    loaded : Signal(object)
        A timeline can be played.
    ran : Signal(object)
        The clock, whenever it was changed.
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
    loaded = Signal(object)
    ran = Signal(object)
    pointed = Signal(object)
    paired = Signal(object)
    progressed = Signal(float, str)
    hushing = Signal()
    told = Signal(str)
    failed = Signal(object)

    def __init__(self, subject: Subject | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.subject = subject
        self.atlas: Atlas | None = None
        self.frame: Frame | None = None
        self.history: History[ViewState] = History(ViewState())
        self.pair: Pair = (Technique.KNEADING, Pressure.MODERATE)
        self._given_pair = self.pair
        self.timeline: Timeline | None = None
        self.leads = False
        self.clock = Playback(0.0)
        self.measured = False
        self.ready = False
        self.closed = False
        self.hushed = False
        self._movement = ""
        self._wishes = (False, False)
        self._waits_for_stroke = False
        self.preparation = Preparation(self)
        self.preparation.opened.connect(self._opened)
        self.preparation.usable.connect(self._usable)
        self.preparation.loaded.connect(self._loaded)
        self.preparation.progressed.connect(self.progressed)
        self.preparation.failed.connect(self.failed)

    @property
    def state(self) -> ViewState:
        """What the user wants to see now."""
        return self.history.now

    # ------------------------------------------------------------------ what gets ready

    def open(self, open_atlas: OpenAtlas, make_timeline: MakeTimeline | None = None) -> None:
        """Open an atlas in the background, instead of the present one once it is there."""
        self._waits_for_stroke = make_timeline is not None
        self.ready = False
        self.preparation.start(open_atlas, make_timeline)

    def open_subject(self, subject: Subject, make_timeline: MakeTimeline | None = None) -> None:
        """Open a subject in the background: another pose, body or atlas."""
        self.subject = subject
        self.open(subject.open, make_timeline)

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
        subject = self.subject
        moves = subject is not None and subject.can_move and pose is not None
        if subject is not None and pose is not None and moves and not same_pose(subject.pose, pose):
            self.open_subject(replace(subject, pose=pose), make_timeline)
        else:
            self.preparation.load(make_timeline)

    def show_timeline(self, timeline: Timeline | None, *, leads: bool = False) -> None:
        """Show a timeline from its start, or none.

        Parameters
        ----------
        timeline : Timeline or None
        leads : bool
            Whether camera, peel and caution surface follow it too (a tour), and not the hands
            alone.
        """
        self.timeline = timeline
        self.leads = leads and timeline is not None
        duration = 0.0 if timeline is None else timeline.duration_s
        self.clock = Playback(duration, loop=self.clock.loop, speed=self.clock.speed)
        if timeline is not None:
            if timeline.passages and self.state.caution is None and not leads:
                first = timeline.passages[0]
                self.give_pair((first.technique, first.pressure))
            self.loaded.emit(timeline)
        self.ran.emit(self.clock)

    def close(self) -> None:
        """End all work; nothing is told any more."""
        self.closed = True
        self.clock = self.clock.stopped()
        self.preparation.cancel()

    def _opened(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.frame = frame_of(atlas)
        self.measured = False
        before = self.history
        self.history = History(
            known(before.now, atlas),
            tuple(known(state, atlas) for state in before.before),
            tuple(known(state, atlas) for state in before.after),
        )
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
        self.show_timeline(timeline, leads=leads)
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
        going_on = bool(movement) and movement == self._movement
        self.history = self.history.amended(state) if going_on else self.history.then(state)
        self._movement = movement
        wanted = state.caution or state.pair
        if wanted is not None and wanted != (before.caution or before.pair):
            self._take_pair(wanted)
        self.changed.emit(before, state)

    def _take_over(self) -> None:
        """Stop a tour that the user interrupts, and stand where it stood: one step of undo."""
        timeline, before = self.timeline, self.state
        self.leads, self._movement = False, ""
        if timeline is not None:
            moment = timeline.sample(self.clock.t)
            here = replace(
                before,
                camera=moment.camera,
                peel=moment.peel,
                caution=moment.caution,
                surface=None,
            )
            self.history = self.history.then(here)
            self.run(self.clock.stopped())
            self.changed.emit(before, here)

    def settle(self) -> None:
        """End a movement: what comes next is a step of its own."""
        moved, self._movement = bool(self._movement), ""
        past = self.history.before
        if moved and past and past[-1].same_as(self.state):  # there and back again
            self.history = replace(self.history, before=past[:-1])

    def undo(self) -> None:
        """Take the last step back."""
        self._go_to(self.history.undone())

    def redo(self) -> None:
        """Do again what was undone."""
        self._go_to(self.history.redone())

    def _go_to(self, history: History[ViewState]) -> None:
        before, self._movement = self.state, ""
        if self.leads:
            self.leads = False
            self.run(self.clock.stopped())
        self.history = history
        if history.now is not before:
            self._take_pair(history.now.caution or history.now.pair or self._given_pair)
            self.changed.emit(before, history.now)

    # ------------------------------------------------------------------ safety

    def set_pair(self, pair: Pair) -> None:
        """Choose technique and pressure, as a step; a caution surface that is shown follows."""
        if pair == self.pair:
            return
        self._take_pair(pair)
        self.change(steps.pressed_with, pair)

    def begin(self, state: ViewState) -> None:
        """Start anew from a state, as a scene that is opened does: nothing is to be undone."""
        self.history = History(state)
        self._take_pair(state.caution or state.pair or self._given_pair)

    def give_pair(self, pair: Pair) -> None:
        """Choose technique and pressure without the user: nothing is there to be taken back."""
        self._given_pair = pair
        self._take_pair(pair)

    def _take_pair(self, pair: Pair) -> None:
        if pair != self.pair:
            self.pair = pair
            self.paired.emit(pair)

    def caution(self, state: ViewState) -> CautionField | None:
        """Return the caution surface of a state, if it can be computed without a wait."""
        pair = state.caution
        if pair is None or not self.measured or self.atlas is None:
            return None
        return caution_field(self.atlas, *pair)

    def chart(self, state: ViewState) -> SkinMap | None:
        """Return the map in millimetres that the skin shows, likewise."""
        name = state.surface
        if name is None or not self.measured or self.atlas is None:
            return None
        return skin_map(self.atlas, name)

    # ------------------------------------------------------------------ the stroke

    def run(self, clock: Playback) -> None:
        """Put the clock where it is told; nothing happens without a timeline."""
        if self.timeline is None or self.closed:
            return
        self.clock = clock
        self.ran.emit(clock)

    def play_or_pause(self) -> None:
        """Start or stop the stroke."""
        self.run(self.clock.toggled())

    def hush(self, hushed: bool) -> None:
        """Keep names back, or tell them again."""
        if hushed != self.hushed:
            self.hushed = hushed
            self.hushing.emit()

    def fail(self, error: PalpateError) -> None:
        """Tell that something could not be done."""
        self.failed.emit(error)


def known(state: ViewState, atlas: Atlas) -> ViewState:
    """Return the state without structures that an atlas lacks."""
    ids = frozenset(atlas)
    return replace(
        state,
        shown=state.shown & ids,
        hidden=state.hidden & ids,
        isolated=state.isolated & ids,
        ghosted=state.ghosted & ids,
        highlighted=state.highlighted & ids,
    )


def same_pose(one: str, other: str) -> bool:
    """Whether two poses are the same; a pose with share 0 is rest."""
    first, second = parse_pose(one), parse_pose(other)
    return first == second or first[1] == second[1] == 0.0
