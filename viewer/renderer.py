"""Off-screen pictures: the GL context, supersampling, and reading the pixels back."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.errors import MachineError
from viewer.machine import PACKAGE_OF, missing_libraries

Pixels = NDArray[np.uint8]

#: Left, upper, right and lower edge of a part of a picture, pixels; right and lower excluded.
Box = tuple[int, int, int, int]

READ_FRAMEBUFFER, DRAW_FRAMEBUFFER = 0x8CA8, 0x8CA9  # as GL numbers them
COLOUR_BIT, DEPTH_BIT = 0x4000, 0x0100
#: Rows of a window that are enough when halved.
_HALVED_FROM = 2000
#: Pixels of a part that Pillow reorders faster than numpy.
_SMALL = 500_000
NEAREST = 0x2600

_EGL = "libEGL.so.1"
_PLATFORM_DEVICE = 0x313F  # EGL_PLATFORM_DEVICE_EXT
_MOST_DEVICES = 16
_WINDOW_CLASS = "VTK_DEFAULT_OPENGL_WINDOW"


def require_gl() -> None:
    """Check that this machine can draw off screen; VTK would end the process.

    Raises
    ------
    MachineError
        Naming the missing system library and the package that brings it.
    """
    missing = missing_libraries((_EGL,))
    if missing:
        raise MachineError(
            f"drawing needs the system library {_EGL}: run apt install "
            f"{PACKAGE_OF[_EGL]} libgl1-mesa-dri (Debian's names)"
        )
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY") and not _egl_starts():
        raise MachineError(
            "drawing needs an OpenGL driver and EGL finds none: run apt install libgl1-mesa-dri "
            "(Debian's name; it draws without a graphics card)"
        )


def _egl_starts() -> bool:
    """Whether EGL can be initialised on any device, or on its default display."""
    egl = ctypes.CDLL(_EGL)
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    egl.eglGetDisplay.restype = ctypes.c_void_p
    egl.eglGetDisplay.argtypes = [ctypes.c_void_p]
    egl.eglInitialize.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    query_at = egl.eglGetProcAddress(b"eglQueryDevicesEXT")
    display_at = egl.eglGetProcAddress(b"eglGetPlatformDisplayEXT")
    if query_at and display_at:
        count = ctypes.c_int(0)
        devices = (ctypes.c_void_p * _MOST_DEVICES)()
        query = ctypes.CFUNCTYPE(
            ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)
        )(query_at)
        display = ctypes.CFUNCTYPE(
            ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p
        )(display_at)
        query(_MOST_DEVICES, devices, ctypes.byref(count))
        for device in devices[: count.value]:
            found = display(_PLATFORM_DEVICE, device, None)
            if found and egl.eglInitialize(found, None, None):
                return True
    found = egl.eglGetDisplay(None)
    return bool(found and egl.eglInitialize(found, None, None))


class OffScreen:
    """A plotter without a window whose pictures are drawn larger and then reduced.

    Supersampling by two costs half as much again under llvmpipe, because vertices are the most
    of the work; four-fold multisampling costs two to three times and leaves the striations of
    muscles unsmoothed.

    Parameters
    ----------
    size : tuple of int
        Width and height of the picture, pixels.
    oversampling : int
        How many pixels are drawn per pixel and direction.

    Raises
    ------
    MachineError
        If this machine lacks a library that drawing needs.
    """

    def __init__(self, size: tuple[int, int], oversampling: int = 2) -> None:
        require_gl()
        import pyvista

        self.size = size
        self.oversampling = oversampling
        drawn = [size[0] * oversampling, size[1] * oversampling]
        before = os.environ.get(_WINDOW_CLASS)
        if before is None and not os.environ.get("DISPLAY") and os.name == "posix":
            # VTK asks X first and complains on stderr when there is none.
            os.environ[_WINDOW_CLASS] = "vtkEGLRenderWindow"
        try:
            self.plotter = pyvista.Plotter(off_screen=True, window_size=drawn, lighting="none")
        finally:
            if before is None:
                os.environ.pop(_WINDOW_CLASS, None)
        window: Any = self.plotter.render_window
        window.SetMultiSamples(0)
        # Nobody looks at the window's front, so the whole picture need not be copied there.
        window.SetSwapBuffers(False)
        self.window = window

    def render(self) -> None:
        """Draw what the plotter holds."""
        self.window.Render()

    def render_over(self) -> None:
        """Draw what the plotter holds over what is there, hidden by its depth."""
        renderer = self.plotter.renderer
        renderer.SetPreserveColorBuffer(True)
        renderer.SetPreserveDepthBuffer(True)
        try:
            self.window.Render()
        finally:
            renderer.SetPreserveColorBuffer(False)
            renderer.SetPreserveDepthBuffer(False)

    def drawn(self) -> Pixels:
        """Render and return the picture as drawn, before reduction, shape (H, W, 3)."""
        self.render()
        width, height = self.window.GetSize()
        return _turned_over(self._words((0, 0, width, height)), width, height)

    def picture(self) -> Pixels:
        """Render and return the picture, shape (height, width, 3)."""
        self.render()
        return self.read((0, 0, *self.size))

    def numbers(self) -> NDArray[np.uint32]:
        """Render, and return red, green and blue as one number per pixel.

        At half the size if that leaves a thousand rows; at fewer too many triangles fall between
        the pixels.
        """
        from vtkmodules.util.numpy_support import vtk_to_numpy
        from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

        renderer = self.plotter.renderer
        share = 0.5 if self.window.GetSize()[1] >= _HALVED_FROM else 1.0
        width, height = (round(side * share) for side in self.window.GetSize())
        renderer.SetViewport(0.0, 0.0, share, share)
        try:
            self.render()
        finally:
            renderer.SetViewport(0.0, 0.0, 1.0, 1.0)
        array = vtkUnsignedCharArray()
        self.window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, array, 0)
        words = vtk_to_numpy(array).view("<u4").reshape(height, width)
        return np.asarray(words & np.uint32(0xFFFFFF))

    def read(self, box: Box) -> Pixels:
        """Return a part of what was rendered, reduced, shape (h, w, 3)."""
        left, low, right, high = self.from_below(self.drawn_box(box))
        words = self._words((left, low, right, high))
        if self.oversampling == 1:
            return _turned_over(words, right - left, high - low)
        from PIL import Image

        # Under software GL its linear filter takes twice as long, on all cores.
        drawn = Image.frombuffer("RGBX", (right - left, high - low), words, "raw", "RGBX", 0, 1)
        half = drawn.reduce(self.oversampling)
        return _turned_over(np.frombuffer(half.tobytes(), np.uint8), *half.size)

    def drawn_box(self, box: Box) -> Box:
        """Return a part of the picture in pixels as drawn."""
        left, upper, right, lower = (edge * self.oversampling for edge in box)
        return left, upper, right, lower

    def from_below(self, box: Box) -> Box:
        """Return a part as drawn with its rows counted from below, as GL does."""
        height = self.window.GetSize()[1]
        return box[0], height - box[3], box[2], height - box[1]

    def _words(self, rows: Box) -> Pixels:
        """Return drawn pixels, rows counted from below, four bytes each."""
        from vtkmodules.util.numpy_support import vtk_to_numpy
        from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

        left, low, right, high = rows
        array = vtkUnsignedCharArray()
        # As they lie in memory; leaving opacity out here is quicker than GL's leaving it out.
        self.window.GetRGBACharPixelData(left, low, right - 1, high - 1, 0, array, 0)
        return np.asarray(vtk_to_numpy(array))

    @property
    def renderer_name(self) -> str:
        """Name of the GL renderer (``llvmpipe (...)`` for software)."""
        self.render()
        for line in self.window.ReportCapabilities().splitlines():
            if line.lower().startswith("opengl renderer string"):
                return str(line.partition(":")[2].strip())
        return "unknown"

    def close(self) -> None:
        """Give the context back."""
        self.plotter.close()

    def __enter__(self) -> OffScreen:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def area(box: Box) -> int:
    """Return how many pixels a box holds.

    >>> area((2, 3, 6, 5))
    8
    """
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have a pixel in common.

    >>> overlap((0, 0, 4, 4), (3, 3, 6, 6)), overlap((0, 0, 4, 4), (4, 0, 6, 4))
    (True, False)
    """
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _turned_over(words: Pixels, width: int, height: int) -> Pixels:
    """Return rows of four bytes counted from below as rows of three counted from above."""
    if width * height > _SMALL:
        return np.ascontiguousarray(words.reshape(height, width, 4)[::-1, :, :3])
    # Five times as fast as numpy where the picture fits into the processor's cache.
    from PIL import Image

    return np.asarray(Image.frombytes("RGB", (width, height), words, "raw", "RGBX", 0, -1))


def evened(box: Box, size: tuple[int, int]) -> Box:
    """Return a box grown to even edges, as far as the picture goes.

    >>> evened((3, 4, 10, 21), (640, 21))
    (2, 4, 10, 21)
    """
    left, upper, right, lower = box
    return (
        left - left % 2,
        upper - upper % 2,
        min(right + right % 2, size[0]),
        min(lower + lower % 2, size[1]),
    )


def free(window: Any) -> None:
    """Let all of a window be written, whatever part was drawn last."""
    state = window.GetState()
    width, height = window.GetSize()
    state.vtkglViewport(0, 0, width, height)
    state.vtkglScissor(0, 0, width, height)
