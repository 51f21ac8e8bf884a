"""What lies beneath the pointer or the fixed needle, as a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt

from viewer import steps
from viewer.panels.beneath import BeneathColumn
from viewer.panels.needle_picture import NeedlePicture
from viewer.panels.readings import Readings

if TYPE_CHECKING:
    from viewer.window import Window

translate = QCoreApplication.translate


def install(window: Window) -> None:
    """Add the panel and the key that takes the needle out."""
    session = window.session
    column = window.beneath = BeneathColumn()
    readings = window.readings = Readings(session)

    def show() -> None:
        told, atlas = readings.now, session.atlas
        if told is None or atlas is None:
            column.clear()
        else:
            column.show_reading(atlas, told.reading, told.title, told.more, fixed=told.fixed)

    def free() -> None:
        session.change(steps.needled, None)

    readings.changed.connect(show)
    column.freed.connect(free)
    picture = window.needle_picture = NeedlePicture(session, column.column)
    window.closing.connect(picture.stop)
    title = translate("BeneathPanel", "Beneath the pointer")
    window.add_panel("beneath", title, column, Qt.DockWidgetArea.RightDockWidgetArea)
    window.menus.add("structure", translate("BeneathPanel", "Take the needle out"), free, "N")
