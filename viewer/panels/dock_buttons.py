"""The two buttons on a panel's frame, in the ink of the window: the style's own are black."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QAbstractButton, QDockWidget

from viewer.panels.icons import icon

translate = QCoreApplication.translate


class DockButtons(QObject):
    """Draws them, and draws them anew when the window turns light or dark.

    Parameters
    ----------
    dock : QDockWidget
    """

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self._wearing: object = None
        dock.installEventFilter(self)
        self._draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the palette."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._draw()
        return False

    def _draw(self) -> None:
        wearing = self._dock.palette().cacheKey()
        if wearing == self._wearing:
            return
        self._wearing = wearing
        for name, title in (
            ("close", translate("DockButtons", "Close the panel")),
            ("float", translate("DockButtons", "Take the panel out")),
        ):
            button = self._dock.findChild(QAbstractButton, f"qt_dockwidget_{name}button")
            if button is not None:
                button.setIcon(icon(name, self._dock))
                button.setToolTip(title)
                button.setAccessibleName(f"{title}: {self._dock.windowTitle()}")
