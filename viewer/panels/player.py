"""Plays the stroke: moves the clock, and shows it on the bar below the torso."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QObject, Qt, QTimer

from annotations.compose import protocol_timeline
from annotations.protocol import library, open_protocol
from viewer.panels.playback_bar import PlaybackBar
from viewer.panels.session import Session
from viewer.playback import Playback

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
    """Lay the strokes of a protocol, by name or path, and show them once they lie."""

    def lay(atlas: Atlas, progress: Any) -> Timeline:
        return protocol_timeline(atlas, open_protocol(name), progress)

    session.load(lay)


def install(window: Window) -> None:
    """Add the bar, the key and the protocols of the library."""
    session = window.session
    bar = window.playback = PlaybackBar()
    bar.setEnabled(False)
    player = Player(session)
    window.closing.connect(player.stop)
    bar.toggled.connect(session.play_or_pause)
    bar.scrubbed.connect(lambda t: session.run(session.clock.at(t)))
    bar.paced.connect(lambda speed: session.run(replace(session.clock, speed=speed)))
    bar.looped.connect(lambda loop: session.run(replace(session.clock, loop=loop)))
    session.loaded.connect(lambda timeline: bar.show_stroke(timeline.title, session.clock))
    session.ran.connect(bar.show_clock)
    window.add_panel(
        "timeline", translate("Player", "Timeline"), bar, Qt.DockWidgetArea.BottomDockWidgetArea
    )
    add = window.menus.add
    add("stroke", translate("Player", "Play or pause"), session.play_or_pause, "Space")
    window.menus.separate("stroke")
    for name in library():
        title = name.replace("_", " ").capitalize()
        add("stroke", title, partial(load_protocol, session, name))
