"""Menus and keys: every command of the window by name, each with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from annotations.protocol import library
from viewer import steps

if TYPE_CHECKING:
    from viewer.state import ViewState
    from viewer.window import Window

#: Title, view, keys. Shift + digit arrives as another character on many keyboards.
VIEWS = (
    ("From the front", "anterior", ("1",)),
    ("From behind", "posterior", ("Shift+1", "!")),
    ("From the left", "left", ("3",)),
    ("From the right", "right", ("Shift+3", "#")),
    ("From above", "superior", ("7",)),
    ("From below", "inferior", ("Shift+7", "&")),
)


class Actions:
    """Fills a window's menu bar.

    Parameters
    ----------
    window : Window
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._needs_atlas: list[QMenu] = []
        bar = window.menuBar()
        file = bar.addMenu("&File")
        self._add(file, "&Close", window.close, "Ctrl+W")
        edit = self._menu("&Edit")
        self._add(edit, "&Undo", window.undo, "Ctrl+Z")
        self._add(edit, "&Redo", window.redo, "Ctrl+Y", "Ctrl+Shift+Z")
        view = self._menu("&View")
        for title, name, keys in VIEWS:
            self._add(view, title, partial(self._look, name), *keys)
        view.addSeparator()
        self._add(view, "Reset the view", lambda: window.change(steps.reset), "Home", "R")
        self._add(view, "Larger", lambda: window.change(steps.zoomed, 1.25), "+", "=")
        self._add(view, "Smaller", lambda: window.change(steps.zoomed, 0.8), "-")
        view.addSeparator()
        self._add(view, "Peel one layer deeper", lambda: window.peel.step(1), "]", "PgDown")
        self._add(view, "Peel one layer back", lambda: window.peel.step(-1), "[", "PgUp")
        view.addSeparator()
        self._add(view, "Caution surface", window.caution.toggle, "C")
        structure = self._menu("&Structure")
        self._add(structure, "Hide", lambda: self._act(steps.without), "Del", "H")
        self._add(structure, "Show only this", lambda: self._act(steps.only), "I")
        self._add(structure, "Ghost", lambda: self._act(steps.ghost), "G")
        self._add(
            structure, "Show everything again", lambda: window.change(steps.everything), "Shift+H"
        )
        self._add(structure, "Select nothing", lambda: window.change(steps.selected, None), "Esc")
        stroke = self._menu("St&roke")
        self._add(stroke, "Play or pause", window.play_or_pause, "Space")
        stroke.addSeparator()
        for name in library():
            title = name.replace("_", " ").capitalize()
            self._add(stroke, title, partial(window.load_protocol, name))

    def enable(self) -> None:
        """Allow what needs an atlas."""
        for menu in self._needs_atlas:
            menu.setEnabled(True)
            for action in menu.actions():
                action.setEnabled(True)

    def _menu(self, title: str) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        self._needs_atlas.append(menu)
        return menu

    def _add(self, menu: QMenu, title: str, what: Callable[[], object], *keys: str) -> None:
        action = QAction(title, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda _checked=False: what())
        action.setEnabled(menu not in self._needs_atlas)
        menu.addAction(action)

    def _look(self, view: str) -> None:
        self._window.change(steps.seen_from, view)

    def _act(self, how: Callable[..., ViewState]) -> None:
        """Do something with the selected structure, or with the one under the pointer."""
        window = self._window
        chosen = next(iter(window.state.highlighted), None)
        if chosen is None and window.pointer.picked is not None:
            chosen = window.pointer.picked.structure
        if chosen is None:
            window.statusBar().showMessage("Select a structure first: click on it", 4000)
        else:
            window.change(how, chosen)
