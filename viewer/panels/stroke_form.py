"""The fields of one stroke, as a form; the path as the lines a protocol file would have."""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from annotations.hand import Hand
from annotations.pressure import Pressure
from annotations.technique import Technique
from viewer.panels.wording import word

translate = QCoreApplication.translate

_SIDES = ("left", "right", "both", "each")
_PATH_LINES = 5


class StrokeForm(QWidget):
    """Shows one stroke and tells which fields are changed.

    Attributes
    ----------
    edited : Signal(dict)
        Fields as a protocol file names them; None for "as usual".
    draws : Signal()
        The user wants to draw the path on the skin.
    wrong : Signal(str)
        The path does not read; one line.
    """

    edited = Signal(dict)
    draws = Signal()
    wrong = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self.name = QLineEdit()
        self.name.editingFinished.connect(lambda: self._tell(name=self.name.text()))
        self._row(translate("StrokeForm", "Name"), self.name)
        self.technique = self._choice(
            translate("StrokeForm", "Technique"),
            "technique",
            [(word(item.label), item.value) for item in Technique],
        )
        self.pressure = self._choice(
            translate("StrokeForm", "Pressure"),
            "pressure",
            [(word(item.label), item.value) for item in Pressure],
        )
        self.side = self._choice(
            translate("StrokeForm", "Side"),
            "side",
            [(word(side.capitalize()), side) for side in _SIDES],
        )
        usual = translate("StrokeForm", "As usual")
        self.hand = self._choice(
            translate("StrokeForm", "Hand"),
            "hand",
            [(usual, None), *((word(item.value.capitalize()), item.value) for item in Hand)],
        )
        self.speed = self._number(translate("StrokeForm", "Speed, cm/s"), 40.0, "speed_cm_s")
        self.duration = self._number(translate("StrokeForm", "Duration, s"), 600.0, "duration_s")
        self.repetitions = QSpinBox()
        self.repetitions.setRange(1, 100)
        self.repetitions.valueChanged.connect(lambda value: self._tell(repetitions=value))
        self._row(translate("StrokeForm", "Repetitions"), self.repetitions)
        self.caption = QLineEdit()
        self.caption.editingFinished.connect(lambda: self._tell(caption=self.caption.text()))
        self._row(translate("StrokeForm", "Caption"), self.caption)
        self.path = _PathEdit()
        self.path.left.connect(self.tell_path)
        self._row(translate("StrokeForm", "Path"), self.path)
        self.draw = QPushButton(translate("StrokeForm", "Draw it on the skin"))
        self.draw.setCheckable(True)
        self.draw.clicked.connect(self.draws)
        self._form.addRow("", self.draw)
        self._shown: dict[str, Any] = {}

    def show_stroke(self, page: dict[str, Any]) -> None:
        """Show a stroke as a protocol file writes it, without telling anybody."""
        self._shown = page
        editors = (
            self.name,
            self.technique,
            self.pressure,
            self.side,
            self.hand,
            self.speed,
            self.duration,
            self.repetitions,
            self.caption,
        )
        blocked = [QSignalBlocker(one) for one in editors]
        self.name.setText(page["name"])
        for box, field, usual in (
            (self.technique, "technique", None),
            (self.pressure, "pressure", None),
            (self.side, "side", "both"),
            (self.hand, "hand", None),
        ):
            box.setCurrentIndex(max(box.findData(page.get(field, usual)), 0))
        self.speed.setValue(page.get("speed_cm_s") or 0.0)
        self.duration.setValue(page.get("duration_s") or 0.0)
        self.repetitions.setValue(page.get("repetitions", 1))
        self.caption.setText(page.get("caption", ""))
        self.path.setPlainText(path_text(page["path"]))
        del blocked

    def tell_path(self) -> None:
        """Read the path's lines and tell them if they changed."""
        try:
            path = tomllib.loads(self.path.toPlainText())
        except tomllib.TOMLDecodeError as error:
            self.wrong.emit(translate("StrokeForm", "The path does not read: {0}").format(error))
            return
        if path != self._shown.get("path"):
            self._tell(path=path)

    def _tell(self, **fields: Any) -> None:
        if any(self._shown.get(key) != value for key, value in fields.items()):
            self.edited.emit(fields)

    def _choice(self, title: str, field: str, items: list[tuple[str, Any]]) -> QComboBox:
        box = QComboBox()
        # The form is as narrow as the window's edge: long words are cut, not the page widened.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        for label, value in items:
            box.addItem(label, value)
        box.currentIndexChanged.connect(lambda _: self._tell(**{field: box.currentData()}))
        self._row(title, box)
        return box

    def _number(self, title: str, most: float, field: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(0.0, most)
        box.setDecimals(1)
        box.setSpecialValueText(translate("StrokeForm", "As usual"))
        # Speed and duration are two ways to say one thing: the one that is set clears the other.
        other = "duration_s" if field == "speed_cm_s" else "speed_cm_s"

        def tell() -> None:
            value = box.value() or None
            self._tell(**({field: value} if value is None else {field: value, other: None}))

        box.editingFinished.connect(tell)
        self._row(title, box)
        return box

    def _row(self, title: str, widget: QWidget) -> None:
        widget.setAccessibleName(title)
        self._form.addRow(title, widget)


class _PathEdit(QPlainTextEdit):
    """A few lines of TOML; tells when the cursor leaves."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _PATH_LINES + 12)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def focusOutEvent(self, event: Any) -> None:  # noqa: N802
        """Tell that editing has ended."""
        super().focusOutEvent(event)
        self.left.emit()


def path_text(path: dict[str, Any]) -> str:
    """Return a path as lines of TOML, a field each.

    >>> print(path_text({"parallel_cm": 4, "from": "T2", "to": "T7"}))
    parallel_cm = 4
    from = "T2"
    to = "T7"
    """
    page = tomlkit.document()
    for key, value in path.items():
        if isinstance(value, dict):
            table = tomlkit.inline_table()
            table.update(value)
            page[key] = table
        else:
            page[key] = value
    return tomlkit.dumps(page).rstrip("\n")
