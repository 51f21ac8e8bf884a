"""Closing at the worst moments, two windows at once, and pictures of the main states."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shiboken6
from PIL import Image

from tests.phantom import phantom_atlas
from tests.viewer.conftest import Check
from tests.viewer.desk import PATIENCE_MS, Mouse, pixels, press, shown, stroke

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from meshes.atlas import Atlas
    from meshes.progress import Progress
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]

#: Fonts differ a little from machine to machine: a picture of the window may too (of 255).
WINDOW_MEAN, WINDOW_MOST = 5.0, 150.0


def test_closing_while_neighbours_are_looked_for(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def slow(atlas: Atlas, name: str) -> Any:
        asked.append(name)
        time.sleep(0.4)
        raise AssertionError("nobody wants the answer")

    monkeypatch.setattr("viewer.panels.inspector.relations", slow)
    window.tree.go_to("trapezius_left")
    qtbot.waitUntil(lambda: bool(asked), timeout=5000)
    window.close()


def test_closing_while_strokes_are_laid_and_a_tour_is_wanted(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []

    def slow(atlas: Atlas, *, progress: Progress) -> Any:
        begun.append(True)
        for index in range(200):
            progress(index / 200, "waiting")
            time.sleep(0.01)
        return stroke(atlas, progress)

    monkeypatch.setattr("viewer.panels.tour.tour_timeline", slow)
    press(qtbot, window, "F2")
    qtbot.waitUntil(lambda: bool(begun), timeout=5000)
    window.close()


def test_closing_in_the_middle_of_a_quiz_a_note_and_a_glide(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from viewer.quiz import Kind

    mouse.click(0.5, 0.5)
    press(qtbot, window, "T")
    qtbot.keyClicks(window.notes.text, "half a no")
    window.quiz.kind.setCurrentIndex(list(Kind).index(Kind.FIND))
    window.quiz.go_on()
    press(qtbot, window, "BracketRight")
    window.close()
    qtbot.wait(50)
    assert not shiboken6.isValid(window)


def test_another_subject_replaces_the_first_and_unknown_structures_are_forgotten(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from dataclasses import replace

    mouse.click(0.5, 0.5)
    press(qtbot, window, "Space")
    qtbot.waitUntil(lambda: window.session.clock.t > 0.1, timeout=10_000)
    atlas = phantom_atlas()
    fewer = {name: item for name, item in atlas.structures.items() if name != "scapula_left"}
    window.session.change(lambda state: replace(state, hidden=frozenset({"scapula_left"})))
    window.session.open(lambda progress: replace(atlas, structures=fewer, digest="fewer"))
    qtbot.waitUntil(lambda: window.session.ready, timeout=PATIENCE_MS)
    assert window.session.state.highlighted == {"skin"}
    assert not window.session.state.hidden
    assert window.session.timeline is None
    assert not window.playback.isEnabled()
    assert not window.tree.model.index_of("scapula_left").isValid()
    press(qtbot, window, "Z", ctrl=True)
    press(qtbot, window, "Z", ctrl=True)
    assert not window.session.state.highlighted


def test_two_windows_play_and_hear_their_own_hands(window: Window, qtbot: QtBot) -> None:
    from viewer.window import Window

    other = Window(lambda progress: phantom_atlas(), stroke)
    shown(qtbot, other)
    qtbot.waitUntil(lambda: other.session.ready, timeout=PATIENCE_MS)
    press(qtbot, other, "Space")
    press(qtbot, other, "BracketRight")
    qtbot.waitUntil(lambda: other.session.clock.t > 0.2, timeout=10_000)
    assert window.session.clock.t == 0.0
    assert window.session.state.peel == 0.0
    other.close()
    qtbot.wait(50)
    shown(qtbot, window)
    press(qtbot, window, "Space")
    qtbot.waitUntil(lambda: window.session.clock.t > 0.1, timeout=10_000)
    press(qtbot, window, "Space")
    assert np.ptp(pixels(window)) > 0


# ---------------------------------------------------------------- pictures of the main states


def picture_of(window: Window) -> Any:
    """The whole window as it is on the screen, at half size, shape (H, W, 3)."""
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    grabbed = QApplication.primaryScreen().grabWindow(window.winId()).toImage()
    image = grabbed.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    whole = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    return np.asarray(Image.fromarray(np.ascontiguousarray(whole)).reduce(2))


@pytest.fixture
def torso(qtbot: QtBot, builtin: Atlas) -> Iterator[Window]:
    """A window on the built-in torso, without a stroke."""
    from viewer.panels.subject import Subject
    from viewer.window import Window

    made = Window(lambda progress: builtin, None, Subject())
    shown(qtbot, made)
    qtbot.waitUntil(
        lambda: made.session.ready and not made.session.preparation.busy, timeout=6 * PATIENCE_MS
    )
    yield made
    made.close()
    qtbot.wait(20)


def test_from_pointer_to_column_in_under_20_ms(torso: Window, qtbot: QtBot) -> None:
    """Time of this thread, which other processes lengthen little."""
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    from meshes.depth import probe

    mouse = Mouse(torso, qtbot)
    chance = np.random.default_rng(5)
    told, asked = [], []
    for _ in range(50):
        place = QPointF(
            mouse.at(float(chance.uniform(0.42, 0.58)), float(chance.uniform(0.2, 0.8)))
        )
        nothing = Qt.MouseButton.NoButton
        everywhere = QPointF(torso.view.canvas.mapToGlobal(place.toPoint()))
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, everywhere, nothing, nothing,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        qtbot.wait(30)
        before = torso.readings.now
        begin = time.thread_time()
        QApplication.sendEvent(torso.view.canvas, event)
        torso.beneath.column.repaint()
        took = time.thread_time() - begin
        now = torso.readings.now
        if now is None:  # beside the torso
            continue
        assert now is not before
        told.append(took)
        for _ in range(3):
            begin = time.thread_time()
            probe(torso.session.atlas, now.reading.site.point, now.reading.site.direction)
            asked.append(time.thread_time() - begin)
    assert len(told) > 40
    assert np.median(told) < 0.020, f"median {1000 * np.median(told):.1f} ms"
    assert np.median(asked) < 0.001, f"median {1000 * np.median(asked):.2f} ms"
    print(f"column {1000 * np.median(told):.1f} ms, query {1000 * np.median(asked):.2f} ms")


def test_the_main_states_look_as_they_did(torso: Window, qtbot: QtBot, baseline: Check) -> None:
    from PySide6.QtCore import Qt

    def settled() -> Any:
        qtbot.waitUntil(lambda: not torso.view.moving, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: not torso.needle_picture.busy, timeout=PATIENCE_MS)
        torso.statusBar().clearMessage()
        qtbot.wait(400)
        return picture_of(torso)

    def keep(name: str) -> None:
        baseline(f"window-{name}", settled(), WINDOW_MEAN, WINDOW_MOST)

    keep("start")
    mouse = Mouse(torso, qtbot)
    mouse.hover(0.46, 0.30)
    mouse.click(0.46, 0.30)
    press(qtbot, torso, "C")
    mouse.hover(0.02, 0.02)
    keep("caution")
    press(qtbot, torso, "C")
    press(qtbot, torso, "F", ctrl=True)
    qtbot.keyClicks(torso.tree.field, "rhomboid")
    qtbot.keyClick(torso.tree.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "%" in torso.inspector.page.toPlainText(), timeout=PATIENCE_MS)
    keep("found")
    torso.safety.surface.setCurrentIndex(torso.safety.surface.findData("padding"))
    torso.peel.glide_to(0.0)
    qtbot.waitUntil(lambda: torso.session.state.peel == 0.0, timeout=PATIENCE_MS)
    keep("padding")
    torso.safety.surface.setCurrentIndex(0)
    torso.peel.glide_to(2.0)
    qtbot.waitUntil(lambda: torso.session.state.peel == 2.0, timeout=PATIENCE_MS)
    press(qtbot, torso, "Escape")
    press(qtbot, torso, "A")
    qtbot.waitUntil(torso.names.layer.isVisible, timeout=PATIENCE_MS)
    keep("names")


@pytest.fixture
def german_and_dark(qapp: Any) -> Iterator[None]:
    from viewer.panels import appearance, language

    language.speak("de")
    appearance.wear("dark")
    yield
    appearance.wear("system")
    language.speak("en")


@pytest.mark.usefixtures("german_and_dark")
def test_german_and_dark_look_as_they_did(
    request: pytest.FixtureRequest, qtbot: QtBot, baseline: Check
) -> None:
    """First steps, then the protocol's editor with the helps to open the torso."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QKeySequence
    from PySide6.QtTest import QTest

    from viewer.panels.protocol_editor import ProtocolEditor

    torso: Window = request.getfixturevalue("torso")  # made once German is spoken

    def keep(name: str) -> None:
        qtbot.waitUntil(
            lambda: not torso.view.moving and not torso.session.preparation.busy,
            timeout=PATIENCE_MS,
        )
        torso.statusBar().clearMessage()
        qtbot.wait(400)
        baseline(f"window-{name}", picture_of(torso), WINDOW_MEAN, WINDOW_MOST)

    torso.hint.show_hint()
    keep("german-first-steps")
    QTest.keyClick(torso.hint.begin, Qt.Key.Key_Escape)
    QTest.keySequence(torso, QKeySequence("Ctrl+Shift+N"))
    editor = torso.findChild(ProtocolEditor)
    qtbot.waitUntil(lambda: editor._report is not None, timeout=2 * PATIENCE_MS)
    torso.show_panel("opening")
    torso.view.canvas.setFocus()
    keep("german-protocol")
