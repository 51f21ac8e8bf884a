"""Names in the margins of the real window: a click shows them, turning moves them, undo takes back.

They are away while the picture moves, and each line ends on what it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.viewer.desk import Mouse, pixels, press
from viewer import steps
from viewer.marks import Block, Words
from viewer.picking import pick_in
from viewer.state import Note

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]


def laid(window: Window, qtbot: QtBot) -> list[str]:
    """Wait for the names and return them, top to bottom."""
    layer = window.names.layer
    qtbot.waitUntil(lambda: not window.view.moving and layer.isVisible(), timeout=5000)
    words = [mark for mark in layer.marks if isinstance(mark, Words)]
    return [mark.text for mark in sorted(words, key=lambda mark: mark.y)]


def test_a_click_shows_the_names_and_undo_takes_them_away(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPoint, Qt

    session, layer = window.session, window.names.layer
    session.change(steps.peeled, 6.0)
    qtbot.waitUntil(lambda: not window.view.moving, timeout=5000)
    window.show_panel("opening")
    panel: Any = window.panel("opening").widget()
    qtbot.mouseClick(
        panel.names, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.names.height() // 2)
    )
    names = laid(window, qtbot)
    assert session.state.leaders
    assert "Sacrum" in names
    before = pixels(window)
    qtbot.mouseClick(
        panel.latin, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.latin.height() // 2)
    )
    assert "Os sacrum" in laid(window, qtbot)
    assert np.abs(pixels(window) - before).mean() < 2.0  # the torso itself is the same
    press(qtbot, window, "Z", ctrl=True)
    assert not session.state.latin
    assert "Sacrum" in laid(window, qtbot)
    press(qtbot, window, "Z", ctrl=True)
    assert not session.state.leaders
    assert not layer.isVisible()
    assert not panel.names.isChecked()


def test_names_are_away_in_a_drag_and_then_end_where_their_structures_are(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    window.session.change(steps.peeled, 6.0)
    press(qtbot, window, "A")
    first = laid(window, qtbot)
    qtbot.waitUntil(lambda: window.view.prepared, timeout=5000)
    mouse.drag((0.5, 0.5), (0.7, 0.5))
    assert not window.names.layer.isVisible()
    second = laid(window, qtbot)
    assert first != second
    picture, lens, canvas = window.view.picture, window.view.lens, window.view.canvas
    size = (canvas.width(), canvas.height())
    dots = [mark for mark in window.names.layer.marks if isinstance(mark, Block)]
    assert dots
    for dot in dots:
        at = (dot.x + dot.width / 2.0, dot.y + dot.height / 2.0)
        picked = pick_in(picture, lens, size, at)
        assert picked is not None
        name = window.session.atlas[picked.structure].entry.english
        assert f"{name[:1].upper()}{name[1:]}" in second


def test_the_selected_alone_are_named_and_notes_stand_with_them(
    window: Window, qtbot: QtBot
) -> None:
    session = window.session
    session.change(steps.peeled, 6.0)
    session.change(steps.noted, "sacrum", "lean on it gently")
    qtbot.waitUntil(lambda: not window.view.moving, timeout=5000)
    assert window.pins.labels["sacrum"].isVisible()
    press(qtbot, window, "A")
    told = "“lean on it gently” · Sacrum"
    texts = laid(window, qtbot)
    assert told in texts
    assert "Sacrum" not in texts  # one line to a structure
    assert not window.pins.labels["sacrum"].isVisible()  # it has moved into the margin
    session.change(steps.selected, "skull")
    assert set(laid(window, qtbot)) == {"Skull", told}
    assert session.state.notes == (Note("sacrum", "lean on it gently"),)


def test_a_quiz_keeps_the_names_back(window: Window, qtbot: QtBot) -> None:
    window.session.change(steps.peeled, 6.0)
    press(qtbot, window, "A")
    laid(window, qtbot)
    window.session.hush(True)
    assert not window.names.layer.isVisible()
    window.session.hush(False)
    assert laid(window, qtbot)


def test_the_layer_is_told_to_screen_readers_and_fits_the_canvas(
    window: Window, qtbot: QtBot
) -> None:
    press(qtbot, window, "A")
    assert laid(window, qtbot) == ["Skin"]
    assert window.names.layer.accessibleName() == "Skin"
    window.resize(1100, 760)
    qtbot.wait(50)
    laid(window, qtbot)
    assert window.names.layer.size() == window.view.canvas.size()
