"""From crossings to intervals: where along a ray a structure begins and where it ends.

A closed surface gives an entry for every exit. Real meshes also nest (shells inside shells),
lie open (a fascia is one sheet) or face the wrong way; each still has to yield an interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.crossings import Crossings, Floats, Groups

#: Two stretches of one structure closer than this are one stretch (mm).
MERGE_GAP = 1.0


@dataclass(frozen=True, eq=False)
class Intervals:
    """Stretches of rays that lie inside structures, sorted by ray and where they begin.

    Attributes
    ----------
    ray, structure : ndarray of int64, shape (K,)
    face : ndarray of int64, shape (K,)
        Face through which the structure is entered.
    enter, exit : ndarray of float64, shape (K,)
        mm along the ray; equal where an open sheet is crossed once.
    """

    ray: NDArray[np.int64]
    structure: NDArray[np.int64]
    face: NDArray[np.int64]
    enter: Floats
    exit: Floats

    def __len__(self) -> int:
        return len(self.ray)

    def keep(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Intervals:
        """Return the intervals that a mask or an index array selects.

        Parameters
        ----------
        which : ndarray of bool, shape (H,), or of int, shape (K,)
        """
        return Intervals(
            self.ray[which],
            self.structure[which],
            self.face[which],
            self.enter[which],
            self.exit[which],
        )


def pair(found: Crossings) -> Intervals:
    """Return the intervals that sorted crossings enclose.

    Nested shells count as one body (outermost entry to outermost exit). A surface that faces
    inward is read inside out. Where neither reading closes, see ``mend``.
    """
    group = Groups(found)
    inside = np.where(np.repeat(group.inverted, group.size), -group.level, group.level)
    step = np.where(np.repeat(group.inverted, group.size), -group.step, group.step)
    good = np.repeat(group.closed, group.size)
    begin = np.flatnonzero(good & (inside == 1) & (step == 1))
    end = np.flatnonzero(good & (inside == 0) & (step == -1))
    mended: list[tuple[int, int]] = []
    for index in np.flatnonzero(~group.closed):
        first = int(group.first[index])
        last = first + int(group.size[index])
        more = mend(found.depth[first:last], found.entering[first:last])
        mended += [(first + a, first + b) for a, b in more]
    ends = np.array(mended, dtype=np.intp).reshape(-1, 2)
    begin, end = np.append(begin, ends[:, 0]), np.append(end, ends[:, 1])
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], end[order]
    made = Intervals(
        found.ray[begin],
        found.structure[begin],
        found.face[begin],
        found.depth[begin],
        found.depth[end],
    )
    made = _without_small_gaps(made)
    return made.keep(np.lexsort((made.structure, made.exit, made.enter, made.ray)))


def mend(depth: Floats, entering: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Pair the crossings of one structure along one ray where entries and exits do not match.

    An even number is taken two by two (a surface whose faces point this way and that). Of an
    odd number each exit closes the entry before it; what is left over is an open sheet, which
    begins and ends where it is crossed.

    Parameters
    ----------
    depth : ndarray, shape (K,)
        Increasing, mm.
    entering : ndarray of bool, shape (K,)

    Returns
    -------
    list of (int, int)
        Indices of first and last crossing, in order.

    Examples
    --------
    >>> mend(np.array([3.0]), np.array([True]))
    [(0, 0)]
    >>> mend(np.array([3.0, 8.0, 9.0]), np.array([True, False, False]))
    [(0, 1), (2, 2)]
    """
    count = len(depth)
    if count % 2 == 0:
        return [(index, index + 1) for index in range(0, count, 2)]
    pairs: list[tuple[int, int]] = []
    waiting: list[int] = []
    for index in range(count):
        if entering[index]:
            waiting.append(index)
        elif waiting:
            pairs.append((waiting.pop(), index))
        else:
            pairs.append((index, index))
    pairs += [(index, index) for index in waiting]
    outermost: list[tuple[int, int]] = []
    for first, last in sorted(pairs, key=lambda item: (item[0], -item[1])):
        if not outermost or first > outermost[-1][1]:
            outermost.append((first, last))
    return outermost


def _without_small_gaps(made: Intervals) -> Intervals:
    if len(made) < 2:
        return made
    near = (
        (np.diff(made.ray) == 0)
        & (np.diff(made.structure) == 0)
        & (made.enter[1:] - made.exit[:-1] <= MERGE_GAP)
    )
    first = np.concatenate([[True], ~near])
    last = np.concatenate([~near, [True]])
    whole = made.keep(first)
    return Intervals(whole.ray, whole.structure, whole.face, whole.enter, made.exit[last])
