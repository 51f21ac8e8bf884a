"""The desktop window: rotate and peel the torso, ask what lies beneath, play the stroke.

The window is a frame: a session that its parts share, the 3D view, panels around it and menus.
What is in them is added by the modules of :mod:`viewer.panels.registry`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QWidget

from viewer.panels.dock_buttons import DockButtons
from viewer.panels.elided import ElidedLabel
from viewer.panels.keys import KeysFirst
from viewer.panels.menus import Menus
from viewer.panels.preparation import MakeTimeline, OpenAtlas
from viewer.panels.registry import install_all
from viewer.panels.session import Session
from viewer.panels.view import View

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from meshes.errors import PalpateError
    from viewer.panels.beneath import BeneathColumn
    from viewer.panels.guide import Hint
    from viewer.panels.inspector import Inspector
    from viewer.panels.names import Names
    from viewer.panels.needle_mark import NeedlePlace
    from viewer.panels.needle_picture import NeedlePicture
    from viewer.panels.notes import NotePins, NotesPanel
    from viewer.panels.peel_slider import PeelSlider
    from viewer.panels.playback_bar import PlaybackBar
    from viewer.panels.quiz_panel import QuizPanel
    from viewer.panels.readings import Readings
    from viewer.panels.safety_panel import SafetyPanel
    from viewer.panels.subject import Subject
    from viewer.panels.tree import StructureTree

#: How long a line stays on the status bar, milliseconds.
TOLD_MS = 5000
_SIZE = (1400, 900)


class Window(QMainWindow):
    """One window on one atlas; the atlas is opened in the background.

    Parameters
    ----------
    open_atlas : callable
        Takes a ``Progress`` and returns the atlas.
    make_timeline : callable, optional
        Takes the atlas and a ``Progress`` and returns what can be played.
    subject : Subject, optional
        How the atlas is opened anew in another pose or body.

    Attributes
    ----------
    session : Session
        What the parts share.
    view : View
        The torso.
    menus : Menus
    closing : Signal()
        The window is about to close: stop timers and threads.
    """

    closing = Signal()
    tree: StructureTree
    peel: PeelSlider
    inspector: Inspector
    safety: SafetyPanel
    beneath: BeneathColumn
    readings: Readings
    needle: NeedlePlace
    needle_picture: NeedlePicture
    notes: NotesPanel
    quiz: QuizPanel
    pins: NotePins
    names: Names
    playback: PlaybackBar
    hint: Hint

    def __init__(
        self,
        open_atlas: OpenAtlas,
        make_timeline: MakeTimeline | None = None,
        subject: Subject | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Palpate")
        self.resize(*_SIZE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._closed = False
        self._docks: dict[str, QDockWidget] = {}
        self._beside: dict[str, str] = {}
        self.session = Session(subject, self)
        self.view = View(self.session)
        self.setCentralWidget(self.view)
        self._arrange()
        self.menus = Menus(self)
        install_all(self)
        self._list_panels()
        KeysFirst(self)
        session = self.session
        session.opened.connect(self._opened)
        session.progressed.connect(self._progress)
        session.told.connect(lambda text: self.statusBar().showMessage(text, TOLD_MS))
        session.failed.connect(self._failed)
        session.open(open_atlas, make_timeline)

    def add_panel(
        self,
        name: str,
        title: str,
        widget: QWidget,
        area: Qt.DockWidgetArea,
        *,
        beside: str = "",
        shown: bool = True,
    ) -> QDockWidget:
        """Put a widget at the window's edge; the user can move, close and reopen it.

        Parameters
        ----------
        name : str
            Short English word; names the panel in saved layouts.
        title : str
            Translated.
        widget : QWidget
        area : Qt.DockWidgetArea
        beside : str
            Name of a panel to share its place with, as a tab.
        shown : bool
            Whether it is there from the start.
        """
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        if area == Qt.DockWidgetArea.BottomDockWidgetArea:
            dock.setTitleBarWidget(QWidget(dock))  # the bar needs no heading
        else:
            DockButtons(dock)
        self.addDockWidget(area, dock)
        dock.setVisible(shown)
        self._docks[name] = dock
        if beside:
            # Not at once: a tab of a panel that is hidden from the start would be left over.
            self._beside[name] = beside
            dock.toggleViewAction().triggered.connect(lambda _=False: self._seat(name))
        return dock

    def panel(self, name: str) -> QDockWidget:
        """Return a panel's frame by name."""
        return self._docks[name]

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front."""
        self._seat(name)
        self._docks[name].show()
        self._docks[name].raise_()

    def _seat(self, name: str) -> None:
        """Put a panel beside the one it shares a place with, the first time it is shown."""
        beside = self._beside.pop(name, "")
        if beside:
            self.tabifyDockWidget(self._docks[beside], self._docks[name])

    def _arrange(self) -> None:
        for corner, area in (
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        translate = QCoreApplication.translate
        self._licence = ElidedLabel()
        self.statusBar().addWidget(self._licence, 1)
        notice = translate("Window", "Palpate teaches; it does not diagnose.")
        self.statusBar().addPermanentWidget(QLabel(f"mm · {notice}"))

    def _list_panels(self) -> None:
        for dock in self._docks.values():
            self.menus["panels"].addAction(dock.toggleViewAction())

    # ------------------------------------------------------------------ what the session tells

    def _opened(self, atlas: Atlas) -> None:
        self.setWindowTitle(f"Palpate - {atlas.title}")
        self._licence.setText(atlas.licence)
        self._licence.setToolTip(atlas.licence)
        self.menus.enable()

    def _progress(self, done: float, what: str) -> None:
        if self.session.atlas is not None:
            self.statusBar().showMessage(f"{what} ({done:.0%})", 2000)

    def _failed(self, error: PalpateError) -> None:
        self.statusBar().showMessage(str(error))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop everything that could still draw, then give the GL context back."""
        if not self._closed:
            self._closed = True
            self.closing.emit()
            self.session.close()
            self.view.close_view()
        super().closeEvent(event)
