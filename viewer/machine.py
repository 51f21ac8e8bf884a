"""What this machine can do: system libraries, a display, a place to write.

What is missing is named before Qt or VTK meet it, for they end the process without a word that
a person could use.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import sys
from importlib.util import find_spec

from meshes.errors import InputError, MachineError, PalpateError

#: Debian's (and Ubuntu's) package for each shared library that drawing and the window load.
PACKAGE_OF = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}

_QT_LINKS = ("libGL.so.1", "libEGL.so.1", "libxkbcommon.so.0", "libdbus-1.so.3")
_QT_ON_X = (
    "libX11.so.6",
    "libxkbcommon-x11.so.0",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxcb-image.so.0",
    "libxcb-keysyms.so.1",
    "libxcb-randr.so.0",
    "libxcb-render-util.so.0",
    "libxcb-shape.so.0",
    "libxcb-xkb.so.1",
)


def missing_libraries(names: tuple[str, ...]) -> list[str]:
    """Return those of the shared libraries that this machine cannot load (Linux only)."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def require_window() -> None:
    """Make sure that a Qt window can open: the libraries are there and a display answers.

    Raises
    ------
    MachineError
        Naming the packages to install, or saying that there is no display.
    """
    if find_spec("PySide6") is None:
        raise MachineError(
            "the window needs the Python package PySide6, which is not installed: "
            "run pip install 'palpate[window]'"
        )
    if not sys.platform.startswith("linux"):
        return
    missing = missing_libraries(_QT_LINKS)
    if missing:
        raise _lacking("the window", missing)
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform in {"offscreen", "minimal", "vnc"}:
        return
    display = os.environ.get("DISPLAY")
    if not display:
        raise MachineError(
            "the window needs a display and DISPLAY is not set: run on a desktop, or use "
            "palpate still, tour or export, which need none"
        )
    missing = missing_libraries(_QT_ON_X)
    if missing:
        raise _lacking("the window", missing)
    if not _display_answers(display):
        raise MachineError(
            f"the window needs a display and none answers at DISPLAY={display}: check DISPLAY and "
            "XAUTHORITY, or use palpate still, tour or export, which need none"
        )


def _display_answers(display: str) -> bool:
    """Whether an X server accepts a connection; Qt would abort the process instead."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    connection = x11.XOpenDisplay(display.encode())
    if not connection:
        return False
    x11.XCloseDisplay(connection)
    return True


def _lacking(purpose: str, libraries: list[str]) -> MachineError:
    packages = " ".join(PACKAGE_OF[name] for name in libraries)
    return MachineError(
        f"{purpose} needs the system {'library' if len(libraries) == 1 else 'libraries'} "
        f"{', '.join(libraries)}: run apt install {packages} (Debian's names)"
    )


def explained(error: BaseException) -> PalpateError:
    """Return the one line that a library's or the system's error comes down to.

    Parameters
    ----------
    error : BaseException
        An ``OSError`` or ``ImportError``; anything else is reported as a fault of Palpate's.

    Examples
    --------
    >>> explained(OSError(errno.ENOSPC, "No space left on device", "tour.mp4")).exit_code
    3
    >>> str(explained(ImportError("libEGL.so.1: cannot open shared object file")))
    "a system library is missing, libEGL.so.1: run apt install libegl1 (Debian's names)"
    """
    if isinstance(error, PalpateError):
        return error
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{error.filename}: " if error.filename else ""
        reason = (error.strerror or str(error)).lower()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return MachineError(f"{where}the disk is full: free some space and run it again")
        if error.errno in (errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            return MachineError(f"{where}{reason}")
        if error.errno in (errno.EACCES, errno.EPERM):
            return MachineError(f"{where}{reason}: choose a place you may read and write")
        return InputError(f"{where}{reason}")
    if isinstance(error, ImportError):
        library = re.search(r"(lib[\w.+-]+\.so[\d.]*): cannot open shared object", str(error))
        if library:
            package = PACKAGE_OF.get(library[1], "the package that holds it")
            return MachineError(
                f"a system library is missing, {library[1]}: run apt install {package} "
                "(Debian's names)"
            )
        return MachineError(f"a Python package is missing or broken ({error}): install it again")
    if isinstance(error, MemoryError):
        return MachineError("out of memory: close other programs, or use a smaller --size")
    fault = PalpateError(
        f"internal fault, {type(error).__name__}: {error} (run again with --debug and report it)"
    )
    fault.exit_code = 70  # EX_SOFTWARE; 0 to 3 have a meaning of their own
    return fault
