"""From a draped sheet to a closed solid with fibre coordinates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter

from meshes.muscle.recipe import Recipe
from meshes.muscle.sheet import Grid, RestSheet, shares_across, unit
from meshes.muscle.unfold import closed_faces
from meshes.surface import Fibres, Surface

LEAST_MM = 0.5
_THIN_MM = 2.5  # a border of this thickness still shows as an edge


@dataclass(frozen=True, eq=False)
class Sides:
    """Points of a muscle's under- and outer side, shape (U, V, 3), mm."""

    under: Grid
    outer: Grid


def thickness(sheet: RestSheet, recipe: Recipe, factor: float) -> Grid:
    """Return the thickness profile in mm, shape (U, V).

    The belly has each key fibre's own thickness; it thins to the tendons along the fibre and
    is rounded off at the free borders.
    """
    rows, columns = sheet.points.shape[:2]
    u = np.linspace(0.0, 1.0, rows)[:, None]
    rise = np.maximum(recipe.rise, sheet.tendon[:, 0] * 1.25)[None, :]
    fall = np.maximum(recipe.rise, sheet.tendon[:, 1] * 1.25)[None, :]
    first, last = recipe.ends
    near, far = _smoothstep(u / rise), _smoothstep((1.0 - u) / fall)
    if recipe.flat[0] > 0.0:
        near, first = _smoothstep((u - sheet.tendon[:, 0]) / recipe.rise), 0.0
    if recipe.flat[1] > 0.0:
        far, last = _smoothstep((1.0 - u - sheet.tendon[:, 1]) / recipe.rise), 0.0
    belly = (first + (1.0 - first) * near) * (last + (1.0 - last) * far)
    border = _border(columns, recipe)[None, :]
    fascicles = 1.0 if recipe.fascia else _fascicles(columns)[None, :]
    mm = sheet.mm[None, :] * factor * belly * border * fascicles
    return np.maximum(mm, max(LEAST_MM, *recipe.flat))


def filling(recipe: Recipe, factor: float, columns: int) -> Grid:
    """Return how deep a muscle fills hollows in mm, shape (1, V): see ``Recipe.rounded``."""
    share = _border(columns, recipe) if recipe.rounded else np.ones(columns)
    return recipe.fill * factor * share[None, :]


def _border(columns: int, recipe: Recipe) -> Grid:
    """Return the cross profile, shape (V,): 1 over the belly, 0 at the free borders."""
    v = shares_across(recipe, columns)
    return np.sqrt(np.maximum(0.0, 1.0 - np.abs(2.0 * v - 1.0) ** recipe.edge))


def solid(sheet: RestSheet, sides: Sides, recipe: Recipe) -> Surface:
    """Close the two sides into one watertight surface with fibre coordinates and parts."""
    under, outer = sides.under, sides.outer
    rows, columns = under.shape[:2]
    vertices = np.concatenate([outer.reshape(-1, 3), under.reshape(-1, 3)])
    faces = closed_faces(rows, columns)
    middle = 0.5 * (under + outer)
    direction = unit(np.gradient(middle, axis=0)).reshape(-1, 3)
    u, v = np.meshgrid(np.linspace(0, 1, rows), shares_across(recipe, columns), indexing="ij")
    tendon = tendon_share(sheet, u)
    if recipe.fascia:
        tendon = np.ones_like(tendon)
    fibres = Fibres(
        _both_sides(u),
        _both_sides(v),
        np.tile(direction, (2, 1)).astype(np.float32),
        _both_sides(tendon),
    )
    surface = Surface.of(vertices, faces, fibres=fibres)
    if signed_volume(surface) < 0.0:
        surface = Surface.of(vertices, faces[:, ::-1], fibres=fibres)
    surface = replace(surface, normals=_soft_border(surface.normals, under, outer, sheet.outward))
    if recipe.parts:
        surface = _tag_parts(surface, recipe)
    return surface


def _soft_border(
    normals: NDArray[np.float32], under: Grid, outer: Grid, outward: Grid
) -> NDArray[np.float32]:
    """Return normals whose thin borders face outward: a sheet's edge shows no seam.

    Where fascia or aponeurosis runs out over what it lies on, the step of a millimetre is no
    edge in life; a border as thick as a belly keeps its own normals.
    """
    step = maximum_filter(np.linalg.norm(outer - under, axis=2), size=7, mode="nearest")
    soft = np.clip((_THIN_MM - step) / (_THIN_MM - LEAST_MM), 0.0, 1.0)
    soft[1:-1, 1:-1] = 0.0
    share = np.tile(soft.ravel(), 2)[:, None]
    way = np.tile(outward.reshape(-1, 3), (2, 1))
    return unit((1.0 - share) * normals + share * way).astype(np.float32)


def _both_sides(grid: Grid) -> NDArray[np.float32]:
    return np.tile(grid.ravel(), 2).astype(np.float32)


def tendon_share(sheet: RestSheet, u: Grid) -> Grid:
    """Return 1 in tendon, 0 in belly, shape (U, V), with an uneven edge as in life."""
    columns = u.shape[1]
    v = np.linspace(0.0, 1.0, columns)
    # Coarser than the grid: the picture frays the border finely itself.
    fine = min(143.0, 0.7 * columns)
    uneven = 1.0 + 0.12 * np.sin(0.45 * fine * v) + 0.07 * np.sin(fine * v + 1.3)
    first = sheet.tendon[:, 0] * uneven
    last = sheet.tendon[:, 1] * uneven[::-1]
    soft = 0.05
    near = _smoothstep((first[None, :] + soft - u) / (2 * soft))
    far = _smoothstep((u - 1.0 + last[None, :] + soft) / (2 * soft))
    has = np.stack([sheet.tendon[:, 0] > 0.0, sheet.tendon[:, 1] > 0.0])
    return np.maximum(near * has[0][None, :], far * has[1][None, :])


def signed_volume(surface: Surface) -> float:
    """Return the enclosed volume in mm^3; negative where the winding is inward."""
    a, b, c = (surface.vertices[surface.faces[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)


def _fascicles(columns: int) -> Grid:
    """Return a faint relief of fascicles across the sheet, about 1 +- 0.05."""
    v = np.linspace(0.0, 1.0, columns)
    wave = 0.6 * np.sin(v * columns * 0.9) + 0.4 * np.sin(v * columns * 0.37 + 2.0)
    return np.asarray(1.0 + 0.05 * gaussian_filter(wave, 0.6))


def _tag_parts(surface: Surface, recipe: Recipe) -> Surface:
    assert surface.fibres is not None
    across = surface.fibres.v[surface.faces].mean(axis=1)
    ends = np.array([end for _, end in recipe.parts])
    part = np.minimum(np.searchsorted(ends, across), len(ends) - 1)
    return Surface(
        surface.vertices, surface.faces, surface.normals, part.astype(np.int16), surface.fibres
    )


def _smoothstep(x: Grid) -> Grid:
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))
