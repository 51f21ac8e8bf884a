"""A film in pieces of some seconds, kept beside it until it is whole.

``routine.mp4`` is drawn and encoded piece by piece into ``.routine.mp4.segments/KEY/``; the key
is a hash of everything a frame depends on, so that a second run goes on with the pieces that are
there and never mixes them with those of another film. Pieces appear under their names when they
are whole, so being killed costs the piece at hand and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from meshes.errors import InputError
from viewer.export.atomic import require_folder, unwritable

#: A piece this long is lost at worst; a second of film costs a second or less to draw again.
SEGMENT_S = 5.0
_KEY_LETTERS = 24
_LOCK = "lock"
#: Packages whose release may change a frame or its encoding.
_PACKAGES = ("palpate", "vtk", "numpy", "pillow", "imageio-ffmpeg")


@dataclass(frozen=True)
class Segment:
    """Frames ``start`` to ``stop`` (excluded) of a film."""

    number: int
    start: int
    stop: int


def cut(count: int, fps: float) -> tuple[Segment, ...]:
    """Return the segments of ``count`` frames.

    Whole seconds where the rate is a whole number, so that joints fall on exact times. A short
    rest goes to the last one: of a piece of one or two frames H.264 would tell an odd rate.

    >>> [(item.start, item.stop) for item in cut(12, 1.0)]
    [(0, 5), (5, 12)]
    """
    step = max(1, round(SEGMENT_S * fps))
    starts = [step * number for number in range(max(1, round(count / step)))]
    return tuple(
        Segment(number, start, stop)
        for number, (start, stop) in enumerate(zip(starts, [*starts[1:], count], strict=True))
    )


class Store:
    """The folder with a film's finished pieces.

    Parameters
    ----------
    out : Path
        The film's own name.
    key : str
        See :func:`key_of`.
    suffix : str
        Of the pieces.
    """

    def __init__(self, out: Path, key: str, suffix: str) -> None:
        self.out = out
        self.root = out.parent / f".{out.name}.segments"
        self.folder = self.root / key
        self._suffix = suffix

    def path(self, segment: Segment) -> Path:
        """Return where a piece is kept."""
        return self.folder / f"{segment.number:05d}{self._suffix}"

    def missing(self, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        """Return the pieces that are not there yet."""
        return tuple(item for item in segments if not self.path(item).exists())

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the folder for one run, without the pieces of other films.

        Raises
        ------
        InputError
            If another run writes the same file.
        WriteError
            If the folder cannot be made.
        """
        require_folder(self.out)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.root / _LOCK).open("w")
        except OSError as error:
            raise unwritable(self.out, error) from error
        with lock:
            if not _locked(lock.fileno()):
                raise InputError(
                    f"{self.out} is being written by another run: wait for it, or choose another "
                    "name"
                )
            self._tidy()
            yield

    def remove(self) -> None:
        """Remove the folder with all pieces."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _tidy(self) -> None:
        for item in self.root.iterdir():
            if item != self.folder and item.name != _LOCK:
                shutil.rmtree(item, ignore_errors=True)
        for item in self.folder.iterdir():
            if item.name.startswith("."):  # half a piece, left by a kill
                if item.is_dir():
                    shutil.rmtree(item, ignore_errors=True)
                else:
                    item.unlink(missing_ok=True)


def _locked(handle: int) -> bool:
    """Whether we have the file to ourselves; the system frees it when we end, killed or not."""
    try:
        import fcntl
    except ImportError:  # Windows, where two runs at once are the user's to avoid
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def key_of(*ingredients: Any) -> str:
    """Return a hash of everything that the frames of a film depend on.

    Parameters
    ----------
    *ingredients
        Plain data: dataclasses, arrays, enums, numbers, text and tuples of them. The code and
        the releases of what it draws and encodes with are added.
    """
    total = hashlib.sha256()
    _feed(total, (ingredients, code_digest()))
    return total.hexdigest()[:_KEY_LETTERS]


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return a hash of Palpate's own code and of the releases it draws and encodes with."""
    total = hashlib.sha256()
    root = Path(__file__).parents[2]
    for package in ("meshes", "annotations", "viewer"):
        for path in sorted((root / package).rglob("*")):
            inner = path.relative_to(root).parts[1]
            if path.suffix in (".py", ".toml") and inner not in ("panels", "commands", "window.py"):
                total.update(path.relative_to(root).as_posix().encode())
                total.update(path.read_bytes())
    for name in _PACKAGES:
        total.update(f"{name} {version(name)}".encode())
    total.update(os.environ.get("IMAGEIO_FFMPEG_EXE", "").encode())
    return total.hexdigest()


def _feed(total: Any, value: Any) -> None:
    # Every value goes in with its kind and length, so that no two texts of values run together.
    match value:
        case np.ndarray():
            total.update(f"array {value.dtype.str} {value.shape}:".encode())
            total.update(np.ascontiguousarray(value).tobytes())
        case Enum():
            total.update(f"enum {type(value).__name__}.{value.name}:".encode())
        case _ if is_dataclass(value):
            total.update(f"{type(value).__name__}:".encode())
            for field in fields(value):
                _feed(total, getattr(value, field.name))
        case tuple() | list():
            total.update(f"row {len(value)}:".encode())
            for item in value:
                _feed(total, item)
        case None | bool() | int() | float() | str() | np.generic():
            text = repr(value)
            total.update(f"{type(value).__name__} {len(text)}:{text}".encode())
        case _:
            raise TypeError(f"{type(value).__name__} has no digest")
