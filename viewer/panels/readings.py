"""Which needle is told of: the one under the pointer, or else the one that a click has fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, Signal

from annotations.point_words import words_of
from meshes.errors import InputError
from meshes.skin_surface import skin_of
from viewer.panels.session import Session
from viewer.playback import Playback
from viewer.reading import Reading, name_of, read_at

if TYPE_CHECKING:
    from annotations.timeline import Contact
    from meshes.atlas import Atlas
    from viewer.picking import Picked
    from viewer.state import ViewState

#: Least time between two readings under the hand of a playing stroke.
HAND_MS = 120
#: A pointer this close to the needle on the skin, mm, asks about the needle.
AT_NEEDLE_MM = 6.0


@dataclass(frozen=True, eq=False)
class Told:
    """A reading with what it is called.

    Attributes
    ----------
    reading : Reading
    title : str
        The structure that is seen there, or where the needle stands.
    more : str
        Latin name, or nothing.
    fixed : bool
        Whether it is the needle that a click has fixed.
    """

    reading: Reading
    title: str
    more: str
    fixed: bool


class Readings(QObject):
    """Keeps the present reading of a session.

    Attributes
    ----------
    now : Told or None
    changed : Signal()
        ``now`` is another.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._picked: Picked | None = None
        self._since = QElapsedTimer()
        self._since.start()
        self.now: Told | None = None
        session.pointed.connect(self._point)
        session.changed.connect(self._state)
        session.paired.connect(lambda _pair: self._read())
        session.usable.connect(self._read)
        session.ran.connect(self._ran)
        session.hushing.connect(self._read)
        session.opened.connect(self._forget)

    def _point(self, picked: Picked | None) -> None:
        if picked is not None or self._picked is not None:
            self._picked = picked
            self._read()

    def _state(self, before: ViewState, after: ViewState) -> None:
        if before.needle != after.needle:
            self._read()

    def _ran(self, clock: Playback) -> None:
        """Follow the hand, while nothing is pointed at."""
        if self._picked is None and (not clock.playing or self._since.elapsed() >= HAND_MS):
            self._since.restart()
            self._read()

    def _forget(self) -> None:
        self._picked = self.now = None
        self.changed.emit()

    def _read(self) -> None:
        self.now = self._told()
        self.changed.emit()

    def _told(self) -> Told | None:
        session = self._session
        atlas, needle, picked = session.atlas, session.state.needle, self._picked
        if atlas is None or not session.measured or session.hushed or "skin" not in atlas:
            return None
        still = needle is not None and not session.clock.playing
        if picked is not None and needle is not None and still and _near(atlas, picked, needle):
            picked = None  # who has clicked reads of the needle until the pointer moves on
        if picked is not None:
            entry = atlas[picked.structure].entry
            reading = read_at(atlas, picked.point, session.pair)
            if not picked.held:
                return Told(reading, self.tr("Not in this atlas"), "", fixed=False)
            return Told(reading, name_of(entry, picked.part), entry.latin, fixed=False)
        contact = self._contact() if self._picked is None else None
        if needle is not None and not session.clock.playing:
            reading = read_at(atlas, needle, session.pair, _place(atlas, needle))
            return Told(reading, self.tr("Needle"), reading.site.text, fixed=True)
        if contact is not None:
            pair = (contact.technique, contact.pressure)
            reading = read_at(atlas, contact.position, pair)
            return Told(reading, self.tr("Under the hand"), "", fixed=False)
        return None

    def _contact(self) -> Contact | None:
        """Return the first hand on the skin, from when the stroke was first played."""
        timeline, clock = self._session.timeline, self._session.clock
        if timeline is None or not (clock.playing or clock.t > 0.0):
            return None
        return next(iter(timeline.sample(clock.t).contacts), None)


def _near(atlas: Atlas, picked: Picked, needle: tuple[float, float, float]) -> bool:
    """Whether the pointer is where the needle stands."""
    there = skin_of(atlas).nearest(picked.point).position
    return float(np.linalg.norm(there - np.array(needle))) < AT_NEEDLE_MM


def _place(atlas: Atlas, needle: tuple[float, float, float]) -> str:
    """Return what a therapist would call the place; its coordinates where nothing is near."""
    try:
        return words_of(atlas, np.array(needle))
    except InputError:
        return ", ".join(f"{value:.0f}" for value in needle) + " mm"
