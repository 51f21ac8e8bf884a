"""The rest sheet: key fibres turned into a regular grid of points.

Grids are indexed ``[u, v]``: u from origin to insertion along a fibre, v across the fibres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter

from meshes.landmarks import Landmarks, resample
from meshes.muscle.recipe import KeyFibre, Recipe, locate

Grid = NDArray[np.float64]

ALONG_MM = 4.5
ACROSS_MM = 3.2
TRUNK_AXIS_Y = -15.0
#: 0: fibres at rounded borders lie as close as elsewhere; 1: they meet there.
_CLOSER = 0.75


@dataclass(frozen=True, eq=False)
class RestSheet:
    """A muscle before it is draped.

    Attributes
    ----------
    points : ndarray, shape (U, V, 3)
        Rest positions, mm.
    outward : ndarray, shape (U, V, 3)
        Unit directions away from what lies beneath.
    mm : ndarray, shape (V,)
        Belly thickness per fibre.
    tendon : ndarray, shape (V, 2)
        Tendon share at origin and insertion per fibre.
    sink : ndarray, shape (V,)
        How far a free span of 100 mm is pressed in, per fibre, mm.
    """

    points: Grid
    outward: Grid
    mm: Grid
    tendon: Grid
    sink: Grid


def rest_sheet(
    fibres: tuple[KeyFibre, ...],
    recipe: Recipe,
    landmarks: Landmarks,
    scale: float,
) -> RestSheet:
    """Interpolate key fibres into a grid.

    Parameters
    ----------
    fibres : tuple of KeyFibre
        At least two, in order across the muscle.
    recipe : Recipe
    landmarks : Landmarks
        Of the left side (mirrored for the right).
    scale : float
        Stature / 1750 mm, applied to the offsets in places.
    """
    lines = [
        np.array([locate(place, landmarks, scale) for place in fibre.places]) for fibre in fibres
    ]
    coarse = np.stack([_fibre(line, recipe, 65) for line in lines], axis=1)
    if recipe.inset > 0.0:
        coarse = _inset(coarse, recipe.inset * scale)
    gaps = np.linalg.norm(np.diff(coarse, axis=1), axis=2).mean(axis=0)
    at = np.concatenate([[0.0], np.cumsum(np.maximum(gaps, 0.5))])
    width = float(at[-1])
    length = float(np.linalg.norm(np.diff(coarse, axis=0), axis=2).sum(axis=0).mean())
    rows = int(np.clip(round(length / (ALONG_MM * recipe.grain)), 8, 72))
    columns = int(np.clip(round(width / (ACROSS_MM * recipe.grain)), 6, 120))
    across = width * shares_across(recipe, columns)
    spline = PchipInterpolator(at, coarse, axis=1)
    dense = spline(across)
    points = np.stack(
        [resample(dense[:, column], np.linspace(0.0, 1.0, rows)) for column in range(columns)],
        axis=1,
    )
    outward = _outward(points, recipe, _axis(recipe, landmarks, scale))
    return RestSheet(
        points + recipe.lift * scale * outward,
        outward,
        np.interp(across, at, [fibre.mm for fibre in fibres]),
        np.stack(
            [np.interp(across, at, [fibre.tendon[end] for fibre in fibres]) for end in (0, 1)],
            axis=1,
        ),
        np.interp(across, at, [fibre.sink for fibre in fibres]),
    )


def _fibre(line: Grid, recipe: Recipe, count: int) -> Grid:
    """Resample one key fibre smoothly in its chart."""
    chart = _to_cylinder(line) if recipe.chart == "cylinder" else line
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-6))])
    where = np.linspace(0.0, at[-1], count)
    if len(line) > 2:
        fine = PchipInterpolator(at, chart, axis=0)(where)
    else:
        fine = np.stack([np.interp(where, at, chart[:, axis]) for axis in range(3)], axis=1)
    points = _from_cylinder(fine) if recipe.chart == "cylinder" else fine
    return resample(points, np.linspace(0.0, 1.0, count))


def _to_cylinder(points: Grid) -> Grid:
    x, y, z = points.T
    angle = np.arctan2(x, y - TRUNK_AXIS_Y)
    return np.stack([angle * 100.0, np.hypot(x, y - TRUNK_AXIS_Y), z], axis=1)


def _from_cylinder(points: Grid) -> Grid:
    angle, radius, z = points[:, 0] / 100.0, points[:, 1], points[:, 2]
    return np.stack([radius * np.sin(angle), TRUNK_AXIS_Y + radius * np.cos(angle), z], axis=1)


def _inset(points: Grid, inset: float) -> Grid:
    rows = len(points)
    out = np.empty_like(points)
    for column in range(points.shape[1]):
        line = points[:, column]
        length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
        share = min(inset / max(length, 1e-6), 0.45)
        out[:, column] = resample(line, np.linspace(share, 1.0 - share, rows))
    return out


def shares_across(recipe: Recipe, columns: int) -> Grid:
    """Return where across the muscle its fibres lie, shape (V,), 0 to 1.

    Towards rounded borders they lie closer: a few millimetres in, a thick belly has risen half.
    """
    even = np.linspace(0.0, 1.0, columns)
    return even - (_CLOSER * np.sin(2.0 * np.pi * even) / (2.0 * np.pi) if recipe.rounded else 0.0)


def extent(recipe: Recipe, columns: int) -> tuple[Grid, Grid]:
    """Return where along its length each fibre begins and ends: digitations leave notches.

    Returns
    -------
    tuple of ndarray, shape (V,)
        Shares of the fibre's length; 0 and 1 where there are no digitations.
    """
    v = shares_across(recipe, columns)

    def notch(slips: int) -> Grid:
        if slips < 2:
            return np.zeros(columns)
        wave = np.abs(np.sin(np.pi * slips * v))
        return recipe.notch * (1.0 - wave) ** 1.5

    return notch(recipe.slips[0]), 1.0 - notch(recipe.slips[1])


def trimmed(grid: Grid, start: Grid, end: Grid) -> Grid:
    """Return a grid resampled along u between each column's start and end."""
    rows, columns = grid.shape[:2]
    at = (start + (end - start) * np.linspace(0.0, 1.0, rows)[:, None]) * (rows - 1)
    low = np.clip(np.floor(at).astype(np.intp), 0, rows - 2)
    share = at - low
    share = share.reshape(share.shape + (1,) * (grid.ndim - 2))
    column = np.broadcast_to(np.arange(columns), low.shape)
    return np.asarray((1.0 - share) * grid[low, column] + share * grid[low + 1, column])


def _axis(recipe: Recipe, landmarks: Landmarks, scale: float) -> Grid | None:
    if not recipe.around:
        return None
    return np.array([locate(place, landmarks, scale) for place in recipe.around])


def _outward(points: Grid, recipe: Recipe, axis: Grid | None) -> Grid:
    along = np.gradient(points, axis=0)
    across = np.gradient(points, axis=1)
    normal = np.cross(along, across)
    if axis is not None:
        line = unit(axis[1] - axis[0])
        offset = points - axis[0]
        hint = offset - (offset @ line)[..., None] * line
    elif recipe.outward is None:
        hint = points - np.array([0.0, TRUNK_AXIS_Y, 0.0])
        hint[..., 2] = 0.0
    else:
        hint = np.broadcast_to(np.array(recipe.outward, dtype=np.float64), points.shape).copy()
    hint = unit(hint)
    flip = np.sign((unit(normal) * hint).sum(axis=2).sum()) or 1.0
    # Where fibres run along their own attachment the grid's facets are slivers that face anywhere:
    # facets count by their area, and not at all where they turn away from the hint.
    normal *= flip * ((unit(normal) * flip * hint).sum(axis=2) > 0.1)[..., None]
    rows, columns = points.shape[:2]
    sigma = (rows * 0.08, columns * 0.08, 0)
    even = unit(gaussian_filter(normal, sigma, mode="nearest"))
    mixed = unit((1.0 - recipe.hint) * even + recipe.hint * hint)
    return unit(gaussian_filter(mixed, sigma, mode="nearest"))


def unit(vectors: Grid) -> Grid:
    """Return vectors scaled to length 1 along the last axis (zero stays zero)."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length > 1e-12, length, 1.0))
