"""The editor in a window: opened, laid and checked in the background, drawn into, saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QFileDialog, QScrollArea

from annotations.clearance import Report, check
from annotations.compose import protocol_timeline
from annotations.protocol import Protocol, library, open_protocol
from meshes.terminology import Side
from viewer import protocol_draft
from viewer.panels.background import Task
from viewer.panels.path_drawing import PathDrawing
from viewer.panels.protocol_editor import ProtocolEditor

if TYPE_CHECKING:
    from annotations.drawn_path import Described
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.errors import PalpateError
    from meshes.progress import Progress
    from viewer.panels.preparation import MakeTimeline
    from viewer.window import Window

translate = QCoreApplication.translate


class ProtocolDesk(QObject):
    """Lays and checks what the editor holds, and keeps one window's editor going.

    Parameters
    ----------
    window : Window
    editor : ProtocolEditor

    Attributes
    ----------
    drawing : PathDrawing
    """

    def __init__(self, window: Window, editor: ProtocolEditor) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self.editor = editor
        self._task: Task | None = None
        self._strokes: MakeTimeline | None = None
        self.drawing = PathDrawing(window.session, window.view, self)
        editor.written.connect(self.lay)
        editor.draws.connect(self._draw)
        self.drawing.described.connect(self._described)
        self.drawing.failed.connect(lambda error: editor.tell(str(error)))
        self.drawing.ended.connect(lambda: editor.form.draw.setChecked(False))
        self._session.opened.connect(lambda _: self._again())

    def show(self) -> None:
        """Open the editor on the protocol that is being played, or on a new one."""
        self._window.show_panel("protocol")
        timeline = self._session.timeline
        title = "" if timeline is None else timeline.title
        if self.editor.draft.protocol.title == title:
            return
        name = next((name for name in library() if open_protocol(name).title == title), "")
        if name:
            self.editor.open(name)

    def new(self) -> None:
        """Begin a new protocol."""
        self._window.show_panel("protocol")
        self.editor.begin(protocol_draft.new_draft())

    def open(self, path: Path) -> None:
        """Edit and play a protocol file."""
        self._window.show_panel("protocol")
        self.editor.open(path)

    def ask_open(self) -> None:
        """Ask for a file and open it."""
        title = translate("ProtocolDesk", "Open a protocol")
        name, _ = QFileDialog.getOpenFileName(self._window, title, "", _filter())
        if name:
            self.open(Path(name))

    def save(self) -> None:
        """Save to the protocol's own file, or ask for one."""
        path = self.editor.draft.path
        if path is None:
            self.ask_save()
        else:
            self._saved(path)

    def ask_save(self) -> None:
        """Ask where to save."""
        title = translate("ProtocolDesk", "Save the protocol")
        name, _ = QFileDialog.getSaveFileName(self._window, title, "protocol.toml", _filter())
        if name:
            self._saved(Path(name))

    def _saved(self, path: Path) -> None:
        if self.editor.save(path):
            self._session.told.emit(translate("ProtocolDesk", "Saved {0}").format(path))

    def lay(self, protocol: Protocol) -> None:
        """Lay and check a protocol in the background; what was under way is given up."""
        atlas, session = self._session.atlas, self._session
        if atlas is None:
            return
        subject = session.subject
        if subject is not None and subject.can_move and not subject.lies_as(protocol.pose):
            # Its strokes are meant for a body in that pose; the check follows when it is there.
            session.open_subject(replace(subject, pose=protocol.pose))
            return

        def strokes(atlas: Atlas, progress: Progress) -> Timeline:
            return protocol_timeline(atlas, protocol, progress)

        def laid(found: tuple[Timeline, Report]) -> None:
            session.show_timeline(found[0])
            session.strokes = self._strokes = strokes
            self.editor.show_report(found[1])

        self._end_task()
        self._task = Task(lambda progress: (strokes(atlas, progress), check(atlas, protocol)))
        self._task.start_for(laid, self._failed)

    def stop(self) -> None:
        """End everything under way."""
        self.editor.stop()
        self.drawing.stop()
        self._end_task()

    def _end_task(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _again(self) -> None:
        """Lay the protocol on a body that is new, unless that was moved out of its pose."""
        atlas, subject = self._session.atlas, self._session.subject
        protocol = self.editor.draft.protocol
        if self._window.panel("protocol").isVisible() and (
            subject is None or not subject.can_move or subject.lies_as(protocol.pose)
        ):
            if atlas is not None and self._strokes is self._session.strokes is not None:
                # The session lays it again by itself.
                self._end_task()
                self._task = Task(lambda _progress: check(atlas, protocol))
                self._task.start_for(self.editor.show_report, self._failed)
            else:
                self.lay(protocol)

    def _failed(self, error: PalpateError) -> None:
        self.editor.show_report(None, str(error))

    def _draw(self) -> None:
        if self.drawing.on:
            self.drawing.end()
            return
        self.drawing.begin()
        self._session.told.emit(
            translate("ProtocolDesk", "Draw a line on the skin with the left button")
        )

    def _described(self, found: Described) -> None:
        page: dict[str, Any] = found.path.model_dump(
            mode="json", by_alias=True, exclude_defaults=True
        )
        side = "both" if found.side is Side.MIDLINE else found.side.value
        self.editor.set_path(page, side)
        words = translate("ProtocolDesk", "{0} ({1} mm from what you drew)")
        self._session.told.emit(words.format(found.words, f"{found.apart_mm:.0f}"))


def _filter() -> str:
    return translate("ProtocolDesk", "Protocols (*.toml)")


def install(window: Window) -> None:
    """Add the editor and its commands."""
    editor = ProtocolEditor()
    desk = ProtocolDesk(window, editor)
    window.closing.connect(desk.stop)
    page = QScrollArea()
    page.setWidget(editor)
    page.setWidgetResizable(True)
    page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    title = translate("ProtocolDesk", "Protocol")
    dock = window.add_panel(
        "protocol",
        title,
        page,
        Qt.DockWidgetArea.LeftDockWidgetArea,
        beside="structures",
        shown=False,
    )
    editor.titled.connect(lambda name: dock.setWindowTitle(f"{title}: {name}"))
    window.menus.separate("stroke")
    add = window.menus.add
    add("stroke", translate("ProtocolDesk", "Edit this protocol"), desk.show, "Ctrl+E")
    add("stroke", translate("ProtocolDesk", "New protocol"), desk.new, "Ctrl+Shift+N")
    add("stroke", translate("ProtocolDesk", "Open a protocol..."), desk.ask_open, "Ctrl+Shift+O")
    add("stroke", translate("ProtocolDesk", "Save the protocol"), desk.save, "Ctrl+Shift+S")
    add("stroke", translate("ProtocolDesk", "Save the protocol as..."), desk.ask_save)
    add("stroke", translate("ProtocolDesk", "Draw a path on the skin"), editor.draws.emit, "D")
