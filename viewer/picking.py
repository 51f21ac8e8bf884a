"""What is under the pointer: a ray from the camera through the structures that are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN, caster_of
from meshes.terminology import Side
from viewer.camera import Lens
from viewer.cut_spaces import laid_open
from viewer.opening import PeelLens, shift_of
from viewer.resolve import Draw, Look, Picture

Vector = NDArray[np.float64]

#: A structure fainter than this does not catch the pointer: one sees through it.
LEAST_OPACITY = 0.5
#: They enclose everything, known or not; besides them bones may.
AROUND_SPACES = frozenset({SKIN, FAT})


@dataclass(frozen=True, eq=False)
class Picked:
    """A place on a structure that is seen.

    Attributes
    ----------
    structure : str
        Structure id.
    part : str or None
        Named part there.
    point : ndarray, shape (3,)
        mm, LPS.
    held : bool
        Whether the atlas holds what is there; not so in a space that a cut lays open, where
        ``structure`` is what encloses it.
    """

    structure: str
    part: str | None
    point: Vector
    held: bool = True


def ray_through(lens: Lens, size: tuple[int, int], x: float, y: float) -> tuple[Vector, Vector]:
    """Return the ray that a pixel stands for.

    Parameters
    ----------
    lens : Lens
    size : tuple of int
        Width and height of the picture, pixels.
    x, y : float
        To the right and down from the upper left corner, pixels.

    Returns
    -------
    origin, direction : ndarray, shape (3,)
        mm; the direction is a unit vector.
    """
    half = np.tan(np.radians(lens.opening_deg / 2.0))
    across = (2.0 * x / size[0] - 1.0) * half * size[0] / size[1]
    upward = (1.0 - 2.0 * y / size[1]) * half
    direction = lens.forward + across * lens.right + upward * lens.up
    return lens.position, np.asarray(direction / np.linalg.norm(direction))


def pick(
    atlas: Atlas,
    opacity: Mapping[str, float],
    lens: Lens,
    size: tuple[int, int],
    at: tuple[float, float],
) -> Picked | None:
    """Return the first structure under a pixel that is drawn and not see-through.

    Parameters
    ----------
    atlas : Atlas
    opacity : mapping of str to float
        What is drawn, and how opaque; anything else is passed through.
    lens : Lens
    size : tuple of int
        Width and height of the picture, pixels.
    at : tuple of float
        x to the right and y down, pixels.
    """
    origin, direction = ray_through(lens, size, *at)
    caster = caster_of(atlas)
    # Begin near the body: embree's float32 loses millimetres at the camera's distance.
    lead = max(float(np.linalg.norm(lens.focus - lens.position)) - 900.0, 0.0)
    start = origin + lead * direction
    crossed = caster.cast(start[None], direction[None], 1800.0)
    seen = np.array([opacity.get(name, 0.0) >= LEAST_OPACITY for name in caster.names])
    hits = np.flatnonzero(seen[crossed.structure]) if len(crossed) else np.empty(0, np.intp)
    if len(hits) == 0:
        return None
    first = hits[int(np.argmin(crossed.depth[hits]))]
    structure = atlas[caster.names[int(crossed.structure[first])]]
    return Picked(
        structure.id,
        structure.part_of_face(int(crossed.face[first])),
        start + float(crossed.depth[first]) * direction,
    )


def pick_in(
    picture: Picture, lens: Lens, size: tuple[int, int], at: tuple[float, float]
) -> Picked | None:
    """Return what is seen under a pixel of a picture, opened or not.

    What a cut has taken away, and what has gone in a lens or a half, is passed through.

    Parameters
    ----------
    picture : Picture
    lens : Lens
        The camera it is drawn with.
    size : tuple of int
        Width and height, pixels.
    at : tuple of float
        x to the right and y down, pixels.
    """
    if not picture.opened:
        opacity = {draw.id: draw.opacity for draw in picture.draws}
        return pick(picture.atlas, opacity, lens, size, at)
    origin, direction = ray_through(lens, size, *at)
    caster = caster_of(picture.atlas)
    lead = max(float(np.linalg.norm(lens.focus - lens.position)) - 1600.0, 0.0)
    start = origin + lead * direction
    lensed = picture.lens is not None and _inside(picture.lens, origin, direction)
    draws = {draw.id: draw for draw in (*picture.cut_open, *picture.draws)}
    if picture.cut is not None and not picture.spread_mm:
        on_face = _on_face(picture, draws, (start, direction), lensed=lensed)
        if on_face is not None:
            return on_face
    draws = {draw.id: draw for draw in picture.draws}
    best: tuple[float, int, int, Vector] | None = None
    for layer in sorted({draw.layer for draw in draws.values()}) if picture.spread_mm else [-1]:
        # A layer that is drawn elsewhere is hit where a ray, moved back, hits it.
        shift = shift_of(max(layer, 0), picture.spread_mm)
        crossed = caster.cast((start - shift)[None], direction[None], 3200.0)
        for index in np.argsort(crossed.depth):
            draw = draws.get(caster.names[int(crossed.structure[index])])
            depth = float(crossed.depth[index])
            if draw is None or layer not in (-1, draw.layer):
                continue
            point = start - shift + depth * direction
            if _opacity_at(picture, draw, point, lensed=lensed) < LEAST_OPACITY:
                continue
            if best is None or depth < best[0]:
                best = (depth, int(crossed.structure[index]), int(crossed.face[index]), point)
            break
    if best is None:
        return None
    structure = picture.atlas[caster.names[best[1]]]
    return Picked(structure.id, structure.part_of_face(best[2]), best[3])


def rank_in_cut(picture: Picture, draw: Draw) -> tuple[int, float]:
    """Return a key by which tissues take places in a cut that several claim: the highest has it."""
    low, high = picture.atlas[draw.id].surface.bounds
    return draw.layer, -float(np.prod(high - low))


def _on_face(
    picture: Picture, draws: Mapping[str, Draw], ray: tuple[Vector, Vector], *, lensed: bool
) -> Picked | None:
    """Return the tissue that a cut lays open where a ray comes through what was taken away."""
    assert picture.cut is not None
    start, direction = ray
    before = float(picture.cut.beyond(start)[0])
    nearing = -float(np.asarray(picture.cut.normal) @ direction)
    if before <= 0.0 or nearing <= 1e-6:
        return None
    depth = before / nearing
    caster = caster_of(picture.atlas)
    # All the way through: crossings in a ray that ends within a structure are not told.
    crossed = caster.cast(start[None], direction[None], 3200.0)
    crossed = crossed.keep(crossed.depth <= depth)
    point = start + depth * direction
    # Just this side of the plane, or it would have been taken away.
    here = point + 1e-6 * direction
    turns = np.bincount(
        crossed.structure, np.where(crossed.entering, 1, -1), minlength=len(caster.names)
    )
    found = [
        draw
        for index in np.flatnonzero(turns > 0)
        if (draw := draws.get(caster.names[int(index)])) is not None
        and _opacity_at(picture, draw, here, lensed=lensed) >= LEAST_OPACITY
    ]
    if not found:
        return None
    first = max(found, key=lambda draw: rank_in_cut(picture, draw))
    held = first.id not in AROUND_SPACES and first.look is not Look.BONE
    # What a mouse points at is drawn, so the spaces of this cut are there already.
    held = held or bool(laid_open(picture.atlas, picture.cut).held(point[None])[0])
    return Picked(first.id, None, point, held)


def _inside(lens: PeelLens, origin: Vector, direction: Vector) -> bool:
    line = np.asarray(lens.centre, dtype=np.float64) - origin
    ahead = float(line @ direction)
    return float(np.linalg.norm(line - ahead * direction)) < lens.radius_mm


def _opacity_at(picture: Picture, draw: Draw, point: Vector, *, lensed: bool) -> float:
    if picture.cut is not None and float(picture.cut.beyond(point)[0]) > 0.0:
        return 0.0
    if lensed:
        return draw.lensed
    half = {Side.LEFT: 1.0, Side.RIGHT: -1.0}.get(picture.peel_side or Side.MIDLINE, 0.0)
    return draw.kept if half * float(point[0]) < 0.0 else draw.opacity
