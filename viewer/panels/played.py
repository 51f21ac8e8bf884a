"""What is played in a window: a timeline and the clock that runs over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.playback import Playback

if TYPE_CHECKING:
    from annotations.timeline import Moment, Timeline


class Played(QObject):
    """A timeline with its clock.

    Attributes
    ----------
    timeline : Timeline or None
    clock : Playback
    leads : bool
        Whether the timeline leads camera, peel and caution surface, as a tour does; a change
        that the user makes ends it.
    closed : bool
        Whether the window is closed: nothing is told any more.
    loaded : Signal(object)
        A timeline can be played.
    ran : Signal(object)
        The clock, whenever it was changed.
    """

    loaded = Signal(object)
    ran = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.timeline: Timeline | None = None
        self.leads = False
        self.clock = Playback(0.0)
        self.closed = False

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
            self.loaded.emit(timeline)
        self.ran.emit(self.clock)

    def moment(self) -> Moment | None:
        """Return what the stroke shows now; None before it was first played."""
        timeline, clock = self.timeline, self.clock
        if timeline is None or not (clock.playing or clock.t > 0.0):
            return None
        return timeline.sample(clock.t)

    def run(self, clock: Playback) -> None:
        """Put the clock where it is told; nothing happens without a timeline."""
        if self.timeline is None or self.closed:
            return
        self.clock = clock
        self.ran.emit(clock)

    def play_or_pause(self) -> None:
        """Start or stop the stroke."""
        self.run(self.clock.toggled())
