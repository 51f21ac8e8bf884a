"""Frames in, a video file out: ffmpeg fed from a thread, so that drawing and encoding overlap."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meshes.errors import InputError, MachineError, WriteError
from viewer.export.atomic import whole_file

Pixels = NDArray[np.uint8]

#: Frames that may wait for the encoder; more would only fill memory.
_WAITING = 6

#: What ffmpeg is told for each kind of file; even sides are required by yuv420p. The matrix is
#: named, or players take the colours of a large picture for BT.709 and show them greenish.
_EVEN = (
    "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=0xfaf9f7,"
    "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int"
)
_COLOURS = (
    "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
    "-color_range", "tv",
)  # fmt: skip
_CODECS: dict[str, tuple[str, ...]] = {
    ".mp4": (
        "-vf", _EVEN, "-c:v", "libx264", "-preset", "veryfast", "-crf", "19",
        "-pix_fmt", "yuv420p", *_COLOURS, "-movflags", "+faststart",
    ),
    ".webm": (
        "-vf", _EVEN, "-c:v", "libvpx-vp9", "-crf", "31", "-b:v", "0", "-deadline", "realtime",
        "-cpu-used", "6", "-row-mt", "1", "-pix_fmt", "yuv420p", *_COLOURS,
    ),
    ".gif": (
        "-filter_complex",
        "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=4",
        "-loop", "0",
    ),
}  # fmt: skip
SUFFIXES = tuple(_CODECS)


@dataclass(frozen=True)
class Film:
    """Size and rate of a video.

    Attributes
    ----------
    width, height : int
        Pixels.
    fps : float
        Frames per second.
    """

    width: int = 1280
    height: int = 720
    fps: float = 30.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.width, self.height


def encode(path: Path, frames: Iterable[Pixels], film: Film, *, title: str = "") -> None:
    """Write frames as a video; the file appears under its name when it is whole.

    Parameters
    ----------
    path : Path
        Ending in ``.mp4`` (H.264, yuv420p), ``.webm`` (VP9) or ``.gif``.
    frames : iterable of ndarray, shape (height, width, 3)
    film : Film
    title : str
        Kept in the file.

    Raises
    ------
    InputError
        If the ending is none of these.
    MachineError
        If there is no encoder.
    WriteError
        If the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _CODECS:
        raise InputError(
            f"a video's name must end in {', '.join(SUFFIXES)}, received {path.name!r}"
        )
    program = encoder_program()
    with whole_file(path) as beside:
        command = [
            program, "-hide_banner", "-loglevel", "error", "-y",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{film.width}x{film.height}",
            "-r", f"{film.fps:g}", "-i", "-", "-an", "-metadata", f"title={title}",
            "-fflags", "+bitexact", "-flags:v", "+bitexact",
            *_CODECS[suffix], str(beside),
        ]  # fmt: skip
        _Feeder(command, path).run(frames)


def encoder_program() -> str:
    """Return the path of ffmpeg, which comes with imageio-ffmpeg.

    Raises
    ------
    MachineError
        If there is none.
    """
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError, OSError) as error:
        raise MachineError(
            "a video needs ffmpeg and none was found: run pip install imageio-ffmpeg, or install "
            "ffmpeg and set IMAGEIO_FFMPEG_EXE to its path"
        ) from error


class _Feeder:
    """Runs ffmpeg and feeds it from a thread of its own."""

    def __init__(self, command: list[str], path: Path) -> None:
        self._path = path
        self._queue: queue.Queue[Pixels | None] = queue.Queue(_WAITING)
        self._broken = threading.Event()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us; we end it
            )
        except OSError as error:
            raise MachineError(
                f"the encoder {command[0]} does not start ({error.strerror}): "
                "run pip install --force-reinstall imageio-ffmpeg"
            ) from error

    def run(self, frames: Iterable[Pixels]) -> None:
        """Feed all frames and wait for the end."""
        said: list[bytes] = []
        assert self._process.stderr is not None
        listener = threading.Thread(target=self._listen, args=(said,), daemon=True)
        writer = threading.Thread(target=self._write, daemon=True)
        listener.start()
        writer.start()
        try:
            for frame in frames:
                if self._broken.is_set():
                    break
                self._queue.put(frame)
            self._queue.put(None)
            writer.join()
            code = self._process.wait()
        except BaseException:
            self._broken.set()
            self._process.kill()
            self._process.wait()
            self._drain()
            raise
        finally:
            listener.join(5.0)
            for stream in (self._process.stdin, self._process.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
        if code != 0 or self._broken.is_set():
            raise self._fault(b"".join(said).decode(errors="replace"))

    def _write(self) -> None:
        stream = self._process.stdin
        assert stream is not None
        try:
            while (frame := self._queue.get()) is not None:
                stream.write(np.ascontiguousarray(frame).data)
            stream.close()
        except (OSError, ValueError):
            self._broken.set()
            self._drain()

    def _drain(self) -> None:
        # Whoever waits to hand over a frame must not wait for ever.
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            pass

    def _listen(self, said: list[bytes]) -> None:
        stream = self._process.stderr
        assert stream is not None
        said.extend(stream)

    def _fault(self, text: str) -> WriteError:
        if "No space left" in text:
            return WriteError(
                f"cannot write {self._path}: the disk is full; free some space and try again"
            )
        last = text.strip().splitlines()[-1:] or ["it ended without a word"]
        return WriteError(f"cannot write {self._path}: the encoder stopped ({last[0].strip()})")
