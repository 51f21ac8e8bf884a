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

from meshes.cage import Cage, cage_of
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
    structures: Mapping[str, Structure],
    landmarks: Landmarks,
    scale: float = 1.0,
    walls: Mapping[Side, Wall] | None = None,
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
    walls : mapping of Side to Wall, optional
        What :func:`costal_walls` found, if that has been asked already.

    Returns
    -------
    dict of str to Structure
        Closed thin sheets with the parts ``costodiaphragmatic_recess`` (below the lung) and
        ``cupula`` (above the first rib). A side that lacks a landmark is left out.
    """
    made = {}
    if walls is None:
        walls = costal_walls(structures, landmarks, scale)
    for side, wall in walls.items():
        name = f"pleura_{side.value}"
        if name not in structures:
            surface = _sheet(wall, scale, mirrored=side is Side.RIGHT)
            made[name] = Structure(load_catalogue()[name], surface, _ORIGIN, _PARTS)
    return made


@dataclass(frozen=True, eq=False)
class Wall:
    """The costal pleura of one side as distances from the middle of the lung, left side.

    Attributes
    ----------
    cage : Cage
    columns : ndarray, shape (COLUMNS,)
        u of the columns: 0 beside the spine, 1 behind the sternum.
    low, top : ndarray, shape (COLUMNS,)
        Heights of the reflection and of the first rib, mm.
    lung : ndarray, shape (COLUMNS,)
        Height of the lung's lower edge, mm.
    distance : ndarray, shape (ROWS, COLUMNS)
        From the axis, evenly from the reflection up to the first rib, mm.
    """

    cage: Cage
    columns: Array
    low: Array
    top: Array
    lung: Array
    distance: Array

    def radius(self, u: Array, z: Array) -> Array:
        """Return how far the wall is from the axis in the directions ``u`` at heights ``z``."""
        from scipy.ndimage import map_coordinates

        column = np.clip(u, 0.0, 1.0)
        low = np.interp(column, self.columns, self.low)
        top = np.interp(column, self.columns, self.top)
        row = np.clip((z - low) / (top - low), 0.0, 1.0)
        index = np.stack([row * (ROWS - 1), column * (COLUMNS - 1)])
        return np.asarray(map_coordinates(self.distance, index, order=1, mode="nearest"))


def costal_walls(
    structures: Mapping[str, Structure], landmarks: Landmarks, scale: float = 1.0
) -> dict[Side, Wall]:
    """Lay the pleura of both sides inside the ribs; a side that lacks a landmark is left out.

    Parameters
    ----------
    structures : mapping of str to Structure
        Ribs, costal cartilages, thoracic vertebrae and sternum, mm, LPS.
    landmarks : Landmarks
    scale : float
        Stature / 1750 mm.
    """
    whole = Search(structures, dict(landmarks.points), dict(landmarks.curves))
    found = {}
    for side in (Side.LEFT, Side.RIGHT):
        try:
            found[side] = _costal_wall(whole.seen(side is Side.RIGHT), side.value, scale)
        except Missing:
            continue
    return found


def _costal_wall(search: Search, side: str, scale: float) -> Wall:
    """Lay the pleura of one side inside the ribs.

    Parameters
    ----------
    search : Search
        Seen as the left side.
    side : str
        ``left`` or ``right``.
    scale : float
        Stature / 1750 mm.

    Raises
    ------
    Missing
        If a landmark is not there.
    """
    data = pleura_data()
    cage = cage_of(search, side, (data["behind"], data["front"]), scale)
    u = np.linspace(0.0, 1.0, COLUMNS)
    low = _edge(search, cage, fill(data["reflection"], {"side": side}), u)
    lung = _edge(search, cage, fill(data["lung"], {"side": side}), u)
    top = _top(search, cage, side, u)
    seen = _inner_faces(search, cage, side, (low, top))
    return Wall(cage, u, low, top, lung, _laid(seen, scale * float(data["gap"])))


def _sheet(wall: Wall, scale: float, *, mirrored: bool) -> Surface:
    data = pleura_data()
    cage, u = wall.cage, wall.columns
    z = wall.low + np.linspace(0.0, 1.0, ROWS)[:, None] * (wall.top - wall.low)
    grid = cage.points(np.broadcast_to(u, z.shape), z, wall.distance)
    dome = _dome(cage, u, (wall.top, wall.distance[-1]), scale * float(data["cupula"]))
    drawn = np.concatenate([grid, dome])[::EVERY, ::EVERY]
    vertices, faces = _thickened(drawn, scale * float(data["thickness"]))
    settled = relaxed(vertices, faces)
    vertices = vertices if settled is None else settled.astype(np.float64)
    part = _parts(z[::EVERY, ::EVERY], wall.lung[::EVERY], (drawn.shape[0], len(faces)))
    surface = Surface.of(vertices, faces, part=part)
    if not mirrored:
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
