"""Export what is shown or played: format, size, place; progress, and cancel at any time."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from viewer.panels.job import Job
from viewer.scene_file import SUFFIX, SavedScene, save_scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent

    from viewer.window import Window

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Kind:
    """One format.

    Attributes
    ----------
    title : str
    suffix : str
        Of the file, dot included.
    sizes : tuple of str
        Offered pixel sizes, the usual one first; none where the reader's machine draws.
    rates : tuple of int
        Offered frames per second, the usual one first.
    moves : bool
        Whether it shows the strokes, or only the present view.
    clear : bool
        Whether it may have no background.
    """

    title: str
    suffix: str
    sizes: tuple[str, ...] = ()
    rates: tuple[int, ...] = ()
    moves: bool = True
    clear: bool = False


_FILM = ("1280x720", "1920x1080", "3840x2160")
_SHEET = ("1000x1300", "2000x2600", "1600x1200", "3840x2160")


def kinds() -> tuple[Kind, ...]:
    """Return the formats in the order they are offered."""
    return (
        Kind(
            translate("ExportDialog", "Picture of this view (PNG)"),
            ".png",
            _SHEET,
            moves=False,
        ),
        Kind(translate("ExportDialog", "Film (MP4)"), ".mp4", _FILM, (30, 60, 25, 24)),
        Kind(translate("ExportDialog", "Film (WebM)"), ".webm", _FILM, (30, 60, 25, 24)),
        Kind(
            translate("ExportDialog", "Looping picture (GIF)"),
            ".gif",
            ("640x480", "480x600", "1280x720"),
            (25, 20, 10),
        ),
        Kind(
            translate("ExportDialog", "Single pictures (PNG)"),
            ".png",
            _FILM,
            (30, 60, 25, 24),
            clear=True,
        ),
        Kind(translate("ExportDialog", "Web page (HTML, works offline)"), ".html"),
        Kind(translate("ExportDialog", "Animated 3D model (GLB)"), ".glb"),
    )


class ExportDialog(QDialog):
    """Asks for format, size and place, and runs the export beside the window.

    Parameters
    ----------
    scene : callable
        Returns the scene to export, at the time it is asked.
    protocol : callable
        Returns the file or name of the protocol, or an empty text.
    """

    def __init__(
        self,
        scene: Callable[[], SavedScene],
        protocol: Callable[[Path], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("ExportDialog", "Export"))
        self.setMinimumWidth(480)
        self._scene, self._protocol = scene, protocol
        self._kinds = kinds()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.job = Job(self)
        self.kind = QComboBox()
        for kind in self._kinds:
            self.kind.addItem(kind.title)
        self.pixels = QComboBox()
        self.pixels.setEditable(True)
        self.rate = QComboBox()
        self.clear = QCheckBox(translate("ExportDialog", "Without a background"))
        self.place = QLineEdit()
        browse = QPushButton(translate("ExportDialog", "Browse..."))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        where = QHBoxLayout()
        where.addWidget(self.place, 1)
        where.addWidget(browse)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setVisible(False)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.buttons = QDialogButtonBox()
        kinds_of = QDialogButtonBox.ButtonRole
        # The one that accepts is pressed by Return.
        self.go = self.buttons.addButton(translate("ExportDialog", "Export"), kinds_of.AcceptRole)
        self.halt = self.buttons.addButton(translate("ExportDialog", "Cancel"), kinds_of.ActionRole)
        shut = self.buttons.addButton(translate("ExportDialog", "Close"), kinds_of.RejectRole)
        self.go.clicked.connect(self._start)
        self.halt.clicked.connect(self.job.cancel)
        shut.clicked.connect(self.close)
        form = QFormLayout(self)
        for title, widget in (
            (translate("ExportDialog", "What"), self.kind),
            (translate("ExportDialog", "Size, pixels"), self.pixels),
            (translate("ExportDialog", "Frames per second"), self.rate),
            ("", self.clear),
        ):
            widget.setAccessibleName(title or self.clear.text())
            form.addRow(title, widget)
        self.place.setAccessibleName(translate("ExportDialog", "File"))
        form.addRow(translate("ExportDialog", "File"), where)
        form.addRow(self.bar)
        form.addRow(self.words)
        form.addRow(self.buttons)
        self.kind.currentIndexChanged.connect(self._choose)
        self.job.progressed.connect(self._progress)
        self.job.finished.connect(self._finished)
        self.job.failed.connect(self._failed)
        self.job.cancelled.connect(self._cancelled)
        self._choose(0)
        self._idle()

    def begin(self, moves: bool) -> None:
        """Show the dialog, set to the view or to the strokes."""
        if not self.job.running:
            index = self.kind.currentIndex()
            if self._kinds[index].moves != moves:
                self.kind.setCurrentIndex(1 if moves else 0)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Go on in the background: the window shows how far the export is."""
        super().closeEvent(event)

    def stop(self) -> None:
        """End everything: the window closes."""
        self.job.stop()
        self._tidy()
        self.close()

    def arguments(self, folder: Path) -> list[str]:
        """Return the command line; what it reads is written to a folder first."""
        kind = self._kinds[self.kind.currentIndex()]
        out = str(Path(self.place.text()).expanduser())
        if not kind.moves:
            path = folder / f"view{SUFFIX}"
            save_scene(path, self._scene())
            words = ["scene", str(path), out, "--size", self.pixels.currentText()]
        else:
            scene = self._scene()
            words = ["export", self._protocol(folder), "--out", out, *_who(scene)]
            if kind.sizes:
                words += ["--size", self.pixels.currentText(), "--fps", self.rate.currentText()]
        if kind.clear and self.clear.isChecked():
            words.append("--transparent")
        return words

    def _start(self) -> None:
        if not self.place.text():
            self.words.setText(translate("ExportDialog", "Choose a file first."))
            return
        self._folder = tempfile.TemporaryDirectory(prefix="palpate-export-")
        try:
            words = self.arguments(Path(self._folder.name))
        except OSError as error:
            self._failed(str(error))
            return
        self.go.setEnabled(False)
        self.halt.setEnabled(True)
        self.bar.setValue(0)
        self.bar.setVisible(True)
        self.words.setText(translate("ExportDialog", "Exporting..."))
        self.job.start(words)

    def _choose(self, index: int) -> None:
        kind = self._kinds[index]
        self.pixels.clear()
        self.pixels.addItems(kind.sizes)
        self.pixels.setEnabled(bool(kind.sizes))
        self.rate.clear()
        self.rate.addItems([str(rate) for rate in kind.rates])
        self.rate.setEnabled(bool(kind.rates))
        self.clear.setEnabled(kind.clear)
        text = self.place.text()
        if text:
            self.place.setText(str(Path(text).with_suffix(kind.suffix)))

    def _browse(self) -> None:
        kind = self._kinds[self.kind.currentIndex()]
        name, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), f"palpate{kind.suffix}", f"*{kind.suffix}"
        )
        if name:
            path = Path(name)
            self.place.setText(str(path if path.suffix else path.with_suffix(kind.suffix)))

    def _progress(self, done: float, what: str) -> None:
        self.bar.setValue(round(1000 * done))
        self.words.setText(what)

    def _finished(self) -> None:
        self._idle()
        self.words.setText(translate("ExportDialog", "Wrote {0}").format(self.place.text()))

    def _failed(self, message: str) -> None:
        self._idle()
        self.words.setText(message)

    def _cancelled(self) -> None:
        self._idle()
        self.words.setText(
            translate("ExportDialog", "Cancelled; a film goes on where it stopped next time.")
        )

    def _idle(self) -> None:
        self.bar.setVisible(False)
        self.go.setEnabled(True)
        self.halt.setEnabled(False)
        self._tidy()

    def _tidy(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _who(scene: SavedScene) -> list[str]:
    """Return the options that say on which body the strokes are laid."""
    words = ["--atlas", scene.atlas]
    if scene.body is not None:
        words += ["--stature", f"{scene.body.stature_cm:g}", "--sex", scene.body.sex]
        words += ["--adiposity", f"{scene.body.bmi:g}"]
        words += ["--muscularity", f"{scene.body.muscularity:g}"]
    return words


def install(window: Window) -> None:
    """Add the commands; the dialog is made when it is first asked for."""
    from viewer.panels.scene_commands import protocol_of, scene_of

    made: list[ExportDialog] = []

    def dialog() -> ExportDialog:
        if not made:
            made.append(
                ExportDialog(
                    lambda: scene_of(window), lambda folder: protocol_of(window, folder), window
                )
            )
            window.closing.connect(made[0].stop)
        return made[0]

    add = window.menus.add
    picture = translate("ExportDialog", "Save a &picture...")
    add("file", picture, lambda: dialog().begin(moves=False), "Ctrl+P")
    film = translate("ExportDialog", "&Export the strokes...")
    add("file", film, lambda: dialog().begin(moves=True), "Ctrl+Shift+E")
