"""Waiting for the graphics driver without holding the interpreter.

VTK's own calls that wait keep every other Python thread waiting too, for as long as software GL
paints. Asked here, the driver paints while another thread converts and encodes.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

_LIBRARIES = ("libGL.so.1", "libOpenGL.so.0")


@lru_cache(maxsize=1)
def _library() -> Any:
    """GL's library, or None where it has another name; then VTK's calls do the waiting."""
    for name in _LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def begin() -> None:
    """Have the driver begin what it was told, and come back at once."""
    if _library() is not None:
        _library().glFlush()


def done() -> None:
    """Come back when the driver has done all it was told; other threads run meanwhile."""
    if _library() is not None:
        _library().glFinish()
