"""What Palpate's window remembers between runs: a readable file in the user's settings folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from PySide6.QtCore import QSettings

#: Files that the menu offers again.
MOST_RECENT = 8


def settings() -> QSettings:
    """Return the store, in ``palpate/window.ini``."""
    path = user_config_path("palpate") / "window.ini"
    return QSettings(str(path), QSettings.Format.IniFormat)


def recent_files() -> list[Path]:
    """Return files opened or saved before that are still there, the latest first."""
    kept: Any = settings().value("recent", [])
    # Of a list of one, the file keeps the one.
    names = [kept] if isinstance(kept, str) else list(kept or [])
    return [path for path in map(Path, names) if path.is_file()]


def remember(path: Path) -> None:
    """Put a file first among the recent ones."""
    path = path.resolve()
    rest = [other for other in recent_files() if other != path]
    settings().setValue("recent", [str(one) for one in [path, *rest][:MOST_RECENT]])
