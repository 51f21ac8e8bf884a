"""Language and appearance of the window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from meshes.errors import UnknownName
from tests.phantom import phantom_atlas

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "english_again")]


@pytest.fixture
def english_again(qapp: Any) -> Iterator[None]:
    from viewer.panels import appearance, language

    yield
    language.choose("en")
    appearance.settings().setValue("appearance", "system")
    appearance.wear("system")


def _window(qtbot: QtBot) -> Window:
    from viewer.window import Window

    made = Window(lambda progress: phantom_atlas())
    made.show()
    with qtbot.waitActive(made, timeout=30_000):
        made.activateWindow()
    qtbot.waitUntil(lambda: made.session.measured, timeout=30_000)
    return made


def _action(window: Window, text: str) -> Any:
    from PySide6.QtGui import QAction

    return next(one for one in window.findChildren(QAction) if one.text() == text)


def test_the_language_chosen_in_the_menu_is_spoken_by_the_next_window(qtbot: QtBot) -> None:
    first = _window(qtbot)
    assert next(action.text() for action in first.menuBar().actions()) == "&File"
    _action(first, "Deutsch").trigger()
    first.close()
    second = _window(qtbot)
    assert next(action.text() for action in second.menuBar().actions()) == "&Datei"
    assert _action(second, "Deutsch").isChecked()
    _action(second, "English").trigger()
    second.close()


def test_dark_and_light(qtbot: QtBot) -> None:
    from PySide6.QtGui import QPalette

    window = _window(qtbot)

    def lightness() -> int:
        qtbot.wait(20)
        return window.palette().color(QPalette.ColorRole.Window).lightness()

    _action(window, "Dark").trigger()
    dark = lightness()
    _action(window, "Light").trigger()
    light = lightness()
    window.close()
    assert dark < 100 < light


def test_an_unknown_language_is_told(qapp: Any) -> None:
    from viewer.panels import language

    with pytest.raises(UnknownName, match="language"):
        language.speak("xx")
