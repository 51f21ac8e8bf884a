"""Files and folders that appear under their name when they are whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meshes.errors import WriteError


@contextmanager
def whole_file(path: Path, beside: Path | None = None, told: Path | None = None) -> Iterator[Path]:
    """Yield a path near ``path`` to write to; it takes its name when the block ends well.

    The path has the same suffix, so that encoders and writers know the format.

    Parameters
    ----------
    path : Path
    beside : Path, optional
        The folder it is written in, on the same disk; that of ``path`` unless given.
    told : Path, optional
        The name that errors give, where ``path`` is a part of something else.

    Raises
    ------
    WriteError
        If the folder cannot be written or the disk is full.
    """
    folder = path.parent if beside is None else beside
    told = told or path
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=folder)
        os.close(handle)
    except OSError as error:
        raise unwritable(told, error) from error
    made = Path(name)
    try:
        yield made
        made.chmod(0o666 & ~_umask())
        _to_disk(made)
        made.replace(path)
    except OSError as error:
        raise unwritable(told, error) from error
    finally:
        made.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> WriteError:
    """Return the one line that says why a file cannot be written and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WriteError(f"cannot write {path}: the disk is full; free some space and try again")
    if error.errno == errno.EFBIG:
        return WriteError(
            f"cannot write {path}: this machine allows no file as large; raise the limit "
            "(ulimit -f) or choose a smaller size"
        )
    if error.errno == errno.ENOENT:
        return WriteError(f"cannot write {path}: the folder {path.parent} does not exist")
    reason = (error.strerror or str(error)).lower()
    return WriteError(f"cannot write {path}: {reason}; choose a folder that you may write to")


def require_folder(path: Path) -> None:
    """Make sure that a file's folder is there and may be written to, before long work.

    Raises
    ------
    WriteError
        If not.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        code = errno.ENOTDIR if folder.exists() else errno.ENOENT
        raise unwritable(path, OSError(code, os.strerror(code)))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise unwritable(path, OSError(errno.EACCES, os.strerror(errno.EACCES)))


def _to_disk(path: Path) -> None:
    """Have the contents on disk before the name: a power cut leaves the old file or the new."""
    with contextlib.suppress(OSError):  # some network disks know no fsync
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
