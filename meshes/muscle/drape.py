"""Draping: the tautest sheet that stays above the ground (an obstacle problem on the grid)."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom

from meshes.muscle.ground import NOTHING
from meshes.muscle.sheet import Grid

CLEARANCE_MM = 0.5
SWEEPS = 220
SIDEWAYS = 0.12


def drape(ground: Grid, points: Grid, outward: Grid, sag: float) -> Grid:
    """Return heights of a taut sheet over the ground.

    Tension acts along the fibres and on positions: a fibre whose rest shape is curved is pulled
    straight until it meets the ground, unless ``sag`` says that it keeps its shape.

    Parameters
    ----------
    ground : ndarray, shape (U, V)
        Heights that must not be gone below, mm.
    points : ndarray, shape (U, V, 3)
        Rest positions; they set the spacing that tension acts over.
    outward : ndarray, shape (U, V, 3)
        Unit directions that heights are measured along.
    sag : float
        0: tension alone; towards 1 the sheet keeps to height 0 of its rest shape.

    Returns
    -------
    ndarray, shape (U, V)
        Heights, at least ``ground + CLEARANCE_MM``; both ends lie on their attachments.
    """
    floor = ground + CLEARANCE_MM
    along = float(np.linalg.norm(np.diff(points, axis=0), axis=2).mean())
    across = float(np.linalg.norm(np.diff(points, axis=1), axis=2).mean())
    # Fibres pull along themselves; their neighbours only keep them even.
    stiffness = SIDEWAYS * float(np.clip((along / max(across, 1e-6)) ** 2, 0.05, 4.0))
    start = np.maximum(floor, 0.0)
    height = start
    curved = (1.0 - min(sag, 1.0)) * _curvature(points, outward)
    for factor in (4, 2, 1):
        height = _level(floor, curved, height, factor, (stiffness, sag))
    return _smooth_over(height, floor)


def pressed(taut: Grid, ground: Grid, points: Grid, sink: Grid) -> Grid:
    """Return a taut sheet pressed into the hollows it spans, as fascia and skin press it in life.

    Parameters
    ----------
    taut, ground : ndarray, shape (U, V)
        Heights of the taut sheet and of what lies beneath it, mm.
    points : ndarray, shape (U, V, 3)
        Rest positions; they set how long a free span is.
    sink : ndarray, shape (V,)
        How far (mm) the middle of a fibre gives way that spans 100 mm freely; it grows with the
        square of the span, and never goes below the ground.
    """
    if not (sink > 0.0).any():
        return taut
    along = float(np.linalg.norm(np.diff(points, axis=0), axis=2).mean())
    across = float(np.linalg.norm(np.diff(points, axis=1), axis=2).mean())
    stiffness = SIDEWAYS * float(np.clip((along / max(across, 1e-6)) ** 2, 0.05, 4.0))
    floor = np.minimum(np.maximum(ground + CLEARANCE_MM, taut - 2.0 * sink), taut)
    load = np.broadcast_to(-8.0 * sink * (along / 100.0) ** 2, taut.shape)
    # The load acts from the taut shape: only the give is solved for.
    give = np.zeros_like(taut)
    for factor in (4, 2, 1):
        give = _level(floor - taut, load, give, factor, (stiffness, 0.0))
    return _smooth_over(taut + give, floor)


def _curvature(points: Grid, outward: Grid) -> Grid:
    """Return how far (sum of both, mm) each rest point's neighbours on its fibre lie above it."""
    bend = np.zeros_like(points)
    bend[1:-1] = points[:-2] + points[2:] - 2.0 * points[1:-1]
    return np.asarray((bend * outward).sum(axis=2))


def _level(
    floor: Grid, curved: Grid, guess: Grid, factor: int, weights: tuple[float, float]
) -> Grid:
    """Solve on a grid coarsened by ``factor`` and bring the answer back to full size."""
    if factor == 1 or min(floor.shape) < 4 * factor:
        if factor != 1:
            return guess
        return _relax(floor, curved, guess, weights)
    shape = tuple(max(4, round(size / factor)) for size in floor.shape)
    shrink = tuple(new / old for new, old in zip(shape, floor.shape, strict=True))
    coarse_floor = zoom(np.maximum(floor, -100.0), shrink, order=1)
    coarse_curved = factor**2 * zoom(curved, shrink, order=1)
    coarse = _relax(coarse_floor, coarse_curved, zoom(guess, shrink, order=1), weights)
    grow = tuple(old / new for new, old in zip(coarse.shape, floor.shape, strict=True))
    return np.maximum(zoom(coarse, grow, order=1)[: floor.shape[0], : floor.shape[1]], floor)


def _relax(floor: Grid, curved: Grid, guess: Grid, weights: tuple[float, float]) -> Grid:
    """Projected successive over-relaxation in red-black order; ends of fibres are held."""
    stiffness, sag = weights
    rows, columns = floor.shape
    padded = np.pad(np.maximum(guess, floor), 1, mode="edge")
    height = padded[1:-1, 1:-1]
    odd = (np.add.outer(np.arange(rows), np.arange(columns)) % 2).astype(bool)
    masks = [odd, ~odd]
    for mask in masks:
        mask[0] = mask[-1] = False
    total = 2.0 + 2.0 * stiffness + sag
    for _ in range(SWEEPS):
        for mask in masks:
            padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]  # free borders
            pull = padded[:-2, 1:-1] + padded[2:, 1:-1]
            pull += stiffness * (padded[1:-1, :-2] + padded[1:-1, 2:])
            pull += curved
            pull *= 1.6 / total
            pull -= 0.6 * height
            np.maximum(pull, floor, out=pull)
            np.copyto(height, pull, where=mask)
    return height.copy()


def _smooth_over(height: Grid, floor: Grid) -> Grid:
    """Round off the kinks where the sheet leaves the ground, never going below it."""
    smooth = height
    ends = np.ones(len(height))
    ends[0] = ends[-1] = 0.0
    for sigma in (2.2, 1.6, 1.2, 0.9, 0.7):
        blurred = gaussian_filter(smooth, sigma, mode="nearest")
        smooth = np.maximum(smooth + ends[:, None] * (blurred - smooth), floor)
    return smooth


def settled(ground: Grid, taut: Grid, depth: Grid | float) -> Grid:
    """Return the under-side of a muscle that fills hollows.

    Parameters
    ----------
    ground, taut : ndarray, shape (U, V)
        Heights of what lies beneath and of the taut sheet, mm.
    depth : float or ndarray, broadcast to (U, V)
        How deep hollows are filled, mm.
    """
    if not np.any(np.asarray(depth) > 0.0):
        return taut
    missing = ground <= NOTHING / 2
    if missing.all():
        ground = taut - 0.35 * depth
    elif missing.any():  # between two bones the muscle lies as deep as on the nearest of them
        nearest = distance_transform_edt(missing, return_distances=False, return_indices=True)
        ground = ground[tuple(nearest)]
    floor = np.minimum(np.maximum(ground + CLEARANCE_MM, taut - depth), taut)
    smooth = floor
    for sigma in (2.0, 1.4, 1.0, 0.7):
        blurred = gaussian_filter(smooth, sigma, mode="nearest")
        smooth = np.minimum(np.maximum(blurred, floor), taut)
    return smooth
