"""May I press here? Technique and pressure, what the skin shows, and the rules at the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QStackedWidget,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from annotations.pressure import Pressure
from annotations.skin_map import MAPS
from annotations.technique import Technique
from viewer import steps
from viewer.panels.legend import ScaleLegend, VerdictLegend
from viewer.panels.wording import word
from viewer.reading import Reading
from viewer.safety_page import contraindications_page, judgement_page

if TYPE_CHECKING:
    from viewer.panels.session import Pair
    from viewer.state import ViewState
    from viewer.window import Window

#: What the skin can show besides maps in millimetres.
NOTHING, CAUTION = "", "caution"
_STYLE = """
h4 { margin-bottom: 0px; }
p { margin-top: 3px; margin-bottom: 5px; }
.s { color: #808080; font-size: small; }
"""


class SafetyPanel(QWidget):
    """Chooses technique, pressure and surface; tells the rules at the pointer.

    Attributes
    ----------
    paired : Signal(object)
        The pair that the user has chosen.
    surfaced : Signal(str)
        What the skin shall show: nothing, ``caution``, or a name of ``MAPS``.
    """

    paired = Signal(object)
    surfaced = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.technique = QComboBox()
        for technique in Technique:
            self.technique.addItem(word(technique.label), technique)
            last = self.technique.count() - 1
            self.technique.setItemData(
                last, word(technique.description), Qt.ItemDataRole.ToolTipRole
            )
        self.technique.setAccessibleName(self.tr("Technique"))
        self.pressure = QComboBox()
        for pressure in Pressure:
            self.pressure.addItem(word(pressure.label), pressure)
        self.pressure.setAccessibleName(self.tr("Pressure"))
        self.surface = QComboBox()
        self.surface.setAccessibleName(self.tr("Shown on the skin"))
        self.surface.addItem(self.tr("Nothing"), NOTHING)
        self.surface.addItem(self.tr("Where I may press (C)"), CAUTION)
        for name, scale in MAPS.items():
            self.surface.addItem(word(scale.title), name)
        self._scale = ScaleLegend()
        self.legend = QStackedWidget()
        self.legend.addWidget(VerdictLegend())
        self.legend.addWidget(self._scale)
        self.rules = _browser(self.tr("Rules at the pointer"))
        self._contra = _browser(self.tr("Contraindications"))
        self._contra.setHtml(contraindications_page(word))
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.addTab(self.rules, self.tr("Why"))
        self.pages.addTab(self._contra, self.tr("For whom not"))
        self._told: object = None
        form = QFormLayout()
        form.addRow(self.tr("Technique"), self.technique)
        form.addRow(self.tr("Pressure"), self.pressure)
        form.addRow(self.tr("On the skin"), self.surface)
        for combo in (self.technique, self.pressure, self.surface):
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(12)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addLayout(form)
        column.addWidget(self.legend)
        column.addWidget(self.pages, 1)
        self.technique.currentIndexChanged.connect(self._tell_pair)
        self.pressure.currentIndexChanged.connect(self._tell_pair)
        self.surface.currentIndexChanged.connect(
            lambda _: self.surfaced.emit(str(self.surface.currentData()))
        )
        self.show_reading(None)

    @property
    def pair(self) -> Pair:
        """The technique and pressure chosen."""
        return (
            list(Technique)[self.technique.currentIndex()],
            list(Pressure)[self.pressure.currentIndex()],
        )

    def show_pair(self, pair: Pair) -> None:
        """Show a choice without telling anybody."""
        for combo, index in (
            (self.technique, list(Technique).index(pair[0])),
            (self.pressure, list(Pressure).index(pair[1])),
        ):
            blocked = combo.blockSignals(True)
            combo.setCurrentIndex(index)
            combo.blockSignals(blocked)

    def show_surface(self, name: str) -> None:
        """Show what is on the skin, with its legend, without telling anybody."""
        blocked = self.surface.blockSignals(True)
        self.surface.setCurrentIndex(max(self.surface.findData(name), 0))
        self.surface.blockSignals(blocked)
        if name in MAPS:
            self._scale.show_scale(MAPS[name])
        self.legend.setCurrentIndex(1 if name in MAPS else 0)

    def show_reading(self, reading: Reading | None) -> None:
        """Show the rules that speak at a place."""
        judgement = None if reading is None else reading.judgement
        told = (
            None
            if judgement is None
            else (judgement.technique, judgement.pressure, judgement.rules)
        )
        if told is not None and told == self._told:
            return
        self._told = told
        if judgement is None:
            hint = self.tr("Point at the torso: what speaks for and against it stands here.")
            self.rules.setHtml(f"<p class='s'>{hint}</p>")
        else:
            self.rules.setHtml(judgement_page(judgement, word))

    def _tell_pair(self) -> None:
        self.paired.emit(self.pair)


def _browser(name: str) -> QTextBrowser:
    browser = QTextBrowser()
    browser.setAccessibleName(name)
    browser.setOpenLinks(False)
    browser.document().setDefaultStyleSheet(_STYLE)
    browser.setMinimumHeight(80)
    return browser


def surface_of(state: ViewState) -> str:
    """Return what the skin shows: nothing, ``caution``, or a name of ``MAPS``."""
    if state.surface is not None:
        return state.surface
    return NOTHING if state.caution is None else CAUTION


def install(window: Window) -> None:
    """Add the panel and the key of the caution surface."""
    session = window.session
    panel = window.safety = SafetyPanel()
    panel.show_pair(session.pair)
    panel.setEnabled(False)

    def surface(name: str) -> None:
        pair = session.pair if name == CAUTION else None
        session.change(steps.surfaced, pair, name if name in MAPS else None)
        if name and session.state.peel >= 1.0:
            session.told.emit(
                QCoreApplication.translate(
                    "SafetyPanel", "The skin that shows it is peeled away: peel back"
                )
            )

    def toggle() -> None:
        if panel.isEnabled():
            surface(NOTHING if session.state.caution is not None else CAUTION)

    def read() -> None:
        told = window.readings.now
        panel.show_reading(None if told is None else told.reading)

    panel.paired.connect(session.set_pair)
    panel.surfaced.connect(surface)
    session.paired.connect(panel.show_pair)
    session.changed.connect(lambda _before, after: panel.show_surface(surface_of(after)))
    session.usable.connect(lambda: panel.setEnabled(True))
    window.readings.changed.connect(read)
    translate = QCoreApplication.translate
    title = translate("SafetyPanel", "May I press here?")
    window.add_panel("safety", title, panel, Qt.DockWidgetArea.RightDockWidgetArea)
    window.menus.add("view", translate("SafetyPanel", "Where I may press"), toggle, "C")
