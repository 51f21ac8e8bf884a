"""Unfolding: where a sheet's steep ground folds it over itself, it is smoothed until it lies flat.

A point of a sheet moves along its own direction. Where neighbours' heights differ by more than
their distance, over the edge of a bone, the surface can turn over and cross itself. A sheet that
is thicker than it is bent crosses itself without turning over; both are mended here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from meshes.muscle.sheet import Grid, unit
from meshes.piercing import around, piercing_edges
from meshes.relax import hopeless

ROUNDS = 80
CROSSED_ROUNDS = 10
# Half of a sheet's least thickness where it had leaned into itself.
THIN_MM = 0.3
# A facet that leans further than this from its sheet's direction counts as folded (cosine).
LEAST_FACING = 0.12


def unfolded(under: Grid, outer: Grid, outward: Grid) -> tuple[Grid, Grid]:
    """Return both sides of a muscle without folds.

    Parameters
    ----------
    under, outer : ndarray, shape (U, V, 3)
        Points of the two sides, mm.
    outward : ndarray, shape (U, V, 3)
        Unit directions from the one to the other.

    Returns
    -------
    tuple of ndarray
        The same points, moved towards the middle of their neighbours where a facet was folded.
    """
    sign = _sign(0.5 * (under + outer), outward)
    for _ in range(ROUNDS):
        folded = _folded(under, outward, sign) | _folded(outer, outward, sign)
        if not folded.any():
            break
        near = binary_dilation(folded, iterations=1)
        under = np.where(near[..., None], 0.5 * (under + _neighbours(under)), under)
        outer = np.where(near[..., None], 0.5 * (outer + _neighbours(outer)), outer)
    return under, outer


def uncrossed(under: Grid, outer: Grid) -> tuple[Grid, Grid, bool]:
    """Return both sides of a muscle so that the solid between them does not cross itself.

    Where it does, the sheet midway is smoothed and the thickness with it, a little wider every
    time; a smooth sheet with an even thickness is left alone by its own two sides.

    Parameters
    ----------
    under, outer : ndarray, shape (U, V, 3)
        Points of the two sides, mm.

    Returns
    -------
    under, outer : ndarray, shape (U, V, 3)
        The very same where nothing crosses, and where smoothing does not help.
    sound : bool
        Whether nothing crosses.
    """
    rows, columns = under.shape[:2]
    faces = closed_faces(rows, columns)
    part: NDArray[np.integer] = faces
    middle, half = 0.5 * (under + outer), 0.5 * (outer - under)
    count = rows * columns
    counts: list[int] = []
    for turn in range(CROSSED_ROUNDS + 1):
        points = np.concatenate([(middle + half).reshape(-1, 3), (middle - half).reshape(-1, 3)])
        points = points.astype(np.float32)
        seen, crossing = part, piercing_edges(points, part)
        if len(crossing[0]) == 0 and turn > 0:
            seen, crossing = faces, piercing_edges(points, faces)
        if len(crossing[0]) == 0:
            return (under, outer, True) if turn == 0 else (middle - half, middle + half, True)
        counts.append(len(crossing[0]))
        if hopeless(counts):
            break
        if turn == 0:
            part = around(points, faces, crossing)
        crossed = np.zeros(count, dtype=bool)
        crossed[crossing[0].ravel() % count] = True
        crossed[seen[crossing[1]].ravel() % count] = True
        near = binary_dilation(crossed.reshape(rows, columns), iterations=2 + turn // 4)[..., None]
        for _ in range(3):
            middle = np.where(near, 0.5 * (middle + _neighbours(middle)), middle)
            half = np.where(near, 0.5 * (half + _neighbours(half)), half)
        half = np.where(near, _upright(middle, half), half)
    return under, outer, False


def _upright(middle: Grid, half: Grid) -> Grid:
    """Return half thicknesses square to their sheet: one that leans into it leaves no room."""
    normals = _normals(middle)
    length = np.linalg.norm(normals, axis=2, keepdims=True)
    normals = normals / np.maximum(length, 1e-9)
    through = (half * normals).sum(axis=2, keepdims=True)
    sign = np.sign(np.median(through)) or 1.0
    size = np.linalg.norm(half, axis=2, keepdims=True)
    return np.asarray(sign * normals * np.maximum(sign * through, np.minimum(size, THIN_MM)))


def closed_faces(rows: int, columns: int) -> NDArray[np.intp]:
    """Return the faces of a solid between two grids: outer side first, then under side, then rim.

    Vertices are numbered row by row, the outer side's before the under side's.
    """
    count = rows * columns
    index = np.arange(count).reshape(rows, columns)
    return np.concatenate([_grid_faces(index), _grid_faces(index + count)[:, ::-1], _rim(index)])


def _grid_faces(index: NDArray[np.intp]) -> NDArray[np.intp]:
    a, b = index[:-1, :-1].ravel(), index[1:, :-1].ravel()
    c, d = index[1:, 1:].ravel(), index[:-1, 1:].ravel()
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


def _rim(index: NDArray[np.intp]) -> NDArray[np.intp]:
    count = index.size
    loop = np.concatenate([index[0, :-1], index[:-1, -1], index[-1, :0:-1], index[:0:-1, 0]])
    after = np.roll(loop, -1)
    return np.concatenate(
        [
            np.stack([loop, after, after + count], axis=1),
            np.stack([loop, after + count, loop + count], axis=1),
        ]
    )


def even(points: Grid, outward: Grid) -> Grid:
    """Return a rest sheet, shape (U, V, 3), without folds where key fibres run too close."""
    sign = _sign(points, outward)
    for _ in range(ROUNDS):
        folded = _folded(points, outward, sign)
        if not folded.any():
            break
        near = binary_dilation(folded, iterations=2)
        near[0] = near[-1] = False  # attachments stay where they are
        points = np.where(near[..., None], 0.5 * (points + _neighbours(points)), points)
    return points


def _sign(points: Grid, outward: Grid) -> float:
    """Return 1 or -1: whether along x across points outward or inward."""
    facing = (_normals(points) * outward).sum(axis=2)
    return float(np.sign(np.median(facing))) or 1.0


def _folded(points: Grid, outward: Grid, sign: float) -> NDArray[np.bool_]:
    """Return which points have a folded facet beside them, shape (U, V)."""
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    way = sign * outward[:-1, :-1]
    first = (unit(np.cross(b - a, c - a)) * way).sum(axis=2) < LEAST_FACING
    second = (unit(np.cross(c - a, d - a)) * way).sum(axis=2) < LEAST_FACING
    bad = first | second
    out = np.zeros(points.shape[:2], dtype=bool)
    out[:-1, :-1] |= bad
    out[1:, :-1] |= bad
    out[1:, 1:] |= bad
    out[:-1, 1:] |= bad
    return out


def _normals(points: Grid) -> Grid:
    return np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))


def _neighbours(points: Grid) -> Grid:
    """Return the mean of each point's neighbours; a border's points keep to the border."""
    mean = points.copy()
    mean[1:-1, 1:-1] = 0.25 * (
        points[:-2, 1:-1] + points[2:, 1:-1] + points[1:-1, :-2] + points[1:-1, 2:]
    )
    for border in (0, -1):
        mean[border, 1:-1] = 0.5 * (points[border, :-2] + points[border, 2:])
        mean[1:-1, border] = 0.5 * (points[:-2, border] + points[2:, border])
    return mean
