"""The peel slider: eight layers by name, skin at the top, and a handle that glides between."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, Qt, QVariantAnimation, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QVBoxLayout, QWidget

from meshes.terminology import TissueLayer
from viewer.panels.wording import word

#: Slider steps per layer.
STEPS = 20
#: A glide from one layer to the next takes this long.
GLIDE_MS = 280


class PeelSlider(QWidget):
    """A vertical slider with the layers' names beside it.

    Attributes
    ----------
    peeled : Signal(float)
        The depth as the slider moves, 0 (skin) to 7 (organs).
    settled : Signal(float)
        The depth once it stands still; one step for undo.
    """

    peeled = Signal(float)
    settled = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Vertical)
        self._slider.setRange(0, STEPS * int(max(TissueLayer)))
        self._slider.setInvertedAppearance(True)
        self._slider.setPageStep(STEPS)
        self._slider.setAccessibleName(self.tr("Peel depth"))
        self._slider.setToolTip(self.tr("Peel from skin to bone ( [ out,  ] deeper )"))
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        names = QVBoxLayout()
        names.setSpacing(0)
        self._buttons = [self._button(layer) for layer in TissueLayer]
        for index, button in enumerate(self._buttons):
            if index:
                names.addStretch(1)
            names.addWidget(button)
        row = QHBoxLayout()
        row.addWidget(self._slider)
        row.addLayout(names)
        column = QVBoxLayout(self)
        column.addLayout(row, 1)
        self._glide = QVariantAnimation(self)
        self._glide.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._glide.valueChanged.connect(self._glided)
        self._glide.finished.connect(lambda: self.settled.emit(self.peel))
        self._slider.valueChanged.connect(self._moved)
        self._slider.sliderReleased.connect(lambda: self.settled.emit(self.peel))
        self._mark(0.0)

    @property
    def peel(self) -> float:
        """Where the slider stands, 0..7."""
        return self._slider.value() / STEPS

    @property
    def gliding(self) -> bool:
        """Whether the handle is on its way to a layer."""
        return self._glide.state() == self._glide.State.Running

    def show_depth(self, depth: float) -> None:
        """Move the handle without telling anybody."""
        self._glide.stop()
        blocked = self._slider.blockSignals(True)
        self._slider.setValue(round(depth * STEPS))
        self._slider.blockSignals(blocked)
        self._mark(depth)

    def glide_to(self, depth: float) -> None:
        """Move to a depth over a moment, fading the layers between."""
        end = float(min(max(depth, 0.0), float(max(TissueLayer))))
        self._glide.stop()
        self._glide.setDuration(int(GLIDE_MS * min(max(abs(end - self.peel), 0.5), 2.5)))
        self._glide.setStartValue(float(self._slider.value()))
        self._glide.setEndValue(end * STEPS)
        self._glide.start()

    def step(self, layers: int) -> None:
        """Glide to the next whole layer outward (-1) or deeper (+1)."""
        end = self._glide.endValue() if self._glide.state() == self._glide.State.Running else None
        here = self.peel if end is None else float(end) / STEPS
        self.glide_to(round(here) + layers)

    def _button(self, layer: TissueLayer) -> QToolButton:
        button = QToolButton()
        button.setText(word(layer.title.replace(" and superficial fascia", "")))
        button.setToolTip(word(layer.title))
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.glide_to(float(layer)))
        return button

    def _glided(self, value: float) -> None:
        self._slider.setValue(round(value))

    def _moved(self, value: int) -> None:
        self._mark(value / STEPS)
        self.peeled.emit(value / STEPS)
        if self._glide.state() != self._glide.State.Running and not self._slider.isSliderDown():
            self.settled.emit(value / STEPS)  # moved by keys, wheel or a click into the groove

    def _mark(self, depth: float) -> None:
        for index, button in enumerate(self._buttons):
            button.setChecked(index == round(depth))
