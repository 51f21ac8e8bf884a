"""Files that appear under their name when they are whole, or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meshes.errors import WriteError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; it takes its name when the block ends well.

    The path has the same suffix, so that encoders and writers know the format.

    Raises
    ------
    WriteError
        If the folder cannot be written or the disk is full.
    """
    folder = path.parent
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=folder)
        os.close(handle)
    except OSError as error:
        raise unwritable(path, error) from error
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        beside.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> WriteError:
    """Return the one line that says why a file cannot be written and what to do."""
    if error.errno == errno.ENOSPC:
        return WriteError(f"cannot write {path}: the disk is full; free some space and try again")
    if error.errno == errno.ENOENT:
        return WriteError(f"cannot write {path}: the folder {path.parent} does not exist")
    reason = (error.strerror or str(error)).lower()
    return WriteError(f"cannot write {path}: {reason}; choose a folder that you may write to")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
