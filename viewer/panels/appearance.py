"""Light or dark, and the language: chosen in the view menu, kept for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QActionGroup, QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QMenu

from viewer.panels import language
from viewer.panels.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.window import Window

translate = QCoreApplication.translate

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
_KEY = "appearance"


def kept_scheme() -> str:
    """Return what was chosen: system, light or dark."""
    kept: Any = settings().value(_KEY, "system")
    return kept if kept in _SCHEMES else "system"


def wear(scheme: str) -> None:
    """Show all windows light or dark, or as the system does."""
    QGuiApplication.styleHints().setColorScheme(_SCHEMES[scheme])
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    usual = QPalette() if scheme == "system" else application.style().standardPalette()
    application.setPalette(usual)
    # Desktops without a theme of their own leave colour schemes to the program.
    is_dark = application.palette().color(QPalette.ColorRole.Window).lightness() < 128
    if scheme != "system" and is_dark != (scheme == "dark"):
        application.setPalette(_dark() if scheme == "dark" else _light())
    dark = application.palette().color(QPalette.ColorRole.Window).lightness() < 128
    application.setStyleSheet(_BOXES if dark else "")


#: The style draws an empty box darker than its surroundings: in the dark it would not be seen.
_BOXES = (
    "QCheckBox::indicator:unchecked { width: 12px; height: 12px; border: 1px solid #9a9da3;"
    " border-radius: 2px; background: #1c1e20; }"
)


def _dark() -> QPalette:
    return _palette("#26282b", "#1c1e20", "#e6e6e3", "#33363a", "#4a90c0")


def _light() -> QPalette:
    return _palette("#f3f2ef", "#ffffff", "#1f1f1e", "#e7e5e0", "#2a6f9e")


def _palette(window: str, base: str, text: str, button: str, chosen: str) -> QPalette:
    """Return a palette from five colours; what is disabled is half as strong."""
    palette = QPalette(QColor(button), QColor(window))
    role = QPalette.ColorRole
    for where, colour in (
        (role.Window, window),
        (role.Base, base),
        (role.AlternateBase, window),
        (role.ToolTipBase, window),
        (role.Button, button),
        (role.Highlight, chosen),
        (role.Link, chosen),
    ):
        palette.setColor(where, QColor(colour))
    faint = QColor(text)
    faint.setAlpha(110)
    for where in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText):
        palette.setColor(where, QColor(text))
        palette.setColor(QPalette.ColorGroup.Disabled, where, faint)
    palette.setColor(role.HighlightedText, QColor("#ffffff"))
    palette.setColor(role.PlaceholderText, faint)
    return palette


def install(window: Window) -> None:
    """Add both choices to the view menu."""
    session = window.session
    window.menus.separate("view")
    titles = {
        "system": translate("Appearance", "As the system"),
        "light": translate("Appearance", "Light"),
        "dark": translate("Appearance", "Dark"),
    }

    def scheme(name: str) -> None:
        settings().setValue(_KEY, name)
        wear(name)

    _choice(window, translate("Appearance", "Appearance"), titles, kept_scheme(), scheme)

    def speak(code: str) -> None:
        language.choose(code)
        session.told.emit(
            translate("Appearance", "The language of new windows is {0}").format(
                language.LANGUAGES[code]
            )
        )

    title = translate("Appearance", "Language")
    _choice(window, title, dict(language.LANGUAGES), language.chosen(), speak)


def _choice(
    window: Window,
    title: str,
    titles: dict[str, str],
    now: str,
    choose: Callable[[str], None],
) -> None:
    """Add a menu of which one is ticked."""
    menu = QMenu(title, window)
    group = QActionGroup(menu)
    for name, text in titles.items():
        action = QAction(text, menu, checkable=True, checked=name == now)
        action.triggered.connect(lambda _checked=False, name=name: choose(name))
        group.addAction(action)
        menu.addAction(action)
    window.menus["view"].addMenu(menu)
