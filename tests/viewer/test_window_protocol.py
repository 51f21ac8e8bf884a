"""Writing protocols, drawing paths and moving bodies in the real window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shiboken6

from annotations.pressure import Pressure
from annotations.protocol import open_protocol
from annotations.verdict import Verdict
from meshes.atlas import Body
from meshes.progress import Progress
from tests.phantom import phantom_atlas
from tests.viewer.desk import Mouse, choose_data, click, fill, press

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from meshes.atlas import Atlas
    from viewer.panels.protocol_editor import ProtocolEditor
    from viewer.panels.protocol_panel import ProtocolDesk
    from viewer.panels.subject_panel import SubjectPanel
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]

PATIENCE_MS = 60_000


def _subject(opened: list[Any], atlas: Any) -> Any:
    from viewer.panels.subject import Subject

    @dataclass(frozen=True)
    class Recorded(Subject):
        """Opens one atlas and remembers as whom."""

        def open(self, progress: Progress) -> Atlas:
            opened.append((self.body, self.pose))
            progress(0.5, "half")
            return atlas()

    return Recorded()


def _shown(qtbot: QtBot, opened: list[Any], atlas: Any) -> Window:
    from viewer.window import Window

    subject = _subject(opened, atlas)
    made = Window(subject.open, None, subject)
    made.show()
    with qtbot.waitActive(made, timeout=PATIENCE_MS):
        made.activateWindow()
    qtbot.waitUntil(lambda: made.session.measured, timeout=PATIENCE_MS)
    return made


@pytest.fixture
def opened() -> list[Any]:
    """Bodies and poses that the window has opened."""
    return []


@pytest.fixture
def window(qtbot: QtBot, opened: list[Any]) -> Iterator[Window]:
    """A window on the phantom."""
    made = _shown(qtbot, opened, phantom_atlas)
    yield made
    if shiboken6.isValid(made):
        made.close()
    qtbot.wait(20)


@pytest.fixture
def on_builtin(qtbot: QtBot, opened: list[Any], builtin: Atlas) -> Iterator[Window]:
    """A window on the built-in torso."""
    made = _shown(qtbot, opened, lambda: builtin)
    yield made
    if shiboken6.isValid(made):
        made.close()
    qtbot.wait(20)


def _editor(window: Window) -> ProtocolEditor:
    from viewer.panels.protocol_editor import ProtocolEditor

    return next(iter(window.findChildren(ProtocolEditor)))


def _desk(window: Window) -> ProtocolDesk:
    from viewer.panels.protocol_panel import ProtocolDesk

    return next(iter(window.findChildren(ProtocolDesk)))


def _press(qtbot: QtBot, window: Window, key: str) -> None:
    from PySide6.QtGui import QKeySequence
    from PySide6.QtTest import QTest

    QTest.keySequence(window, QKeySequence(key))
    qtbot.wait(10)


# ---------------------------------------------------------------------- protocols


def test_a_protocol_is_opened_checked_edited_and_saved(
    qtbot: QtBot, on_builtin: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QFileDialog

    window, editor = on_builtin, _editor(on_builtin)
    path = tmp_path / "mine.toml"
    path.write_text(
        '# mine\ntitle = "Mine"\n[[stroke]]\nname = "down"\ntechnique = "gliding"\n'
        'pressure = "light"\npath = { parallel_cm = 4, from = "T3", to = "T9" }\n'
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    _press(qtbot, window, "Ctrl+Shift+O")
    assert window.panel("protocol").isVisible()
    qtbot.waitUntil(lambda: editor._report is not None, timeout=PATIENCE_MS)
    assert window.session.timeline is not None
    assert window.session.timeline.title == "Mine"
    assert editor.strokes.item(0).toolTip() in (Verdict.WORK.word, Verdict.LIGHTEN.word)

    # Grinding along the spine with full force is not clear, and the list says so.
    fill(qtbot, editor.form.path, 'along = "spinous_line"\nfrom = "T3"\nto = "T9"')
    steps = len(editor.history.before)
    choose_data(qtbot, editor.form.pressure, "deep")
    qtbot.waitUntil(lambda: editor.strokes.item(0).toolTip() == "never", timeout=PATIENCE_MS)
    assert "never at" in editor.findings.text()
    assert window.panel("protocol").windowTitle().endswith("mine.toml *")

    # Undone with the key, it is where we began; what is saved keeps its comment.
    assert len(editor.history.before) > steps
    before = window.session.history
    editor.strokes.setFocus()
    while editor.history.before:
        qtbot.keyClick(editor.strokes, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.history is before  # the view has its own steps
    assert not editor.draft.changed
    qtbot.keyClick(editor.strokes, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert editor.draft.changed
    qtbot.keyClick(editor.strokes, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(editor.form.name, Qt.MouseButton.LeftButton)
    editor.form.name.selectAll()
    qtbot.keyClicks(editor.form.name, "Down the side")
    qtbot.keyClick(editor.form.name, Qt.Key.Key_Return)
    assert editor.draft.protocol.strokes[0].name == "Down the side"
    _press(qtbot, window, "Ctrl+Shift+S")
    assert path.read_text().startswith("# mine\n")
    assert open_protocol(path).strokes[0].name == "Down the side"
    assert window.panel("protocol").windowTitle().endswith("mine.toml")


def test_strokes_are_added_moved_and_removed_with_the_mouse(qtbot: QtBot, window: Window) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QToolButton

    _press(qtbot, window, "Ctrl+Shift+N")
    editor = _editor(window)
    buttons = {one.accessibleName(): one for one in editor.findChildren(QToolButton)}

    def click(name: str) -> None:
        qtbot.mouseClick(buttons[name], Qt.MouseButton.LeftButton)

    def names() -> list[str]:
        return [editor.strokes.item(row).text() for row in range(editor.strokes.count())]

    click("Add a stroke")
    click("Duplicate the stroke")
    assert names() == ["Stroke 1", "Stroke 2", "Stroke 2 2"]
    click("Earlier")
    assert names() == ["Stroke 1", "Stroke 2 2", "Stroke 2"]
    assert editor.index == 1
    click("Remove the stroke")
    click("Remove the stroke")
    click("Remove the stroke")
    assert names() == ["Stroke 2"]
    assert "a protocol needs a stroke" in editor.findings.text()
    for _ in range(9):
        click("Undo")
    assert names() == ["Stroke 1"]


def test_a_wrong_protocol_is_told_and_nothing_is_lost(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtWidgets import QFileDialog

    editor = _editor(window)
    _press(qtbot, window, "Ctrl+Shift+N")
    path = tmp_path / "wrong.toml"
    path.write_text('title = "x"\n[[stroke]]\nname = "a"\ntecnique = "gliding"\n')
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    _press(qtbot, window, "Ctrl+Shift+O")
    assert "did you mean technique" in editor.findings.text()
    assert editor.draft.protocol.title == "New protocol"
    fill(qtbot, editor.form.path, "hold = = 3")
    editor.form.name.setFocus()  # writing is over when one leaves the field
    assert "The path does not read" in editor.findings.text()
    assert editor.draft.protocol.strokes[0].path.parallel_cm == 4


def test_a_line_drawn_on_the_skin_becomes_an_anatomical_path(
    qtbot: QtBot, on_builtin: Window
) -> None:
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    from annotations.site import find_site

    window, editor = on_builtin, _editor(on_builtin)
    session, canvas = window.session, window.view.canvas
    _press(qtbot, window, "Ctrl+Shift+N")
    editor.strokes.setFocus()
    before = session.state.camera
    window.panel("protocol").widget().ensureWidgetVisible(editor.form.draw)
    click(qtbot, editor.form.draw)
    lens = window.view.lens
    assert lens is not None
    assert session.atlas is not None
    size = (canvas.width(), canvas.height())
    texts = [f"T{number} 4cm left" for number in range(2, 9)]
    points = np.array([find_site(session.atlas, text).point for text in texts])
    places = [QPointF(*row[:2]) for row in lens.project(points, size)]
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for number, place in enumerate(places):
        kind = QEvent.Type.MouseMove if number else QEvent.Type.MouseButtonPress
        cause = none if number else left
        where = QPointF(canvas.mapToGlobal(place.toPoint()))
        held = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(canvas, QMouseEvent(kind, place, where, cause, left, held))
        qtbot.wait(5)
    kind = QEvent.Type.MouseButtonRelease
    QApplication.sendEvent(canvas, QMouseEvent(kind, place, where, left, none, held))
    assert len(session.state.trails) == 1
    qtbot.waitUntil(lambda: editor.draft.protocol.strokes[0].side == "left", timeout=PATIENCE_MS)
    path = editor.draft.protocol.strokes[0].path
    assert (path.parallel_cm, path.start, path.end) == (4.0, "T2", "T8")
    # Drawing has not turned the torso, and turning works again.
    assert session.state.camera is before
    assert not editor.form.draw.isChecked()
    assert not _desk(window).drawing.on


# ---------------------------------------------------------------------- bodies


def _panel(window: Window) -> SubjectPanel:
    from viewer.panels.subject_panel import SubjectPanel

    return next(iter(window.findChildren(SubjectPanel)))


def test_sliders_build_another_body_in_the_background(
    qtbot: QtBot, window: Window, opened: list[Any]
) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QDoubleSpinBox, QSlider

    window.show_panel("subject")
    panel = _panel(window)
    assert opened == [(None, "rest")]
    choose_data(qtbot, panel.sex, "female")
    slider = panel.stature.findChild(QSlider)
    slider.setFocus()
    for _ in range(15):  # a glide is one wish
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    choose_data(qtbot, panel.pose, "arm_across_body")
    fill(qtbot, panel.share.findChild(QDoubleSpinBox).lineEdit(), "0.5")
    assert len(opened) == 1
    qtbot.waitUntil(lambda: len(opened) == 2, timeout=PATIENCE_MS)
    body = Body(stature_cm=160.0, sex="female")
    assert opened[1] == (body, "arm_across_body:0.5")
    qtbot.waitUntil(lambda: window.session.measured, timeout=PATIENCE_MS)
    qtbot.mouseClick(panel.usual, _left())
    qtbot.waitUntil(lambda: len(opened) == 3, timeout=PATIENCE_MS)
    assert opened[2] == (None, "rest")
    qtbot.waitUntil(lambda: window.session.measured, timeout=PATIENCE_MS)
    # Bodies and poses are undone like everything else.
    press(qtbot, window, "Z", ctrl=True)
    qtbot.waitUntil(lambda: len(opened) == 4 and window.session.measured, timeout=PATIENCE_MS)
    assert opened[3] == opened[1]
    assert panel.stature.value() == 160.0
    assert panel.sex.currentData() == "female"
    press(qtbot, window, "Z", ctrl=True)
    qtbot.waitUntil(lambda: len(opened) == 5 and window.session.measured, timeout=PATIENCE_MS)
    assert opened[4] == (None, "rest")
    press(qtbot, window, "Y", ctrl=True)
    qtbot.waitUntil(lambda: len(opened) == 6 and window.session.measured, timeout=PATIENCE_MS)
    assert opened[5] == opened[1]


@pytest.fixture
def slow_window(qtbot: QtBot, opened: list[Any]) -> Iterator[Window]:
    """A window whose first body is there at once, while another takes two seconds."""

    def atlas() -> Atlas:
        if len(opened) > 1:
            time.sleep(2.0)
        return phantom_atlas()

    made = _shown(qtbot, opened, atlas)
    yield made
    if shiboken6.isValid(made):
        made.close()
    qtbot.wait(20)


def test_the_torso_turns_while_another_body_is_built(
    qtbot: QtBot, slow_window: Window, opened: list[Any]
) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QSlider

    window, session = slow_window, slow_window.session
    window.show_panel("subject")
    slider = _panel(window).bmi.findChild(QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: len(opened) == 2, timeout=PATIENCE_MS)
    there: list[Any] = []
    session.opened.connect(there.append)
    mouse, turns, frames = Mouse(window, qtbot), 0, window.view.frames
    while not there and turns < 40:
        before = window.view.lens.position
        mouse.drag((0.5, 0.5), (0.52, 0.5))
        turns += not np.allclose(before, window.view.lens.position)
    assert turns >= 3
    assert window.view.frames - frames >= 3
    qtbot.waitUntil(lambda: bool(there) and session.measured, timeout=PATIENCE_MS)


def test_strokes_are_laid_again_on_another_body(
    qtbot: QtBot, window: Window, opened: list[Any]
) -> None:
    from tests.viewer.desk import stroke

    session = window.session
    laid: list[Any] = []

    def lay(atlas: Atlas, progress: Progress) -> Any:
        laid.append(atlas)
        return stroke(atlas, progress)

    session.load(lay)
    qtbot.waitUntil(lambda: session.timeline is not None, timeout=PATIENCE_MS)
    choose_data(qtbot, window.safety.pressure, Pressure.DEEP)
    window.show_panel("subject")
    choose_data(qtbot, _panel(window).sex, "female")
    qtbot.waitUntil(lambda: len(laid) == 2 and session.ready, timeout=PATIENCE_MS)
    assert session.timeline is not None
    assert session.pair[1] is Pressure.DEEP  # what was chosen stays chosen


def test_an_imported_atlas_has_no_sliders(qtbot: QtBot, window: Window) -> None:
    from viewer.panels.subject import Subject

    panel = _panel(window)
    window.show_panel("subject")
    assert panel.stature.isEnabled()
    panel.show_subject(Subject("za"))
    assert not panel.stature.isEnabled()
    assert not panel.pose.isEnabled()


def test_closing_during_a_build_is_quiet(qtbot: QtBot, window: Window, opened: list[Any]) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QSlider

    window.show_panel("subject")
    panel = _panel(window)
    slider = panel.bmi.findChild(QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: len(opened) == 2, timeout=PATIENCE_MS)
    window.close()
    qtbot.wait(50)


def _left() -> Any:
    from PySide6.QtCore import Qt

    return Qt.MouseButton.LeftButton
