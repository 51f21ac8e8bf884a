"""How far two atlases' structures lie apart: outlines seen from behind, and surfaces.

The atlases are of different people, so one is first laid on the other by landmarks of the
bones that both have; what then differs is how the soft tissue hangs on those bones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from meshes.errors import InputError

if TYPE_CHECKING:
    from meshes.landmarks import Landmarks
    from meshes.surface import Surface

#: Side of a pixel of an outline, mm.
PIXEL = 1.0
#: Points per surface from which distances are measured; about 1 mm apart on a trapezius.
SAMPLES = 20_000
#: Fewest shared landmarks from which one body can be laid on another in three dimensions.
FEWEST = 12


@dataclass(frozen=True)
class Alignment:
    """A map from one atlas' space to another's.

    Attributes
    ----------
    names : tuple of str
        The landmarks it goes by.
    similarity_residual_mm : float
        Root mean square distance of those landmarks after turning, moving and scaling alone,
        which says how unlike the two skeletons are.
    scale : float
        Of that similarity.
    """

    names: tuple[str, ...]
    scale: float
    similarity_residual_mm: float
    _turn: NDArray[np.float64]
    _shift: NDArray[np.float64]
    _bend: RBFInterpolator

    def rigidly(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return points (N, 3) turned, moved and scaled, mm."""
        return self.scale * np.asarray(points) @ self._turn.T + self._shift

    def __call__(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return points (N, 3) laid on the other atlas; its landmarks land exactly, mm."""
        return np.asarray(self._bend(self.rigidly(points)))


def align(source: Landmarks, target: Landmarks, patterns: Sequence[str]) -> Alignment:
    """Return the map that lays one skeleton's landmarks on another's.

    A similarity first (Umeyama 1991), then the thin-plate spline through every landmark
    (Bookstein 1989), which bends no more than it must.

    Parameters
    ----------
    source, target : Landmarks
    patterns : sequence of str
        Regular expressions; landmarks whose whole name matches one of them are used.

    Raises
    ------
    InputError
        If fewer than 12 such landmarks are found on both.
    """
    wanted = [re.compile(pattern) for pattern in patterns]
    names = tuple(
        sorted(
            name
            for name in source.points
            if name in target.points and any(one.fullmatch(name) for one in wanted)
        )
    )
    if len(names) < FEWEST:
        raise InputError(
            f"laying one atlas on another takes {FEWEST} landmarks that both have, "
            f"{len(names)} match {', '.join(patterns)}"
        )
    here = np.array([source.points[name] for name in names], dtype=np.float64)
    there = np.array([target.points[name] for name in names], dtype=np.float64)
    scale, turn, shift = _similarity(here, there)
    moved = scale * here @ turn.T + shift
    residual = float(np.sqrt(((moved - there) ** 2).sum(axis=1).mean()))
    bend = RBFInterpolator(moved, there, kernel="thin_plate_spline", degree=1)
    return Alignment(names, scale, residual, turn, shift, bend)


def outline_overlap(
    one: NDArray[np.floating],
    one_faces: NDArray[np.integer],
    other: NDArray[np.floating],
    other_faces: NDArray[np.integer],
) -> float:
    """Return the Dice coefficient of two outlines seen from behind.

    Parameters
    ----------
    one, other : ndarray, shape (N, 3)
        Vertices, mm, LPS.
    one_faces, other_faces : ndarray, shape (F, 3)

    Returns
    -------
    float
        Twice the shared area over the sum of both areas; 1 where they are the same.

    Examples
    --------
    >>> square = np.array([[0, 0, 0], [9, 0, 0], [9, 0, 9], [0, 0, 9]])
    >>> halves = np.array([[0, 1, 2], [0, 2, 3]])
    >>> outline_overlap(square, halves, square, halves)
    1.0
    >>> round(outline_overlap(square, halves, square + [5, 0, 0], halves), 1)
    0.5
    """
    both = np.concatenate([one, other])[:, [0, 2]]
    low = np.floor(both.min(axis=0)) - 2.0 * PIXEL
    size = np.ceil((both.max(axis=0) - low) / PIXEL).astype(int) + 3
    seen = [
        _silhouette((np.asarray(points)[:, [0, 2]] - low) / PIXEL, faces, size)
        for points, faces in ((one, one_faces), (other, other_faces))
    ]
    total = seen[0].sum() + seen[1].sum()
    return float(2.0 * (seen[0] & seen[1]).sum() / total)


def surface_distance(one: Surface, other: Surface) -> float:
    """Return the mean distance between two surfaces, mm, from each to the other and back.

    Measured between points spread evenly over both; two copies of one surface come out at
    half a point's spacing (under 1 mm for a muscle), not at zero.
    """
    here, there = _spread(one), _spread(other)
    return float(
        0.5 * (cKDTree(there).query(here)[0].mean() + cKDTree(here).query(there)[0].mean())
    )


def _similarity(
    here: NDArray[np.float64], there: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    mean_here, mean_there = here.mean(axis=0), there.mean(axis=0)
    centred, wanted = here - mean_here, there - mean_there
    left, spread, right = np.linalg.svd(wanted.T @ centred)
    mirror = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    turn = (left * mirror) @ right
    scale = float((spread * mirror).sum() / (centred**2).sum())
    return scale, turn, mean_there - scale * turn @ mean_here


def _silhouette(
    flat: NDArray[np.float64], faces: NDArray[np.integer], size: NDArray[np.integer]
) -> NDArray[np.bool_]:
    picture = Image.new("1", (int(size[0]), int(size[1])))
    draw = ImageDraw.Draw(picture)
    for corners in flat[faces].reshape(len(faces), 6).tolist():
        draw.polygon(corners, fill=1)
    return np.asarray(picture, dtype=bool)


def _spread(surface: Surface) -> NDArray[np.float64]:
    """Return points spread over a surface by area, always the same ones, shape (N, 3)."""
    corners = np.asarray(surface.vertices, dtype=np.float64)[surface.faces]
    areas = 0.5 * np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    random = np.random.default_rng(0)
    which = np.searchsorted(
        np.cumsum(areas), (np.arange(SAMPLES) + random.random(SAMPLES)) / SAMPLES * areas.sum()
    ).clip(0, len(areas) - 1)
    u, v = np.sqrt(random.random(SAMPLES)), random.random(SAMPLES)
    weights = np.stack([1.0 - u, u * (1.0 - v), u * v], axis=1)
    return np.asarray(np.einsum("nk,nkd->nd", weights, corners[which]))
