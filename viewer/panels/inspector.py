"""The inspector: names, attachments, neighbours, provenance and licence of what is selected."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer, QUrl
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from meshes.relations import Relations, relations
from viewer import steps
from viewer.panels.background import Task
from viewer.panels.session import Session
from viewer.panels.wording import word
from viewer.structure_page import SCHEME, page_of

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from viewer.state import ViewState
    from viewer.window import Window

#: Neighbours are looked for once a selection has stood this long.
ASK_AFTER_MS = 120

_STYLE = """
.name { font-size: large; font-weight: bold; }
.latin { font-style: italic; }
.ids { color: #808080; font-size: small; }
.k { color: #808080; padding-right: 8px; padding-top: 4px; }
.p { color: #808080; }
td { padding-top: 4px; }
a { text-decoration: none; }
"""


class Inspector(QWidget):
    """Shows the selected structure; a click on a neighbour selects that.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._known: dict[str, Relations] = {}
        self._shown: str | None = None
        self._task: Task | None = None
        self.page = QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.setAccessibleName(self.tr("Selected structure"))
        self.page.document().setDefaultStyleSheet(_STYLE)
        self.page.anchorClicked.connect(self.follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self._asker = QTimer(self)
        self._asker.setSingleShot(True)
        self._asker.setInterval(ASK_AFTER_MS)
        self._asker.timeout.connect(self._ask)
        session.changed.connect(self._changed)
        session.opened.connect(self._opened)
        session.usable.connect(self._asker.start)
        session.hushing.connect(self._write)
        self._write()

    def follow(self, link: QUrl) -> None:
        """Select what a link of the page names."""
        name = link.toString().removeprefix(SCHEME)
        atlas = self._session.atlas
        if atlas is not None and name in atlas:
            self._session.change(_reached, name, float(atlas[name].layer))

    def stop(self) -> None:
        """Ask nothing any more."""
        self._asker.stop()
        if self._task is not None:
            self._task.cancel()

    def _opened(self, atlas: Atlas) -> None:
        self._known.clear()
        self._changed(None, self._session.state)

    def _changed(self, before: ViewState | None, after: ViewState) -> None:
        if before is not None and before.highlighted == after.highlighted:
            return
        chosen = sorted(after.highlighted)
        self._shown = chosen[0] if chosen else None
        self._write()
        self._asker.start()

    def _ask(self) -> None:
        """Look for the neighbours in the background."""
        name, atlas = self._shown, self._session.atlas
        if name is None or atlas is None or name in self._known or not self._session.measured:
            return
        if self._task is not None:
            self._task.cancel()
        self._task = Task(lambda _tell: relations(atlas, name))
        self._task.start_for(partial(self._answer, atlas), self._session.fail)

    def _answer(self, atlas: Atlas, found: Relations) -> None:
        if atlas is not self._session.atlas:
            return
        self._known[found.structure] = found
        if found.structure == self._shown:
            self._write()

    def _write(self) -> None:
        atlas, name = self._session.atlas, self._shown
        if self._session.hushed:
            self.page.setHtml(f"<p class='k'>{self.tr('The quiz asks: names are kept back.')}</p>")
            return
        if atlas is None or name is None:
            hint = self.tr(
                "Click on the torso, or choose in the tree: names, attachments, nerve and "
                "neighbours stand here."
            )
            self.page.setHtml(f"<p class='k'>{hint}</p>")
            return
        place: Any = self.page.verticalScrollBar().value() if name in self._known else 0
        self.page.setHtml(page_of(atlas, name, self._known.get(name), word))
        self.page.verticalScrollBar().setValue(place)


def _reached(state: ViewState, name: str, layer: float) -> ViewState:
    """Return the state with a neighbour selected, and peeled to where it can be seen."""
    if state.isolated and name not in state.isolated:
        return steps.chosen(steps.revealed(state, name), (name,))
    return steps.gone_to(state, layer, name)


def install(window: Window) -> None:
    """Add the inspector."""
    inspector = window.inspector = Inspector(window.session)
    window.closing.connect(inspector.stop)
    title = QCoreApplication.translate("Inspector", "Structure")
    window.add_panel("structure", title, inspector, Qt.DockWidgetArea.RightDockWidgetArea)
