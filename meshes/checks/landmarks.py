"""Distances, coordinates, lengths and angles of landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.errors import UnknownName
from meshes.landmarks import resample
from meshes.muscle.recipe import locate
from meshes.skin_surface import skin_of
from meshes.spinous_line import spinous_line_on_skin
from meshes.terminology import split_side

Floats = NDArray[np.float64]

#: Vertebrae from above to below; their number counts levels (C1 is 1, L5 is 24, S1 25).
LEVELS = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
)
_AXES = {"x": 0, "y": 1, "z": 2}


def point(atlas: Atlas, place: str) -> Floats:
    """Return the point that a place names (``meshes.muscle.recipe.locate``), shape (3,), mm."""
    return locate(place, atlas.landmarks)


def outward(place: str) -> float:
    """Return +1 for a place on the left, -1 on the right: x times it counts from the midline."""
    bone, _, feature = place.partition("~")[0].partition("@")[0].partition("/")
    for name in (bone, feature.partition("+")[0]):  # ``scapula_right``, ``lateral_crest_right``
        sign = float(split_side(name.strip())[1].sign)
        if sign:
            return sign
    return 1.0


def distance(atlas: Atlas, start: str, end: str) -> float:
    """Return the straight distance between two places, mm."""
    return float(np.linalg.norm(point(atlas, start) - point(atlas, end)))


def between(atlas: Atlas, start: str, end: str, axis: str) -> float:
    """Return how far one place lies above, behind or to the left of another, mm."""
    return float((point(atlas, start) - point(atlas, end))[_AXES[axis]])


def from_midline(atlas: Atlas, place: str) -> float:
    """Return the distance of a place from the midline, to its own side, mm."""
    return float(point(atlas, place)[0]) * outward(place)


def curve_from_midline(atlas: Atlas, curve: str, share: tuple[float, float]) -> float:
    """Return the mean distance from the midline of a stretch of a curve, mm."""
    line = resample(atlas.landmarks.curve(curve), np.linspace(share[0], share[1], 21))
    return float(line[:, 0].mean()) * outward(curve)


def curve_length(atlas: Atlas, curve: str) -> float:
    """Return the length of a landmark curve, mm."""
    line = atlas.landmarks.curve(curve)
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def bow(atlas: Atlas, curve: str, forward: bool) -> float:
    """Return how far a curve swings in front of (or behind) the chord of its ends, mm."""
    line = resample(atlas.landmarks.curve(curve), np.linspace(0.0, 1.0, 60))
    chord = line[-1] - line[0]
    share = (line - line[0]) @ chord / (chord @ chord)
    swing = (line - line[0] - share[:, None] * chord)[:, 1]
    return float((-swing if forward else swing).max())


def corner_angle(atlas: Atlas, corner: str, first: str, second: str) -> float:
    """Return the angle at a place between the ways to two others, degrees."""
    at = point(atlas, corner)
    a, b = point(atlas, first) - at, point(atlas, second) - at
    return float(np.degrees(np.arccos(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))))


def level_of(atlas: Atlas, z: float, by: str) -> float:
    """Return a height as a number of vertebrae (C1 is 1, T1 8, L1 20, S1 25), between them too.

    Parameters
    ----------
    atlas : Atlas
    z : float
        mm.
    by : str
        ``body`` counts vertebral bodies, ``spinous`` palpable tips (on to the sacral crest).
    """
    points = atlas.landmarks.points
    names = [
        f"vertebra_{level}/{'body' if by == 'body' else 'spinous_process'}" for level in LEVELS
    ]
    if by == "spinous":
        names += [f"sacrum/median_crest_S{n}" for n in range(1, 5)]
    known = [(n, points[name][2]) for n, name in enumerate(names, 1) if name in points]
    if len(known) < 2:
        raise UnknownName("landmark", "vertebrae", points)
    numbers, heights = np.array(known).T
    return float(np.interp(-z, -heights, numbers))


def level(atlas: Atlas, place: str, by: str = "spinous") -> float:
    """Return the height of a place as a number of vertebrae; see ``level_of``."""
    return level_of(atlas, float(point(atlas, place)[2]), by)


def _down_the_back(atlas: Atlas) -> tuple[Floats, Floats]:
    """Return the spinous line on the skin and the length from its top at each point."""
    line = spinous_line_on_skin(atlas)
    if line is None:
        raise UnknownName("landmark curve", "spinous_line", atlas.landmarks.curves)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    return line, np.concatenate([[0.0], np.cumsum(steps)])


def along_back(atlas: Atlas, start: str, end: str) -> float:
    """Return the length of the skin over the spine between the heights of two places, mm."""
    line, length = _down_the_back(atlas)
    at = [float(np.interp(-point(atlas, name)[2], -line[:, 2], length)) for name in (start, end)]
    return at[1] - at[0]


def share_of_back(atlas: Atlas, place: str, start: str, end: str) -> float:
    """Return where a place lies on the way along the skin of the back, 0 at start, 1 at end."""
    return along_back(atlas, start, place) / along_back(atlas, start, end)


def skin_above(atlas: Atlas, place: str, toward: list[float]) -> Floats:
    """Return where the skin is met from a place in a direction, shape (3,), mm."""
    way = np.asarray(toward, dtype=np.float64)
    found = skin_of(atlas).leave(point(atlas, place)[None], way[None] / np.linalg.norm(way))[0]
    if not np.isfinite(found).all():
        raise UnknownName("skin over", place, ())
    return np.asarray(found)
