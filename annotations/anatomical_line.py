"""Lines that anatomy names: borders, crests, columns of processes, fibres of a muscle.

They run at their own depth; ``path`` draws them on the skin.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.level import LEVELS
from meshes.errors import InputError, UnknownName
from meshes.landmarks import resample
from meshes.terminology import Side, split_side

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from meshes.structure import Structure

Floats = NDArray[np.float64]

#: Edges of a muscle: the axis the edge is extreme on (and its sign), and the axis it runs along.
EDGES = {
    "upper": (2, 1.0, 0),
    "lower": (2, -1.0, 0),
    "medial": (0, -1.0, 2),
    "lateral": (0, 1.0, 2),
}
#: Columns of landmarks that make a line, top to bottom.
COLUMNS = {
    "transverse_processes": "vertebra_{level}/transverse_process_{side}",
    "laminae": "vertebra_{level}/lamina_{side}",
}
_BINS = 36
#: A fibre is read from at least so many vertices.
_FEWEST = 12


def on_side(name: str, side: Side) -> str:
    """Return an id or landmark name with the side put where it belongs.

    >>> on_side("scapula/medial_border", Side.LEFT), on_side("spinous_line", Side.MIDLINE)
    ('scapula_left/medial_border', 'spinous_line')
    >>> on_side("trapezius_right", Side.LEFT)
    'trapezius_right'
    """
    head, slash, tail = name.partition("/")
    if side is Side.MIDLINE or split_side(head)[1] is not Side.MIDLINE:
        return name
    return f"{head}_{side.value}{slash}{tail}"


def named_line(atlas: Atlas, name: str, side: Side) -> Floats:
    """Return a landmark curve or a column of landmarks, shape (K, 3), mm.

    Parameters
    ----------
    atlas : Atlas
    name : str
        ``scapula/medial_border`` (side added), ``spinous_line``, ``transverse_processes``.
    side : Side

    Raises
    ------
    UnknownName
        If the atlas has no such curve.
    """
    marks = atlas.landmarks
    if name in COLUMNS:
        names = [COLUMNS[name].format(level=level, side=side.value) for level in LEVELS]
        found = [marks.points[item] for item in names if item in marks.points]
        if len(found) >= 2:
            return np.stack(found)
    for candidate in (name, on_side(name, side)):
        if candidate in marks.curves:
            return np.asarray(marks.curves[candidate], dtype=np.float64)
    raise UnknownName("line", name, [*COLUMNS, *_without_side(marks.curves)])


def fibre_line(atlas: Atlas, muscle: str, across: float, side: Side) -> Floats:
    """Return a line along a muscle's fibres from origin to insertion, shape (K, 3), mm.

    Parameters
    ----------
    atlas : Atlas
    muscle : str
        ``trapezius``, or ``trapezius/descending`` for one part.
    across : float
        Which fibre, 0..1 across the sheet (or across the part).
    side : Side

    Notes
    -----
    A muscle without fibre coordinates (an imported mesh) is read along its longest axis, from
    the medial or upper end; ``across`` then runs along its second axis.
    """
    structure, part = _muscle(atlas, muscle, side)
    vertices = structure.surface.vertices.astype(np.float64)
    keep = np.ones(len(vertices), dtype=bool)
    if part:
        keep = np.zeros(len(vertices), dtype=bool)
        keep[structure.surface.faces[structure.part_faces(part)].ravel()] = True
    fibres = structure.surface.fibres
    if fibres is not None:
        along = np.asarray(fibres.u, dtype=np.float64)
        sideways = np.asarray(fibres.v, dtype=np.float64)
    else:
        along, sideways = _axes(vertices, keep, side)
    low, high = sideways[keep].min(), sideways[keep].max()
    wanted = low + across * (high - low)
    off = np.where(keep, np.abs(sideways - wanted), np.inf)
    # A plain sheet is drawn with few vertices; then the nearest ones are taken.
    fewest = min(_FEWEST, int(keep.sum()))
    near = off <= max(0.08 * (high - low), float(np.partition(off, fewest - 1)[fewest - 1]), 1e-6)
    return _binned_mean(vertices[near], along[near])


def edge_line(atlas: Atlas, muscle: str, edge: str, side: Side) -> Floats:
    """Return an edge of a muscle as seen from behind, shape (K, 3), mm.

    Parameters
    ----------
    atlas : Atlas
    muscle : str
        ``trapezius`` or ``trapezius/descending``.
    edge : str
        ``upper`` and ``lower`` run from medial to lateral, ``medial`` and ``lateral`` from above
        to below.
    side : Side

    Raises
    ------
    UnknownName
        If there is no such edge, muscle or part.
    """
    if edge not in EDGES:
        raise UnknownName("edge", edge, EDGES)
    structure, part = _muscle(atlas, muscle, side)
    vertices = structure.surface.vertices.astype(np.float64)
    if part:
        vertices = vertices[np.unique(structure.surface.faces[structure.part_faces(part)])]
    mirror = np.array([-1.0 if side is Side.RIGHT else 1.0, 1.0, 1.0])
    vertices = vertices * mirror
    axis, sign, run = EDGES[edge]
    span = np.linspace(vertices[:, run].min(), vertices[:, run].max(), _BINS + 1)
    bins = np.clip(np.searchsorted(span, vertices[:, run]) - 1, 0, _BINS - 1)
    line = []
    for index in np.unique(bins):
        members = vertices[bins == index]
        line.append(members[int(np.argmax(sign * members[:, axis]))])
    ordered = np.array(line)
    if run == 2:
        ordered = ordered[::-1]
    return ordered * mirror


def between_heights(line: Floats, top: float, bottom: float) -> Floats:
    """Return the part of a falling line between two heights, shape (K, 3), mm.

    Parameters
    ----------
    line : ndarray, shape (P, 3)
        mm, LPS.
    top, bottom : float
        z, mm.

    Raises
    ------
    InputError
        If the line has no part there.
    """
    dense = resample(line, np.linspace(0.0, 1.0, 400))
    inside = dense[(dense[:, 2] <= top) & (dense[:, 2] >= bottom)]
    if len(inside) < 2:
        raise InputError(
            f"a line between z {bottom:.0f} and {top:.0f} mm required, received one from "
            f"{dense[:, 2].min():.0f} to {dense[:, 2].max():.0f} mm; choose other levels"
        )
    return inside if inside[0, 2] >= inside[-1, 2] else inside[::-1]


def at_height(line: Floats, z: NDArray[np.floating]) -> Floats:
    """Return the points of a line at some heights, shape (K, 3), held at its ends.

    Parameters
    ----------
    line : ndarray, shape (P, 3)
        mm, LPS.
    z : ndarray, shape (K,)
        mm.
    """
    dense = resample(line, np.linspace(0.0, 1.0, 400))
    order = np.argsort(dense[:, 2], kind="stable")
    rising = dense[order]
    x = np.interp(z, rising[:, 2], rising[:, 0])
    y = np.interp(z, rising[:, 2], rising[:, 1])
    return np.stack([x, y, np.asarray(z, dtype=np.float64)], axis=1)


def _muscle(atlas: Atlas, muscle: str, side: Side) -> tuple[Structure, str]:
    head, _, part = muscle.partition("/")
    name = head if head in atlas else on_side(head, side)
    if name not in atlas:
        raise UnknownName("muscle", head, _without_side(atlas))
    structure = atlas[name]
    if part and len(structure.part_faces(part)) == 0:
        raise UnknownName(f"part of {name}", part, structure.parts)
    return structure, part


def _axes(vertices: Floats, keep: NDArray[np.bool_], side: Side) -> tuple[Floats, Floats]:
    centred = (vertices - vertices[keep].mean(axis=0)) * np.array(
        [-1.0 if side is Side.RIGHT else 1.0, 1.0, 1.0]
    )
    axes = np.linalg.svd(centred[keep], full_matrices=False)[2]
    first, second = axes[0], axes[1]
    # From the medial end outward, or from above down where the muscle stands upright.
    upright = abs(first[2]) > abs(first[0])
    first = first if (first[2] < 0.0 if upright else first[0] > 0.0) else -first
    second = second if (second[0] > 0.0 if upright else second[2] < 0.0) else -second
    return centred @ first, centred @ second


def _binned_mean(points: Floats, along: Floats) -> Floats:
    span = np.linspace(along.min(), along.max(), _BINS + 1)
    bins = np.clip(np.searchsorted(span, along) - 1, 0, _BINS - 1)
    return np.stack([points[bins == index].mean(axis=0) for index in np.unique(bins)])


def _without_side(names: Iterable[str]) -> list[str]:
    plain = []
    for name in names:
        head, slash, tail = name.partition("/")
        plain.append(f"{split_side(head)[0]}{slash}{tail}")
    return sorted(set(plain))
