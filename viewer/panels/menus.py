"""The menu bar: commands with their keys, added by whoever has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow


class Menus:
    """The menus of one window, in their order.

    Parameters
    ----------
    window : QMainWindow
    """

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        translate = QCoreApplication.translate
        self._menus = {
            "file": self._menu(translate("Menus", "&File")),
            "edit": self._menu(translate("Menus", "&Edit")),
            "view": self._menu(translate("Menus", "&View")),
            "structure": self._menu(translate("Menus", "&Structure")),
            "stroke": self._menu(translate("Menus", "St&roke")),
            "learn": self._menu(translate("Menus", "&Learn")),
            "panels": self._menu(translate("Menus", "&Panels")),
            "help": self._menu(translate("Menus", "&Help")),
        }
        self._waiting: list[QAction] = []
        self._enabled = False

    def __getitem__(self, name: str) -> QMenu:
        """Return a menu: file, edit, view, structure, stroke, learn, panels or help."""
        return self._menus[name]

    def add(
        self,
        menu: str,
        title: str,
        what: Callable[[], object],
        *keys: str,
        at_once: bool = False,
    ) -> QAction:
        """Add a command at the end of a menu.

        Parameters
        ----------
        menu : str
            Name of the menu.
        title : str
            Translated.
        what : callable
            What is done.
        *keys : str
            Its keys, as ``QKeySequence`` reads them; the first is shown.
        at_once : bool
            Whether it works before an atlas is open.
        """
        action = QAction(title, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda _checked=False: what())
        if not at_once and not self._enabled:
            action.setEnabled(False)
            self._waiting.append(action)
        self._menus[menu].addAction(action)
        return action

    def separate(self, menu: str) -> None:
        """Draw a line below what the menu holds so far."""
        self._menus[menu].addSeparator()

    def enable(self) -> None:
        """Allow what needs an atlas."""
        self._enabled = True
        for action in self._waiting:
            action.setEnabled(True)
        self._waiting.clear()

    def _menu(self, title: str) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        menu.setToolTipsVisible(True)
        return menu
