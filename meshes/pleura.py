"""The costal pleura of each side: a thin closed sheet inside the ribs, down to its reflection.

Seen from an axis that runs down the middle of the lung, the inner faces of ribs, cartilages,
vertebrae and sternum stand at known distances. A smooth surface is laid just inside of them,
bridging the gaps between; its lower edge follows the published line of reflection.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.catalogue import load_catalogue
from meshes.finding.rules import fill
from meshes.finding.search import Missing, Search
from meshes.landmarks import Landmarks
from meshes.relax import relaxed
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance, Side

Array = NDArray[np.float64]

LEAN = 1.0
"""How far the front of the cupula goes back with its whole height, as a share of the height."""
COLUMNS, ROWS, DOME_ROWS = 65, 77, 10
EVERY = 2
"""The sheet is laid on a fine grid and drawn through every second row and column of it."""

STIFFNESS = 15.0
"""How much the sheet resists bending, against one inner face of bone per cell."""

_ORIGIN = Origin(
    Provenance.GENERATED,
    "generated inside the ribs down to the published line of reflection",
    "Apache-2.0",
)
_PARTS = ("costodiaphragmatic_recess", "cupula")


@lru_cache(maxsize=1)
def pleura_data() -> Mapping[str, Any]:
    """Return ``pleura.toml`` (read once per process)."""
    return tomllib.loads(files("meshes").joinpath("pleura.toml").read_text(encoding="utf-8"))


def generate_pleura(
    structures: Mapping[str, Structure], landmarks: Landmarks, scale: float = 1.0
) -> dict[str, Structure]:
    """Return ``pleura_left`` and ``pleura_right`` where the ribs allow and there is none yet.

    Parameters
    ----------
    structures : mapping of str to Structure
        Ribs, costal cartilages, thoracic vertebrae and sternum, mm, LPS.
    landmarks : Landmarks
        Ribs 1 to 12, bodies of the thoracic vertebrae, sternum.
    scale : float
        Stature / 1750 mm.

    Returns
    -------
    dict of str to Structure
        Closed thin sheets with the parts ``costodiaphragmatic_recess`` (below the lung) and
        ``cupula`` (above the first rib). A side that lacks a landmark is left out.
    """
    made = {}
    whole = Search(structures, dict(landmarks.points), dict(landmarks.curves))
    for side in (Side.LEFT, Side.RIGHT):
        name = f"pleura_{side.value}"
        if name in structures:
            continue
        search = whole.seen(side is Side.RIGHT)
        try:
            cage = _cage(search, side.value, scale)
            surface = _sheet(search, cage, side.value, scale)
        except Missing:
            continue
        entry = load_catalogue()[name]
        made[name] = Structure(entry, surface, _ORIGIN, _PARTS)
    return made


@dataclass(frozen=True, eq=False)
class Cage:
    """Half a rib cage in the coordinates (u, z, r) around the middle of the lung, left side.

    Attributes
    ----------
    levels : ndarray, shape (12,)
        Heights of the axis' nodes, rising.
    axis : ndarray, shape (12, 2)
        X and y of the axis there.
    behind, front : ndarray, shape (12, 2)
        X and y of the sheet's edges beside the spine and behind the sternum.
    """

    levels: Array
    axis: Array
    behind: Array
    front: Array

    def _at(self, nodes: Array, z: Array) -> Array:
        return np.stack([np.interp(z, self.levels, nodes[:, i]) for i in range(2)], axis=-1)

    def _ends(self, z: Array) -> tuple[Array, Array]:
        """Return the angles at which the sheet begins (behind) and ends (in front)."""
        middle = self._at(self.axis, z)
        start, end = self._at(self.behind, z) - middle, self._at(self.front, z) - middle
        full = 2.0 * np.pi
        first = np.arctan2(start[..., 1], start[..., 0]) % full
        last = np.arctan2(end[..., 1], end[..., 0]) % full - full
        return first, last

    def width(self, nodes: Array, z: Array) -> Array:
        """Return how far the axis is from one of the sheet's edges at the heights ``z``."""
        return np.linalg.norm(self._at(nodes, z) - self._at(self.axis, z), axis=-1)

    def coordinates(self, points: Array) -> tuple[Array, Array, Array]:
        """Return u (0 beside the spine, 1 behind the sternum), height, and distance."""
        offset = points[:, :2] - self._at(self.axis, points[:, 2])
        start, end = self._ends(points[:, 2])
        turn = (start - np.arctan2(offset[:, 1], offset[:, 0])) % (2.0 * np.pi)
        # In the gap in front of the spine: to whichever edge is nearer.
        turn = np.where(turn > np.pi + 0.5 * (start - end), turn - 2.0 * np.pi, turn)
        return (
            turn / (start - end),
            points[:, 2],
            np.linalg.norm(offset, axis=1),
        )

    def points(self, u: Array, z: Array, r: Array) -> Array:
        """Return the places of coordinates, shape (..., 3)."""
        start, end = self._ends(z)
        angle = start + u * (end - start)
        middle = self._at(self.axis, z)
        return np.stack(
            [middle[..., 0] + r * np.cos(angle), middle[..., 1] + r * np.sin(angle), z], axis=-1
        )


def _cage(search: Search, side: str, scale: float) -> Cage:
    data = pleura_data()
    notch, xiphoid = search.point("sternum/jugular_notch"), search.point("sternum/xiphoid")
    rows = []
    for rib in range(1, 13):
        names = {"side": side}
        line = search.curve(fill(f"rib_{rib}_{{side}}/shaft", names))
        body = search.point(f"vertebra_T{rib}/body")
        # The lowest ribs end before they reach the front; their rings are half open.
        nearest_front = min(float(line[:, 1].min()), float(body[1]) - 12.0)
        rows.append(
            (
                float(np.mean([line[:, 2].max(), line[:, 2].min()])),
                0.52 * float(line[:, 0].max()),
                0.5 * (float(line[:, 1].max()) + nearest_front),
                float(body[1]),
                float(body[2]),
            )
        )
    table = np.array(rows)[::-1]
    levels = np.maximum.accumulate(table[:, 0] + 1e-3 * np.arange(12))
    spine = np.interp(levels, table[:, 4], table[:, 3])
    sternum = np.interp(levels, [xiphoid[2], notch[2]], [xiphoid[1], notch[1]])
    behind = np.column_stack(
        [np.full(12, scale * data["behind"][0]), spine + scale * data["behind"][1]]
    )
    front = np.column_stack(
        [np.full(12, scale * data["front"][0]), sternum + scale * data["front"][1]]
    )
    return Cage(levels, table[:, 1:3], behind, front)


def _sheet(search: Search, cage: Cage, side: str, scale: float) -> Surface:
    data = pleura_data()
    u = np.linspace(0.0, 1.0, COLUMNS)
    low = _edge(search, cage, fill(data["reflection"], {"side": side}), u)
    top = _top(search, cage, side, u)
    rows = np.linspace(0.0, 1.0, ROWS)[:, None]
    z = low + rows * (top - low)
    seen = _inner_faces(search, cage, side, (low, top))
    r = _laid(seen, scale * float(data["gap"]))
    grid = cage.points(np.broadcast_to(u, z.shape), z, r)
    dome = _dome(cage, u, (top, r[-1]), scale * float(data["cupula"]))
    drawn = np.concatenate([grid, dome])[::EVERY, ::EVERY]
    vertices, faces = _thickened(drawn, scale * float(data["thickness"]))
    settled = relaxed(vertices, faces)
    vertices = vertices if settled is None else settled.astype(np.float64)
    lung = _edge(search, cage, fill(data["lung"], {"side": side}), u)
    part = _parts(z[::EVERY, ::EVERY], lung[::EVERY], (drawn.shape[0], len(faces)))
    surface = Surface.of(vertices, faces, part=part)
    if not search.mirror:
        return surface
    flipped = surface.mirrored()
    return replace(flipped, part=part)


def _edge(search: Search, cage: Cage, places: list[Any], u: Array) -> Array:
    """Return the height of a line through places, per column."""
    from scipy.interpolate import PchipInterpolator

    points = np.array([search.point(place) for place in places])
    at, height, _ = cage.coordinates(points)
    order = np.argsort(at)
    at, height = at[order], height[order]
    keep = np.concatenate([[True], np.diff(at) > 1e-3])
    curve = PchipInterpolator(at[keep], height[keep], extrapolate=True)
    return np.asarray(curve(np.clip(u, at[0], at[-1])), dtype=np.float64)


def _top(search: Search, cage: Cage, side: str, u: Array) -> Array:
    """Return the height of the first rib, per column."""
    line = search.curve(f"rib_1_{side}/shaft")
    at, height, _ = cage.coordinates(line)
    order = np.argsort(at)
    return np.asarray(np.interp(u, at[order], height[order]), dtype=np.float64)


def _inner_faces(search: Search, cage: Cage, side: str, edges: tuple[Array, Array]) -> Array:
    """Return the distance of the nearest inner face of bone, per cell; NaN where there is none."""
    low, top = edges
    names = []
    for pattern in pleura_data()["walls"]:
        numbers = range(1, 13) if "{n}" in pattern else [0]
        names += [fill(pattern, {"n": str(n), "side": side}) for n in numbers]
    samples = search.bone("+".join(names)).spread
    at, height, distance = cage.coordinates(samples.points)
    inward = cage.points(at, height, distance - 1.0) - samples.points
    facing = (inward * samples.normals).sum(axis=1) > 0.15
    column = np.rint(at * (COLUMNS - 1)).astype(int)
    inside = facing & (column >= 0) & (column < COLUMNS)
    clamped = np.clip(column, 0, COLUMNS - 1)
    share = (height - low[clamped]) / (top[clamped] - low[clamped])
    row = np.rint(share * (ROWS - 1)).astype(int)
    inside &= (row >= -1) & (row <= ROWS)
    seen = np.full((ROWS, COLUMNS), np.inf)
    np.minimum.at(seen, (np.clip(row[inside], 0, ROWS - 1), column[inside]), distance[inside])
    # Both edges of the sheet are given: beside the spine and behind the sternum.
    rows = np.linspace(0.0, 1.0, ROWS)
    for index, nodes in ((0, cage.behind), (COLUMNS - 1, cage.front)):
        z = low[index] + rows * (top[index] - low[index])
        seen[:, index] = np.minimum(seen[:, index], cage.width(nodes, z))
    return np.where(np.isfinite(seen), seen, np.nan)


def _laid(seen: Array, gap: float) -> Array:
    """Return a stiff sheet over the cells that keeps ``gap`` inside every face seen."""
    from scipy.ndimage import gaussian_filter, maximum_filter
    from scipy.sparse import diags, eye, kron
    from scipy.sparse.linalg import spsolve

    def bending(count: int) -> Any:
        ones = np.ones(count - 2)
        return diags([ones, -2.0 * ones, ones], [0, 1, 2], shape=(count - 2, count))

    rows, columns = seen.shape
    down = kron(bending(rows), eye(columns))
    across = kron(eye(rows), bending(columns))
    known = np.isfinite(seen).ravel().astype(float)
    system = diags(known) + STIFFNESS * (down.T @ down + across.T @ across)
    target = known * np.nan_to_num(seen).ravel()
    sheet = np.asarray(spsolve(system.tocsc(), target)).reshape(rows, columns)
    for _ in range(3):
        over = np.nan_to_num(np.maximum(sheet - (seen - gap), 0.0))
        if over.max() <= 0.05:
            break
        sheet = sheet - np.maximum(gaussian_filter(maximum_filter(over, 3), 1.0), over)
    return np.asarray(gaussian_filter(sheet, 0.7), dtype=np.float64)


def _dome(cage: Cage, u: Array, edge: tuple[Array, Array], height: float) -> Array:
    """Return the rows of the cupula over the first rib, shape (DOME_ROWS, COLUMNS, 3)."""
    top, radius = edge
    middle = float(top.mean())
    rows = []
    for step in range(1, DOME_ROWS + 1):
        turn = np.radians(80.0 * step / DOME_ROWS)
        # The rib's slope levels out towards the summit.
        level = top + (middle - top) * np.sin(turn) ** 2
        row = cage.points(u, level, radius * np.cos(turn))
        # It leans back from the sternal end of the clavicle.
        row[:, 1] += LEAN * height * np.sin(turn) * u
        row[:, 2] += height * np.sin(turn)
        rows.append(row)
    return np.array(rows)


def _thickened(grid: Array, thickness: float) -> tuple[Array, NDArray[np.int64]]:
    """Return a closed sheet: the grid outside, its copy ``thickness`` further in, and a rim."""
    rows, columns, _ = grid.shape
    outer = grid.reshape(-1, 3)
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, 1:].ravel(), index[1:, :-1].ravel()
    front = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)])
    normals = Surface.of(outer, front).normals.astype(np.float64)
    count = len(outer)
    inner = outer - thickness * normals
    loop = np.concatenate([index[0, :-1], index[:-1, -1], index[-1, :0:-1], index[:0:-1, 0]])
    following = np.roll(loop, -1)
    rim = np.concatenate(
        [
            np.stack([loop, following, following + count], axis=1),
            np.stack([loop, following + count, loop + count], axis=1),
        ]
    )
    faces = np.concatenate([front, front[:, ::-1] + count, rim])
    vertices = np.concatenate([outer, inner])
    corners = vertices[faces]
    if np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() < 0.0:
        faces = faces[:, ::-1]
    return vertices, faces


def _parts(z: Array, lung: Array, size: tuple[int, int]) -> NDArray[np.int16]:
    """Return the part of each face: recess below the lung's edge, cupula above the first rib.

    ``z`` are the heights below the dome; ``size`` is the number of rows with it, and of faces.
    """
    rows, count = size
    walls, columns = z.shape
    cells = np.full((rows - 1, columns - 1), -1, dtype=np.int16)
    middle = 0.25 * (z[:-1, :-1] + z[1:, :-1] + z[:-1, 1:] + z[1:, 1:])
    edge = 0.5 * (lung[:-1] + lung[1:])
    cells[: walls - 1][middle < edge] = 0
    cells[walls - 1 :] = 1
    sheet = np.tile(cells.ravel(), 2)
    part = np.full(count, -1, dtype=np.int16)
    part[: 2 * len(sheet)] = np.tile(sheet, 2)
    return part
