"""Keys go to the widget that has the focus before they are commands of the window.

Without this, Space would play the stroke while a button has the focus, and Page Down would peel
while a list is being read: Qt hands plain keys to shortcuts first.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QLineEdit,
    QTextEdit,
    QWidget,
)

_MOVES = frozenset(
    {
        Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home,
        Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
    }
)  # fmt: skip
_OPENS = frozenset({Qt.Key.Key_Plus, Qt.Key.Key_Minus})
_PRESS = frozenset({Qt.Key.Key_Space})
_OWN: tuple[tuple[type[QWidget], frozenset[Qt.Key]], ...] = (
    (QAbstractButton, _PRESS),
    (QAbstractSlider, _MOVES),
    (QAbstractItemView, _MOVES | _OPENS | _PRESS),
    (QComboBox, _MOVES | _PRESS),
    (QTextEdit, _MOVES),
)


class KeysFirst(QObject):
    """Lets the widgets of a window have the keys that they understand.

    Parameters
    ----------
    window : QWidget
        With all its widgets.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        kinds = (*(kind for kind, _ in _OWN), QLineEdit)
        for widget in window.findChildren(QWidget):
            if isinstance(widget, kinds):
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Claim a key for the widget that has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if plain and Qt.Key(event.key()) in _keys_of(watched):
                event.accept()
                return True
        return False


def _keys_of(widget: QObject) -> frozenset[Qt.Key]:
    if isinstance(widget, QLineEdit):
        return frozenset({Qt.Key.Key_Escape}) if widget.text() else frozenset()
    return next((keys for kind, keys in _OWN if isinstance(widget, kind)), frozenset())
