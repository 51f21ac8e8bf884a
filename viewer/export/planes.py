"""Pictures as video stores them: brightness in full, colour at half the size, BT.709.

From one frame of a film to the next little changes, so only that is converted; and an encoder is
handed half as many bytes. Each number depends on its own pixels alone, so it does not matter
which frame came before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.palette import BACKGROUND

Pixels = NDArray[np.uint8]

# Kr and Kb of ITU-R BT.709; 219 and 224 levels from 16 (and around 128), as on television.
_KR, _KB = 0.2126, 0.0722
_BRIGHT, _COLOUR = 219.0 / 255.0, 224.0 / 255.0


def _matrix() -> tuple[float, ...]:
    """Rows of brightness, blue and red difference, each with its offset."""
    bright = np.array([_KR, 1.0 - _KR - _KB, _KB])
    blue = (np.array([0.0, 0.0, 1.0]) - bright) / (2.0 * (1.0 - _KB))
    red = (np.array([1.0, 0.0, 0.0]) - bright) / (2.0 * (1.0 - _KR))
    rows = ((_BRIGHT * bright, 16.0), (_COLOUR * blue, 128.0), (_COLOUR * red, 128.0))
    return tuple(float(x) for row, offset in rows for x in (*row, offset))


class Planes:
    """Turns frames of one size into ``yuv420p``.

    Parameters
    ----------
    size : tuple of int
        Width and height, pixels; an odd side gets a row of background.

    Attributes
    ----------
    size : tuple of int
        Of what is handed out: even.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = (side + side % 2 for side in size)
        self._odd = (width, height) != tuple(size)
        self.size = (width, height)
        self._last: Pixels | None = None
        bright, colour = width * height, width * height // 4
        self._all = np.zeros(bright + 2 * colour, dtype=np.uint8)
        self._bright = self._all[:bright].reshape(height, width)
        self._blue, self._red = self._all[bright:].reshape(2, height // 2, width // 2)

    def of(self, frame: Pixels) -> memoryview:
        """Return a frame, shape (height, width, 3), as three planes end to end.

        The memory is used again for the next frame.
        """
        if self._odd:
            whole = np.empty((self.size[1], self.size[0], 3), dtype=np.uint8)
            whole[:] = BACKGROUND
            whole[: frame.shape[0], : frame.shape[1]] = frame
            frame = whole
        frame = np.ascontiguousarray(frame)
        box = changed(frame, self._last)
        self._last = frame
        if box is not None:
            self._convert(frame, *box)
        return self._all.data

    def _convert(self, frame: Pixels, left: int, upper: int, right: int, lower: int) -> None:
        from PIL import Image

        part = Image.fromarray(frame[upper:lower, left:right])
        bright, blue, red = part.convert("RGB", _MATRIX).split()
        self._bright[upper:lower, left:right] = np.asarray(bright)
        half = np.s_[upper // 2 : lower // 2, left // 2 : right // 2]
        self._blue[half] = np.asarray(blue.reduce(2))
        self._red[half] = np.asarray(red.reduce(2))


_MATRIX = _matrix()


def changed(frame: Pixels, before: Pixels | None) -> tuple[int, int, int, int] | None:
    """Return the box with even edges in which two frames differ; None if they do not."""
    height, width = frame.shape[:2]
    if before is None:
        return 0, 0, width, height
    if frame is before:
        return None
    # Eight bytes at a time where a row divides; the edges are then taken outward to whole pixels.
    step = 8 if 3 * width % 8 == 0 else 1
    kind = np.uint64 if step == 8 else np.uint8
    one = frame.reshape(height, 3 * width).view(kind)
    other = before.reshape(height, 3 * width).view(kind)
    differ = one != other
    rows = np.flatnonzero(differ.any(axis=1))
    if not len(rows):
        return None
    upper, lower = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(differ[upper:lower].any(axis=0))
    left, right = int(columns[0]) * step // 3, -(-(int(columns[-1]) + 1) * step // 3)
    return left - left % 2, upper - upper % 2, right + right % 2, lower + lower % 2
