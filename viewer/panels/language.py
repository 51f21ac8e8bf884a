"""The window's language: tables of texts that a translator can read and mend.

English stands in the code. A table ``viewer/translations/XX.toml`` has a section for each context
and a line for each text, English on the left. What a table lacks stays English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from meshes.errors import UnknownName
from viewer.panels.settings import settings

FOLDER = Path(__file__).resolve().parents[1] / "translations"
ENGLISH = "en"
#: Languages by code, each named as its speakers do.
LANGUAGES = {ENGLISH: "English", "de": "Deutsch"}
_KEY = "language"

Table = Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=4)
def table_of(code: str) -> Table:
    """Return the texts of a language by context; English has none.

    Raises
    ------
    UnknownName
        If there is no such language.
    """
    if code not in LANGUAGES:
        raise UnknownName("language", code, LANGUAGES)
    if code == ENGLISH:
        return {}
    page: dict[str, dict[str, str]] = tomllib.loads(
        (FOLDER / f"{code}.toml").read_text(encoding="utf-8")
    )
    return page


class Translator(QTranslator):
    """Answers Qt from a table.

    Parameters
    ----------
    table : mapping of str to mapping of str to str
    """

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """Return a text in this language, or None where the table lacks it."""
        return self._table.get(context, {}).get(text)

    def isEmpty(self) -> bool:  # noqa: N802
        """Say whether there is anything to ask for."""
        return not self._table


def chosen() -> str:
    """Return the language that was chosen, or else the system's if there is a table for it."""
    kept: Any = settings().value(_KEY)
    if kept in LANGUAGES:
        return str(kept)
    system = QLocale.system().name().split("_")[0]
    return system if system in LANGUAGES else ENGLISH


def choose(code: str) -> None:
    """Keep a language for the windows that are opened from now on, and speak it."""
    table_of(code)
    settings().setValue(_KEY, code)
    speak(code)


_speaking: list[Translator] = []


def speak(code: str) -> None:
    """Let texts that are asked for from now on come in a language.

    Raises
    ------
    UnknownName
        If there is no such language.
    """
    table = table_of(code)
    application = QCoreApplication.instance()
    assert application is not None
    while _speaking:
        application.removeTranslator(_speaking.pop())
    if table:
        translator = Translator(table)
        application.installTranslator(translator)
        _speaking.append(translator)
