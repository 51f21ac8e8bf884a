"""First steps, help, and the whole window without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from annotations.site import find_site
from tests.viewer.desk import PATIENCE_MS, Mouse, click, command, fill, press, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]


@pytest.fixture
def newcomer() -> Iterator[None]:
    """Nobody has used a window here before."""
    from viewer.panels.settings import settings

    settings().remove("greeted")
    yield
    settings().remove("greeted")


# ---------------------------------------------------------------- first steps


@pytest.mark.usefixtures("newcomer")
def test_a_hint_greets_once_and_goes_with_its_button(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QLabel

    hint = window.hint
    assert not hint.isVisible()
    hint.greet()  # as the application does
    assert hint.isVisible()
    assert window.view.canvas.rect().contains(hint.geometry())
    words = hint.findChild(QLabel)
    assert words.height() >= words.heightForWidth(words.width())  # nothing is cut off
    window.resize(1100, 760)
    qtbot.wait(50)
    assert window.view.canvas.rect().contains(hint.geometry())
    click(qtbot, hint.begin)
    assert not hint.isVisible()
    hint.greet()
    assert not hint.isVisible()  # not a second time
    command(qtbot, window, "help", "First steps")
    assert hint.isVisible()  # unless one asks for it


@pytest.mark.usefixtures("newcomer")
def test_who_goes_to_work_or_presses_escape_has_seen_the_hint(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from PySide6.QtCore import Qt

    window.hint.greet()
    mouse.click(0.02, 0.02)
    assert not window.hint.isVisible()
    command(qtbot, window, "help", "First steps")
    assert window.hint.begin.hasFocus()
    qtbot.keyClick(window.hint.begin, Qt.Key.Key_Escape)
    assert not window.hint.isVisible()


@pytest.mark.usefixtures("newcomer")
def test_the_hint_leads_to_the_tour(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.viewer.desk import stroke

    monkeypatch.setattr(
        "viewer.panels.tour.tour_timeline", lambda atlas, *, progress: stroke(atlas, progress)
    )
    window.hint.greet()
    click(qtbot, window.hint.tour)
    assert not window.hint.isVisible()
    qtbot.waitUntil(lambda: window.session.leads and window.session.clock.playing, timeout=10_000)
    press(qtbot, window, "Space")


def test_help_lists_every_key_there_is(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtGui import QAction, QKeySequence
    from PySide6.QtWidgets import QPushButton

    from viewer.panels.guide import Page

    press(qtbot, window, "F1")
    page = window.findChild(Page)
    assert page.isVisible()
    told = page.text.toPlainText()
    native = QKeySequence.SequenceFormat.NativeText
    for action in window.findChildren(QAction):
        for keys in action.shortcuts():
            assert keys.toString(native) in told, action.text()
    assert "turn the torso" in told
    click(qtbot, page.findChild(QPushButton))
    assert window.findChild(Page) is None
    shown(qtbot, window)
    command(qtbot, window, "help", "About Palpate")
    about = window.findChild(Page)
    assert "does not diagnose" in about.text.toPlainText()
    assert window.session.atlas.licence in about.text.toPlainText()


def test_no_key_means_two_things(window: Window) -> None:
    from PySide6.QtGui import QAction

    keys = [one.toString() for action in window.findChildren(QAction) for one in action.shortcuts()]
    assert len(keys) > 40
    assert len(keys) == len(set(keys))


# ---------------------------------------------------------------- keyboard


def test_tab_leads_round_through_every_part(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    window.view.canvas.setFocus()
    seen: list[Any] = []
    for _ in range(150):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        if focus in seen:
            break
        seen.append(focus)
    opening: Any = window.panel("opening").widget()
    parts = {
        "canvas": window.view.canvas, "find": window.tree.field, "tree": window.tree.tree,
        "peel": window.peel._slider, "inspector": window.inspector.page,
        "technique": window.safety.technique, "pressure": window.safety.pressure,
        "surface": window.safety.surface, "track": window.playback.track,
        "play": window.playback._play, "loop": window.playback._loop, "half": opening.side,
        "lens": opening.lens, "cut": opening.cut, "apart": opening.apart,
    }  # fmt: skip
    missing = [name for name, part in parts.items() if part not in seen and part.isVisible()]
    assert not missing
    assert len(seen) > 15


def test_menus_open_with_alt_and_are_used_with_arrows(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    window.view.canvas.setFocus()
    qtbot.keyClick(window.view.canvas, Qt.Key.Key_V, Qt.KeyboardModifier.AltModifier)
    page = window.menus["view"]
    qtbot.waitUntil(page.isVisible, timeout=PATIENCE_MS)
    titles = [action.text() for action in page.actions() if not action.isSeparator()]
    # The first is chosen as the menu opens with the keys.
    for _ in range(titles.index("From the left") - (page.activeAction() is not None)):
        qtbot.keyClick(page, Qt.Key.Key_Down)
    if page.activeAction().text() != "From the left":
        qtbot.keyClick(page, Qt.Key.Key_Down)
    assert page.activeAction().text() == "From the left"
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert np.allclose(-window.view.lens.forward, (1, 0, 0), atol=0.01)


def test_arrow_keys_turn_and_with_shift_move(window: Window, qtbot: QtBot) -> None:
    start = window.view.lens
    for _ in range(3):
        press(qtbot, window, "Right")
    turned = window.view.lens
    assert turned.position[0] > start.position[0] + 100.0  # as a drag to the right
    assert np.allclose(turned.focus, start.focus)
    press(qtbot, window, "Down")
    assert window.view.lens.position[2] > turned.position[2] + 50.0
    before = window.view.lens.focus
    press(qtbot, window, "Up", shift=True)
    assert window.view.lens.focus[2] < before[2] - 10.0  # the torso goes up
    press(qtbot, window, "Z", ctrl=True)  # all of it is one movement of the camera
    assert window.session.state.camera is None


def test_the_needle_is_put_at_a_place_by_its_name(window: Window, qtbot: QtBot) -> None:
    from viewer.panels.needle_place import PlaceField

    press(qtbot, window, "G", ctrl=True)
    place = window.findChild(PlaceField)
    shown(qtbot, place)
    fill(qtbot, place.field, "T99 3cm left")
    assert place.isVisible()
    assert "T99" in place.told.text()
    assert window.session.state.needle is None
    fill(qtbot, place.field, "T6 3cm left")
    site = find_site(window.session.atlas, "T6 3cm left")
    assert np.allclose(window.session.state.needle, site.point, atol=0.01)
    qtbot.waitUntil(lambda: window.findChild(PlaceField) is None, timeout=PATIENCE_MS)
    assert window.beneath.names[0] == "Skin"
    assert len(window.beneath.names) >= 3
    shown(qtbot, window)
    press(qtbot, window, "Z", ctrl=True)
    assert window.session.state.needle is None
