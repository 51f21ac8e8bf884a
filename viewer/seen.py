"""Which triangles are seen: each drawn in its own number instead of its colour.

Most triangles of a peeled torso lie behind others, and under software GL they cost most of a
frame. While the camera moves, only those are drawn that were seen from a place shortly before or
shortly after, and their neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.bare_actor import bare_actor
from viewer.buffers import Buffers
from viewer.renderer import OffScreen

Flags = NDArray[np.bool_]

#: Numbers have three bytes.
MOST_TRIANGLES = 2**24 - 1

_NUMBER = """
  int number = gl_PrimitiveID + 1;
  fragOutput0 = vec4(number & 255, (number >> 8) & 255, number >> 16, 255) / 255.0;
"""


class NumberedActor:
    """Draws triangles of some buffers in their numbers.

    Parameters
    ----------
    buffers : Buffers
    renderer : vtkRenderer
    two_sided : bool
        Whether backs are drawn too.
    """

    def __init__(self, buffers: Buffers, renderer: Any, *, two_sided: bool) -> None:
        self._data = buffers.polydata()
        self._renderer = renderer
        # As in the picture, or other triangles would win.
        self._actor, _ = bare_actor(self._data, two_sided=two_sided)
        shader = self._actor.GetShaderProperty()
        shader.AddFragmentShaderReplacement("//VTK::Light::Impl", True, _NUMBER, False)
        renderer.AddActor(self._actor)

    def show(self, cells: Any) -> None:
        """Draw these triangles, or none of them."""
        self._actor.SetVisibility(cells is not None)
        if cells is not None:
            self._data.SetPolys(cells)

    def close(self) -> None:
        """Take the actor off the renderer."""
        self._renderer.RemoveActor(self._actor)


def seen_now(screen: OffScreen, count: int) -> Flags:
    """Render numbered triangles and return which of them have a pixel, shape (count,).

    What falls between the pixels is missed; it lies next to what is not missed.
    """
    numbers = screen.numbers()
    found = np.zeros(MOST_TRIANGLES + 1, dtype=bool)
    found[numbers.ravel()] = True
    return found[1 : count + 1]


def with_neighbours(faces: NDArray[np.int32], seen: Flags) -> Flags:
    """Return the triangles that are seen or share a corner with one that is, shape (M,).

    Examples
    --------
    >>> strip = np.array([[0, 1, 2], [1, 3, 2], [3, 4, 5]], dtype=np.int32)
    >>> with_neighbours(strip, np.array([True, False, False])).tolist()
    [True, True, False]
    """
    if not len(faces):
        return seen
    corner = np.zeros(int(faces.max()) + 1, dtype=bool)
    corner[faces[seen].ravel()] = True
    return np.asarray(corner[faces].any(axis=1))
