"""Commands of the view: undo, named views, zoom, and what is done to the selected structure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from viewer import steps
from viewer.outline import bones
from viewer.panels.protocol_editor import ProtocolEditor

if TYPE_CHECKING:
    from viewer.panels.session import Session
    from viewer.state import ViewState
    from viewer.window import Window

translate = QCoreApplication.translate


def install(window: Window) -> None:
    """Add the commands to a window."""
    _file_and_edit(window)
    _view(window)
    _structure(window)


def _file_and_edit(window: Window) -> None:
    session, add = window.session, window.menus.add
    add("file", translate("Actions", "&Close"), window.close, "Ctrl+W", at_once=True)

    def steps_of() -> Session | ProtocolEditor:
        """Return whose steps are meant: who writes a protocol takes back what was written."""
        editor = window.findChild(ProtocolEditor)
        focus = QApplication.focusWidget()
        writes = editor is not None and focus is not None and editor.isAncestorOf(focus)
        return editor if writes and editor is not None else session

    add("edit", translate("Actions", "&Undo"), lambda: steps_of().undo(), "Ctrl+Z")
    redo = translate("Actions", "&Redo")
    add("edit", redo, lambda: steps_of().redo(), "Ctrl+Y", "Ctrl+Shift+Z")
    window.menus.separate("edit")


def _view(window: Window) -> None:
    session, add = window.session, window.menus.add

    def look(view: str) -> Callable[[], None]:
        return lambda: window.view.turner.go(steps.seen_from, view)

    # Shift + digit arrives as another character on many keyboards.
    add("view", translate("Actions", "From the front"), look("anterior"), "1")
    add("view", translate("Actions", "From behind"), look("posterior"), "Shift+1", "!")
    add("view", translate("Actions", "From the left"), look("left"), "3")
    add("view", translate("Actions", "From the right"), look("right"), "Shift+3", "#")
    add("view", translate("Actions", "From above"), look("superior"), "7")
    add("view", translate("Actions", "From below"), look("inferior"), "Shift+7", "&")
    window.menus.separate("view")
    reset = translate("Actions", "Reset the view")
    add("view", reset, lambda: window.view.turner.go(steps.reset), "Home", "R")
    animated = add(
        "view",
        translate("Actions", "Turns take a moment"),
        lambda: window.view.turner.set_animated(animated.isChecked()),
        at_once=True,
    )
    animated.setCheckable(True)
    animated.setChecked(window.view.turner.animated)
    larger = translate("Actions", "Larger")
    add("view", larger, lambda: session.change(steps.zoomed, 1.25), "+", "=")
    add("view", translate("Actions", "Smaller"), lambda: session.change(steps.zoomed, 0.8), "-")
    window.menus.separate("view")


def _structure(window: Window) -> None:
    session, add = window.session, window.menus.add

    def act(how: Callable[..., ViewState]) -> Callable[[], None]:
        def do() -> None:
            ids = chosen(window)
            if ids:
                session.change(how, *ids)
            else:
                told = translate("Actions", "Select a structure first: click on it")
                session.told.emit(told)

        return do

    def isolate(state: ViewState, *ids: str) -> ViewState:
        return steps.isolated(state, bones(session.atlas) if session.atlas else (), *ids)

    add("structure", translate("Actions", "Hide"), act(steps.without), "Del", "H")
    add("structure", translate("Actions", "Show only this"), act(steps.only), "I")
    among = translate("Actions", "Isolate among ghosts of the bones")
    add("structure", among, act(isolate), "Shift+I")
    add("structure", translate("Actions", "Ghost"), act(steps.ghost), "G")
    everything = translate("Actions", "Show everything again")
    add("structure", everything, lambda: session.change(steps.everything), "Shift+H")
    nothing = translate("Actions", "Select nothing")
    add("structure", nothing, lambda: session.change(steps.selected, None), "Esc")


def chosen(window: Window) -> tuple[str, ...]:
    """Return the selected structures, or else the one under the pointer."""
    ids = tuple(sorted(window.session.state.highlighted))
    picked = window.view.pointer.picked
    return ids or ((picked.structure,) if picked is not None else ())
