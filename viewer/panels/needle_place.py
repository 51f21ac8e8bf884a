"""Put the needle at a place by its anatomical name, as one would tell it to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout

from annotations.site import find_site
from meshes.errors import PalpateError
from viewer import steps

if TYPE_CHECKING:
    from viewer.window import Window


class PlaceField(QDialog):
    """A line to write a place into; Return puts the needle there.

    Parameters
    ----------
    window : Window
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._session = window.session
        self.setWindowTitle(self.tr("Needle at a place"))
        self.finished.connect(self.deleteLater)  # Escape only hides it
        self.setMinimumWidth(380)
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Place on the skin"))
        self.field.setPlaceholderText("T4 3cm left")
        self.told = QLabel(
            self.tr("A vertebra and how far to the side, or a landmark; Return puts it there.")
        )
        self.told.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.told)
        self.field.returnPressed.connect(self._put)

    def _put(self) -> None:
        atlas = self._session.atlas
        if atlas is None or not self._session.measured:
            return
        try:
            site = find_site(atlas, self.field.text())
        except PalpateError as error:
            self.told.setText(str(error))
            self.adjustSize()
            return
        self._session.change(steps.needled, site.point)
        self.close()


def install(window: Window) -> None:
    """Add the command."""
    title = QCoreApplication.translate("PlaceField", "Needle at a place...")
    window.menus.add("structure", title, lambda: PlaceField(window).show(), "Ctrl+G")
