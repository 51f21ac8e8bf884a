"""Anatomical paths: what a protocol says in words, drawn as a curve on this body's skin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.anatomical_line import (
    at_height,
    between_heights,
    edge_line,
    fibre_line,
    named_line,
    on_side,
)
from annotations.geodesic import geodesic
from annotations.level import LEVELS, tip_name
from annotations.path_spec import Gutter, PathSpec
from annotations.skin_curve import SkinCurve, drawn, onto_skin, tangents
from annotations.travel import circles, zigzag
from meshes.errors import InputError
from meshes.landmarks import resample
from meshes.skin_surface import skin_of
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

Floats = NDArray[np.float64]
_SPACING = 1.0
#: Way over which a hand turns into a new direction, mm.
_TURN_MM = 60.0
_SMOOTH = 10
#: Share of a gutter's width that a path goes from its rim at most.
_WITHIN = 0.6


def lay(atlas: Atlas, spec: PathSpec, side: Side) -> SkinCurve:
    """Draw a path on the skin of an atlas.

    Parameters
    ----------
    atlas : Atlas
    spec : PathSpec
    side : Side
        Where names without side are looked up; mirrored sides give mirror images.

    Returns
    -------
    SkinCurve
        Points about 1 mm apart; a single point for ``hold`` without circles or zigzag.

    Raises
    ------
    InputError
        If a name is not known in this atlas, or the path has no length on this body.
    """
    return travelling(atlas, spec, side)[0]


def travelling(atlas: Atlas, spec: PathSpec, side: Side) -> tuple[SkinCurve, SkinCurve]:
    """Draw a path and its middle line, which are the same without circles or zigzag."""
    base = spine_of_path(atlas, spec, side)
    turn = -1 if side is Side.RIGHT else 1
    if spec.circles is not None:
        round_about = spec.circles
        curve = circles(atlas, base, round_about.radius_mm, round_about.advance_mm, turn)
        return curve, base
    if spec.zigzag is not None:
        curve = zigzag(atlas, base, spec.zigzag.width_mm, spec.zigzag.advance_mm, turn)
        return curve, base
    return base, base


def spine_of_path(atlas: Atlas, spec: PathSpec, side: Side) -> SkinCurve:
    """Draw the middle line of a path, without its circles or zigzag."""
    if spec.hold is not None:
        return onto_skin(atlas, _shifted(_site(atlas, spec.hold, side)[None], spec, side))
    if spec.between is not None:
        stops = np.stack([_site(atlas, text, side) for text in spec.between])
        curve = geodesic(atlas, _shifted(stops, spec, side), spacing=_SPACING)
    else:
        guide = _shifted(_guide(atlas, spec, side), spec, side)
        curve = drawn(atlas, guide, spacing=4.0, smooth=_SMOOTH)
        curve = drawn(atlas, curve.on(atlas), spacing=_SPACING, smooth=3)
        if spec.parallel_cm is None and spec.gutter is None:
            curve = _clip(atlas, curve, spec, side)
    if spec.over is not None:
        curve = _over(atlas, curve, spec.over, side)
    curve = _trim(atlas, curve, spec.trim_mm)
    return curve.reversed() if spec.reverse else curve


def _guide(atlas: Atlas, spec: PathSpec, side: Side) -> Floats:
    if spec.along is not None:
        return named_line(atlas, spec.along, side)
    if spec.fibres is not None:
        return fibre_line(atlas, spec.fibres, spec.across, side)
    if spec.edge is not None and spec.muscle is not None:
        return edge_line(atlas, spec.muscle, spec.edge, side)
    if spec.gutter is not None:
        return _gutter(atlas, spec.gutter, spec, side)
    return _parallel(atlas, spec, side)


def _parallel(atlas: Atlas, spec: PathSpec, side: Side) -> Floats:
    """Skin points at a distance along the skin from the spinous line, level by level."""
    from annotations.site import find_site

    ends = [_height(atlas, text, side) for text in (spec.start, spec.end)]
    levels = _levels_between(atlas, *ends)
    texts = [str(spec.start), *levels, str(spec.end)]
    points = [
        find_site(atlas, f"{text} {spec.parallel_cm:g}cm {side.value}").point for text in texts
    ]
    return np.stack(points)


def _levels_between(atlas: Atlas, top: float, bottom: float) -> list[str]:
    found = []
    for level in LEVELS:
        at = atlas.landmarks.points.get(tip_name(level))
        if at is not None and min(top, bottom) + 8.0 < at[2] < max(top, bottom) - 8.0:
            found.append(level)
    return found if top >= bottom else found[::-1]


def _gutter(atlas: Atlas, gutter: Gutter, spec: PathSpec, side: Side) -> Floats:
    outer = named_line(atlas, gutter.outer, side)
    top = outer[:, 2].max() if spec.start is None else _height(atlas, spec.start, side)
    bottom = outer[:, 2].min() if spec.end is None else _height(atlas, spec.end, side)
    rim = between_heights(outer, max(top, bottom), min(top, bottom))
    # Both lines are read on the skin, where the hand is.
    rim = onto_skin(atlas, rim).on(atlas)
    floor = onto_skin(atlas, at_height(named_line(atlas, gutter.inner, side), rim[:, 2])).on(atlas)
    inward = floor - rim
    width = np.linalg.norm(inward, axis=1, keepdims=True)
    # In a gutter narrower than the protocol thinks of, the path keeps off its floor.
    line = rim + np.minimum(gutter.inside_mm / np.maximum(width, 1e-9), _WITHIN) * inward
    return line if top >= bottom else line[::-1]


def _shifted(points: Floats, spec: PathSpec, side: Side) -> Floats:
    """Points moved laterally, backward and upward by ``shift_mm``."""
    mirror = np.array([-1.0 if side is Side.RIGHT else 1.0, 1.0, 1.0])
    return points + np.asarray(spec.shift_mm) * mirror


def _site(atlas: Atlas, text: str, side: Side) -> Floats:
    """Skin point of a site whose text leaves the side to the stroke, shape (3,)."""
    from annotations.site import find_site

    if text in atlas.landmarks.points or "," in text:
        return np.asarray(find_site(atlas, text).point, dtype=np.float64)
    sided = on_side(text, side) if "/" in text else _with_side(text, side)
    return np.asarray(find_site(atlas, sided).point, dtype=np.float64)


def _with_side(text: str, side: Side) -> str:
    if side is Side.MIDLINE or text in LEVELS or text.rsplit(maxsplit=1)[-1] in ("left", "right"):
        return text
    return f"{text} {side.value}"


def _height(atlas: Atlas, text: str | None, side: Side) -> float:
    return float(_site(atlas, str(text), side)[2])


def _clip(atlas: Atlas, curve: SkinCurve, spec: PathSpec, side: Side) -> SkinCurve:
    """Cut a curve to the part between the points nearest to the ``from`` and ``to`` sites."""
    points = curve.on(atlas)
    first, last = 0, len(points) - 1
    if spec.start is not None:
        first = _nearest(points, _site(atlas, spec.start, side))
    if spec.end is not None:
        last = _nearest(points, _site(atlas, spec.end, side))
    if first > last:
        curve, first, last = curve.reversed(), len(points) - 1 - first, len(points) - 1 - last
    if last - first < 2:
        raise InputError(
            f"a path with a length required between {spec.start!r} and {spec.end!r}, received "
            "two ends at the same place of the line; choose ends further apart"
        )
    return SkinCurve(curve.face[first : last + 1], curve.weights[first : last + 1])


def _nearest(points: Floats, target: Floats) -> int:
    return int(np.argmin(np.linalg.norm(points - target, axis=1)))


def _over(atlas: Atlas, curve: SkinCurve, muscles: str | list[str], side: Side) -> SkinCurve:
    """Cut a curve to the longest stretch whose needles meet any of some muscles."""
    names = [on_side(item, side) for item in ([muscles] if isinstance(muscles, str) else muscles)]
    name = " or ".join(names)
    points = curve.on(atlas)
    met = np.any([meets(atlas, points, item) for item in names], axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], met.astype(int), [0]])))
    runs = edges.reshape(-1, 2)
    if len(runs) == 0:
        raise InputError(f"a path over {name} required, received one that passes beside it")
    first, end = runs[int(np.argmax(runs[:, 1] - runs[:, 0]))]
    if end - first < 3:
        raise InputError(f"a path over {name} required, received one that only touches it")
    return SkinCurve(curve.face[first:end], curve.weights[first:end])


def meets(atlas: Atlas, points: Floats, structure: str) -> NDArray[np.bool_]:
    """Return whether the needle straight in at each skin point meets a structure, shape (K,).

    Parameters
    ----------
    atlas : Atlas
    points : ndarray, shape (K, 3)
        On the skin, mm, LPS.
    structure : str
        Id.

    Raises
    ------
    UnknownName
        If the atlas does not hold the structure.
    """
    from meshes.depth import needles

    atlas[structure]  # an unknown name is an error here
    found = needles(atlas, points, skin_of(atlas).inward(points))
    result = np.zeros(len(points), dtype=bool)
    index = found.names.index(structure)
    result[found.inner.ray[found.inner.structure == index]] = True
    return result


def _trim(atlas: Atlas, curve: SkinCurve, trim_mm: tuple[float, float]) -> SkinCurve:
    if trim_mm == (0.0, 0.0):
        return curve
    points = curve.on(atlas)
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    if length - sum(trim_mm) < 2.0:
        raise InputError(
            f"a path longer than its trim of {sum(trim_mm):g} mm required, received {length:.0f} mm"
        )
    where = np.array([trim_mm[0], length - trim_mm[1]]) / length
    count = max(3, round((where[1] - where[0]) * length / _SPACING) + 1)
    return onto_skin(atlas, resample(points, np.linspace(where[0], where[1], count)))


def headings(atlas: Atlas, curve: SkinCurve, base: SkinCurve) -> tuple[Floats, Floats]:
    """Return outward normals along a curve and where a hand on it heads, each shape (K, 3).

    The hand heads along the middle line, at the place of it that the circle or zigzag has come
    to, so that it neither spins nor rocks with every round; on a single point it heads up the
    body.
    """
    points, line = curve.on(atlas), base.on(atlas)
    normal = -skin_of(atlas).inward(points)
    if len(line) > 2:
        ahead = _smoothed(tangents(line))
        # Rounds are of equal length, so the middle advances as the hand does.
        at = np.linspace(0.0, len(line) - 1.0, len(points))
        rows = np.arange(len(line))
        along = np.stack([np.interp(at, rows, ahead[:, axis]) for axis in range(3)], axis=1)
    else:
        along = np.tile(np.array([0.0, 0.0, 1.0]), (len(points), 1))
    along = along - normal * np.einsum("ij,ij->i", along, normal)[:, None]
    return normal, along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)


def _smoothed(vectors: Floats) -> Floats:
    """Vectors averaged over some way, so that a hand turns through a corner of its path."""
    width = min(round(_TURN_MM / _SPACING) + 1, len(vectors) // 2 * 2 - 1)
    if width < 3:
        return vectors
    padded = np.pad(vectors, ((width // 2, width // 2), (0, 0)), mode="edge")
    kernel = np.full(width, 1.0 / width)
    return np.stack([np.convolve(padded[:, axis], kernel, "valid") for axis in range(3)], axis=1)
