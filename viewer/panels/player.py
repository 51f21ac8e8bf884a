"""Plays the stroke: moves the clock, and shows it on the bar below the torso."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QObject, Qt, QTimer

from annotations.compose import protocol_timeline
from annotations.protocol import library, open_protocol
from meshes.errors import PalpateError
from viewer.panels.playback_bar import PlaybackBar
from viewer.panels.session import Session
from viewer.panels.wording import word
from viewer.playback import Playback
from viewer.stroke_marks import neighbour_start

if TYPE_CHECKING:
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from viewer.window import Window

#: Least time between two frames of a playing stroke.
FRAME_MS = 33

translate = QCoreApplication.translate


class Player(QObject):
    """Moves a session's clock while it plays.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._since_frame = QElapsedTimer()
        self._ticker = QTimer(self)
        self._ticker.setInterval(FRAME_MS)
        self._ticker.timeout.connect(self._tick)
        session.ran.connect(self._ran)

    def stop(self) -> None:
        """Stand still for good."""
        self._ticker.stop()

    def _ran(self, clock: Playback) -> None:
        if clock.playing and not self._ticker.isActive():
            self._since_frame.restart()
            self._ticker.start()
        elif not clock.playing:
            self._ticker.stop()

    def _tick(self) -> None:
        session = self._session
        session.run(session.clock.advanced(self._since_frame.restart() / 1000.0))


def load_protocol(session: Session, name: str) -> None:
    """Lay the strokes of a protocol, by name or path, and show them once they lie.

    A body that can be moved is brought into the protocol's pose first.
    """
    try:
        protocol = open_protocol(name)
    except PalpateError as error:
        session.fail(error)
        return

    def lay(atlas: Atlas, progress: Any) -> Timeline:
        return protocol_timeline(atlas, protocol, progress)

    session.load(lay, protocol.pose)


def install(window: Window) -> None:
    """Add the bar, its keys and the protocols of the library."""
    session = window.session
    bar = window.playback = PlaybackBar()
    player = Player(session)
    window.closing.connect(player.stop)

    def go(way: int) -> None:
        if session.timeline is not None:
            session.run(session.clock.at(neighbour_start(session.timeline, session.clock.t, way)))

    def step(seconds: float) -> None:
        session.run(session.clock.at(session.clock.t + seconds))

    bar.toggled.connect(session.play_or_pause)
    bar.scrubbed.connect(lambda t: session.run(session.clock.at(t)))
    bar.paced.connect(lambda speed: session.run(replace(session.clock, speed=speed)))
    bar.looped.connect(lambda loop: session.run(replace(session.clock, loop=loop)))
    session.loaded.connect(lambda timeline: bar.show_timeline(timeline, session.clock))
    session.opened.connect(lambda _: bar.show_timeline(session.timeline, session.clock))
    session.ran.connect(bar.show_clock)
    window.add_panel(
        "timeline", translate("Player", "Timeline"), bar, Qt.DockWidgetArea.BottomDockWidgetArea
    )
    add = window.menus.add
    add("stroke", translate("Player", "Play or pause"), session.play_or_pause, "Space")
    add("stroke", translate("Player", "Next stroke"), lambda: go(1), ".")
    add("stroke", translate("Player", "Previous stroke"), lambda: go(-1), ",")
    add("stroke", translate("Player", "A moment forward"), lambda: step(0.25), "Ctrl+Right")
    add("stroke", translate("Player", "A moment back"), lambda: step(-0.25), "Ctrl+Left")
    window.menus.separate("stroke")
    for name in library():
        title = word(name.replace("_", " ").capitalize())
        add("stroke", title, partial(load_protocol, session, name))
