"""Language and appearance of the window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from meshes.errors import UnknownName
from tests.phantom import phantom_atlas
from tests.viewer.desk import command

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.window import Window

pytestmark = [
    pytest.mark.window,
    pytest.mark.usefixtures("no_leaked_widgets", "nothing_left", "english_again"),
]


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
    command(qtbot, first, "view", "Language", "Deutsch")
    first.close()
    second = _window(qtbot)
    assert next(action.text() for action in second.menuBar().actions()) == "&Datei"
    assert _action(second, "Deutsch").isChecked()
    command(qtbot, second, "view", "Sprache", "English")
    second.close()


def test_dark_and_light(qtbot: QtBot) -> None:
    from PySide6.QtGui import QIcon, QPalette

    window = _window(qtbot)

    def lightness() -> int:
        qtbot.wait(20)
        return window.palette().color(QPalette.ColorRole.Window).lightness()

    def play() -> int:
        image = window.playback._play.icon().pixmap(22, 22, QIcon.Mode.Normal).toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2).lightness()

    command(qtbot, window, "view", "Appearance", "Dark")
    dark, dark_ink = lightness(), play()
    command(qtbot, window, "view", "Appearance", "Light")
    light, light_ink = lightness(), play()
    window.close()
    assert dark < 100 < light
    assert light_ink < 100 < dark_ink  # the icons are seen in both


def test_an_unknown_language_is_told(qapp: Any) -> None:
    from viewer.panels import language

    with pytest.raises(UnknownName, match="language"):
        language.speak("xx")
