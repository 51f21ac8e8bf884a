"""Rays through every structure of an atlas: all crossings, found with bare embree.

Embree answers only "what is hit first", so a ray is restarted just past each hit until nothing
is left. Rays are sorted along a space-filling curve (neighbours walk the same branches of the
tree) and cast in batches. A (ray, structure) pair whose crossings do not close up - a surface
lying within the restart step of another, a ray through an edge, a needle that ends inside - is
cast again through that structure alone, a hair to the side, before anybody reads the result.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.crossings import Crossings, Floats, Groups, single
from meshes.exact_crossings import exact_crossings, is_closed
from meshes.structure import Structure
from meshes.surface import Surface

#: Step past a hit, mm. Coordinates reach 700 mm, where a float32 is good to 0.00006 mm; a ray
#: that meets the face it has just left steps on in doubling steps. Two surfaces closer than this
#: are found as two only because one of them does not close without its crossing.
STEP = 1e-4
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
_MOST_HITS = 400


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
            found = _near_hits(self._surfaces, self._bounds, (origins, directions), length)
            return self._checked(single(found), (origins, directions), length, unchecked)
        if self._scene is None:
            self._scene = _scene_of(self._surfaces)
        order = _curve_order(origins)
        pieces = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

        def one(rays: NDArray[np.int64]) -> Crossings:
            found = _all_hits(self._scene, origins[rays], directions[rays], length)
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
                found = _near_hits(
                    [surface], self._bounds[structure, None], (starts, along), THROUGH
                )
            else:
                scene = _alone((self._number, structure), surface)
                found = _all_hits(scene, starts, along, THROUGH)
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
            _kept[key] = _scene_of([surface])
            if len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def _scene_of(surfaces: Sequence[Surface]) -> Any:
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene

    scene = EmbreeScene()
    if not surfaces:
        return scene
    for surface in surfaces:
        TriangleMesh(
            scene,
            np.ascontiguousarray(surface.vertices, dtype=np.float32),
            np.ascontiguousarray(surface.faces, dtype=np.int32),
        )
    # The first query builds the tree, which must not happen in two threads at once.
    scene.run(np.zeros((1, 3), np.float32), np.array([[0, 0, 1]], np.float32))
    return scene


def _near_hits(
    surfaces: Sequence[Surface], bounds: Floats, rays: tuple[Floats, Floats], length: float
) -> Crossings:
    """Return every crossing of a few rays, with a scene of only the faces that lie near them."""
    near: list[Surface] = []
    numbers, faces_of = [], []
    for number, surface in enumerate(surfaces):
        if not _passes(bounds[number], rays, length):
            continue
        faces = _faces_near(surface, rays)
        if len(faces):
            near.append(replace(surface, faces=surface.faces[faces], part=None))
            numbers.append(number)
            faces_of.append(faces)
    if not near:
        none = np.empty(0, dtype=np.int64)
        return Crossings(none, none, none, np.empty(0), np.empty(0, dtype=np.bool_))
    found = _all_hits(_scene_of(near), *rays, length)
    first = np.cumsum([0, *(len(faces) for faces in faces_of)])[:-1]
    face = np.concatenate(faces_of)[first[found.structure] + found.face]
    structure = np.array(numbers, dtype=np.int64)[found.structure]
    return Crossings.joined([Crossings(found.ray, structure, face, found.depth, found.entering)])


def _passes(bounds: Floats, rays: tuple[Floats, Floats], length: float) -> bool:
    """Whether any ray passes a box (a hair wider than it is)."""
    origins, directions = rays
    with np.errstate(divide="ignore", invalid="ignore"):
        to = (bounds[:, None] + np.array([[[-0.1]], [[0.1]]]) - origins) / directions
    # A ray within a wall's plane has no figure there: it may pass.
    enter = np.nan_to_num(to.min(axis=0), nan=-np.inf).max(axis=1)
    leave = np.nan_to_num(to.max(axis=0), nan=np.inf).min(axis=1)
    return bool(((enter <= leave) & (leave >= 0.0) & (enter <= length)).any())


def _faces_near(surface: Surface, rays: tuple[Floats, Floats]) -> NDArray[np.int64]:
    """Return the faces that some ray's line may cross: it comes as near as their corners are."""
    corners = surface.vertices[surface.faces]
    centre = corners.mean(axis=1, dtype=np.float64)
    reach = ((corners - centre[:, None]) ** 2).sum(axis=2).max(axis=1)
    near = np.zeros(len(centre), dtype=np.bool_)
    for origin, along in zip(*rays, strict=True):
        offset = centre - origin
        aside = (offset**2).sum(axis=1) - (offset @ along) ** 2
        near |= aside <= reach * 1.001 + 0.01
    return np.flatnonzero(near)


def _of_rays(found: Crossings, rays: NDArray[np.int64], structure: NDArray[np.int64]) -> Crossings:
    """Name rays by their index among all rays, and the structure they crossed."""
    return Crossings(rays[found.ray], structure, found.face, found.depth, found.entering)


def _all_hits(scene: Any, origins: Floats, directions: Floats, length: float) -> Crossings:
    if len(origins) == 1:
        return _hits_of_one(scene, origins, directions, length)
    along32 = np.ascontiguousarray(directions, dtype=np.float32)
    live = np.arange(len(origins))
    start = np.zeros(len(origins))
    step = np.full(len(origins), STEP)
    last = np.full((2, len(origins)), -1, dtype=np.int64)
    rows: list[tuple[NDArray[Any], ...]] = []
    for _ in range(_MOST_HITS):
        if len(live) == 0:
            break
        at = start[live]
        from_here = (origins[live] + at[:, None] * directions[live]).astype(np.float32)
        reach = np.maximum(length - at, 0.0).astype(np.float32)
        along = along32[live]
        answer = scene.run(from_here, along, dists=reach, output=True)
        hit = np.flatnonzero(answer["primID"] >= 0)
        if len(hit) == 0:
            break
        live = live[hit]
        mesh = answer["geomID"][hit].astype(np.int64)
        face = answer["primID"][hit].astype(np.int64)
        depth = at[hit] + answer["tfar"][hit]
        again = (last[0, live] == mesh) & (last[1, live] == face)
        against = np.einsum("ij,ij->i", answer["Ng"][hit], along[hit]) < 0.0
        new = ~again
        rows.append((live[new], mesh[new], face[new], depth[new], against[new]))
        last[0, live], last[1, live] = mesh, face
        step[live] = np.where(again, step[live] * 2.0, STEP)
        start[live] = depth + step[live]
    if not rows:
        none = np.empty(0, dtype=np.int64)
        return Crossings(none, none, none, np.empty(0), np.empty(0, dtype=np.bool_))
    return Crossings(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def _hits_of_one(scene: Any, origin: Floats, direction: Floats, length: float) -> Crossings:
    """Return the crossings of a single ray: the same steps without arrays, in a third of the time.

    What lies under a moving pointer is asked for with one ray at a time.
    """
    along = np.ascontiguousarray(direction, dtype=np.float32)
    start, step, last = 0.0, STEP, (-1, -1)
    faces: list[tuple[int, int]] = []
    depths: list[float] = []
    against: list[bool] = []
    for _ in range(_MOST_HITS):
        answer = scene.run(
            (origin + start * direction).astype(np.float32),
            along,
            dists=np.array([max(length - start, 0.0)], dtype=np.float32),
            output=True,
        )
        face = int(answer["primID"][0])
        if face < 0:
            break
        here = (int(answer["geomID"][0]), face)
        depth = start + float(answer["tfar"][0])
        if here == last:
            step *= 2.0
        else:
            faces.append(here)
            depths.append(depth)
            against.append(float(np.einsum("ij,ij->i", answer["Ng"], along)[0]) < 0.0)
            step = STEP
        last = here
        start = depth + step
    met = np.array(faces, dtype=np.int64).reshape(-1, 2)
    return Crossings(
        np.zeros(len(met), dtype=np.int64),
        met[:, 0],
        met[:, 1],
        np.array(depths, dtype=np.float64),
        np.array(against, dtype=np.bool_),
    )


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
