"""Words that come from data or from modules without Qt, in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

#: Context under which translators find these words.
VOCABULARY = "Vocabulary"


def word(english: str) -> str:
    """Return a word or phrase in the user's language, or as it is where nobody translated it."""
    return QCoreApplication.translate(VOCABULARY, english)
