"""A picture with its lettering: what many frames have in common, whatever moves before it."""

from __future__ import annotations

from viewer.export.frame import Frame, Parts, Pixels
from viewer.fixed_view import disjoint
from viewer.lettering import Lettering
from viewer.marks import Mark
from viewer.renderer import Box, evened

#: A share of the picture; when more is written differently a new page is begun.
_REWRITTEN = 0.2


class Page:
    """Lays lettering and moving parts over a picture.

    Parameters
    ----------
    below : ndarray of uint8, shape (height, width, 3)
        The picture without lettering.
    lettering : Lettering
    marks : tuple of Mark
        What most frames have written on them; any will do.

    Attributes
    ----------
    below : ndarray of uint8, shape (height, width, 3)
    """

    def __init__(self, below: Pixels, lettering: Lettering, marks: tuple[Mark, ...]) -> None:
        self.below = below
        self._lettering = lettering
        self._begin(marks)

    def frame(self, marks: tuple[Mark, ...], moving: list[tuple[Box, Pixels]]) -> Frame:
        """Return the frame with these marks over these parts."""
        written = self._written_anew(marks)
        drawn = [(box, self._lettering.over_part(part, marks, box)) for box, part in moving]
        return Frame(self._pixels, (*written, *drawn))

    def _begin(self, marks: tuple[Mark, ...]) -> None:
        self._marks = marks
        self._pixels = self._lettering.over(self.below, marks)
        self._last: tuple[tuple[Mark, ...], Parts] = (marks, ())

    def _written_anew(self, marks: tuple[Mark, ...]) -> Parts:
        if marks == self._last[0]:
            return self._last[1]
        size = self._lettering.size
        changed = set(marks) ^ set(self._marks)
        boxes = disjoint([evened(self._lettering.box(mark), size) for mark in changed])
        if sum(_area(box) for box in boxes) > _REWRITTEN * size[0] * size[1]:
            self._begin(marks)
            return ()
        self._last = marks, tuple((box, self._write(marks, box)) for box in boxes)
        return self._last[1]

    def _write(self, marks: tuple[Mark, ...], box: Box) -> Pixels:
        left, upper, right, lower = box
        below = self.below[upper:lower, left:right]
        return self._lettering.over_part(below, marks, box)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
