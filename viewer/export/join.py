"""Pieces of a film made into the one file or folder that people asked for.

MP4 and WebM are joined without encoding anything again: packets are copied, so the frames are
those of the pieces. The captions go in as a subtitle track that players leave off unless asked,
because they are drawn into the picture too. A GIF gets one palette made from all its frames.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from viewer.export import ffmpeg, pictures
from viewer.export.atomic import unwritable, whole_file
from viewer.palette import verdict_colours

_PALETTE = "palette.png"
_CAPTIONS_AS = {".mp4": "mov_text", ".webm": "webvtt"}


@dataclass(frozen=True)
class About:
    """What a film says of itself.

    Attributes
    ----------
    title : str
    credit : str
        The atlas's licence and the notice.
    captions : str
        As WebVTT; empty where there are none.
    """

    title: str
    credit: str
    captions: str


def join(pieces: Sequence[Path], lengths_s: Sequence[float], out: Path, about: About) -> None:
    """Write a film from its pieces; it appears under its name when it is whole.

    Parameters
    ----------
    pieces : sequence of Path
        In order, all in one folder on the film's disk.
    lengths_s : sequence of float
        Seconds of each.
    out : Path
        Ending in ``.mp4``, ``.webm``, ``.gif``, or ``.png`` for a folder of pictures.
    about : About

    Raises
    ------
    MachineError, WriteError
        If there is no encoder or the file cannot be written.
    """
    folder = pieces[0].parent
    if out.suffix.lower() == ".png":
        _pictures(pieces, out, about)
        return
    listed = "ffconcat version 1.0\n" + "".join(
        f"file {piece.name}\nduration {length:.6f}\n"
        for piece, length in zip(pieces, lengths_s, strict=True)
    )
    try:
        (folder / "pieces.txt").write_text(listed, encoding="utf-8")
        (folder / "captions.vtt").write_text(about.captions, encoding="utf-8")
    except OSError as error:
        raise unwritable(out, error) from error
    source = ["-f", "concat", "-i", "pieces.txt"]
    with whole_file(out, folder) as beside:
        if out.suffix.lower() == ".gif":
            _gif(source, beside, out, folder)
        else:
            _copied(source, beside, out, about)


def _copied(source: list[str], beside: Path, out: Path, about: About) -> None:
    suffix = out.suffix.lower()
    arguments = [*source]
    if about.captions:
        arguments += ["-i", "captions.vtt", "-map", "0:v", "-map", "1:s"]
        arguments += ["-c:s", _CAPTIONS_AS[suffix], "-disposition:s:0", "0"]
        arguments += ["-metadata:s:s:0", "language=eng"]
    arguments += ["-c:v", "copy", "-map_metadata", "-1", "-fflags", "+bitexact"]
    for key, text in (("title", about.title), ("copyright", about.credit)):
        arguments += ["-metadata", f"{key}={text}"]
    if suffix == ".mp4":
        arguments += ["-movflags", "+faststart"]
    ffmpeg.run([*arguments, str(beside.absolute())], out, beside.parent)
    if suffix == ".mp4" and about.captions:
        subtitles_off(beside)


def subtitles_off(path: Path) -> None:
    """Have players leave an MP4's subtitles off unless asked; ffmpeg always turns the first on.

    Clears the lowest flag (track enabled) of the track headers of subtitles, ISO/IEC 14496-12
    section 8.3.2.
    """
    with path.open("r+b") as file:
        for at, end in _boxes(file, 0, path.stat().st_size, b"moov", b"trak"):
            media = list(_boxes(file, at, end, b"mdia", b"hdlr"))
            file.seek(media[0][0] + 8)
            if file.read(4) == b"sbtl":
                header = next(_boxes(file, at, end, b"tkhd"))[0]
                file.seek(header + 3)
                flags = file.read(1)[0]
                file.seek(header + 3)
                file.write(bytes([flags & ~1]))


def _boxes(file: BinaryIO, at: int, end: int, *kinds: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the contents of boxes of a kind, in a box of the kind before, start and end."""
    while at + 8 <= end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", file.read(8))[0], 16
        if kind == kinds[0]:
            if len(kinds) == 1:
                yield at + head, at + size
            else:
                yield from _boxes(file, at + head, at + size, *kinds[1:])
        if size < 8:  # to the end of the file
            return
        at += size


def _gif(source: list[str], beside: Path, out: Path, folder: Path) -> None:
    # Two runs, because one that splits the stream would hold every frame in memory.
    most = 255 - len(verdict_colours())  # the last is no colour
    making = f"palettegen=stats_mode=diff:max_colors={most}"
    ffmpeg.run([*source, "-vf", making, "-update", "1", _PALETTE], out, folder)
    _keep_colours(folder / _PALETTE, most)
    use = "[0:v][1:v]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle"
    arguments = [*source, "-i", _PALETTE, "-filter_complex", use, "-loop", "0"]
    ffmpeg.run([*arguments, "-fflags", "+bitexact", str(beside.absolute())], out, folder)


def _keep_colours(palette: Path, first: int) -> None:
    """Write what verdicts are told by where a palette has room, however little it is seen."""
    from PIL import Image

    picture = Image.open(palette).convert("RGBA")
    for number, colour in enumerate(verdict_colours(), first):
        picture.putpixel((number % picture.width, number // picture.width), (*colour, 255))
    picture.save(palette)


def _pictures(pieces: Sequence[Path], out: Path, about: About) -> None:
    folder = pictures.folder_of(out)
    try:
        work = Path(tempfile.mkdtemp(prefix=".joined-", dir=pieces[0].parent))
        made = work / folder.name
        pictures.unpack(pieces, made, folder.name)
        if about.captions:
            (made / f"{folder.name}.vtt").write_text(about.captions, encoding="utf-8")
        pictures.require_free(out)
        if folder.exists():
            folder.rename(work / "before")
        made.rename(folder)
        shutil.rmtree(work)
    except OSError as error:
        raise unwritable(folder, error) from error
