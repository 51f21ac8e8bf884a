"""A film as numbered PNG pictures, for people who edit films from pictures.

Pieces of it are archives (``.tar``), so that a piece is one file like any other film's; a whole
one is a folder.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path

from meshes.errors import InputError
from viewer.export.atomic import unwritable
from viewer.export.encoder import Sink
from viewer.export.frame import Frame, Pixels

#: Of zlib; the default (6) takes twice as long for a twentieth less.
_EFFORT = 4
_DIGITS = 5


class Pictures(Sink):
    """Writes frames as PNG into an archive.

    Parameters
    ----------
    path : Path
        Of the archive.
    told : Path
        The name that errors give.
    first : int
        Number of the first frame, from 0; names count from 1.
    credit : str
        Kept in every picture.
    """

    def __init__(self, path: Path, told: Path, first: int, credit: str) -> None:
        super().__init__(told)
        self._next = first + 1
        self._credit = credit
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise unwritable(told, error) from error
        self._archive = tarfile.open(fileobj=self._file, mode="w")  # noqa: SIM115 - in _finish
        self._given_up = False
        self._thread.start()

    def _write(self, frame: Frame) -> None:
        if self._given_up:
            return
        data = png(frame.pixels, self._credit)
        item = tarfile.TarInfo(f"{self._next:0{_DIGITS}d}.png")
        item.size = len(data)
        try:
            self._archive.addfile(item, io.BytesIO(data))
        except OSError:
            with contextlib.suppress(OSError):
                self._file.close()
            raise
        self._next += 1

    def _finish(self) -> None:
        with self._file:
            self._archive.close()

    def _abandon(self) -> None:
        self._given_up = True


def png(pixels: Pixels, credit: str) -> bytes:
    """Return a picture as PNG, shape (height, width, 3), or 4 with opacity."""
    from PIL import Image, PngImagePlugin

    about = PngImagePlugin.PngInfo()
    about.add_text("Software", "Palpate")
    about.add_text("Copyright", credit)
    page = io.BytesIO()
    Image.fromarray(pixels).save(page, format="PNG", pnginfo=about, compress_level=_EFFORT)
    return page.getvalue()


def folder_of(path: Path) -> Path:
    """Return the folder that the pictures of ``NAME.png`` are in.

    >>> folder_of(Path("films/routine.png")).as_posix()
    'films/routine'
    """
    return path.with_suffix("")


def require_free(path: Path) -> None:
    """Make sure that the folder is not there, or holds such pictures and nothing else.

    Raises
    ------
    InputError
        If it holds anything else, which must not be lost.
    """
    folder = folder_of(path)
    if not folder.exists():
        return
    ours = re.compile(rf"{re.escape(folder.name)}(_\d{{{_DIGITS},}}\.png|\.vtt)")
    if not folder.is_dir() or any(not ours.fullmatch(item.name) for item in folder.iterdir()):
        raise InputError(
            f"a folder {folder} for the pictures required, received one that holds other files: "
            "choose another name"
        )


def unpack(pieces: Sequence[Path], folder: Path, name: str) -> None:
    """Write the pictures of all pieces as ``NAME_00001.png`` and so on.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written.
    """
    folder.mkdir(parents=True)
    for piece in pieces:
        with tarfile.open(piece) as archive:
            for item in archive:
                source = archive.extractfile(item)
                assert source is not None
                with source, (folder / f"{name}_{item.name}").open("wb") as out:
                    shutil.copyfileobj(source, out)
