"""Help: a hint for who opens the window for the first time, all keys on one page, and about."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from viewer.panels.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from viewer.window import Window

translate = QCoreApplication.translate

_KEY = "greeted"
_CARD = (
    "QFrame#hint { background: rgba(252, 251, 248, 240); border: 1px solid #b9b6ae;"
    " border-radius: 8px; } QFrame#hint QLabel { color: #26282c; }"
    " QFrame#hint QPushButton { color: #26282c; background: #ebe8e1; border: 1px solid #a9a69e;"
    " border-radius: 4px; padding: 4px 14px; } QFrame#hint QPushButton:focus"
    " { border: 2px solid #2a6f9e; }"
)


class Hint(QFrame):
    """What to try first, over the 3D view, until it is sent away.

    Parameters
    ----------
    canvas : QWidget
    tour : callable
        Begins the guided tour.
    """

    def __init__(self, canvas: QWidget, tour: Callable[[], object]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setObjectName("hint")
        self.setStyleSheet(_CARD)
        self.setAccessibleName(self.tr("First steps"))
        words = QLabel(
            "<h3 style='margin:0'>{}</h3><p>{}</p><p>{}</p><p>{}</p>".format(
                self.tr("What lies beneath, and may I press there?"),
                self.tr(
                    "<b>Point</b> at the torso: the column on the right tells what lies there. "
                    "<b>Click</b> to choose it and to fix the needle. <b>Drag</b> to turn, roll "
                    "the wheel to zoom."
                ),
                self.tr(
                    "<b>]</b> and <b>[</b> peel layer by layer. <b>Ctrl+F</b> finds a structure. "
                    "<b>Ctrl+Z</b> takes anything back."
                ),
                self.tr(
                    "<b>C</b> colours the skin by where one may press. <b>Space</b> plays the "
                    "stroke. <b>F1</b> lists all keys."
                ),
            )
        )
        self._words = words
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.RichText)
        self.begin = QPushButton(self.tr("Begin"))
        self.tour = QPushButton(self.tr("Show me the tour"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.tour)
        row.addWidget(self.begin)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.addWidget(words)
        column.addLayout(row)
        self.begin.clicked.connect(self.dismiss)
        self.tour.clicked.connect(self.dismiss)
        self.tour.clicked.connect(tour)
        canvas.installEventFilter(self)
        self.hide()

    def greet(self) -> None:
        """Show it to who has never seen it."""
        if not settings().value(_KEY):
            self.show_hint()

    def show_hint(self) -> None:
        """Show it."""
        self._place()
        self.show()
        self.raise_()
        self.begin.setFocus()

    def dismiss(self) -> None:
        """Send it away, for good."""
        settings().setValue(_KEY, 1)
        self.hide()

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the window's commands while this is there."""
        asked = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape sends it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the place in the middle; who goes to work does not need it any more."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        elif event.type() == QEvent.Type.MouseButtonPress and self.isVisible():
            self.dismiss()
        return False

    def _place(self) -> None:
        around = self._canvas
        wide = min(460, max(around.width() - 40, 200))
        self.ensurePolished()
        edge = self._column.contentsMargins()
        text = self._words.heightForWidth(wide - edge.left() - edge.right() - 2)
        below = self._column.spacing() + self.begin.sizeHint().height()
        tall = edge.top() + text + below + edge.bottom() + 6
        self.setGeometry((around.width() - wide) // 2, (around.height() - tall) // 2, wide, tall)


class Page(QDialog):
    """A page of text that can be read beside the window.

    Parameters
    ----------
    title : str
    html : str
    parent : QWidget
    """

    def __init__(self, title: str, html: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.finished.connect(self.deleteLater)  # Escape only hides it
        self.resize(560, 640)
        self.text = QTextBrowser()
        self.text.setOpenExternalLinks(False)
        self.text.setAccessibleName(title)
        self.text.setHtml(html)
        buttons = QDialogButtonBox()
        close = buttons.addButton(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)


def keys_page(window: Window) -> str:
    """Return all commands that have keys, menu by menu, and what the mouse does, as HTML."""
    mouse = (
        (translate("Guide", "Left drag, arrow keys"), translate("Guide", "turn the torso")),
        (
            translate("Guide", "Middle drag, Shift + left drag, Shift + arrow keys"),
            translate("Guide", "move it"),
        ),
        (translate("Guide", "Wheel, right drag"), translate("Guide", "zoom")),
        (
            translate("Guide", "Click"),
            translate("Guide", "choose a structure and fix the needle"),
        ),
        (translate("Guide", "Double click"), translate("Guide", "bring it to the middle")),
    )
    parts = [_table(translate("Guide", "In the picture"), mouse)]
    for action in window.menuBar().actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            rows = tuple(_rows(menu))
            if rows:
                parts.append(_table(action.text().replace("&", ""), rows))
    return "".join(parts)


def _rows(menu: QMenu) -> Iterator[tuple[str, str]]:
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            yield from _rows(below)
        keys = [one.toString(QKeySequence.SequenceFormat.NativeText) for one in action.shortcuts()]
        if keys:
            yield "  ".join(keys), action.text().replace("&", "").rstrip(".")


def _table(title: str, rows: tuple[tuple[str, str], ...]) -> str:
    lines = "".join(
        f"<tr><td width='200'><b>{escape(keys)}</b></td><td>{escape(what)}</td></tr>"
        for keys, what in rows
    )
    return f"<h4>{escape(title)}</h4><table cellspacing='0' cellpadding='2'>{lines}</table>"


def _about(window: Window) -> str:
    from importlib.metadata import version

    atlas = window.session.atlas
    lines = [
        f"<h3>Palpate {escape(version('palpate'))}</h3>",
        translate("Guide", "A torso to look into before one lays hands on a real one."),
        f"<b>{translate('Guide', 'Palpate teaches; it does not diagnose, and it treats nobody.')}"
        "</b>",
        translate("Guide", "Program and built-in torso: Apache-2.0."),
        "" if atlas is None else escape(f"{atlas.title}: {atlas.licence}"),
    ]
    return "".join(f"<p>{line}</p>" for line in lines if line)


def install(window: Window) -> None:
    """Add the hint and the help menu."""
    tour = next(iter(window.menus["learn"].actions()), None)
    hint = window.hint = Hint(window.view.canvas, lambda: tour.trigger() if tour else None)
    add = window.menus.add

    def page(title: str, html: Callable[[Window], str]) -> None:
        Page(title, html(window), window).show()

    keys = translate("Guide", "Keys and mouse")
    about = translate("Guide", "About Palpate")
    add("help", keys, lambda: page(keys, keys_page), "F1", at_once=True)
    add("help", translate("Guide", "First steps"), hint.show_hint, at_once=True)
    window.menus.separate("help")
    add("help", about, lambda: page(about, _about), at_once=True)
