"""Pictures as video stores them: brightness in full, colour at half the size, BT.709.

While the camera stands a film's page is converted once and then only what lies over it; and an
encoder is handed half as many bytes. Each number depends on its own pixels alone, so it does not
matter which frame came before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.export.frame import Frame, Parts
from viewer.palette import BACKGROUND
from viewer.renderer import Box, overlap

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


_MATRIX = _matrix()


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
        self._page: Pixels | None = None
        self._below, self._all = _Sheet(self.size), _Sheet(self.size)
        #: Whose page is on the upper sheet, and what covers it there.
        self._over: Pixels | None = None
        self._parts: Parts = ()

    def of(self, frame: Frame) -> memoryview:
        """Return a frame as three planes end to end.

        The memory is used again for the next frame.
        """
        if self._odd:
            frame = Frame(self._widened(frame.pixels))
        if frame.page is not self._page:
            self._page = frame.page
            self._below.paint((0, 0, *self.size), frame.page)
        if not frame.parts:
            return self._below.all.data
        if self._over is not self._page:
            self._over = self._page
            self._all.all[:] = self._below.all
            fresh = list(frame.parts)
        else:
            gone, fresh = _changes(self._parts, frame.parts)
            for box in gone:
                self._all.copy(box, self._below)
        for box, part in fresh:
            self._all.paint(box, part)
        self._parts = frame.parts
        return self._all.all.data

    def _widened(self, pixels: Pixels) -> Pixels:
        whole = np.empty((self.size[1], self.size[0], 3), dtype=np.uint8)
        whole[:] = BACKGROUND
        whole[: pixels.shape[0], : pixels.shape[1]] = pixels
        return whole


class _Sheet:
    """Three planes end to end."""

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = size
        bright, colour = width * height, width * height // 4
        self.all = np.zeros(bright + 2 * colour, dtype=np.uint8)
        self._bright = self.all[:bright].reshape(height, width)
        self._colours = self.all[bright:].reshape(2, height // 2, width // 2)

    def paint(self, box: Box, pixels: Pixels) -> None:
        """Convert pixels into a box with even edges."""
        from PIL import Image

        part = Image.fromarray(pixels)
        rows, half = _slices(box)
        self._bright[rows] = np.asarray(part.convert("L", _MATRIX[:4]))
        # The mean of four colours has the mean of their differences: a quarter as many to convert.
        _, *colours = part.reduce(2).convert("RGB", _MATRIX).split()
        for plane, colour in zip(self._colours, colours, strict=True):
            plane[half] = np.asarray(colour)

    def copy(self, box: Box, other: _Sheet) -> None:
        """Take a box with even edges from another sheet."""
        rows, half = _slices(box)
        self._bright[rows] = other._bright[rows]
        for plane, source in zip(self._colours, other._colours, strict=True):
            plane[half] = source[half]


def _changes(before: Parts, now: Parts) -> tuple[list[Box], list[tuple[Box, Pixels]]]:
    """Return what is no longer covered, and the parts that do not lie there as they should."""
    kept, there = {id(part) for _, part in now}, {id(part) for _, part in before}
    gone = [box for box, part in before if id(part) not in kept]
    fresh: list[tuple[Box, Pixels]] = []
    for box, part in now:
        over = any(overlap(box, other) for other in (*gone, *(item for item, _ in fresh)))
        if over or id(part) not in there:
            fresh.append((box, part))
    return gone, fresh


def _slices(box: Box) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    left, upper, right, lower = box
    return (
        (slice(upper, lower), slice(left, right)),
        (slice(upper // 2, lower // 2), slice(left // 2, right // 2)),
    )
