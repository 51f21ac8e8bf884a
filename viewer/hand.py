"""A simple hand: smooth capsules blended into one skin, in five ways of touching.

The hand is made in its own frame: the contact at the origin, fingers along +x, the back of the
hand along +z (the skin's outward normal), the thumb of this right hand along +y. It is a signed
distance field of tapered capsules, meshed once per process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from meshes.errors import UnknownName

Floats = NDArray[np.float64]

#: A tapered capsule: start, end, radius at the start, radius at the end, flattening along z.
Capsule = tuple[tuple[float, float, float], tuple[float, float, float], float, float, float]
#: Capsules one behind the other, which do not swell where they meet; limbs flow together.
Limb = tuple[Capsule, ...]

_FINGERS = (
    # y at the knuckle, splay, length, radius
    (27.0, 0.10, 72.0, 8.6),
    (9.0, 0.03, 80.0, 9.0),
    (-9.5, -0.05, 74.0, 8.5),
    (-27.0, -0.16, 57.0, 7.4),
)

#: Share of a finger's radius where each phalanx begins and ends.
_TAPER = ((1.16, 1.07), (1.07, 0.99), (0.99, 0.86))
#: Width over which two limbs flow together. The tunnels between a fist's fingers leave holes
#: when it is made lighter; the next width closes them.
_BLENDS_MM = (7.0, 9.0, 12.0)
#: Twice as many move the outline by half a pixel of a full-sized video.
_TRIANGLES = 2000


@dataclass(frozen=True, eq=False)
class HandShape:
    """A mesh of a hand in its own frame.

    Attributes
    ----------
    vertices : ndarray, shape (N, 3)
        mm.
    faces : ndarray of int32, shape (M, 3)
    normals : ndarray, shape (N, 3)
    openness : ndarray, shape (N,)
        0 in the folds, 1 in the open.
    """

    vertices: Floats
    faces: NDArray[np.int32]
    normals: Floats
    openness: NDArray[np.float32]


def _palm(tilt: float, at: tuple[float, float, float]) -> list[Limb]:
    """Middle hand, wrist and forearm, tilted up by ``tilt`` radians about y at ``at``."""
    limbs: list[Limb] = [
        # Four metacarpals, and the thumb's, spread from the narrow wrist.
        (((-36.0, 14.0, 2.0), (36.0, 25.0, 0.0), 13.0, 11.0, 1.15),),
        (((-36.0, 5.0, 2.0), (42.0, 8.0, 0.0), 14.0, 11.5, 1.15),),
        (((-36.0, -5.0, 2.0), (40.0, -9.0, 0.0), 14.0, 11.0, 1.15),),
        (((-36.0, -13.0, 1.0), (31.0, -26.0, 0.0), 13.5, 10.0, 1.15),),
        (((-34.0, 15.0, -2.0), (2.0, 36.0, -2.0), 14.0, 12.0, 1.0),),
        (
            ((-40.0, 0.0, 3.0), (-66.0, 0.0, 6.0), 25.0, 24.0, 1.3),
            ((-66.0, 0.0, 6.0), (-150.0, 0.0, 36.0), 24.0, 32.0, 1.2),
        ),
    ]
    return [tuple(_placed(row, tilt, at) for row in limb) for limb in limbs]


def _placed(row: Capsule, tilt: float, at: tuple[float, float, float]) -> Capsule:
    def moved(point: tuple[float, float, float]) -> tuple[float, float, float]:
        x, y, z = point
        c, s = np.cos(tilt), np.sin(tilt)
        return (float(c * x + s * z + at[0]), y + at[1], float(-s * x + c * z + at[2]))

    return (moved(row[0]), moved(row[1]), row[2], row[3], row[4])


def _finger(index: int, bends: tuple[float, float, float], knuckle: Floats) -> Limb:
    """Three phalanges; each bend turns the next one further down, radians."""
    _, splay, length, radius = _FINGERS[index]
    rows: list[Capsule] = []
    at, pitch = knuckle.astype(np.float64), 0.0
    for share, bend, (wide, narrow) in zip((0.46, 0.30, 0.24), bends, _TAPER, strict=True):
        pitch += bend
        way = np.array([np.cos(pitch) * np.cos(splay), np.sin(splay), -np.sin(pitch)])
        end = at + way * share * length
        rows.append((_triple(at), _triple(end), radius * wide, radius * narrow, 1.05))
        at = end
    return tuple(rows)


def _triple(values: Floats) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _flat() -> list[Limb]:
    limbs = _palm(0.0, (0.0, 0.0, 13.0))
    for index, (y, *_rest) in enumerate(_FINGERS):
        reach = (40.0, 46.0, 43.0, 34.0)[index]
        limbs.append(_finger(index, (0.03, 0.05, 0.02), np.array([reach, y, 12.0])))
    thumb: Limb = (
        ((0.0, 36.0, 11.0), (28.0, 56.0, 10.0), 11.5, 10.0, 1.0),
        ((28.0, 56.0, 10.0), (54.0, 66.0, 9.5), 10.0, 8.2, 1.0),
    )
    return [*limbs, thumb]


def _thumb() -> list[Limb]:
    """Thumb tip pressed straight down, the fingers resting to the side for support."""
    at = (-52.0, -44.0, 40.0)
    limbs = _palm(0.35, at)
    for index, (y, *_rest) in enumerate(_FINGERS):
        reach = (38.0, 44.0, 41.0, 33.0)[index]
        root = _placed(((reach, y, 0.0), (0.0, 0.0, 0.0), 1.0, 1.0, 1.0), 0.35, at)[0]
        limbs.append(_finger(index, (0.45, 0.10, -0.10), np.array(root)))
    thumb: Limb = (
        ((-56.0, -14.0, 40.0), (-34.0, -3.0, 34.0), 13.5, 11.8, 1.0),
        ((-34.0, -3.0, 34.0), (-8.0, 0.0, 17.0), 11.8, 10.2, 1.0),
        ((-8.0, 0.0, 17.0), (2.0, 0.0, 9.5), 10.2, 9.2, 1.0),
    )
    return [*limbs, thumb]


def _fingertips() -> list[Limb]:
    at = (-92.0, 0.0, 52.0)
    limbs = _palm(0.32, at)
    for index, (y, *_rest) in enumerate(_FINGERS):
        reach = (40.0, 46.0, 43.0, 34.0)[index]
        root = _placed(((reach, y, 0.0), (0.0, 0.0, 0.0), 1.0, 1.0, 1.0), 0.32, at)[0]
        limbs.append(_finger(index, (0.42, 0.24, 0.20), np.array(root)))
    thumb = _placed(((0.0, 36.0, -4.0), (34.0, 48.0, -14.0), 11.0, 9.0, 1.0), 0.32, at)
    return [*limbs, (thumb,)]


def _fist() -> list[Limb]:
    """Knuckles down: the middle joints of a closed fist on the skin."""
    at = (-40.0, 0.0, 58.0)
    limbs = _palm(0.72, at)
    for index, (y, *_rest) in enumerate(_FINGERS):
        reach = (38.0, 43.0, 41.0, 33.0)[index]
        root = _placed(((reach, y * 0.92, 0.0), (0.0, 0.0, 0.0), 1.0, 1.0, 1.0), 0.72, at)[0]
        limbs.append(_finger(index, (1.15, 1.55, 1.25), np.array(root)))
    thumb = _placed(((4.0, 34.0, -8.0), (34.0, 24.0, -26.0), 11.0, 9.5, 1.0), 0.72, at)
    return [*limbs, (thumb,)]


def _forearm() -> list[Limb]:
    limbs: list[Limb] = [
        (
            ((-120.0, 0.0, 40.0), (-20.0, 0.0, 36.5), 37.0, 38.0, 1.0),
            ((-20.0, 0.0, 36.5), (96.0, 0.0, 30.0), 38.0, 26.0, 1.0),
            ((96.0, 0.0, 30.0), (122.0, 0.0, 31.0), 26.0, 25.0, 1.0),
        ),
        (((136.0, 14.0, 34.0), (176.0, 12.0, 34.0), 20.0, 17.0, 1.0),),
        (((136.0, -10.0, 32.0), (172.0, -10.0, 32.0), 21.0, 17.0, 1.0),),
    ]
    for index, (y, *_rest) in enumerate(_FINGERS):
        limbs.append(_finger(index, (1.3, 1.5, 1.1), np.array([176.0, y * 0.75, 44.0])))
    return limbs


_SHAPES: Mapping[str, Callable[[], list[Limb]]] = MappingProxyType(
    {
        "palm": _flat,
        "thumb": _thumb,
        "fingers": _fingertips,
        "knuckles": _fist,
        "forearm": _forearm,
    }
)


@lru_cache(maxsize=8)
def hand_shape(kind: str) -> HandShape:
    """Return the mesh of a hand: ``palm``, ``thumb``, ``fingers``, ``knuckles``, ``forearm``."""
    if kind not in _SHAPES:
        raise UnknownName("hand", kind, _SHAPES)
    from skimage.measure import marching_cubes

    limbs = _SHAPES[kind]()
    ends = np.array([end for limb in limbs for row in limb for end in row[:2]])
    low, high = ends.min(axis=0) - 44.0, ends.max(axis=0) + 44.0
    step = 2.8
    axes = [np.arange(low[axis], high[axis] + step, step) for axis in range(3)]
    for blend in _BLENDS_MM:
        field = _field(axes, limbs, blend)
        vertices, faces, _normals, _values = marching_cubes(field, 0.0, spacing=(step,) * 3)
        vertices, faces = _lighter(vertices, faces)
        if len(faces) <= _TRIANGLES:
            break
    vertices = vertices + low
    normals = _slope(field, (vertices - low) / step)
    near = _sampled(field, (vertices + 6.0 * normals - low) / step) / 6.0
    far = _sampled(field, (vertices + 18.0 * normals - low) / step) / 18.0
    openness = np.clip(0.25 + 0.35 * near + 0.40 * far, 0.0, 1.0)
    corners = vertices[faces]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    if float(np.einsum("ij,ij->", facing, normals[faces[:, 0]])) < 0.0:
        faces = faces[:, ::-1]
    return HandShape(
        vertices,
        np.ascontiguousarray(faces, dtype=np.int32),
        normals,
        openness.astype(np.float32),
    )


def _lighter(vertices: Floats, faces: NDArray[np.int32]) -> tuple[Floats, NDArray[np.int32]]:
    """Return the surface with about :data:`_TRIANGLES` triangles, still closed.

    A forearm needs fewer than a fingertip, and a hand is drawn in every frame of a film.
    """
    import fast_simplification

    for count in range(_TRIANGLES, len(faces), 500):
        points, triangles = fast_simplification.simplify(
            vertices.astype(np.float64), faces.astype(np.int32), target_count=count
        )
        if _closed(triangles):
            return points, triangles
    return vertices, faces


def _closed(faces: NDArray[np.integer]) -> bool:
    """Whether every edge is run through once in each direction."""
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    there = ends[:, 0] * (int(faces.max()) + 1) + ends[:, 1]
    back = ends[:, 1] * (int(faces.max()) + 1) + ends[:, 0]
    return len(np.unique(there)) == len(there) and bool(np.isin(back, there).all())


def _field(axes: list[Floats], limbs: list[Limb], blend: float) -> Floats:
    """Return the smooth union of the limbs on a grid; each is worked out where it matters."""
    result = np.full(tuple(len(axis) for axis in axes), 1e3)
    for limb in limbs:
        ends = np.array([end for row in limb for end in row[:2]])
        reach = max(max(row[2:4]) for row in limb) + 2.0 * blend
        box = tuple(
            slice(
                int(np.searchsorted(axis, ends[:, index].min() - reach)),
                int(np.searchsorted(axis, ends[:, index].max() + reach)),
            )
            for index, axis in enumerate(axes)
        )
        grid = np.stack(
            np.meshgrid(*(axis[part] for axis, part in zip(axes, box, strict=True)), indexing="ij"),
            axis=-1,
        )
        points = grid.reshape(-1, 3)
        own = np.min([_distance(points, row) for row in limb], axis=0).reshape(grid.shape[:3])
        result[box] = _blended(result[box], own, blend)
    return result


def _blended(one: Floats, other: Floats, blend: float) -> Floats:
    mix = np.clip(0.5 + 0.5 * (one - other) / blend, 0.0, 1.0)
    return np.asarray(one * (1.0 - mix) + other * mix - blend * mix * (1.0 - mix))


def _distance(points: Floats, capsule: Capsule) -> Floats:
    """Return how far points are from a capsule, mm; inside it is less than 0."""
    start, end, first, last, flat = capsule
    scale = np.array([1.0, 1.0, flat])
    a, b = np.array(start) * scale, np.array(end) * scale
    offset, axis = points * scale - a, b - a
    share = np.clip(offset @ axis / max(float(axis @ axis), 1e-9), 0.0, 1.0)
    radius = first + (last - first) * share
    return np.asarray(np.linalg.norm(offset - share[:, None] * axis, axis=1) - radius)


def _sampled(field: Floats, at: Floats) -> Floats:
    from scipy.ndimage import map_coordinates

    return np.asarray(map_coordinates(field, at.T, order=1, mode="nearest"))


def _slope(field: Floats, at: Floats) -> Floats:
    slope = np.stack(
        [_sampled(field, at + axis) - _sampled(field, at - axis) for axis in np.eye(3)], axis=1
    )
    return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9))
