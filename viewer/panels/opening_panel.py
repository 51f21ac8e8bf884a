"""What opens the torso besides the peel slider: one half, a lens, a cut, layers apart, names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from meshes.terminology import Side, TissueLayer
from viewer import steps
from viewer.opening import LENS_MM, SPREAD_MM, Cut, Follow, PeelLens, cut_through, oblique_cut

if TYPE_CHECKING:
    from viewer.state import ViewState
    from viewer.window import Window

translate = QCoreApplication.translate
#: Slider steps per peel layer, and the range of a cut's offset, mm.
_STEPS = 10
_REACH_MM = 900


class OpeningPanel(QWidget):
    """Controls for everything that opens the torso; they follow the state.

    Parameters
    ----------
    window : Window
    """

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._session = window.session
        self._view = window.view
        self.side = self._choice(
            self.tr("Peeled half"),
            {"": self.tr("Both halves"), "left": self.tr("Left half"),
             "right": self.tr("Right half")},
        )  # fmt: skip
        self.lens = QCheckBox(self.tr("Lens"))
        self.follows = self._choice(
            self.tr("The lens follows"),
            {"pointer": self.tr("the pointer"), "hand": self.tr("the hand")},
        )
        deepest = _STEPS * int(max(TissueLayer))
        self.lens_depth = self._slider(self.tr("Depth of the lens"), 0, deepest)
        self.lens_size = self._slider(self.tr("Size of the lens"), *(int(mm) for mm in LENS_MM))
        self.cut = self._choice(
            self.tr("Cut"),
            {"": self.tr("No cut"), "axial": self.tr("Axial"), "sagittal": self.tr("Sagittal"),
             "coronal": self.tr("Coronal"), "oblique": self.tr("Oblique: across the view")},
        )  # fmt: skip
        self.place = self._slider(self.tr("Place of the cut"), -_REACH_MM, _REACH_MM)
        self.over = QPushButton(self.tr("Other side"))
        self.apart = self._slider(self.tr("Layers apart"), 0, int(SPREAD_MM))
        self.names = QCheckBox(self.tr("Names (A)"))
        self.latin = QCheckBox(self.tr("in Latin"))
        form = QFormLayout(self)
        for title, widget in (
            (self.tr("Peel"), self.side),
            ("", self.lens),
            (self.tr("follows"), self.follows),
            (self.tr("depth"), self.lens_depth),
            (self.tr("size"), self.lens_size),
            (self.tr("Cut"), self.cut),
            (self.tr("place"), self.place),
            ("", self.over),
            (self.tr("Layers apart"), self.apart),
            ("", self.names),
            ("", self.latin),
        ):
            form.addRow(QLabel(title), widget)
        self._connect()
        self.follow(self._session.state)

    def follow(self, state: ViewState) -> None:
        """Show what the state says."""
        lens = state.lens
        side = "" if state.peel_side is None else state.peel_side.value
        values = (
            (self.lens_depth, round((lens or PeelLens()).peel * _STEPS)),
            (self.lens_size, round((lens or PeelLens()).radius_mm)),
            (self.place, round(0.0 if state.cut is None else state.cut.offset_mm)),
            (self.apart, round(state.spread_mm)),
        )
        for slider, value in values:
            blocked = slider.blockSignals(True)
            slider.setValue(value)
            slider.blockSignals(blocked)
        for box, name in (
            (self.side, side),
            (self.follows, (lens or PeelLens()).follows.value),
            (self.cut, "" if state.cut is None else state.cut.kind),
        ):
            blocked = box.blockSignals(True)
            box.setCurrentIndex(box.findData(name))
            box.blockSignals(blocked)
        for check, on in (
            (self.lens, lens is not None),
            (self.names, state.leaders),
            (self.latin, state.latin),
        ):
            blocked = check.blockSignals(True)
            check.setChecked(on)
            check.blockSignals(blocked)
        self.latin.setEnabled(state.leaders)
        for widget in (self.follows, self.lens_depth, self.lens_size):
            widget.setEnabled(lens is not None)
        for button in (self.place, self.over):
            button.setEnabled(state.cut is not None)

    def toggle_lens(self) -> None:
        """Put the lens on or take it away."""
        self._put_lens(None if self._session.state.lens is not None else PeelLens())

    def choose_cut(self, kind: str) -> None:
        """Cut through the middle of the picture, or not at all."""
        self._session.change(steps.cut, self._new_cut(kind))

    def turn_over(self) -> None:
        """Take the other side of the cut away."""
        plane = self._session.state.cut
        if plane is not None:
            self._session.change(steps.cut, plane.turned_over())

    def _connect(self) -> None:
        session = self._session
        self.side.activated.connect(lambda _: self._one_sided(self.side.currentData()))
        self.lens.toggled.connect(lambda on: self._put_lens(PeelLens() if on else None))
        self.follows.activated.connect(
            lambda _: self._set_lens(follows=Follow(self.follows.currentData()))
        )
        self.lens_depth.valueChanged.connect(lambda value: self._set_lens(peel=value / _STEPS))
        self.lens_size.valueChanged.connect(lambda value: self._set_lens(radius_mm=float(value)))
        self.cut.activated.connect(lambda _: self.choose_cut(self.cut.currentData()))
        self.place.valueChanged.connect(
            lambda value: session.change(steps.cut_moved, float(value), movement="cut")
        )
        self.over.clicked.connect(self.turn_over)
        self.names.toggled.connect(lambda on: session.change(steps.named, on))
        self.latin.toggled.connect(lambda on: session.change(steps.in_latin, on))
        self.apart.valueChanged.connect(
            lambda value: session.change(steps.apart, float(value), movement="apart")
        )
        for slider in (self.lens_depth, self.lens_size, self.place, self.apart):
            slider.sliderReleased.connect(session.settle)
        session.changed.connect(lambda _before, after: self.follow(after))

    def _one_sided(self, name: str) -> None:
        self._session.change(steps.one_sided, Side(name) if name else None)

    def _put_lens(self, lens: PeelLens | None) -> None:
        self._session.change(steps.through, lens)

    def _set_lens(self, **values: object) -> None:
        lens = self._session.state.lens
        if lens is not None:
            changed = replace(lens, **values)  # type: ignore[arg-type]
            self._session.change(steps.through, changed, movement="lens")

    def _new_cut(self, kind: str) -> Cut | None:
        lens = self._view.lens
        if not kind or lens is None:
            return None
        if kind == "oblique":
            return oblique_cut(-lens.forward, lens.focus)
        return cut_through(kind, lens.focus)

    def _choice(self, title: str, names: dict[str, str]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(title)
        for name, shown in names.items():
            box.addItem(shown, name)
        return box

    def _slider(self, title: str, low: int, high: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setAccessibleName(title)
        slider.setRange(low, high)
        return slider


def install(window: Window) -> None:
    """Add the panel and its keys."""
    panel = OpeningPanel(window)
    window.add_panel(
        "opening", translate("OpeningPanel", "Open"), panel,
        Qt.DockWidgetArea.LeftDockWidgetArea, beside="peel",
    )  # fmt: skip
    panel.setEnabled(False)
    window.session.opened.connect(lambda _atlas: panel.setEnabled(True))
    add = window.menus.add
    add("view", translate("OpeningPanel", "Peel lens"), panel.toggle_lens, "L")

    def cut_or_whole() -> None:
        panel.choose_cut("" if window.session.state.cut is not None else "axial")

    def spread() -> None:
        now = window.session.state.spread_mm
        window.session.change(steps.apart, 0.0 if now else 160.0)

    add("view", translate("OpeningPanel", "Axial cut"), cut_or_whole, "X")
    add("view", translate("OpeningPanel", "Other side of the cut"), panel.turn_over, "Shift+X")
    add("view", translate("OpeningPanel", "Layers apart"), spread, "E")
    window.menus.separate("view")
