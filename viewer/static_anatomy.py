"""What stands still in a picture, kept beside the window so that it is not drawn again.

Colour and depth of a picture without hands are copied to a framebuffer of the same formats, on
the GL side, and copied back wherever a hand was or will be. A hand drawn then is hidden by the
anatomy in front of it as if all of it had just been drawn, pixel for pixel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLFramebufferObject

from viewer.renderer import (
    COLOUR_BIT,
    DEPTH_BIT,
    DRAW_FRAMEBUFFER,
    NEAREST,
    READ_FRAMEBUFFER,
    Box,
    OffScreen,
    free,
)

_UNSIGNED_CHAR = 3  # VTK's number of the type
_SCISSOR_TEST = 0x0C11
_PROBE = 16
_ODD_DEPTH = 0.25


class StaticAnatomy:
    """A copy of a window's colour and depth.

    Parameters
    ----------
    screen : OffScreen
    """

    def __init__(self, screen: OffScreen) -> None:
        self._screen = screen
        self._window = screen.window
        self._made: Any = None

    @property
    def _copy(self) -> Any:
        """The framebuffer; made late, because a window has no formats until it has drawn."""
        if self._made is None:
            window = self._window
            self._made = vtkOpenGLFramebufferObject()
            self._made.SetContext(window)
            state = window.GetState()
            state.PushFramebufferBindings()
            # A blit of depth fails without a word unless the formats are the window's own.
            self._made.PopulateFramebuffer(
                *window.GetSize(),
                True,
                1,
                _UNSIGNED_CHAR,
                True,
                window.GetRenderBufferTargetDepthSize(),
                0,
                bool(window.GetStencilCapable()),
            )
            state.PopFramebufferBindings()
        return self._made

    def keep(self) -> None:
        """Keep what was rendered last."""
        width, height = self._window.GetSize()
        self._blit(self._window.GetRenderFramebuffer(), self._copy, (0, 0, width, height))

    def restore(self, box: Box) -> None:
        """Copy a part of the picture back into the window."""
        self._blit(self._copy, self._window.GetRenderFramebuffer(), self._rows(box))

    def _rows(self, box: Box) -> Box:
        return self._screen.from_below(self._screen.drawn_box(box))

    def _blit(self, source: Any, target: Any, box: Box) -> None:
        state = self._window.GetState()
        state.PushFramebufferBindings()
        source.Bind(READ_FRAMEBUFFER)
        source.ActivateReadBuffer(0)
        target.Bind(DRAW_FRAMEBUFFER)
        target.ActivateDrawBuffer(0)
        free(self._window)
        state.vtkglBlitFramebuffer(*box, *box, COLOUR_BIT | DEPTH_BIT, NEAREST)
        state.PopFramebufferBindings()

    def works(self) -> bool:
        """Whether depth comes back as it was; a driver that refuses does not say so."""
        width, height = self._screen.size
        box = (0, 0, min(width, _PROBE), min(height, _PROBE))
        before = self._depth(box)
        self._clear_depth(box)
        cleared = self._depth(box)
        self.restore(box)
        return bool((cleared == _ODD_DEPTH).all() and (self._depth(box) == before).all())

    def _depth(self, box: Box) -> NDArray[np.float32]:
        left, low, right, high = self._rows(box)
        array = vtkFloatArray()
        self._window.GetZbufferData(left, low, right - 1, high - 1, array)
        return np.array(vtk_to_numpy(array))

    def _clear_depth(self, box: Box) -> None:
        left, low, right, high = self._rows(box)
        state = self._window.GetState()
        state.PushFramebufferBindings()
        self._window.GetRenderFramebuffer().Bind()
        state.vtkglEnable(_SCISSOR_TEST)
        state.vtkglScissor(left, low, right - left, high - low)
        state.vtkglDepthMask(True)
        state.vtkglClearDepth(_ODD_DEPTH)
        state.vtkglClear(DEPTH_BIT)
        state.vtkglClearDepth(1.0)
        state.PopFramebufferBindings()
