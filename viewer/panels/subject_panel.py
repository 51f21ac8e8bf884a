"""Who lies on the table: sliders for the body and the pose, rebuilt in the background."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)

from meshes.atlas import Body
from meshes.pose import REST, load_poses, parse_pose
from viewer.panels.number_slider import NumberSlider
from viewer.panels.subject import Subject
from viewer.panels.wording import word

if TYPE_CHECKING:
    from viewer.window import Window

#: A slider that has stood still this long is meant.
SETTLE_MS = 450

translate = QCoreApplication.translate


class SubjectPanel(QWidget):
    """Chooses body and pose of the built-in torso.

    Attributes
    ----------
    chosen : Signal(object)
        A :class:`viewer.panels.subject.Subject`, once the sliders stand still.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subject = Subject()
        self._form = QFormLayout(self)
        self.sex = QComboBox()
        self.sex.addItem(translate("SubjectPanel", "Male"), "male")
        self.sex.addItem(translate("SubjectPanel", "Female"), "female")
        self._row(translate("SubjectPanel", "Sex"), self.sex)
        self.stature = self._slider(translate("SubjectPanel", "Stature, cm"), 145.0, 200.0, 0)
        self.bmi = self._slider(translate("SubjectPanel", "Body-mass index"), 17.0, 40.0, 1)
        self.muscularity = self._slider(translate("SubjectPanel", "Muscularity"), 0.7, 1.4, 2)
        self.pose = QComboBox()
        self.pose.addItem(translate("SubjectPanel", "At rest"), REST)
        for name, pose in load_poses().items():
            self.pose.addItem(word(pose.title), name)
        self._row(translate("SubjectPanel", "Pose"), self.pose)
        self.share = self._slider(translate("SubjectPanel", "How far"), 0.0, 1.0, 2)
        self.usual = QPushButton(translate("SubjectPanel", "Usual body at rest"))
        self.usual.clicked.connect(self._reset)
        self._form.addRow(self.usual)
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setAccessibleName(translate("SubjectPanel", "Progress of the rebuilding"))
        self._bar.setVisible(False)
        self._form.addRow(self._bar)
        self._why = QLabel(
            translate("SubjectPanel", "This atlas is one real person: it has no sliders.")
        )
        self._why.setWordWrap(True)
        self._form.addRow(self._why)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._tell)
        for box in (self.sex, self.pose):
            box.currentIndexChanged.connect(self._moved)
        for slider in self._sliders:
            slider.valueChanged.connect(self._moved)
        self.show_subject(self._subject)

    @property
    def _sliders(self) -> tuple[NumberSlider, ...]:
        return (self.stature, self.bmi, self.muscularity, self.share)

    def subject(self) -> Subject:
        """Return what the sliders stand at."""
        body = Body(
            stature_cm=round(self.stature.value()),
            sex=self.sex.currentData(),
            bmi=round(self.bmi.value(), 1),
            muscularity=round(self.muscularity.value(), 2),
        )
        name = self.pose.currentData()
        share = round(self.share.value(), 2)
        pose = REST if name == REST or share == 0.0 else f"{name}:{share:g}"
        return replace(self._subject, body=None if body == Body() else body, pose=pose)

    def show_subject(self, subject: Subject | None) -> None:
        """Show who is open, without telling anybody."""
        self._timer.stop()
        movable = subject is not None and subject.can_move
        self._why.setVisible(not movable)
        for widget in (self.sex, self.pose, self.usual, *self._sliders):
            widget.setEnabled(movable)
        self._subject = subject or Subject()
        body = self._subject.body or Body()
        name, share = parse_pose(self._subject.pose)
        blocked = [QSignalBlocker(one) for one in (self.sex, self.pose, *self._sliders)]
        self.sex.setCurrentIndex(self.sex.findData(body.sex))
        self.stature.setValue(body.stature_cm)
        self.bmi.setValue(body.bmi)
        self.muscularity.setValue(body.muscularity)
        self.pose.setCurrentIndex(max(self.pose.findData(name), 0))
        self.share.setValue(share if name != REST else 1.0)
        del blocked
        self.share.setEnabled(movable and name != REST)

    def show_progress(self, done: float | None) -> None:
        """Show how far the rebuilding is; None where nothing is built."""
        self._bar.setVisible(done is not None)
        if done is not None:
            self._bar.setValue(round(100.0 * done))

    def stop(self) -> None:
        """Tell nothing any more."""
        self._timer.stop()

    def _moved(self) -> None:
        self.share.setEnabled(self.pose.currentData() != REST)
        self._timer.start()

    def _tell(self) -> None:
        wanted = self.subject()
        if wanted != self._subject:
            self._subject = wanted
            self.chosen.emit(wanted)

    def _reset(self) -> None:
        before = self._subject
        self.show_subject(Subject(before.atlas))
        self._subject = before
        self._tell()

    def _row(self, title: str, widget: QWidget) -> None:
        widget.setAccessibleName(title)
        self._form.addRow(title, widget)

    def _slider(self, title: str, low: float, high: float, decimals: int) -> NumberSlider:
        slider = NumberSlider(low, high, decimals)
        self._row(title, slider)
        return slider


def install(window: Window) -> None:
    """Add the panel."""
    session = window.session
    panel = SubjectPanel()
    panel.show_subject(session.subject)
    panel.chosen.connect(session.open_subject)
    session.progressed.connect(lambda done, _: panel.show_progress(done if done < 1.0 else None))
    session.opened.connect(lambda _: panel.show_subject(session.subject))
    session.opened.connect(lambda _: panel.show_progress(None))
    session.usable.connect(lambda: panel.show_progress(None))
    session.failed.connect(lambda _: panel.show_progress(None))
    window.closing.connect(panel.stop)
    window.add_panel(
        "subject",
        translate("SubjectPanel", "Body and pose"),
        panel,
        Qt.DockWidgetArea.LeftDockWidgetArea,
        beside="structures",
        shown=False,
    )
