"""Crossings of rays with surfaces, and the runs of them that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Crossings of the same sense closer than this are one crossing, met on a shared edge (mm).
SAME_CROSSING = 1e-3


@dataclass(frozen=True, eq=False)
class Crossings:
    """Places where rays cross surfaces, sorted by ray, structure and depth.

    Attributes
    ----------
    ray : ndarray of int64, shape (H,)
        Index of the ray.
    structure : ndarray of int64, shape (H,)
        Index into ``RayCaster.names``.
    face : ndarray of int64, shape (H,)
        Face of that structure's surface.
    depth : ndarray of float64, shape (H,)
        Distance along the ray, mm.
    entering : ndarray of bool, shape (H,)
        Whether the ray goes against the outward normal.
    """

    ray: NDArray[np.int64]
    structure: NDArray[np.int64]
    face: NDArray[np.int64]
    depth: Floats
    entering: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ray)

    def keep(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Crossings:
        """Return the crossings that a mask or an index array selects.

        Parameters
        ----------
        which : ndarray of bool, shape (H,), or of int, shape (K,)
        """
        return Crossings(
            self.ray[which],
            self.structure[which],
            self.face[which],
            self.depth[which],
            self.entering[which],
        )

    @classmethod
    def joined(cls, pieces: Sequence[Crossings]) -> Crossings:
        """Return several sets as one, sorted by ray, structure and depth.

        Each set has to hold the crossings of a ray in order of depth already, and no ray's
        crossings with one structure may be spread over two sets.
        """
        columns = zip(*(piece._fields() for piece in pieces), strict=True)
        whole = cls(*(np.concatenate(column) for column in columns))
        most = int(whole.structure.max(initial=0)) + 1
        return whole.keep(_stable_order(whole.ray * most + whole.structure))

    def with_more(self, pieces: Sequence[Crossings]) -> Crossings:
        """Return these crossings, which are sorted, and a few more, sorted in among them.

        The same conditions hold as for ``joined``; it is faster where ``pieces`` hold little.
        """
        more = Crossings.joined(pieces) if pieces else self.keep(np.empty(0, dtype=np.intp))
        if len(more) == 0:
            return self
        most = int(max(self.structure.max(initial=0), more.structure.max())) + 1
        at = np.searchsorted(
            self.ray * most + self.structure, more.ray * most + more.structure, side="right"
        )
        columns = zip(self._fields(), more._fields(), strict=True)
        return Crossings(*(np.insert(own, at, new) for own, new in columns))

    @classmethod
    def of_batches(cls, pieces: Sequence[Crossings], rays: int) -> Crossings:
        """Return sets that are sorted each and share no ray as one sorted set.

        Parameters
        ----------
        pieces : sequence of Crossings
        rays : int
            Number of rays in all.
        """
        if len(pieces) == 1:
            return pieces[0]
        ray = np.concatenate([piece.ray for piece in pieces])
        count = np.bincount(ray, minlength=rays)
        first = np.cumsum(count) - count
        begins = np.ones(len(ray), dtype=np.bool_)
        begins[1:] = ray[1:] != ray[:-1]
        run = np.flatnonzero(begins)
        length = np.diff(np.append(run, len(ray)))
        to = first[ray] + np.arange(len(ray)) - np.repeat(run, length)
        columns = zip(*(piece._fields() for piece in pieces), strict=True)
        sorted_columns = []
        for column in columns:
            whole = np.concatenate(column)
            placed = np.empty_like(whole)
            placed[to] = whole
            sorted_columns.append(placed)
        return cls(*sorted_columns)

    def _fields(self) -> tuple[NDArray[Any], ...]:
        return self.ray, self.structure, self.face, self.depth, self.entering


def _stable_order(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return what ``argsort(kind="stable")`` does, four times faster for 64-bit keys.

    The place is packed into the key, which makes all keys differ, and the values are sorted.
    """
    count = len(key)
    if count < 2:
        return np.arange(count)
    packed = key * count + np.arange(count)
    packed.sort()
    return np.asarray(packed % count)


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


class Groups:
    """Runs of crossings of one ray with one structure."""

    def __init__(self, found: Crossings) -> None:
        count = len(found)
        change = np.ones(count, dtype=np.bool_)
        if count:
            change[1:] = (np.diff(found.ray) != 0) | (np.diff(found.structure) != 0)
        self.first = np.flatnonzero(change)
        self.size = np.diff(np.append(self.first, count))
        self.last = self.first + self.size - 1
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
            (low >= 0) & (self.level[self.last] == 1) & found.entering[self.last]
            if count
            else np.empty(0, dtype=np.bool_)
        )
        ends_outside = self.level[self.last] == 0
        self.inverted = ends_outside & (high <= 0)
        self.closed = ends_outside & ((low >= 0) | (high <= 0))
