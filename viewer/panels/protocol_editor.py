"""Write a protocol: strokes with their verdicts, fields to edit, checked while one writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from annotations.verdict import Verdict
from meshes.errors import PalpateError
from viewer import palette, protocol_draft
from viewer.history import History
from viewer.panels.stroke_form import StrokeForm
from viewer.protocol_draft import Draft

if TYPE_CHECKING:
    from annotations.clearance import Report, StrokeReport

#: Writing that has paused this long is checked.
SETTLE_MS = 700

translate = QCoreApplication.translate


class ProtocolEditor(QWidget):
    """Edits a draft; whoever owns it lays and checks what ``written`` tells.

    Attributes
    ----------
    history : History of Draft
    written : Signal(object)
        The protocol, once the writing pauses.
    draws : Signal()
        The user wants to draw the present stroke's path on the skin.
    titled : Signal(str)
        Name of the file, with a mark while there are changes.
    """

    written = Signal(object)
    draws = Signal()
    titled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history: History[Draft] = History(protocol_draft.new_draft())
        self._report: Report | None = None
        self.title = QLineEdit()
        self.title.setAccessibleName(translate("ProtocolEditor", "Title of the protocol"))
        self.title.editingFinished.connect(self._retitle)
        self.strokes = QListWidget()
        self.strokes.setAccessibleName(translate("ProtocolEditor", "Strokes"))
        self.strokes.setMinimumHeight(76)
        # As high as its strokes: the fields below need the room more.
        self.strokes.setSizeAdjustPolicy(QListWidget.SizeAdjustPolicy.AdjustToContents)
        self.strokes.currentRowChanged.connect(self._select)
        self.shift = QPushButton()
        self.shift.setVisible(False)
        self.shift.clicked.connect(self._apply_shift)
        self.form = StrokeForm()
        self.form.edited.connect(self._edit)
        self.form.draws.connect(self.draws)
        self.form.wrong.connect(self.tell)
        self.findings = QLabel()
        self.findings.setWordWrap(True)
        self.findings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.title)
        column.addWidget(self.strokes, 1)
        column.addLayout(self._buttons())
        column.addWidget(self.findings)
        column.addWidget(self.shift)
        column.addWidget(self.form)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(lambda: self.written.emit(self.draft.protocol))
        self._show()

    @property
    def draft(self) -> Draft:
        """The protocol as it stands."""
        return self.history.now

    @property
    def index(self) -> int:
        """Number of the stroke that the form shows."""
        return max(self.strokes.currentRow(), 0)

    def open(self, name_or_path: str | Path) -> None:
        """Edit a protocol of the library or a file; what does not read is told in one line."""
        try:
            draft = protocol_draft.opened(name_or_path)
        except PalpateError as error:
            self.tell(str(error))
            return
        self.begin(draft)

    def begin(self, draft: Draft) -> None:
        """Edit a draft, with nothing to undo."""
        self.history = History(draft)
        self._report = None
        self._show(0)
        self._timer.start()

    def save(self, path: Path) -> bool:
        """Write the protocol; a failure is told in one line."""
        try:
            self._set(protocol_draft.saved_as(self.draft, path), checked=True)
        except PalpateError as error:
            self.tell(str(error))
            return False
        return True

    def set_path(self, page: dict[str, Any], side: str) -> None:
        """Give the present stroke a path and side, as a drawn line has them."""
        fields: dict[str, Any] = {"path": page, "side": side}
        if "hold" in page:
            fields |= {"speed_cm_s": None}
        self._edit(fields)

    def undo(self) -> None:
        """Take the last change back."""
        self._go_to(self.history.undone())

    def redo(self) -> None:
        """Do it again."""
        self._go_to(self.history.redone())

    def show_report(self, report: Report | None, error: str = "") -> None:
        """Show what the check found, or why the strokes cannot be laid."""
        self._report = report
        self._colour()
        self.tell(error or self._words())
        self._offer_shift()

    def tell(self, text: str) -> None:
        """Show one line below the strokes."""
        self.findings.setText(text)

    def stop(self) -> None:
        """Check nothing any more."""
        self._timer.stop()

    # ------------------------------------------------------------------ changes

    def _edit(self, fields: dict[str, Any]) -> None:
        self._try(lambda draft: protocol_draft.with_stroke(draft, self.index, **fields))

    def _retitle(self) -> None:
        if self.title.text() != self.draft.protocol.title:
            self._try(lambda draft: protocol_draft.entitled(draft, title=self.title.text()))

    def _try(self, how: Callable[[Draft], Draft], row: int | None = None) -> None:
        try:
            draft = how(self.draft)
        except PalpateError as error:
            self.tell(str(error))
            self._show()
            return
        self._set(draft, row)

    def _set(self, draft: Draft, row: int | None = None, *, checked: bool = False) -> None:
        self.history = self.history.then(draft)
        self._show(row)
        if not checked:
            self._timer.start()

    def _go_to(self, history: History[Draft]) -> None:
        if history.now is not self.history.now:
            self.history = history
            self._show()
            self._timer.start()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for sign, title, what in (
            ("+", translate("ProtocolEditor", "Add a stroke"), self._add),
            ("×2", translate("ProtocolEditor", "Duplicate the stroke"), self._copy),
            ("−", translate("ProtocolEditor", "Remove the stroke"), self._remove),
            ("↑", translate("ProtocolEditor", "Earlier"), lambda: self._move(-1)),
            ("↓", translate("ProtocolEditor", "Later"), lambda: self._move(1)),
            ("↶", translate("ProtocolEditor", "Undo"), self.undo),
            ("↷", translate("ProtocolEditor", "Redo"), self.redo),
        ):
            button = QToolButton()
            button.setText(sign)
            button.setToolTip(title)
            button.setAccessibleName(title)
            button.clicked.connect(what)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _add(self) -> None:
        index = self.index
        self._try(lambda draft: protocol_draft.added(draft, index), index + 1)

    def _copy(self) -> None:
        index = self.index
        self._try(lambda draft: protocol_draft.added(draft, index, copy=True), index + 1)

    def _remove(self) -> None:
        index = self.index
        self._try(lambda draft: protocol_draft.without(draft, index), max(index - 1, 0))

    def _move(self, step: int) -> None:
        index = self.index
        there = min(max(index + step, 0), self.strokes.count() - 1)
        self._try(lambda draft: protocol_draft.moved(draft, index, step), there)

    def _apply_shift(self) -> None:
        report = self._stroke_report(self.index)
        if report is None or report.shift_mm is None:
            return
        path = protocol_draft.stroke_page(self.draft, self.index)["path"]
        outward, back, up = path.get("shift_mm", (0.0, 0.0, 0.0))
        self._edit({"path": {**path, "shift_mm": [outward + report.shift_mm, back, up]}})

    # ------------------------------------------------------------------ what is shown

    def _show(self, row: int | None = None) -> None:
        row = self.index if row is None else row
        names = [stroke.name for stroke in self.draft.protocol.strokes]
        blocked = [QSignalBlocker(self.strokes), QSignalBlocker(self.title)]
        self.title.setText(self.draft.protocol.title)
        self.strokes.clear()
        for name in names:
            self.strokes.addItem(QListWidgetItem(name))
        self.strokes.setCurrentRow(min(row, len(names) - 1))
        del blocked
        self._colour()
        self.form.show_stroke(protocol_draft.stroke_page(self.draft, self.index))
        path = self.draft.path
        if path is not None:
            name = path.name
        elif self.draft.original:
            name = translate("ProtocolEditor", "of the library")
        else:
            name = translate("ProtocolEditor", "not saved yet")
        self.titled.emit(f"{name} *" if self.draft.changed else name)

    def _select(self, row: int) -> None:
        if 0 <= row < len(self.draft.protocol.strokes):
            self.form.show_stroke(protocol_draft.stroke_page(self.draft, row))
            self.tell(self._words())
            self._offer_shift()

    def _stroke_report(self, row: int) -> StrokeReport | None:
        if self._report is None or row >= len(self._report.strokes):
            return None
        found = self._report.strokes[row]
        same = found.name == self.draft.protocol.strokes[row].name
        return found if same else None

    def _colour(self) -> None:
        for row in range(self.strokes.count()):
            report = self._stroke_report(row)
            item = self.strokes.item(row)
            if report is None:
                item.setIcon(QIcon())
                item.setToolTip(translate("ProtocolEditor", "Not checked yet"))
                continue
            verdict = report.verdict
            swatch = QPixmap(14, 14)
            swatch.fill(QColor(*palette.verdict_colour(verdict)))
            item.setIcon(QIcon(swatch))
            item.setToolTip(verdict.word)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{report.name}: {verdict.word}")

    def _words(self) -> str:
        report = self._stroke_report(self.index)
        if report is None:
            return ""
        lines = [
            translate("ProtocolEditor", "{0} at {1}: {2}").format(
                item.verdict.word, f"{item.t_s:.1f} s", item.rule
            )
            for item in report.findings
        ]
        if not lines and report.verdict <= Verdict.LIGHTEN:
            return translate("ProtocolEditor", "This stroke is clear on this body.")
        return "\n".join(lines)

    def _offer_shift(self) -> None:
        report = self._stroke_report(self.index)
        shift = None if report is None else report.shift_mm
        self.shift.setVisible(shift is not None)
        if shift is not None:
            words = (
                translate("ProtocolEditor", "Move it {0} mm outward: that would clear it")
                if shift > 0
                else translate("ProtocolEditor", "Move it {0} mm inward: that would clear it")
            )
            self.shift.setText(words.format(f"{abs(shift):.0f}"))
