"""A newcomer's path through the window, on the built-in torso, with mouse and keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from annotations.pressure import Pressure
from annotations.site import find_site
from annotations.technique import Technique
from tests.viewer.desk import PATIENCE_MS, press, shown

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from meshes.atlas import Atlas
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]


@pytest.fixture
def torso(qtbot: QtBot, builtin: Atlas) -> Iterator[Window]:
    """A window on the built-in torso, as ``palpate`` opens it."""
    from viewer.panels.subject import Subject
    from viewer.window import Window

    made = Window(lambda progress: builtin, None, Subject())
    shown(qtbot, made)
    qtbot.waitUntil(lambda: made.session.ready, timeout=4 * PATIENCE_MS)
    yield made
    made.close()
    qtbot.wait(20)


def choose(qtbot: QtBot, window: Window, menu: str, title: str) -> None:
    """Open a menu and click on a command."""
    from PySide6.QtCore import Qt

    page = window.menus[menu]
    page.popup(window.menuBar().mapToGlobal(window.menuBar().rect().bottomLeft()))
    action = next(item for item in page.actions() if item.text() == title)
    qtbot.mouseClick(page, Qt.MouseButton.LeftButton, pos=page.actionGeometry(action).center())


def test_a_newcomers_path(torso: Window, qtbot: QtBot, builtin: Atlas, tmp_path: Path) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from viewer.panels.export_dialog import ExportDialog

    window, session = torso, torso.session

    # Find the rhomboids.
    press(qtbot, window, "F", ctrl=True)
    qtbot.keyClicks(window.tree.field, "rhomboid")
    qtbot.keyClick(window.tree.field, Qt.Key.Key_Return)
    rhomboids = {
        f"rhomboid_{name}_{side}" for name in ("major", "minor") for side in ("left", "right")
    }
    assert session.state.highlighted == rhomboids
    assert window.view.picture.ids >= rhomboids

    # Alone, and back again.
    press(qtbot, window, "I")
    assert window.view.picture.ids == rhomboids
    press(qtbot, window, "Z", ctrl=True)
    assert len(window.view.picture.ids) > 50

    # What is above them, 3 cm left of T4?
    site = find_site(builtin, "T4 3cm left")
    size = (window.view.canvas.width(), window.view.canvas.height())
    x, y, _ = window.view.lens.project(site.point, size)[0]
    QTest.mouseMove(window.view.canvas, QPoint(round(float(x)), round(float(y))))
    qtbot.waitUntil(lambda: len(window.beneath.names) > 3, timeout=PATIENCE_MS)
    names = [name.partition(",")[0] for name in window.beneath.names]
    assert names[:4] == ["Skin", "Fat", "Trapezius", "Rhomboid major"]

    # May I press there, deep and long?
    panel = window.safety
    for combo, row in (
        (panel.technique, list(Technique).index(Technique.SUSTAINED_PRESS)),
        (panel.pressure, list(Pressure).index(Pressure.DEEP)),
    ):
        combo.setFocus()
        qtbot.keyClick(combo, Qt.Key.Key_Home)
        for _ in range(row):
            qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert session.pair == (Technique.SUSTAINED_PRESS, Pressure.DEEP)
    assert "Work" in window.beneath.verdict
    assert "Gutter over the rhomboids" in panel.rules.toPlainText()

    # Play the gutter stroke.
    choose(qtbot, window, "stroke", "Rhomboid gutter")
    qtbot.waitUntil(lambda: session.timeline is not None, timeout=4 * PATIENCE_MS)
    assert window.playback.title == "Rhomboid gutter"
    press(qtbot, window, "Space")
    qtbot.waitUntil(lambda: bool(window.view.picture.contacts), timeout=PATIENCE_MS)
    assert {contact.side for contact in window.view.picture.contacts} <= {"left", "right"}
    press(qtbot, window, "Space")

    # Save a picture of it.
    press(qtbot, window, "P", ctrl=True)
    dialog = window.findChild(ExportDialog)
    out = tmp_path / "gutter.png"
    dialog.place.setText(str(out))
    dialog.pixels.setCurrentText("300x390")
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=4 * PATIENCE_MS)
    drawn = np.asarray(Image.open(out).convert("RGB")).astype(float)
    assert drawn.shape == (390, 300, 3)
    red = (drawn[..., 0] > 1.5 * drawn[..., 2]) & (drawn[..., 0] > 90)
    assert red.mean() > 0.05  # muscle: the picture shows what the window showed
