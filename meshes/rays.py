"""Rays through every structure of an atlas: all crossings, looked at again where they do not close.

Rays are sorted along a space-filling curve (neighbours walk the same branches of embree's tree)
and cast in batches (``meshes.embree``), a few through the faces near them (``meshes.near_rays``).
A (ray, structure) pair whose crossings do not close up - a surface lying within the restart step
of another, a ray through an edge, a needle that ends inside - is cast again through that
structure alone, a hair to the side, before anybody reads the result.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.crossings import Crossings, Floats, Groups, single
from meshes.embree import all_hits, scene_of
from meshes.exact_crossings import exact_crossings, is_closed
from meshes.near_rays import near_hits
from meshes.structure import Structure
from meshes.surface import Surface

#: How far aside a doubtful ray is cast again, mm; far below anything anatomy knows.
ASIDE = 2e-3
#: A surface entered this close to a ray's end may reach beyond it (mm); one entered earlier and
#: not left is looked at again.
ENDS_INSIDE = 60.0
#: Length of a ray that is cast again, mm: through the whole body.
THROUGH = 700.0
#: Rays per batch: the working arrays of a batch stay in the processor's cache (2500 rays took
#: two thirds of the time of one batch of 50,000); batches run on all cores, embree lets go of
#: the interpreter lock.
_BATCH = 2500
#: So few rays, so many times, are cast through the faces near them: a scene of the whole torso
#: takes as long as everything else that a command does.
FEW, FEW_TIMES = 8, 2
#: Scenes of single surfaces that are kept for the next question.
MOST_KEPT = 256
_kept: OrderedDict[tuple[int, int], Any] = OrderedDict()
_kept_lock = Lock()
_numbers = count()


class SurfaceCaster:
    """Casts rays through a list of surfaces; ``Crossings.structure`` indexes the list."""

    def __init__(self, surfaces: Sequence[Surface]) -> None:
        self._surfaces = list(surfaces)
        self._scene: Any = None
        self._asked = 0
        self._number = next(_numbers)
        self._is_closed: dict[int, bool] = {}
        self._bounds = np.array([surface.bounds for surface in self._surfaces]).reshape(-1, 2, 3)

    def cast(
        self,
        origins: Floats,
        directions: Floats,
        length: float = THROUGH,
        unchecked: Sequence[int] = (),
    ) -> Crossings:
        """Return every crossing of every ray.

        Parameters
        ----------
        origins : ndarray, shape (N, 3)
            mm, LPS.
        directions : ndarray, shape (N, 3)
            Unit vectors.
        length : float
            How far the rays reach, mm.
        unchecked : sequence of int
            Surfaces that rays are expected to begin or end in (skin and fat): what is found of
            them is taken as it is.

        Returns
        -------
        Crossings
            Sorted. Where a ray ends inside a surface, the way out stands at the ray's end, or
            beyond it where it had to be looked for.
        """
        if self._scene is None and len(origins) <= FEW and self._asked < FEW_TIMES:
            self._asked += 1
            found = near_hits(self._surfaces, self._bounds, (origins, directions), length)
            return self._checked(single(found), (origins, directions), length, unchecked)
        if self._scene is None:
            self._scene = scene_of([(one.vertices, one.faces) for one in self._surfaces])
        order = _curve_order(origins)
        pieces = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

        def one(rays: NDArray[np.int64]) -> Crossings:
            found = all_hits(self._scene, origins[rays], directions[rays], length)
            return Crossings.joined([_of_rays(found, rays, found.structure)])

        if len(pieces) < 2:
            found = one(order)
        else:
            with ThreadPoolExecutor(min(len(pieces), os.cpu_count() or 1)) as pool:
                found = Crossings.of_batches(list(pool.map(one, pieces)), len(origins))
        return self._checked(single(found), (origins, directions), length, unchecked)

    def _checked(
        self,
        found: Crossings,
        rays: tuple[Floats, Floats],
        length: float,
        unchecked: Sequence[int],
    ) -> Crossings:
        """Look again where entries and exits do not match."""
        group = Groups(found)
        open_ = np.flatnonzero(~group.closed)
        if len(open_) and len(unchecked):
            open_ = open_[~np.isin(group.structure[open_], list(unchecked))]
        if len(open_) == 0:
            return found
        plain = self._ends_inside(found, group, open_, rays, length)
        inside, doubtful = open_[plain], open_[~plain]
        last = found.keep(group.last[inside])
        ends = Crossings(
            last.ray,
            last.structure,
            last.face,
            np.full(len(last), length),
            np.zeros(len(last), dtype=np.bool_),
        )
        pieces = [ends]
        for structure in np.unique(group.structure[doubtful]):
            again = group.ray[doubtful[group.structure[doubtful] == structure]]
            pieces += self._alone_with(int(structure), rays, again)
        sure = np.ones(len(found), dtype=np.bool_)
        for row in doubtful:
            sure[group.first[row] : group.last[row] + 1] = False
        # Where a ray ends inside, its way out follows the crossings that are there already.
        return (found.keep(sure) if len(doubtful) else found).with_more(pieces)

    def _ends_inside(
        self,
        found: Crossings,
        group: Groups,
        which: NDArray[np.intp],
        rays: tuple[Floats, Floats],
        length: float,
    ) -> NDArray[np.bool_]:
        """Whether it is plain that a ray ends in a structure: entered late, end within bounds.

        ``which`` are the groups in question.
        """
        ray = group.ray[which]
        ends = rays[0][ray] + length * rays[1][ray]
        bounds = self._bounds[group.structure[which]]
        within = ((ends >= bounds[:, 0]) & (ends <= bounds[:, 1])).all(axis=1)
        late = found.depth[group.last[which]] > length - ENDS_INSIDE
        return np.asarray(group.ends_inside[which] & within & late)

    def _alone_with(
        self, structure: int, rays: tuple[Floats, Floats], again: NDArray[np.int64]
    ) -> list[Crossings]:
        """Cast rays through one surface alone; those that still do not close, a hair aside."""
        surface = self._surfaces[structure]
        few = len(again) <= FEW and self._scene is None

        def through(which: NDArray[np.int64], aside: float) -> Crossings:
            along = rays[1][which]
            starts = rays[0][which] + aside * _across(along)
            if few:
                found = near_hits(
                    [surface], self._bounds[structure, None], (starts, along), THROUGH
                )
            else:
                scene = _alone((self._number, structure), surface)
                found = all_hits(scene, starts, along, THROUGH)
            number = np.full(len(found), structure, dtype=np.int64)
            return single(Crossings.joined([_of_rays(found, which, number)]))

        straight = through(again, 0.0)
        group = Groups(straight)
        met = np.zeros(len(rays[0]), dtype=np.bool_)
        met[group.ray[group.closed]] = True
        sound = straight.keep(met[straight.ray])
        rest = again[~met[again]]
        if len(rest) == 0:
            return [sound]
        aside = through(rest, ASIDE)
        group = Groups(aside)
        open_ = group.ray[~group.closed]
        if len(open_) == 0 or not self._closed(structure):
            return [sound, aside]
        # Two walls of a closed surface that coincide are found by asking every triangle.
        starts = rays[0][open_] + ASIDE * _across(rays[1][open_])
        exact = exact_crossings(self._surfaces[structure], starts, rays[1][open_], open_, structure)
        return [sound, aside.keep(~np.isin(aside.ray, open_)), single(exact)]

    def _closed(self, structure: int) -> bool:
        if structure not in self._is_closed:
            self._is_closed[structure] = is_closed(self._surfaces[structure])
        return self._is_closed[structure]


class RayCaster(SurfaceCaster):
    """Casts rays through a set of structures.

    Parameters
    ----------
    structures : mapping of str to Structure
        What rays can meet; an ``Atlas`` is one.

    Attributes
    ----------
    names : tuple of str
        Structure ids, indexed by ``Crossings.structure``.
    """

    def __init__(self, structures: Mapping[str, Structure]) -> None:
        held = [item for item in structures.values() if item.surface.triangle_count > 0]
        self.names: tuple[str, ...] = tuple(item.id for item in held)
        super().__init__([item.surface for item in held])


def _alone(key: tuple[int, int], surface: Surface) -> Any:
    """Return a scene of one surface; the latest ones are kept, whoever's they are.

    Embree ends the process at about a thousand scenes that live at once.
    """
    with _kept_lock:
        if key not in _kept:
            _kept[key] = scene_of([(surface.vertices, surface.faces)])
            if len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def _of_rays(found: Crossings, rays: NDArray[np.int64], structure: NDArray[np.int64]) -> Crossings:
    """Name rays by their index among all rays, and the structure they crossed."""
    return Crossings(rays[found.ray], structure, found.face, found.depth, found.entering)


def _across(directions: Floats) -> Floats:
    """Return a unit vector across each direction, shape (N, 3)."""
    axis = np.zeros_like(directions)
    axis[np.arange(len(directions)), np.argmin(np.abs(directions), axis=1)] = 1.0
    across = np.cross(directions, axis)
    return np.asarray(across / np.linalg.norm(across, axis=1, keepdims=True))


def _curve_order(points: Floats) -> NDArray[np.int64]:
    """Return the order of points along a Z-order curve with cells of about 4 mm."""
    if len(points) < 200:
        return np.arange(len(points))
    cell = ((points - points.min(axis=0)) / 4.0).astype(np.uint64) & np.uint64(1023)
    code = np.zeros(len(points), dtype=np.uint64)
    for bit in range(10):
        for axis in range(3):
            here = (cell[:, axis] >> np.uint64(bit)) & np.uint64(1)
            code |= here << np.uint64(3 * bit + axis)
    return np.argsort(code, kind="stable")
