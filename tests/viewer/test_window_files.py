"""Scenes, recent files and exports in the real window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shiboken6
from PIL import Image

from annotations.pressure import Pressure
from annotations.technique import Technique
from meshes.atlas import Atlas
from meshes.progress import Progress
from tests.phantom import phantom_atlas
from tests.viewer.desk import click, command, fill, pixels, press, shown
from viewer.scene_file import read_scene
from viewer.state import Note, ViewState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.panels.export_dialog import ExportDialog
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]

PATIENCE_MS = 30_000


def _open(progress: Progress) -> Atlas:
    return phantom_atlas()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    """A window on the phantom."""
    from viewer.panels.subject import Subject
    from viewer.window import Window

    class Phantom(Subject):
        """Opens the phantom as anybody."""

        def open(self, progress: Progress) -> Atlas:
            return phantom_atlas()

    made = Window(_open, None, Phantom())
    made.show()
    with qtbot.waitActive(made, timeout=PATIENCE_MS):
        made.activateWindow()
    qtbot.waitUntil(lambda: made.session.measured, timeout=PATIENCE_MS)
    yield made
    if shiboken6.isValid(made):
        made.close()
    qtbot.wait(20)


def _state() -> ViewState:
    return ViewState(
        peel=2.0,
        hidden=frozenset({"latissimus_dorsi_left"}),
        caution=(Technique.KNEADING, Pressure.FIRM),
        notes=(Note("trapezius_left", "tender"),),
    )


def answer(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let whoever asks for a file get this one: the dialog itself is the system's."""
    from PySide6.QtWidgets import QFileDialog

    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_: (str(path), ""))


def test_a_scene_is_saved_and_opened_again(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.panels.settings import recent_files

    session = window.session
    session.change(lambda _: _state())
    path = tmp_path / "mine.palpate.json"
    answer(monkeypatch, path)
    press(qtbot, window, "S", ctrl=True)
    assert read_scene(path).state.same_as(session.state)
    assert isinstance(json.loads(path.read_text()), dict)  # readable, and the state alone
    assert path.stat().st_size < 2000
    press(qtbot, window, "Z", ctrl=True)
    assert session.state.peel == 0.0
    press(qtbot, window, "O", ctrl=True)
    assert session.state.same_as(_state())
    press(qtbot, window, "Z", ctrl=True)  # opening is a step like any other
    assert session.state.peel == 0.0
    assert recent_files()[0] == path


def test_a_scene_of_another_body_builds_that_body(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    from viewer.panels import scene_commands

    path = tmp_path / "other.palpate.json"
    scene_commands.save(window, path)
    page = json.loads(path.read_text())
    page["body"] = {"sex": "female", "stature_cm": 160.0}
    page["view"] = {"peel": 3.0}
    path.write_text(json.dumps(page))
    assert scene_commands.load(window, path)
    qtbot.waitUntil(lambda: window.session.measured, timeout=PATIENCE_MS)
    assert window.session.subject is not None
    assert window.session.subject.body is not None
    assert window.session.subject.body.sex == "female"
    assert window.session.state.peel == 3.0
    press(qtbot, window, "Z", ctrl=True)  # undone, it is the first body again, as it was seen
    qtbot.waitUntil(lambda: window.session.measured, timeout=PATIENCE_MS)
    assert window.session.subject.body is None
    assert window.session.state.peel == 0.0


def test_a_wrong_scene_changes_nothing(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    from viewer.panels import scene_commands

    path = tmp_path / "wrong.palpate.json"
    path.write_text('{"palpate_scene": 1, "view": {"peal": 1}}')
    before = window.session.state
    assert not scene_commands.load(window, path)
    assert window.session.state is before
    assert "did you mean peel" in window.statusBar().currentMessage()
    assert not scene_commands.save(window, tmp_path / "no" / "where.palpate.json")
    assert "does not exist" in window.statusBar().currentMessage()


def test_recent_files_stand_in_the_menu(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    from PySide6.QtWidgets import QMenu

    from viewer.panels import scene_commands

    window.session.change(lambda _: _state())
    for name in ("one", "two"):
        scene_commands.save(window, tmp_path / f"{name}.palpate.json")
    (tmp_path / "one.palpate.json").unlink()
    press(qtbot, window, "Z", ctrl=True)
    command(qtbot, window, "file", "Open &recent", "two.palpate.json")
    assert window.session.state.same_as(_state())
    menu = next(one for one in window.findChildren(QMenu) if "recent" in one.title())
    assert "one.palpate.json" not in [action.text() for action in menu.actions()]


def test_a_screenshot_holds_what_is_seen_and_can_be_pasted(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtGui import QGuiApplication

    path = tmp_path / "seen.png"
    answer(monkeypatch, path)
    press(qtbot, window, "P", ctrl=True, shift=True)
    canvas = window.view.canvas
    with Image.open(path) as picture:
        assert picture.size == (canvas.width(), canvas.height())
        seen = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(seen[150:-150, 150:-150] - pixels(window)[150:-150, 150:-150]).mean() < 2.0
    cube = window.view.overlay.cube.geometry()  # what lies over the torso is in it, too
    dark = seen[cube.top() : cube.bottom(), cube.left() : cube.right()].min()
    assert dark < 100
    press(qtbot, window, "C", ctrl=True, shift=True)
    assert QGuiApplication.clipboard().pixmap().width() == canvas.width()
    answer(monkeypatch, tmp_path / "no" / "where.png")
    press(qtbot, window, "P", ctrl=True, shift=True)
    assert "cannot be written" in window.statusBar().currentMessage()


def test_another_window_shows_the_same_body_and_goes_its_own_way(
    qtbot: QtBot, window: Window
) -> None:
    from PySide6.QtWidgets import QApplication

    from viewer.window import Window

    press(qtbot, window, "N", ctrl=True)
    other = next(
        one for one in QApplication.topLevelWidgets() if isinstance(one, Window) and one != window
    )
    qtbot.waitUntil(lambda: other.session.ready, timeout=PATIENCE_MS)
    assert other.session.subject == window.session.subject
    shown(qtbot, other)  # without a window manager nobody else makes it the active one
    press(qtbot, other, "BracketRight")
    qtbot.waitUntil(lambda: other.session.state.peel == 1.0, timeout=PATIENCE_MS)
    assert window.session.state.peel == 0.0
    press(qtbot, other, "W", ctrl=True)
    qtbot.waitUntil(lambda: not shiboken6.isValid(other), timeout=PATIENCE_MS)
    shown(qtbot, window)
    press(qtbot, window, "BracketRight")
    qtbot.waitUntil(lambda: window.session.state.peel == 1.0, timeout=PATIENCE_MS)


# ---------------------------------------------------------------------- exports


def _dialog(qtbot: QtBot, window: Window, moves: bool) -> ExportDialog:
    from PySide6.QtGui import QKeySequence
    from PySide6.QtTest import QTest

    from viewer.panels.export_dialog import ExportDialog

    QTest.keySequence(window, QKeySequence("Ctrl+Shift+E" if moves else "Ctrl+P"))
    dialog = next(iter(window.findChildren(ExportDialog)))
    qtbot.waitUntil(dialog.isVisible, timeout=PATIENCE_MS)
    return dialog


def test_a_picture_is_exported_as_it_is_seen(
    qtbot: QtBot, window: Window, builtin: Atlas, tmp_path: Path
) -> None:
    window.session.change(lambda _: ViewState(peel=2.0))
    dialog = _dialog(qtbot, window, moves=False)
    click(qtbot, dialog.go)
    assert "Choose a file first" in dialog.words.text()
    out = tmp_path / "seen.png"
    fill(qtbot, dialog.pixels.lineEdit(), "240x300", enter=False)
    fill(qtbot, dialog.place, str(out))  # Return exports
    assert not dialog.go.isEnabled()
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)
    assert dialog.words.text() == f"Wrote {out}"
    with Image.open(out) as picture:
        assert picture.size == (240, 300)


def test_what_cannot_be_written_is_told(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    dialog = _dialog(qtbot, window, moves=False)
    fill(qtbot, dialog.place, str(tmp_path / "no" / "seen.png"), enter=False)
    fill(qtbot, dialog.pixels.lineEdit(), "240x300", enter=False)
    click(qtbot, dialog.go)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)
    assert "does not exist" in dialog.words.text()
    assert "Traceback" not in dialog.words.text()


def test_a_film_shows_progress_and_is_cancelled(
    qtbot: QtBot, window: Window, builtin: Atlas, tmp_path: Path
) -> None:
    command(qtbot, window, "stroke", "Trapezius ridge")
    qtbot.waitUntil(lambda: window.session.timeline is not None, timeout=PATIENCE_MS)
    dialog = _dialog(qtbot, window, moves=True)
    out = tmp_path / "film.mp4"
    fill(qtbot, dialog.place, str(out), enter=False)
    fill(qtbot, dialog.pixels.lineEdit(), "640x360", enter=False)
    click(qtbot, dialog.go)
    qtbot.waitUntil(lambda: dialog.bar.value() > 0, timeout=PATIENCE_MS)
    click(qtbot, dialog.halt)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)
    assert dialog.words.text().startswith("Cancelled")
    assert not out.exists()


def test_closing_the_window_ends_the_export(
    qtbot: QtBot, window: Window, builtin: Atlas, tmp_path: Path
) -> None:
    dialog = _dialog(qtbot, window, moves=False)
    fill(qtbot, dialog.place, str(tmp_path / "never.png"), enter=False)
    fill(qtbot, dialog.pixels.lineEdit(), "4000x4000", enter=False)
    click(qtbot, dialog.go)
    window.close()
    qtbot.wait(50)
    assert not (tmp_path / "never.png").exists()
