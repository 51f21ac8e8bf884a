"""The column of what lies beneath the pointer, as a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt

from viewer.panels.beneath import BeneathColumn
from viewer.panels.session import Pointed

if TYPE_CHECKING:
    from viewer.window import Window

translate = QCoreApplication.translate


def install(window: Window) -> None:
    """Add the column."""
    session = window.session
    column = window.beneath = BeneathColumn()

    def show(pointed: Pointed | None) -> None:
        atlas = session.atlas
        if pointed is None or atlas is None:
            column.clear()
            return
        picked = pointed.picked
        entry = atlas[picked.structure].entry
        name = f"{entry.name}, {picked.part.replace('_', ' ')}" if picked.part else entry.name
        column.show_name(name, entry.latin, entry.action)
        column.show_hits(atlas, pointed.hits)

    session.pointed.connect(show)
    title = translate("BeneathPanel", "Beneath the pointer")
    window.add_panel("beneath", title, column, Qt.DockWidgetArea.RightDockWidgetArea)
