"""What the view shows at this moment, names and marks included, as a file or to be pasted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QFileDialog

from meshes.errors import WriteError

if TYPE_CHECKING:
    from viewer.window import Window

translate = QCoreApplication.translate


def screenshot(window: Window) -> QPixmap:
    """Return the view as it is on the screen, in the pixels of the screen."""
    return window.view.grab()


def save(window: Window, path: Path) -> bool:
    """Write the view to a PNG file; a failure is told in one line."""
    if not screenshot(window).save(str(path), "PNG"):
        window.session.fail(
            WriteError(f"the screenshot cannot be written to {path}: choose another folder")
        )
        return False
    window.session.told.emit(translate("Screenshot", "Saved {0}").format(path))
    return True


def _ask(window: Window) -> None:
    title = translate("Screenshot", "Save a screenshot")
    name, _ = QFileDialog.getSaveFileName(window, title, "palpate.png", "*.png")
    if name:
        path = Path(name)
        save(window, path if path.suffix else path.with_suffix(".png"))


def _copy(window: Window) -> None:
    QGuiApplication.clipboard().setPixmap(screenshot(window))
    window.session.told.emit(translate("Screenshot", "The view can be pasted now"))


def install(window: Window) -> None:
    """Add the commands."""
    add = window.menus.add
    title = translate("Screenshot", "Screenshot of the view...")
    add("file", title, partial(_ask, window), "Ctrl+Shift+P")
    copy = translate("Screenshot", "Copy the view")
    add("edit", copy, partial(_copy, window), "Ctrl+Shift+C")
