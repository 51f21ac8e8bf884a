"""Frames in, a file out, written by a thread of its own: drawing and encoding overlap."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from meshes.errors import InputError, PalpateError, WriteError
from viewer.export.atomic import unwritable, whole_file
from viewer.export.ffmpeg import RGB, encoder_program, fault, started
from viewer.export.frame import Frame
from viewer.export.planes import Planes

#: Frames that may wait for the encoder; more would only fill memory.
_WAITING = 6

#: What ffmpeg is told for the pieces of each kind of film. What goes in are
#: planes already (``planes``); their matrix is named, or ffmpeg takes another for granted and
#: players guess. The number of threads is fixed, because x264's output depends on it: so machines
#: with more cores make the same file. Two keep up with drawing; each more holds frames of its own,
#: which take time to make room for.
_COLOURS = (
    "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
    "-color_range", "tv",
)  # fmt: skip
PIECES: dict[str, tuple[str, ...]] = {
    ".mp4": (
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "19", "-threads", "2",
        "-x264-params", "bframes=0:weightp=0:me=dia:subme=1",
        "-pix_fmt", "yuv420p", *_COLOURS,
    ),
    ".webm": (
        "-c:v", "libvpx-vp9", "-crf", "31", "-b:v", "0", "-deadline", "realtime",
        "-cpu-used", "6", "-row-mt", "1", "-threads", "4", "-pix_fmt", "yuv420p", *_COLOURS,
    ),
    # Lossless and quick: what a GIF is made from once all of it is drawn.
    ".mkv": ("-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0", "-threads", "4"),
}  # fmt: skip


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


def encode(path: Path, frames: Iterable[Frame], film: Film) -> None:
    """Write frames as one file; it appears under its name when it is whole.

    Parameters
    ----------
    path : Path
        Ending in ``.mp4`` (H.264, yuv420p), ``.webm`` (VP9) or ``.mkv`` (lossless).
    frames : iterable of Frame
    film : Film

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
    if path.suffix.lower() not in PIECES:
        raise InputError(f"a video's name must end in {', '.join(PIECES)}, received {path.name!r}")
    program = encoder_program()
    with whole_file(path) as beside:
        sink = Encoder(beside, path, film, program)
        try:
            for frame in frames:
                sink.put(frame)
            sink.end()
            sink.wait()
        finally:
            sink.stop()


class Sink(ABC):
    """Takes frames in order and writes them in a thread of its own.

    Parameters
    ----------
    told : Path
        The name that errors give.
    """

    def __init__(self, told: Path) -> None:
        self.told = told
        self._queue: queue.Queue[Frame | None] = queue.Queue(_WAITING)
        self._error: PalpateError | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def put(self, frame: Frame) -> None:
        """Hand over a frame.

        Raises
        ------
        PalpateError
            If writing has failed.
        """
        if self._over.is_set():
            self.wait()
        self._queue.put(frame)

    def end(self) -> None:
        """Say that there are no more frames; does not wait until they are written."""
        self._queue.put(None)

    def wait(self) -> None:
        """Wait until the file is whole.

        Raises
        ------
        PalpateError
            If writing has failed.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Give up, if the file is not whole by now."""
        if self._thread.is_alive():
            self._abandon()
            # The thread may be waiting for a frame, and a drained queue has room for the end.
            self._drain()
            self._queue.put(None)
            self._thread.join()

    @abstractmethod
    def _write(self, frame: Frame) -> None:
        """Write one frame (in the thread)."""

    @abstractmethod
    def _finish(self) -> None:
        """Complete the file (in the thread)."""

    @abstractmethod
    def _abandon(self) -> None:
        """Stop writing soon (from any thread)."""

    def _run(self) -> None:
        try:
            while (frame := self._queue.get()) is not None:
                self._write(frame)
            self._finish()
        except PalpateError as error:
            self._error = error
        except OSError as error:
            self._error = unwritable(self.told, error)
        finally:
            self._over.set()
            # Whoever waits to hand over a frame must not wait for ever.
            self._drain()

    def _drain(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._queue.get_nowait()


class Encoder(Sink):
    """ffmpeg writing one file of frames.

    Parameters
    ----------
    path : Path
        Its ending says which of :data:`PIECES`.
    told : Path
        The name that errors give.
    film : Film
    program : str
        ffmpeg's path.
    """

    def __init__(self, path: Path, told: Path, film: Film, program: str) -> None:
        super().__init__(told)
        kind = path.suffix.lower()
        self._planes = Planes(film.size) if "yuv420p" in PIECES[kind] else None
        size = film.size if self._planes is None else self._planes.size
        given = ("-pix_fmt", RGB) if self._planes is None else ("-pix_fmt", "yuv420p", *_COLOURS)
        command = [
            program, "-hide_banner", "-loglevel", "error", "-y",
            *given, "-f", "rawvideo", "-s", f"{size[0]}x{size[1]}",
            "-r", f"{film.fps:g}", "-i", "-", "-an",
            "-fflags", "+bitexact", "-flags:v", "+bitexact",
            *PIECES[kind], str(path.absolute()),
        ]  # fmt: skip
        self._said: list[bytes] = []
        self._process: subprocess.Popen[bytes] = started(command, subprocess.PIPE)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._thread.start()

    def _write(self, frame: Frame) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(
                np.ascontiguousarray(frame.pixels).data
                if self._planes is None
                else self._planes.of(frame)
            )
        except (OSError, ValueError):
            self._process.kill()
            raise self._ended() from None

    def _finish(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if self._process.wait() != 0:
            raise self._ended()
        self._close()

    def _abandon(self) -> None:
        self._process.kill()

    def _ended(self) -> WriteError:
        code = self._process.wait()
        self._close()
        return fault(self.told, b"".join(self._said).decode(errors="replace"), code)

    def _close(self) -> None:
        self._listener.join(5.0)
        for stream in (self._process.stdin, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _listen(self) -> None:
        stream: Any = self._process.stderr
        with contextlib.suppress(ValueError):  # closed while we read
            self._said.extend(stream)
