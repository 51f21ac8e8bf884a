"""Scenes, recent files and exports in the real window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PIL import Image

from annotations.pressure import Pressure
from annotations.technique import Technique
from meshes.atlas import Atlas
from meshes.progress import Progress
from tests.phantom import phantom_atlas
from viewer.scene_file import read_scene
from viewer.state import Note, ViewState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.panels.export_dialog import ExportDialog
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets")]

PATIENCE_MS = 60_000


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


def test_a_scene_is_saved_and_opened_again(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    from viewer.panels import scene_commands
    from viewer.panels.settings import recent_files

    session = window.session
    session.change(lambda _: _state())
    path = tmp_path / "mine.palpate.json"
    assert scene_commands.save(window, path)
    assert read_scene(path).state.same_as(session.state)
    session.undo()
    assert session.state.peel == 0.0
    assert scene_commands.load(window, path)
    assert session.state.same_as(_state())
    session.undo()  # opening is a step like any other
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

    for name in ("one", "two"):
        scene_commands.save(window, tmp_path / f"{name}.palpate.json")
    (tmp_path / "one.palpate.json").unlink()
    menu = next(one for one in window.findChildren(QMenu) if "recent" in one.title())
    menu.aboutToShow.emit()
    names = [action.text() for action in menu.actions()]
    assert "two.palpate.json" in names
    assert "one.palpate.json" not in names


# ---------------------------------------------------------------------- exports


def _dialog(qtbot: QtBot, window: Window, moves: bool) -> ExportDialog:
    from PySide6.QtGui import QKeySequence
    from PySide6.QtTest import QTest

    from viewer.panels.export_dialog import ExportDialog

    QTest.keySequence(window, QKeySequence("Ctrl+Shift+E" if moves else "Ctrl+P"))
    dialog = next(iter(window.findChildren(ExportDialog)))
    qtbot.waitUntil(dialog.isVisible, timeout=PATIENCE_MS)
    return dialog


def _click(qtbot: QtBot, button: Any) -> None:
    from PySide6.QtCore import Qt

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_picture_is_exported_as_it_is_seen(
    qtbot: QtBot, window: Window, builtin: Atlas, tmp_path: Path
) -> None:
    window.session.change(lambda _: ViewState(peel=2.0))
    dialog = _dialog(qtbot, window, moves=False)
    _click(qtbot, dialog.go)
    assert "Choose a file first" in dialog.words.text()
    out = tmp_path / "seen.png"
    dialog.place.setText(str(out))
    dialog.pixels.setCurrentText("240x300")
    _click(qtbot, dialog.go)
    assert not dialog.go.isEnabled()
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)
    assert dialog.words.text() == f"Wrote {out}"
    with Image.open(out) as picture:
        assert picture.size == (240, 300)


def test_what_cannot_be_written_is_told(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    dialog = _dialog(qtbot, window, moves=False)
    dialog.place.setText(str(tmp_path / "no" / "seen.png"))
    dialog.pixels.setCurrentText("240x300")
    _click(qtbot, dialog.go)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)
    assert "does not exist" in dialog.words.text()
    assert "Traceback" not in dialog.words.text()


def test_a_film_shows_progress_and_is_cancelled(
    qtbot: QtBot, window: Window, builtin: Atlas, tmp_path: Path
) -> None:
    from viewer.panels.player import load_protocol

    load_protocol(window.session, "trapezius_ridge")
    qtbot.waitUntil(lambda: window.session.timeline is not None, timeout=PATIENCE_MS)
    dialog = _dialog(qtbot, window, moves=True)
    out = tmp_path / "film.mp4"
    dialog.place.setText(str(out))
    dialog.pixels.setCurrentText("640x360")
    _click(qtbot, dialog.go)
    qtbot.waitUntil(lambda: dialog.bar.value() > 0, timeout=PATIENCE_MS)
    _click(qtbot, dialog.halt)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)
    assert dialog.words.text().startswith("Cancelled")
    assert not out.exists()


def test_closing_the_window_ends_the_export(
    qtbot: QtBot, window: Window, builtin: Atlas, tmp_path: Path
) -> None:
    dialog = _dialog(qtbot, window, moves=False)
    dialog.place.setText(str(tmp_path / "never.png"))
    dialog.pixels.setCurrentText("4000x4000")
    _click(qtbot, dialog.go)
    window.close()
    qtbot.wait(50)
    assert not (tmp_path / "never.png").exists()
