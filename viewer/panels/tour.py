"""The guided tour of the article, in the window: it leads the view until the user takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from annotations.tour import tour_timeline
from meshes.pose import REST

if TYPE_CHECKING:
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.progress import Progress
    from viewer.window import Window


def install(window: Window) -> None:
    """Add the tour to the menu."""
    session = window.session

    def make(atlas: Atlas, progress: Progress) -> Timeline:
        return tour_timeline(atlas, progress=progress)

    def start() -> None:
        window.show_panel("timeline")
        session.told.emit(
            QCoreApplication.translate("Tour", "The tour is being laid; Space pauses it")
        )
        session.load(make, REST, leads=True, plays=True)

    window.menus.add(
        "learn", QCoreApplication.translate("Tour", "Guided tour of the article"), start, "F2"
    )
