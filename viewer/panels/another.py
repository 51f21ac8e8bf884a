"""Another window beside the first, on the same torso: each has its own view, steps and clock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from viewer.window import Window

#: Nobody else holds a window that another one has opened.
_open: dict[int, Window] = {}


def open_another(window: Window) -> Window | None:
    """Open a window on what one shows; None if that cannot be opened again."""
    subject = window.session.subject
    if subject is None:
        return None
    made = type(window)(subject.open, window.session.strokes, subject)
    _open[id(made)] = made
    made.closing.connect(partial(_open.pop, id(made), None))
    made.move(window.pos().x() + 40, window.pos().y() + 40)
    made.show()
    return made


def install(window: Window) -> None:
    """Add the command."""
    title = QCoreApplication.translate("Another", "&New window")
    command = window.menus.add("file", title, lambda: open_another(window), "Ctrl+N")
    command.setVisible(window.session.subject is not None)
    window.menus.separate("file")
