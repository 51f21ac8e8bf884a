"""What is seen where in a picture: one ray through each cell of a grid laid over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.crossings import Crossings
from meshes.depth import caster_of
from meshes.terminology import Side
from viewer.camera import Lens
from viewer.cut_spaces import laid_open
from viewer.opening import shift_of
from viewer.picking import AROUND_SPACES, LEAST_OPACITY, rank_in_cut
from viewer.resolve import Draw, Picture

Vectors = NDArray[np.float64]

#: Cells of a grid: enough to find a finger's breadth on a whole torso.
CELLS = 4000
#: No ray goes farther; it starts this far before the middle of the torso, mm.
_LEAD_MM = 1600.0
#: Stands for a structure where a cut goes through a space without contents.
_NOTHING = -2


@dataclass(frozen=True, eq=False)
class SeenGrid:
    """The structure that is seen in each cell.

    Attributes
    ----------
    names : tuple of str
        Structure ids.
    owner : ndarray of int64, shape (rows, columns)
        Index into ``names`` of what a ray through the middle of the cell meets; -1 is nothing.
    x, y : ndarray
        Middles of the columns and of the rows, pixels.
    """

    names: tuple[str, ...]
    owner: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def seen_grid(picture: Picture, lens: Lens, size: tuple[int, int], cells: int = CELLS) -> SeenGrid:
    """Return what is seen where.

    Parameters
    ----------
    picture : Picture
    lens : Lens
        The camera it is drawn with.
    size : tuple of int
        Width and height, pixels.
    cells : int
        About how many.
    """
    side = max(np.sqrt(size[0] * size[1] / cells), 1.0)
    columns, rows = (max(round(length / side), 1) for length in size)
    x = (np.arange(columns) + 0.5) * size[0] / columns
    y = (np.arange(rows) + 0.5) * size[1] / rows
    half = np.tan(np.radians(lens.opening_deg / 2.0))
    across, upward = np.meshgrid(
        (2.0 * x / size[0] - 1.0) * half * size[0] / size[1], (1.0 - 2.0 * y / size[1]) * half
    )
    ways = lens.forward + across.reshape(-1, 1) * lens.right + upward.reshape(-1, 1) * lens.up
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    names, owner = _first(picture, lens, ways)
    return SeenGrid(names, owner.reshape(rows, columns), x, y)


def _first(
    picture: Picture, lens: Lens, ways: Vectors
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the first structure on each ray that is drawn and not see-through."""
    caster = caster_of(picture.atlas)
    draws = {draw.id: draw for draw in (*picture.cut_open, *picture.draws)}
    known = [draws.get(name) for name in caster.names]
    surfaces = picture.ids  # the others are seen in the face of the cut alone
    # Begin near the body: embree's float32 loses millimetres at the camera's distance.
    lead = max(float(np.linalg.norm(lens.focus - lens.position)) - _LEAD_MM, 0.0)
    starts = lens.position + lead * ways
    within = _in_lens(picture, lens, ways)
    nearest = np.full(len(ways), np.inf)
    owner = np.full(len(ways), -1, dtype=np.int64)
    spread = picture.spread_mm > 0.0
    for layer in sorted({draw.layer for draw in draws.values()}) if spread else [-1]:
        # A layer that is drawn elsewhere is hit where a ray, moved back, hits it.
        moved = starts - shift_of(max(layer, 0), picture.spread_mm)
        crossed = caster.cast(moved, ways, 2.0 * _LEAD_MM)
        if not len(crossed):
            continue
        points = moved[crossed.ray] + crossed.depth[:, None] * ways[crossed.ray]
        drawn = np.array(
            [one is not None and one.id in surfaces and layer in (-1, one.layer) for one in known]
        )
        opacity = _opacities(picture, known, crossed.structure, points, within[crossed.ray])
        rows = np.flatnonzero(drawn[crossed.structure] & (opacity >= LEAST_OPACITY))
        rows = rows[np.argsort(crossed.depth[rows], kind="stable")]
        rays, first = np.unique(crossed.ray[rows], return_index=True)
        rows = rows[first]
        nearer = crossed.depth[rows] < nearest[rays]
        nearest[rays[nearer]] = crossed.depth[rows[nearer]]
        owner[rays[nearer]] = crossed.structure[rows[nearer]]
        if picture.cut is not None and not spread:
            face = _on_face(picture, known, crossed, (starts, ways, within))
            owner = np.where(face == _NOTHING, -1, np.where(face >= 0, face, owner))
    return tuple(caster.names), owner


def _on_face(
    picture: Picture,
    known: list[Draw | None],
    crossed: Crossings,
    rays: tuple[Vectors, Vectors, NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """Return the tissue that the cut lays open on each ray, as the pointer finds it.

    -1 where a ray does not come through the cut, ``_NOTHING`` in a space without contents.
    """
    assert picture.cut is not None
    starts, ways, within = rays
    before = picture.cut.beyond(starts)
    nearing = -(ways @ np.asarray(picture.cut.normal))
    meets = (before > 0.0) & (nearing > 1e-6)
    depth = np.where(meets, before / np.where(meets, nearing, 1.0), -1.0)
    turns = np.zeros((len(ways), len(known)))
    first = crossed.depth <= depth[crossed.ray]
    sign = np.where(crossed.entering[first], 1.0, -1.0)
    np.add.at(turns, (crossed.ray[first], crossed.structure[first]), sign)
    ray, structure = np.nonzero(turns > 0.0)
    # A little beyond the plane, or it would have been taken away.
    points = starts[ray] + (depth[ray] + 1e-6)[:, None] * ways[ray]
    opaque = _opacities(picture, known, structure, points, within[ray]) >= LEAST_OPACITY
    ray, structure = ray[opaque], structure[opaque]
    order = sorted(
        range(len(known)),
        key=lambda index: (-1, 0.0) if (one := known[index]) is None else rank_in_cut(picture, one),
    )
    rank = np.argsort(order)
    best = np.full(len(ways), -1, dtype=np.int64)
    np.maximum.at(best, ray, rank[structure])
    found = np.where(best >= 0, np.asarray(order)[best], -1)
    around = [index for index, one in enumerate(known) if one and one.id in AROUND_SPACES]
    rows = np.flatnonzero(np.isin(found, around))
    places = starts[rows] + depth[rows, None] * ways[rows]
    # A space is not the fat around it: nothing there has a name.
    found[rows[~laid_open(picture.atlas, picture.cut).held(places)]] = _NOTHING
    return found


def _in_lens(picture: Picture, lens: Lens, ways: Vectors) -> NDArray[np.bool_]:
    """Return which rays go through the peel lens."""
    if picture.lens is None:
        return np.zeros(len(ways), dtype=np.bool_)
    line = np.asarray(picture.lens.centre, dtype=np.float64) - lens.position
    beside = line - (ways @ line)[:, None] * ways
    return np.asarray(np.linalg.norm(beside, axis=1) < picture.lens.radius_mm)


def _opacities(
    picture: Picture,
    known: list[Draw | None],
    structure: NDArray[np.int64],
    points: Vectors,
    within: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return how opaque each crossing is drawn; what a cut has taken away is not."""
    table = np.array(
        [(0.0, 0.0, 0.0) if one is None else (one.opacity, one.kept, one.lensed) for one in known]
    )
    here, kept, lensed = table[structure].T
    half = {Side.LEFT: 1.0, Side.RIGHT: -1.0}.get(picture.peel_side or Side.MIDLINE, 0.0)
    result = np.where(within, lensed, np.where(half * points[:, 0] < 0.0, kept, here))
    if picture.cut is not None:
        result[picture.cut.beyond(points) > 0.0] = 0.0
    return np.asarray(result)
