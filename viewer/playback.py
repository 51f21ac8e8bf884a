"""Where a timeline stands while it plays: a clock that is told how much time went by."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Playback:
    """A clock over a timeline.

    Attributes
    ----------
    duration_s : float
    t : float
        0..duration_s.
    playing : bool
    speed : float
        Seconds of the timeline per second.
    loop : bool
        Begin again at the end instead of stopping there.

    Examples
    --------
    >>> clock = Playback(10.0).started().advanced(4.0)
    >>> clock.t, clock.advanced(7.0).t, clock.advanced(7.0).playing
    (4.0, 1.0, True)
    """

    duration_s: float
    t: float = 0.0
    playing: bool = False
    speed: float = 1.0
    loop: bool = True

    def started(self) -> Playback:
        """Return the clock running; from the start if it had reached the end."""
        t = 0.0 if self.t >= self.duration_s else self.t
        return replace(self, playing=self.duration_s > 0.0, t=t)

    def stopped(self) -> Playback:
        """Return the clock standing still where it is."""
        return replace(self, playing=False)

    def toggled(self) -> Playback:
        """Return the clock standing if it ran, running if it stood."""
        return self.stopped() if self.playing else self.started()

    def at(self, t: float) -> Playback:
        """Return the clock at a time, taken to the nearest end if it lies outside."""
        return replace(self, t=min(max(t, 0.0), self.duration_s))

    def advanced(self, seconds: float) -> Playback:
        """Return the clock after some real time; unchanged if it stands still."""
        if not self.playing:
            return self
        t = self.t + seconds * self.speed
        if t < self.duration_s:
            return replace(self, t=t)
        if self.loop:
            return replace(self, t=t % self.duration_s)
        return replace(self, t=self.duration_s, playing=False)
