"""What is written over the 3D view: sides, the caption, what the pointer meets, progress."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from viewer.camera import Lens
from viewer.panels.orientation import OrientationCube, ScaleBar

#: Direction letters and their axes in LPS, positive first.
_LETTERS = (("L", "R"), ("P", "A"), ("S", "I"))
_STYLE = (
    "QLabel { color: #26282c; background: rgba(250, 249, 247, 200); border-radius: 4px;"
    " padding: 2px 6px; }"
)


class Overlay(QObject):
    """Labels on top of a canvas that keep their places as it changes size.

    Parameters
    ----------
    canvas : QWidget
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._words = {
            "L": self.tr("Subject's left"), "R": self.tr("Subject's right"),
            "P": self.tr("Posterior"), "A": self.tr("Anterior"),
            "S": self.tr("Superior"), "I": self.tr("Inferior"),
        }  # fmt: skip
        self.left_side = self._label(16, bold=True)
        self.right_side = self._label(16, bold=True)
        self.under_pointer = self._label(11)
        self.caption = self._label(14)
        self.caption.setWordWrap(True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cube = OrientationCube(canvas)
        self.scale = ScaleBar(canvas)
        self.cube.hide()
        self.scale.hide()
        self._work = _Progress(canvas)
        canvas.installEventFilter(self)
        self.place()

    def show_sides(self, lens: Lens) -> None:
        """Name the anatomical direction that each edge of the picture points to."""
        right = lens.right
        axis = max(range(3), key=lambda index: abs(float(right[index])))
        letters = _LETTERS[axis] if right[axis] > 0 else _LETTERS[axis][::-1]
        if letters == (self.right_side.text(), self.left_side.text()):
            return
        for label, letter in zip((self.right_side, self.left_side), letters, strict=True):
            label.setText(letter)
            label.setAccessibleName(self._words[letter])
            label.setVisible(True)
        self.place()

    def show_lens(self, lens: Lens) -> None:
        """Turn the cube and fit the scale."""
        self.cube.show_lens(lens)
        self.scale.show_lens(lens, max(self._canvas.height(), 1))
        self.cube.setVisible(True)
        self.scale.setVisible(True)

    def show_pointer(self, text: str) -> None:
        """Show what is under the pointer; nothing hides it."""
        self._set(self.under_pointer, text)

    def show_caption(self, text: str) -> None:
        """Show a caption; nothing hides it."""
        self._set(self.caption, text)

    def show_progress(self, done: float, what: str) -> None:
        """Show how far the work is that the picture waits for."""
        self._work.show_progress(done, what)
        self.place()

    def show_message(self, text: str) -> None:
        """Show why there is no picture."""
        self._work.show_message(text)
        self.place()

    def hide_progress(self) -> None:
        """Take the progress away."""
        self._work.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the canvas as it changes size."""
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def place(self) -> None:
        """Put every label where it belongs."""
        width, height = self._canvas.width(), self._canvas.height()
        for label in (self.left_side, self.right_side, self.under_pointer):
            label.adjustSize()
        middle = height // 2
        self.left_side.move(10, middle)
        self.right_side.move(width - self.right_side.width() - 10, middle)
        self.under_pointer.move(10, 10)
        self.cube.move(width - self.cube.width() - 8, 8)
        wide = min(int(width * 0.8), 760)
        tall = max(self.caption.heightForWidth(wide), 30)
        left, top = (width - wide) // 2, height - tall - 14
        self.caption.setGeometry(left, top, wide, tall)
        # A long caption reaches over the scale: that goes up as long as there is one.
        met = bool(self.caption.text()) and left < 10 + self.scale.width()
        self.scale.move(10, (top if met else height) - self.scale.height() - 8)
        self._work.adjustSize()
        self._work.move((width - self._work.width()) // 2, (height - self._work.height()) // 2)

    def _label(self, points: int, *, bold: bool = False) -> QLabel:
        label = QLabel(self._canvas)
        font = label.font()
        font.setPointSize(points)
        font.setBold(bold)
        label.setFont(font)
        label.setStyleSheet(_STYLE)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.hide()
        return label

    def _set(self, label: QLabel, text: str) -> None:
        if text != label.text():
            label.setText(text)
            self.place()
        label.setVisible(bool(text))


class _Progress(QWidget):
    """A bar with a line of text in the middle of the view."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setMinimumWidth(360)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        column = QVBoxLayout(self)
        column.addWidget(self._text)
        column.addWidget(self._bar)
        self.setStyleSheet("QLabel { color: #26282c; }")
        self.hide()

    def show_progress(self, done: float, what: str) -> None:
        self._text.setText(what[:1].upper() + what[1:])
        self._bar.setValue(int(1000 * done))
        self._bar.show()
        self.show()

    def show_message(self, text: str) -> None:
        self._text.setText(text)
        self._bar.hide()
        self.show()
