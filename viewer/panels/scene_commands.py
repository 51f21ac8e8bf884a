"""Scenes in a window: save what is looked at, open it again, and the files used last."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from annotations.compose import protocol_timeline
from annotations.protocol import library, open_protocol
from annotations.protocol_text import protocol_text
from meshes.errors import PalpateError
from viewer.panels.protocol_panel import ProtocolDesk
from viewer.panels.settings import recent_files, remember
from viewer.panels.subject import Subject
from viewer.scene_file import SUFFIX, SavedScene, read_scene, save_scene

if TYPE_CHECKING:
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.progress import Progress
    from viewer.window import Window

translate = QCoreApplication.translate


def scene_of(window: Window) -> SavedScene:
    """Return what a window shows, ready to be saved."""
    session = window.session
    subject = session.subject or Subject()
    return SavedScene(
        atlas=subject.atlas,
        body=subject.body,
        pose=subject.pose,
        protocol=_protocol_name(window),
        state=session.state,
    )


def protocol_of(window: Window, folder: Path) -> str:
    """Return the protocol that a window plays: a name of the library, or a file.

    Changes that are not saved yet are written to a file in ``folder``.
    """
    desk = _desk(window)
    draft = desk.editor.draft
    timeline = window.session.timeline
    if timeline is not None and draft.protocol.title == timeline.title:
        if draft.path is not None and not draft.changed:
            return str(draft.path)
        path = folder / "protocol.toml"
        path.write_text(protocol_text(draft.protocol, draft.original), encoding="utf-8")
        return str(path)
    return _protocol_name(window)


def save(window: Window, path: Path) -> bool:
    """Save a window's scene; a failure is told in one line."""
    try:
        save_scene(path, scene_of(window))
    except PalpateError as error:
        window.session.failed.emit(error)
        return False
    remember(path)
    window.session.told.emit(translate("SceneCommands", "Saved {0}").format(path))
    return True


def load(window: Window, path: Path) -> bool:
    """Open a scene or a protocol file; what does not read is told and changes nothing."""
    session = window.session
    if not path.name.endswith(".json"):
        _desk(window).open(path)
        remember(path)
        return True
    try:
        scene = read_scene(path)
        make = _strokes(scene)
    except PalpateError as error:
        session.failed.emit(error)
        return False
    remember(path)
    wanted = Subject(scene.atlas, scene.body, scene.pose)
    if session.atlas is not None and _same(session.subject, wanted):
        session.change(lambda _: scene.state)
        if make is not None:
            session.load(make)
        return True
    if session.subject is not None:
        wanted = replace(session.subject, atlas=wanted.atlas, body=wanted.body, pose=wanted.pose)
    session.open_subject(wanted, make, scene.state)
    return True


def ask_save(window: Window) -> None:
    """Ask where to save the scene."""
    title = translate("SceneCommands", "Save the scene")
    name, _ = QFileDialog.getSaveFileName(window, title, f"scene{SUFFIX}", f"*{SUFFIX}")
    if name:
        path = Path(name)
        save(window, path if path.name.endswith(".json") else Path(f"{name}{SUFFIX}"))


def ask_open(window: Window) -> None:
    """Ask for a scene and open it."""
    title = translate("SceneCommands", "Open a scene or a protocol")
    kinds = translate("SceneCommands", "Scenes and protocols ({0})").format("*.json *.toml")
    name, _ = QFileDialog.getOpenFileName(window, title, "", kinds)
    if name:
        load(window, Path(name))


def _same(one: Subject | None, other: Subject) -> bool:
    one = one or Subject()
    return (one.atlas, one.body, one.pose) == (other.atlas, other.body, other.pose)


def _strokes(scene: SavedScene) -> Any:
    if not scene.protocol:
        return None
    protocol = open_protocol(scene.protocol)

    def lay(atlas: Atlas, progress: Progress) -> Timeline:
        return protocol_timeline(atlas, protocol, progress)

    return lay


def _protocol_name(window: Window) -> str:
    timeline = window.session.timeline
    if timeline is None:
        return ""
    draft = _desk(window).editor.draft
    if draft.path is not None and draft.protocol.title == timeline.title:
        return str(draft.path)
    return next((name for name in library() if open_protocol(name).title == timeline.title), "")


def _desk(window: Window) -> ProtocolDesk:
    return window.findChildren(ProtocolDesk)[0]


def install(window: Window) -> None:
    """Add the commands."""
    add = window.menus.add
    add("file", translate("SceneCommands", "&Open..."), partial(ask_open, window), "Ctrl+O")
    recent = QMenu(translate("SceneCommands", "Open &recent"), window)
    window.menus["file"].addMenu(recent)

    def fill() -> None:
        recent.clear()
        for path in recent_files():
            action = recent.addAction(path.name, partial(load, window, path))
            action.setToolTip(str(path))
        if recent.isEmpty():
            recent.addAction(translate("SceneCommands", "Nothing yet")).setEnabled(False)

    recent.aboutToShow.connect(fill)
    add(
        "file",
        translate("SceneCommands", "&Save the scene..."),
        partial(ask_save, window),
        "Ctrl+S",
    )
    window.menus.separate("file")
