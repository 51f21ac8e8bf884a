"""A picture with its lettering: what many frames have in common, whatever moves before it."""

from __future__ import annotations

from viewer.export.frame import Frame, Parts, Pixels
from viewer.fixed_view import covering
from viewer.lettering import Lettering
from viewer.marks import Mark
from viewer.renderer import Box, area, evened

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
        if written is None:
            self._begin(marks)
            written = ()
        drawn = [(box, self._lettering.over_part(part, marks, box)) for box, part in moving]
        return Frame(self._pixels, (*written, *drawn))

    def prepare(self, marks: tuple[Mark, ...]) -> None:
        """Write what a frame will have written on it."""
        self._written_anew(marks)

    def _begin(self, marks: tuple[Mark, ...]) -> None:
        self._marks = marks
        self._pixels = self._lettering.over(self.below, marks)
        #: The last marks and what is written where they differ from the page's.
        self._last: list[tuple[tuple[Mark, ...], Parts]] = [(marks, ())]
        self._parts: dict[Box, tuple[tuple[Mark, ...], Pixels]] = {}

    def _written_anew(self, marks: tuple[Mark, ...]) -> Parts | None:
        """Return what is written differently, or None if that is too much for this page."""
        for known, written in self._last:
            if known is marks or known == marks:
                return written
        size = self._lettering.size
        changed = set(marks) ^ set(self._marks)
        boxes = covering(sorted(evened(self._lettering.box(mark), size) for mark in changed))
        if sum(area(box) for box in boxes) > _REWRITTEN * size[0] * size[1]:
            return None
        self._parts = {box: self._write(marks, box) for box in boxes}
        written = tuple((box, part) for box, (_, part) in self._parts.items())
        # One frame is written ahead of the one that is shown.
        self._last = [*self._last[-1:], (marks, written)]
        return written

    def _write(self, marks: tuple[Mark, ...], box: Box) -> tuple[tuple[Mark, ...], Pixels]:
        """Return what is written in a part, and that part; the one there was if it is alike."""
        inside = self._lettering.inside(marks, box)
        before = self._parts.get(box)
        if before is not None and before[0] == inside:
            return before
        left, upper, right, lower = box
        below = self.below[upper:lower, left:right]
        return inside, self._lettering.over_part(below, marks, box)
