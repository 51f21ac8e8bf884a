"""Notes pinned to structures: written here, shown on the torso, kept in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from meshes.depth import FAT, SKIN
from viewer import steps
from viewer.panels.actions import chosen
from viewer.panels.session import Session

if TYPE_CHECKING:
    from viewer.panels.view import View
    from viewer.resolve import Picture
    from viewer.state import Note, ViewState
    from viewer.window import Window

_ID = Qt.ItemDataRole.UserRole
_PIN_STYLE = (
    "QLabel { background: rgba(255, 246, 196, 225); color: #26282c; border: 1px solid #b9a75a;"
    " border-radius: 3px; padding: 1px 5px; }"
)
#: A pin shows so much of its note.
_PIN_LETTERS = 32


class NotesPanel(QWidget):
    """The list of notes, and a field to write one for what is selected.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._structure: str | None = None
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Note"))
        self.text.setPlaceholderText(self.tr("Write, then press Ctrl+Return to pin it"))
        self.text.setTabChangesFocus(True)
        self.pin = QPushButton(self.tr("Pin"))
        self.remove = QPushButton(self.tr("Take away"))
        self.notes = QListWidget()
        self.notes.setAccessibleName(self.tr("Notes"))
        self.notes.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.pin)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(self.about)
        column.addWidget(self.text, 1)
        column.addLayout(buttons)
        column.addWidget(self.notes, 1)
        self.text.installEventFilter(self)
        self.pin.clicked.connect(self.keep)
        self.remove.clicked.connect(lambda: self._note(""))
        self.notes.itemActivated.connect(self._go_to)
        self.notes.itemClicked.connect(self._go_to)
        session.changed.connect(self._changed)
        session.opened.connect(lambda _: self._show(session.state))
        self.write_for(None)

    def write_for(self, structure_id: str | None) -> None:
        """Turn to a structure: show its note, if it has one."""
        self._structure = structure_id
        atlas = self._session.atlas
        known = structure_id is not None and atlas is not None
        for widget in (self.text, self.pin, self.remove):
            widget.setEnabled(known)
        if structure_id is None or atlas is None:
            self.about.setText(self.tr("Select a structure to pin a note to it."))
            self.text.clear()
            return
        name = atlas[structure_id].entry.name
        self.about.setText(f"<b>{name[:1].upper()}{name[1:]}</b>")
        self.text.setPlainText(_text_of(self._session.state.notes, structure_id))

    def keep(self) -> None:
        """Pin what is written."""
        self._note(self.text.toPlainText())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Pin what is written on Ctrl+Return, which the field would take for a new line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.keep()
                return True
        return super().eventFilter(watched, event)

    def _note(self, text: str) -> None:
        if self._structure is not None:
            self._session.change(steps.noted, self._structure, text)

    def _changed(self, before: ViewState, after: ViewState) -> None:
        if before.notes is not after.notes:
            self._show(after)
        if before.highlighted != after.highlighted or before.notes is not after.notes:
            self.write_for(next(iter(sorted(after.highlighted)), None))

    def _show(self, state: ViewState) -> None:
        atlas = self._session.atlas
        self.notes.clear()
        for note in state.notes:
            if atlas is not None and note.structure in atlas:
                name = atlas[note.structure].entry.name
                item = QListWidgetItem(f"{name[:1].upper()}{name[1:]}: {note.text}")
                item.setData(_ID, note.structure)
                self.notes.addItem(item)

    def _go_to(self, item: QListWidgetItem) -> None:
        atlas, name = self._session.atlas, str(item.data(_ID))
        if atlas is not None and name in atlas:
            self._session.change(steps.gone_to, float(atlas[name].layer), name)


class NotePins(QObject):
    """The notes on the torso, each beside its structure as far as that is drawn.

    Parameters
    ----------
    session : Session
    view : View
    """

    def __init__(self, session: Session, view: View) -> None:
        super().__init__(view)
        self._session = session
        self._view = view
        self.labels: dict[str, QLabel] = {}
        view.drawn.connect(self.place)

    def place(self) -> None:
        """Put every pin where its structure is seen."""
        notes = {note.structure: note.text for note in self._session.state.notes}
        for name in [name for name in self.labels if name not in notes]:
            self.labels.pop(name).deleteLater()
        picture, lens = self._view.picture, self._view.lens
        if not notes or picture is None or lens is None:
            return
        canvas = self._view.canvas
        size = (canvas.width(), canvas.height())
        seen = _seen(picture)
        for name, text in notes.items():
            label = self.labels.get(name) or self._label(name)
            shown = text if len(text) <= _PIN_LETTERS else f"{text[: _PIN_LETTERS - 1].rstrip()}…"
            if label.text() != shown:
                label.setText(shown)
                label.adjustSize()
            drawn = name in seen and not self._session.hushed and not self._session.leads
            drawn = drawn and not self._session.state.leaders  # then they stand in the margins
            middle: Any = picture.atlas[name].surface.bounds.mean(axis=0)
            at = lens.place_of(np.asarray(middle, dtype=np.float64), size) if drawn else None
            label.setVisible(at is not None)
            if at is not None:
                label.move(round(at[0]) + 6, round(at[1]) - label.height() // 2)

    def _label(self, name: str) -> QLabel:
        label = QLabel(self._view.canvas)
        label.setStyleSheet(_PIN_STYLE)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self.labels[name] = label
        return label


def _seen(picture: Picture) -> frozenset[str]:
    """Return what is drawn and not beneath an opaque skin or fat."""
    covers = [draw.id for draw in picture.draws if draw.id in (SKIN, FAT) and draw.opacity >= 1.0]
    outermost = SKIN if SKIN in covers else (FAT if covers else None)
    return picture.ids if outermost is None else frozenset({outermost})


def _text_of(notes: tuple[Note, ...], structure_id: str) -> str:
    return next((note.text for note in notes if note.structure == structure_id), "")


def install(window: Window) -> None:
    """Add the panel, the pins and the key."""
    session = window.session
    panel = window.notes = NotesPanel(session)
    window.pins = NotePins(session, window.view)
    translate = QCoreApplication.translate
    window.add_panel(
        "notes", translate("NotesPanel", "Notes"), panel,
        Qt.DockWidgetArea.RightDockWidgetArea, beside="structure", shown=False,
    )  # fmt: skip

    def write() -> None:
        ids = chosen(window)
        if ids and not session.state.highlighted:
            session.change(steps.selected, ids[0])
        window.show_panel("notes")
        panel.write_for(ids[0] if ids else None)
        panel.text.setFocus()

    window.menus.add("structure", translate("NotesPanel", "Write a note"), write, "T")
