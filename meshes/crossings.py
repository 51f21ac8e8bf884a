"""From crossings to intervals: where along a ray a structure begins and where it ends.

A closed surface gives an entry for every exit. Real meshes also nest (shells inside shells),
lie open (a fascia is one sheet) or face the wrong way; each still has to yield an interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.rays import Crossings, Floats, SurfaceCaster

#: Two stretches of one structure closer than this are one stretch (mm).
MERGE_GAP = 1.0
#: Crossings of the same sense closer than this are one crossing, met on a shared edge (mm).
SAME_CROSSING = 1e-3
#: A structure entered this close to a ray's end is taken to reach beyond it (mm); one entered
#: earlier and not left is looked at again.
ENDS_INSIDE = 60.0


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
        """Return the intervals that a mask or an index array selects."""
        return Intervals(
            self.ray[which],
            self.structure[which],
            self.face[which],
            self.enter[which],
            self.exit[which],
        )


def intervals(
    caster: SurfaceCaster, found: Crossings, origins: Floats, directions: Floats, length: float
) -> Intervals:
    """Return what every ray passes through.

    Parameters
    ----------
    caster : SurfaceCaster
    found : Crossings
        What it found along the rays.
    origins, directions : ndarray, shape (N, 3)
        The rays: mm, LPS; directions are unit vectors.
    length : float
        Their length, mm.

    Returns
    -------
    Intervals
        Per structure along a ray they neither overlap nor lie closer than ``MERGE_GAP``. A
        structure that a ray ends in is left at the ray's end or beyond it.
    """
    found = single(found)
    group = _Groups(found)
    if group.closed.all():
        return pair(found)
    entered = group.first + group.size - 1
    ends_inside = group.ends_inside & (found.depth[entered] > length - ENDS_INSIDE)
    doubtful = ~group.closed & ~ends_inside
    last = found.keep(entered[ends_inside])
    ends = Crossings(
        last.ray,
        last.structure,
        last.face,
        np.full(len(last), length),
        np.zeros(len(last), dtype=np.bool_),
    )
    pieces = [found.keep(~np.repeat(doubtful, group.size)), ends]
    for structure in np.unique(group.structure[doubtful]):
        rays = group.ray[doubtful & (group.structure == structure)]
        pieces.append(caster.cast_again(origins, directions, rays, int(structure)))
    return pair(single(Crossings.joined(pieces)))


def single(found: Crossings) -> Crossings:
    """Return sorted crossings without the doubles met on edges that two faces share."""
    if len(found) < 2:
        return found
    double = (
        (np.diff(found.ray) == 0)
        & (np.diff(found.structure) == 0)
        & (found.entering[1:] == found.entering[:-1])
        & (np.diff(found.depth) < SAME_CROSSING)
    )
    return found.keep(np.concatenate([[True], ~double]))


def pair(found: Crossings) -> Intervals:
    """Return the intervals that sorted crossings enclose.

    Nested shells count as one body (outermost entry to outermost exit). A surface that faces
    inward is read inside out. Where neither reading closes, see ``mend``.
    """
    group = _Groups(found)
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


class _Groups:
    """Runs of crossings of one ray with one structure."""

    def __init__(self, found: Crossings) -> None:
        count = len(found)
        change = np.ones(count, dtype=np.bool_)
        if count:
            change[1:] = (np.diff(found.ray) != 0) | (np.diff(found.structure) != 0)
        self.first = np.flatnonzero(change)
        self.size = np.diff(np.append(self.first, count))
        last = self.first + self.size - 1
        self.ray = found.ray[self.first]
        self.structure = found.structure[self.first]
        self.step = np.where(found.entering, 1, -1)
        total = np.cumsum(self.step)
        before = total[self.first] - self.step[self.first]
        self.level = total - np.repeat(before, self.size)
        if count:
            low = np.minimum.reduceat(self.level, self.first)
            high = np.maximum.reduceat(self.level, self.first)
        else:
            low = high = np.empty(0, dtype=np.int64)
        self.ends_inside = (
            (low >= 0) & (self.level[last] == 1) & found.entering[last]
            if count
            else np.empty(0, dtype=np.bool_)
        )
        ends_outside = self.level[last] == 0
        self.inverted = ends_outside & (high <= 0)
        self.closed = ends_outside & ((low >= 0) | (high <= 0))


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
