"""A slider with its number beside it, to be dragged or typed."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget


class NumberSlider(QWidget):
    """Chooses a number of some decimals.

    Parameters
    ----------
    low, high : float
        The ends.
    decimals : int

    Attributes
    ----------
    valueChanged : Signal(float)
    """

    valueChanged = Signal(float)  # noqa: N815 - as Qt's own widgets call it

    def __init__(
        self, low: float, high: float, decimals: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._steps = 10**decimals
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(round(low * self._steps), round(high * self._steps))
        self._number = QDoubleSpinBox()
        self._number.setDecimals(decimals)
        self._number.setRange(low, high)
        self._number.setSingleStep(1.0 / self._steps)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._slider, 1)
        row.addWidget(self._number)
        self.setFocusProxy(self._slider)
        self._slider.valueChanged.connect(lambda steps: self.setValue(steps / self._steps))
        self._number.valueChanged.connect(self._changed)

    def value(self) -> float:
        """Return the number."""
        return self._number.value()

    def setValue(self, value: float) -> None:  # noqa: N802
        """Choose a number; beyond an end it is that end."""
        self._number.setValue(value)

    def setAccessibleName(self, name: str) -> None:  # noqa: N802
        """Name both widgets for a screen reader."""
        for widget in (self._slider, self._number):
            widget.setAccessibleName(name)
        super().setAccessibleName(name)

    def _changed(self, value: float) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(value * self._steps))
        self.valueChanged.emit(value)
