"""The depth field: what lies beneath every skin vertex, computed once per atlas and kept on disk.

One needle per skin vertex, straight in. The field answers "how much padding over which bone",
"how far from the spinous line", "is a kidney below" for the whole skin at once, and keeps the
needles themselves, so that a hovering hand is answered without casting a ray.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import Needles, needles
from meshes.geodesic import distance_from_line
from meshes.kept_page import keep_page, page_path
from meshes.per_atlas import PerAtlas
from meshes.skin_surface import SkinSurface, skin_of
from meshes.spinous_line import spinous_line_on_skin
from meshes.terminology import System

Floats = NDArray[np.float64]
Numbers = NDArray[np.float32]
Indices = NDArray[np.int32]

#: A field made by other code is not read: these modules' text is part of the file's name.
_MADE_BY = (
    "crossings",
    "depth",
    "depth_field",
    "embree",
    "exact_crossings",
    "geodesic",
    "intervals",
    "near_rays",
    "rays",
    "skin_surface",
    "smooth_normals",
    "spinous_line",
    "triangle",
)
_PER_VERTEX = (
    "inward",
    "padding_mm",
    "muscle_mm",
    "muscle_total_mm",
    "first_bone",
    "first_part",
    "surface_structure",
    "surface_mm",
    "spinous_mm",
    "kidney_mm",
    "kidney_margin_mm",
    "known",
)
_PER_ROW = ("structure", "part", "enter_mm", "exit_mm")
KIDNEYS = ("kidney_left", "kidney_right")


@dataclass(frozen=True, eq=False)
class DepthField:
    """What lies beneath every skin vertex. Depths are along the needle, from the skin, in mm.

    Attributes
    ----------
    inward : ndarray of float32, shape (N, 3)
        The needles' directions.
    padding_mm : ndarray of float32, shape (N,)
        Soft tissue over the first bone; inf where the needle meets none.
    muscle_mm : ndarray of float32, shape (N,)
        Muscle over the first bone, or along the whole needle where there is no bone;
        overlapping muscles count once.
    muscle_total_mm : ndarray of float32, shape (N,)
        Muscle along the whole needle.
    first_bone, first_part : ndarray of int32, shape (N,)
        Index into ``bones`` and ``parts``; -1 where there is none.
    surface_structure : ndarray of int32, shape (N,)
        First structure below skin and fat, index into ``names``; -1 where there is none.
    surface_mm : ndarray of float32, shape (N,)
        Its depth (skin and fat above it); inf where there is none.
    spinous_mm : ndarray of float32, shape (N,)
        Distance along the skin from the spinous line; inf if the atlas has no such landmark.
    kidney_mm : ndarray of float32, shape (N,)
        Depth of the first kidney on the needle; inf where there is none.
    kidney_margin_mm : ndarray of float32, shape (N,)
        Distance from the skin over a kidney; 0 over it, inf without kidneys.
    known : ndarray of bool, shape (N,)
        Whether anything below skin and fat is known at all.
    first, structure, part, enter_mm, exit_mm : ndarray
        The needles: vertex v met the rows ``first[v]:first[v + 1]``, in order of depth;
        ``structure`` indexes ``names``, ``part`` indexes ``parts`` (-1 none).
    names, bones, parts : tuple of str
        Structure ids; ids of bones; part names.
    """

    inward: Numbers
    padding_mm: Numbers
    muscle_mm: Numbers
    muscle_total_mm: Numbers
    first_bone: Indices
    first_part: Indices
    surface_structure: Indices
    surface_mm: Numbers
    spinous_mm: Numbers
    kidney_mm: Numbers
    kidney_margin_mm: Numbers
    known: NDArray[np.bool_]
    first: Indices
    structure: Indices
    part: Indices
    enter_mm: Numbers
    exit_mm: Numbers
    names: tuple[str, ...]
    bones: tuple[str, ...]
    parts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.padding_mm)

    @property
    def vertex(self) -> Indices:
        """Skin vertex of each needle row, shape (K,)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.first))

    def beneath(self, vertex: int) -> list[tuple[str, float, float]]:
        """Return (structure, enter, exit) below a skin vertex, in order, without skin and fat."""
        rows = slice(int(self.first[vertex]), int(self.first[vertex + 1]))
        return [
            (self.names[int(index)], float(enter), float(leave))
            for index, enter, leave in zip(
                self.structure[rows], self.enter_mm[rows], self.exit_mm[rows], strict=True
            )
        ]

    def at(self, vertices: NDArray[np.integer]) -> DepthField:
        """Return the field of a few skin vertices, shape (M,), as a field of M vertices.

        Parameters
        ----------
        vertices : ndarray of int, shape (M,)
        """
        counts = np.diff(self.first)[vertices]
        rows = np.concatenate(
            [np.arange(self.first[vertex], self.first[vertex + 1]) for vertex in vertices]
        )
        per_vertex = {name: getattr(self, name)[vertices] for name in _PER_VERTEX}
        per_row = {name: getattr(self, name)[rows] for name in _PER_ROW}
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return replace(self, first=first, **per_vertex, **per_row)

    def depth_to(self, *structures: str) -> Numbers:
        """Return the depth at which each needle first meets any of some structures (inf if none).

        Structures that the atlas does not hold are met nowhere.

        Parameters
        ----------
        structures : str
            Ids.

        Returns
        -------
        ndarray of float32, shape (N,)
            mm from the skin.
        """
        wanted = [self.names.index(name) for name in structures if name in self.names]
        met = np.isin(self.structure, wanted)
        depth = np.full(len(self), np.inf, dtype=np.float32)
        np.minimum.at(depth, self.vertex[met], self.enter_mm[met])
        return depth


def depth_field(atlas: Atlas) -> DepthField:
    """Return the depth field of an atlas: from memory, from the cache on disk, or computed.

    Raises
    ------
    InputError
        If the atlas has no skin.
    """
    return _FIELDS(atlas)


def _load_or_make(atlas: Atlas) -> DepthField:
    path = page_path(atlas, "depth.npz", _MADE_BY)
    if path is not None and path.exists():
        kept = _load(path)
        if kept is not None and len(kept) == len(atlas["skin"].surface.vertices):
            return kept
    made = compute_depth_field(atlas)
    if path is not None:
        _save(made, path)
    return made


_FIELDS: PerAtlas[DepthField] = PerAtlas(_load_or_make)


def compute_depth_field(atlas: Atlas) -> DepthField:
    """Compute the depth field without looking at any cache.

    Parameters
    ----------
    atlas : Atlas
        With skin.

    Raises
    ------
    InputError
        If the atlas has no skin.
    """
    skin = skin_of(atlas)
    inward = skin.vertex_inward
    found = needles(atlas, skin.vertices, inward)
    inner = found.inner
    count = len(skin.vertices)
    part, parts = _parts_met(atlas, found)
    bones, padding, bone, bone_part = _first_bone(atlas, found, part)
    is_muscle = _of_system(atlas, found.names, System.MUSCULAR)[inner.structure]
    muscle = (inner.ray[is_muscle], inner.enter[is_muscle], inner.exit[is_muscle])
    kidneys = [found.names.index(name) for name in KIDNEYS if name in found.names]
    over_kidney = np.isin(inner.structure, kidneys)
    kidney = _shallowest(count, inner.ray[over_kidney], inner.enter[over_kidney])
    surface = found.first
    top = np.full(count, -1, dtype=np.int32)
    first_row = np.unique(inner.ray, return_index=True)
    top[first_row[0]] = inner.structure[first_row[1]]
    return DepthField(
        inward=inward.astype(np.float32),
        padding_mm=padding.astype(np.float32),
        muscle_mm=_covered(count, *muscle, padding),
        muscle_total_mm=_covered(count, *muscle, np.full(count, np.inf)),
        first_bone=bone,
        first_part=bone_part,
        surface_structure=top,
        surface_mm=surface.astype(np.float32),
        spinous_mm=_from_spinous_line(atlas, skin),
        kidney_mm=kidney.astype(np.float32),
        kidney_margin_mm=_margin(skin.vertices, np.isfinite(kidney)),
        known=np.isfinite(surface),
        first=np.searchsorted(inner.ray, np.arange(count + 1)).astype(np.int32),
        structure=inner.structure.astype(np.int32),
        part=part,
        enter_mm=inner.enter.astype(np.float32),
        exit_mm=inner.exit.astype(np.float32),
        names=found.names,
        bones=bones,
        parts=parts,
    )


def _of_system(atlas: Atlas, names: tuple[str, ...], system: System) -> NDArray[np.bool_]:
    return np.array([atlas[name].system is system for name in names], dtype=np.bool_)


def _parts_met(atlas: Atlas, found: Needles) -> tuple[Indices, tuple[str, ...]]:
    """Part through which each structure is entered, as an index into all part names."""
    inner = found.inner
    parts: dict[str, int] = {}
    index = np.full(len(inner), -1, dtype=np.int32)
    for number, name in enumerate(found.names):
        structure = atlas[name]
        tags = structure.surface.part
        if tags is None or not structure.parts:
            continue
        rows = np.flatnonzero(inner.structure == number)
        own = np.array([parts.setdefault(part, len(parts)) for part in structure.parts] + [-1])
        index[rows] = own[np.asarray(tags)[inner.face[rows]]]
    return index, tuple(parts)


def _first_bone(
    atlas: Atlas, found: Needles, part: Indices
) -> tuple[tuple[str, ...], Floats, Indices, Indices]:
    inner = found.inner
    count = len(found.end)
    is_bone = _of_system(atlas, found.names, System.SKELETAL)
    bones = tuple(name for name, bone in zip(found.names, is_bone, strict=True) if bone)
    number = np.cumsum(is_bone) - 1
    rows = np.flatnonzero(is_bone[inner.structure])
    ray, first = np.unique(inner.ray[rows], return_index=True)
    rows = rows[first]
    padding = np.full(count, np.inf)
    padding[ray] = inner.enter[rows]
    bone = np.full(count, -1, dtype=np.int32)
    bone[ray] = number[inner.structure[rows]]
    bone_part = np.full(count, -1, dtype=np.int32)
    bone_part[ray] = part[rows]
    return bones, padding, bone, bone_part


def _covered(
    count: int, ray: NDArray[np.int64], enter: Floats, leave: Floats, limit: Floats
) -> Numbers:
    """Length of the union of intervals per ray, up to a limit; sorted by ray and enter."""
    if len(ray) == 0:
        return np.zeros(count, dtype=np.float32)
    apart = ray * 1000.0  # no needle is that long, so one running maximum serves all rays
    high = np.maximum(np.minimum(leave, limit[ray]), 0.0)
    reached = np.maximum.accumulate(apart + high)
    before = np.concatenate([[0.0], reached[:-1]]) - apart
    gain = np.maximum(high - np.maximum(enter, before), 0.0)
    return np.bincount(ray, weights=gain, minlength=count).astype(np.float32)


def _shallowest(count: int, ray: NDArray[np.int64], depth: Floats) -> Floats:
    result = np.full(count, np.inf)
    np.minimum.at(result, ray, depth)
    return result


def _margin(vertices: Floats, inside: NDArray[np.bool_]) -> Numbers:
    """Straight distance of each vertex from the nearest one inside."""
    from scipy.spatial import cKDTree

    if not inside.any():
        return np.full(len(vertices), np.inf, dtype=np.float32)
    return np.asarray(cKDTree(vertices[inside]).query(vertices)[0], dtype=np.float32)


def _from_spinous_line(atlas: Atlas, skin: SkinSurface) -> Numbers:
    line = spinous_line_on_skin(atlas)
    if line is None:
        return np.full(len(skin.vertices), np.inf, dtype=np.float32)
    return distance_from_line(skin.surface, line).astype(np.float32)


# ---------------------------------------------------------------- on disk


def _save(field: DepthField, path: Path) -> None:
    page: dict[str, Any] = {item.name: getattr(field, item.name) for item in fields(field)}
    keep_page(path, lambda file: np.savez(file, **page))


def _load(path: Path) -> DepthField | None:
    """Read a cached field; a file that is no such thing is as good as absent."""
    try:
        with path.open("rb") as file, np.load(file) as page:
            values: dict[str, Any] = {item.name: page[item.name] for item in fields(DepthField)}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    for name in ("names", "bones", "parts"):
        values[name] = tuple(str(word) for word in values[name])
    return DepthField(**values)
