"""ffmpeg: where it is, how it is started, and what it says when it fails."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from meshes.errors import MachineError, WriteError

#: How frames are handed over.
RGB = "rgb24"
#: Told to glibc: keep the memory of a frame for the next one. Giving 3 MB back and asking for
#: them again costs a tenth of encoding.
_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "134217728",
    "MALLOC_TRIM_THRESHOLD_": "536870912",
    "MALLOC_TOP_PAD_": "16777216",
}
#: Bytes on the way to ffmpeg. Of Linux's own 64 KiB a frame takes fifty turns of filling and
#: emptying; more than this is allowed to root alone.
_PIPE = 1 << 20


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


def started(
    command: Sequence[str], stdin: int = subprocess.DEVNULL, folder: Path | None = None
) -> subprocess.Popen[bytes]:
    """Return a started ffmpeg whose stderr is read by the caller.

    Raises
    ------
    MachineError
        If it does not start.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, **_MEMORY},
            start_new_session=True,  # Ctrl-C is for us; we end it
        )
    except OSError as error:
        raise MachineError(
            f"the encoder {command[0]} does not start ({(error.strerror or str(error)).lower()}): "
            "unset IMAGEIO_FFMPEG_EXE or run pip install --force-reinstall imageio-ffmpeg"
        ) from error
    if process.stdin is not None:
        _widen(process.stdin)
    return process


def _widen(pipe: IO[bytes]) -> None:
    """Have a pipe hold more, where the system lets it; frames pass through any."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        fcntl: Any = importlib.import_module("fcntl")  # not on every system
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)


def run(arguments: Sequence[str], path: Path, folder: Path | None = None) -> None:
    """Run ffmpeg to its end.

    Parameters
    ----------
    arguments : sequence of str
        Without the program and what is always said.
    path : Path
        What is being written, for messages.
    folder : Path, optional
        Where relative names start.

    Raises
    ------
    MachineError
        If there is no ffmpeg.
    WriteError
        If it fails.
    """
    command = [encoder_program(), "-hide_banner", "-loglevel", "error", "-y", *arguments]
    process = started(command, folder=folder)
    try:
        _, said = process.communicate()
    finally:
        with contextlib.suppress(OSError):
            process.kill()  # if we were interrupted
        process.wait()
    if process.returncode != 0:
        raise fault(path, said.decode(errors="replace"), process.returncode)


def fault(path: Path, said: str, code: int) -> WriteError:
    """Return the one line that an end of ffmpeg comes down to.

    >>> str(fault(Path("a.mp4"), "av_interleaved_write_frame(): No space left on device", 1))
    'cannot write a.mp4: the disk is full; free some space and try again'
    """
    if "No space left" in said or "Disk quota exceeded" in said:
        return WriteError(f"cannot write {path}: the disk is full; free some space and try again")
    if code == -signal.SIGXFSZ or "File too large" in said:
        return WriteError(
            f"cannot write {path}: this machine allows no file as large; raise the limit "
            "(ulimit -f) or choose a smaller size"
        )
    if "Unknown encoder" in said or "Unrecognized option" in said:
        last = said.strip().splitlines()[0]
        return WriteError(
            f"cannot write {path}: this ffmpeg lacks an encoder ({last.strip()}); unset "
            "IMAGEIO_FFMPEG_EXE or run pip install --force-reinstall imageio-ffmpeg"
        )
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return WriteError(f"cannot write {path}: the encoder was ended ({name}); try again")
    last = (said.strip().splitlines()[-1:] or ["it ended without a word"])[0]
    return WriteError(f"cannot write {path}: the encoder stopped ({last.strip()})")
