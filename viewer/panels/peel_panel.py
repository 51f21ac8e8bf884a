"""The peel slider as a panel: a whole glide is one step of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt

from viewer import steps
from viewer.panels.peel_slider import STEPS, PeelSlider

if TYPE_CHECKING:
    from viewer.state import ViewState
    from viewer.window import Window

translate = QCoreApplication.translate
_MOVEMENT = "peel"
#: The slider cannot show less of a difference.
_STEP = 1.0 / STEPS


def install(window: Window) -> None:
    """Add the slider and its keys."""
    session = window.session
    slider = window.peel = PeelSlider()
    slider.setEnabled(False)

    def peel(depth: float) -> None:
        session.change(steps.peeled, depth, movement=_MOVEMENT)

    def follow(before: ViewState, after: ViewState) -> None:
        if after.peel not in (before.peel, slider.peel):
            slider.show_depth(after.peel)

    def lead() -> None:
        """Show how deep a tour has peeled, and the user's own depth again after it."""
        moment = session.moment() if session.leads else None
        depth = session.state.peel if moment is None else moment.peel
        if not slider.gliding and abs(slider.peel - depth) > _STEP:
            slider.show_depth(depth)

    slider.peeled.connect(peel)
    window.view.drawn.connect(lead)
    slider.settled.connect(lambda _depth: session.settle())
    session.changed.connect(follow)
    session.opened.connect(lambda _atlas: slider.setEnabled(True))
    window.add_panel(
        "peel", translate("PeelPanel", "Peel"), slider, Qt.DockWidgetArea.LeftDockWidgetArea
    )
    add = window.menus.add
    deeper = translate("PeelPanel", "Peel one layer deeper")
    add("view", deeper, lambda: slider.step(1), "]", "PgDown")
    add("view", translate("PeelPanel", "Peel one layer back"), lambda: slider.step(-1), "[", "PgUp")
    window.menus.separate("view")
