"""A film as numbered PNG pictures, for people who edit films from pictures.

Pieces of it are archives (``.zip``, not compressed again), so that a piece is one file like any
other film's; a whole one is a folder.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from meshes.errors import InputError
from viewer.export.atomic import unwritable
from viewer.export.encoder import Pixels, Sink

#: Of zlib; the default (6) takes twice as long for a twentieth less.
_EFFORT = 4
_DIGITS = 5


class Pictures(Sink):
    """Writes frames as PNG into an archive.

    Parameters
    ----------
    path : Path
        Ending in ``.zip``.
    first : int
        Number of the first frame, from 0; names count from 1.
    credit : str
        Kept in every picture.
    """

    def __init__(self, path: Path, first: int, credit: str) -> None:
        super().__init__(path)
        self._next = first + 1
        self._credit = credit
        try:
            self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        except OSError as error:
            raise unwritable(path, error) from error
        self._given_up = False
        self._thread.start()

    def _write(self, frame: Pixels) -> None:
        if not self._given_up:
            self._archive.writestr(
                zipfile.ZipInfo(f"{self._next:0{_DIGITS}d}.png"), png(frame, self._credit)
            )
            self._next += 1

    def _finish(self) -> None:
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
    WriteError
        If the disk is full or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True)
        for piece in pieces:
            with zipfile.ZipFile(piece) as archive:
                for item in archive.infolist():
                    target = folder / f"{name}_{item.filename}"
                    with archive.open(item) as source, target.open("wb") as out:
                        shutil.copyfileobj(source, out)
    except OSError as error:
        raise unwritable(folder, error) from error
