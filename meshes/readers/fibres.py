"""Fibre coordinates for imported muscles, read off the fibres that the recipes know.

A source's muscle is a bare mesh. The recipes that lay the generated muscles know, on any skeleton,
from where to where each fibre runs; each vertex takes the coordinates of the place of that sheet of
fibres that lies nearest to it. So a stroke along the descending trapezius means the same on every
atlas.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from meshes.errors import UnknownName
from meshes.landmarks import Landmarks
from meshes.muscle.lay import mirrored_landmarks
from meshes.muscle.recipe import Recipe, load_recipes
from meshes.muscle.sheet import RestSheet, rest_sheet, unit
from meshes.muscle.solid import tendon_share
from meshes.structure import Structure
from meshes.surface import Fibres, Surface
from meshes.terminology import Side, System

Floats = NDArray[np.float64]

_C7_MM = 493.4  # height of C7's tip in the man of 1750 mm that recipes are written for (facts 1.1)
_FARTHEST_MM = 45.0  # a muscle that lies farther from its recipe is another shape
_SMOOTHING = 10


def with_fibres(structures: Mapping[str, Structure], landmarks: Landmarks) -> dict[str, Structure]:
    """Give every muscle that has none fibre coordinates, where a recipe and its landmarks exist.

    Parameters
    ----------
    structures : mapping of str to Structure
    landmarks : Landmarks
        Found on the same person.

    Returns
    -------
    dict of str to Structure
        All structures; muscles without a matching recipe are returned as they are.
    """
    tip = landmarks.points.get("vertebra_C7/spinous_process")
    scale = 1.0 if tip is None else float(tip[2]) / _C7_MM
    marks = {Side.LEFT: landmarks, Side.RIGHT: mirrored_landmarks(landmarks)}
    result = dict(structures)
    for name, item in structures.items():
        recipe = _recipes().get(item.entry.base)
        if (
            recipe is None
            or item.system is not System.MUSCULAR
            or item.side is Side.MIDLINE
            or item.surface.fibres is not None
        ):
            continue
        sheets = _sheets(recipe, marks[item.side], scale)
        if sheets:
            found = read_fibres(item, recipe, sheets)
            if found is not None:
                result[name] = replace(item, surface=replace(item.surface, fibres=found))
    return result


def read_fibres(structure: Structure, recipe: Recipe, sheets: list[RestSheet]) -> Fibres | None:
    """Return a muscle's fibre coordinates, or None where it lies far from its recipe.

    Parameters
    ----------
    structure : Structure
        A muscle of either side.
    recipe : Recipe
    sheets : list of RestSheet
        The recipe's sheets on this person, as of a left muscle (mirrored for a right one).
    """
    flip = np.array([-1.0 if structure.side is Side.RIGHT else 1.0, 1.0, 1.0])
    vertices = structure.surface.vertices.astype(np.float64) * flip
    nodes = _Nodes.of(sheets)
    nearest = np.zeros(len(vertices), dtype=np.intp)
    distance = np.zeros(len(vertices))
    for mask, allowed in _by_part(structure, recipe, nodes):
        distance[mask], nearest[mask] = nodes.nearest(vertices[mask], allowed)
    if float(np.median(distance)) > _FARTHEST_MM:
        return None
    row, column = nodes.refined(vertices, nearest)
    average = _averaging(structure.surface)
    for _ in range(_SMOOTHING):
        row, column = average(row), average(column)
    direction, tendon = nodes.sampled(row, column, nodes.sheet[nearest])
    normal = structure.surface.normals.astype(np.float64) * flip
    direction -= np.einsum("ij,ij->i", direction, normal)[:, None] * normal
    return Fibres(
        row.astype(np.float32),
        column.astype(np.float32),
        (unit(direction) * flip).astype(np.float32),
        tendon.astype(np.float32),
    )


@lru_cache(maxsize=1)
def _recipes() -> Mapping[str, Recipe]:
    """Recipes by the base id of every muscle whose fibres they describe."""
    own = {recipe.id: recipe for recipe in load_recipes()}
    table = tomllib.loads(files(__package__).joinpath("fibres.toml").read_text(encoding="utf-8"))
    same = {name: own[other] for name, other in table["same_as"].items() if other in own}
    return {**same, **own}


def _sheets(recipe: Recipe, marks: Landmarks, scale: float) -> list[RestSheet]:
    sheets = []
    for sheet in recipe.sheets:
        try:
            sheets.append(rest_sheet(sheet.fibres, recipe, marks, scale))
        except UnknownName:  # this skeleton lacks a landmark of the sheet
            continue
    return sheets


@dataclass(frozen=True, eq=False)
class _Nodes:
    """The grid points of all sheets of a muscle, end to end.

    ``u`` and ``v`` are 0..1; ``along`` and ``across`` are the steps to the next grid point.
    """

    sheets: list[RestSheet]
    points: Floats
    along: Floats
    across: Floats
    u: Floats
    v: Floats
    sheet: NDArray[np.intp]

    @classmethod
    def of(cls, sheets: list[RestSheet]) -> _Nodes:
        points, along, across, us, vs = [], [], [], [], []
        for sheet in sheets:
            rows, columns = sheet.points.shape[:2]
            u, v = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
            points.append(sheet.points.reshape(-1, 3))
            along.append((np.gradient(sheet.points, axis=0) * (rows - 1)).reshape(-1, 3))
            across.append((np.gradient(sheet.points, axis=1) * (columns - 1)).reshape(-1, 3))
            us.append(u.ravel())
            vs.append(v.ravel())
        number = np.repeat(np.arange(len(sheets)), [len(group) for group in points])
        return cls(
            sheets,
            np.concatenate(points),
            np.concatenate(along),
            np.concatenate(across),
            np.concatenate(us),
            np.concatenate(vs),
            number,
        )

    def nearest(self, at: Floats, allowed: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.intp]]:
        from scipy.spatial import cKDTree

        candidates = np.flatnonzero(allowed)
        distance, index = cKDTree(self.points[candidates]).query(at)
        return distance, candidates[index]

    def refined(self, at: Floats, nearest: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return u and v between grid points, by the foot of the vertex on the sheet."""
        along, across = self.along[nearest], self.across[nearest]
        offset = at - self.points[nearest]
        # Least squares of the offset on the two directions; the small term keeps ends, where
        # fibres converge, from running away.
        a = np.einsum("ij,ij->i", along, along) + 1.0
        b = np.einsum("ij,ij->i", along, across)
        c = np.einsum("ij,ij->i", across, across) + 1.0
        p, q = np.einsum("ij,ij->i", offset, along), np.einsum("ij,ij->i", offset, across)
        determinant = np.maximum(a * c - b * b, 1.0)
        rows = np.array([sheet.points.shape[0] for sheet in self.sheets])[self.sheet[nearest]]
        columns = np.array([sheet.points.shape[1] for sheet in self.sheets])[self.sheet[nearest]]
        du = np.clip((c * p - b * q) / determinant, -1.0 / rows, 1.0 / rows)
        dv = np.clip((a * q - b * p) / determinant, -1.0 / columns, 1.0 / columns)
        return np.clip(self.u[nearest] + du, 0, 1), np.clip(self.v[nearest] + dv, 0, 1)

    def sampled(self, u: Floats, v: Floats, sheet: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return the fibre direction, shape (N, 3), and the tendon share, shape (N,)."""
        from scipy.ndimage import map_coordinates

        direction, tendon = np.zeros((len(u), 3)), np.zeros(len(u))
        for number, rest in enumerate(self.sheets):
            mine = sheet == number
            rows, columns = rest.points.shape[:2]
            at = np.stack([u[mine] * (rows - 1), v[mine] * (columns - 1)])
            heading = unit(np.gradient(rest.points, axis=0))
            for axis in range(3):
                direction[mine, axis] = map_coordinates(
                    heading[..., axis], at, order=1, mode="nearest"
                )
            grid = np.repeat(np.linspace(0, 1, rows)[:, None], columns, axis=1)
            tendon[mine] = map_coordinates(tendon_share(rest, grid), at, order=1, mode="nearest")
        return direction, tendon


def _by_part(
    structure: Structure, recipe: Recipe, nodes: _Nodes
) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Pair the vertices of each part with the grid points of that part's fibres."""
    whole = np.ones(len(structure.surface.vertices), dtype=bool)
    if structure.surface.part is None or not recipe.parts:
        return [(whole, np.ones(len(nodes.points), dtype=bool))]
    pairs, low = [], 0.0
    for part, high in recipe.parts:
        mine = np.zeros(len(whole), dtype=bool)
        mine[structure.surface.faces[structure.part_faces(part)].ravel()] = True
        allowed = (nodes.v >= low) & (nodes.v <= high)
        if mine.any() and allowed.any():
            pairs.append((mine & whole, allowed))
            whole &= ~mine
        low = high
    if whole.any():
        pairs.append((whole, np.ones(len(nodes.points), dtype=bool)))
    return pairs


def _averaging(surface: Surface) -> Callable[[Floats], Floats]:
    """Return the mean over each vertex and its neighbours, as a function of vertex values."""
    from scipy.sparse import coo_matrix, identity

    faces = surface.faces.astype(np.int64)
    size = len(surface.vertices)
    start = np.concatenate([faces[:, 0], faces[:, 1], faces[:, 2]])
    end = np.concatenate([faces[:, 1], faces[:, 2], faces[:, 0]])
    link = coo_matrix((np.ones(len(start)), (start, end)), shape=(size, size)).tocsr()
    link = link + link.T + identity(size)
    weight = np.asarray(link.sum(axis=1)).ravel()

    def averaged(values: Floats) -> Floats:
        return np.asarray(link @ values, dtype=np.float64) / weight

    return averaged
