"""Vertebral bodies, discs and canals, measured as on a lateral and a frontal radiograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.checks.landmarks import LEVELS
from meshes.errors import InputError
from meshes.rays import SurfaceCaster
from meshes.section import Plane, cut_surface
from meshes.surface import Surface

Floats = NDArray[np.float64]

_ACROSS = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True, eq=False)
class Silhouette:
    """The outline of a vertebral body in a plane, and its four corners.

    Attributes
    ----------
    outline : ndarray, shape (K, 2)
        mm, from the middle of the body: backward (or to the left), and up the vertebra's axis.
    top_front, top_back, low_front, low_back : ndarray, shape (2,)
        In a frontal plane front and back are right and left.
    """

    outline: Floats
    top_front: Floats
    top_back: Floats
    low_front: Floats
    low_back: Floats

    @classmethod
    def of(cls, outline: Floats) -> Silhouette:
        """Find the corners of an outline that holds the origin, shape (K, 2)."""
        low, high = outline.min(axis=0), outline.max(axis=0)
        even = (outline - low) / (high - low) * 2.0 - 1.0
        corner = [
            outline[int(np.argmax(even @ np.array(way)))]
            for way in ((-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0))
        ]
        return cls(outline, *corner)


def _disc(upper: str, lower: str) -> str:
    return f"intervertebral_disc_{upper}_{lower}"


def _middle(atlas: Atlas, upper: str, lower: str) -> Floats:
    """Return the middle of the space between two vertebrae, mm."""
    name = _disc(upper, lower)
    if name in atlas:
        return atlas[name].surface.centroid
    marks = atlas.landmarks
    ends = [marks.point(f"vertebra_{level}/body") for level in (upper, lower)]
    return np.asarray((ends[0] + ends[1]) / 2.0)


def _axis(atlas: Atlas, level: str) -> Floats:
    """Return the direction up a vertebra, in the median plane: from the disc below to above."""
    at = LEVELS.index(level)
    lower = LEVELS[at + 1] if at + 1 < len(LEVELS) else "S1"
    up = _middle(atlas, LEVELS[at - 1], level) - _middle(atlas, level, lower)
    up[0] = 0.0
    return np.asarray(up / np.linalg.norm(up))


def _silhouette(atlas: Atlas, level: str, frontal: bool) -> Silhouette:
    """Cut a vertebra in its median plane, or across through the middle of its body."""
    centre = atlas.landmarks.point(f"vertebra_{level}/body")
    up = _axis(atlas, level)
    back = np.cross(up, _ACROSS)
    plane = Plane(centre, _ACROSS if frontal else back, up)
    flat = [
        plane.flat(line.ring)
        for line in cut_surface(atlas[f"vertebra_{level}"].surface, plane)
        if line.closed
    ]
    around = [outline for outline in flat if _holds_middle(outline)]
    if not around:
        raise InputError(f"vertebra_{level}: the cut through its body shows no closed outline")
    return Silhouette.of(min(around, key=lambda outline: float(np.ptp(outline, axis=0).sum())))


def _holds_middle(outline: Floats) -> bool:
    low, high = outline.min(axis=0), outline.max(axis=0)
    return bool((low < 0.0).all() and (high > 0.0).all())


def body_size(atlas: Atlas, level: str, size: str) -> float:
    """Return a size of a vertebral body, mm.

    Parameters
    ----------
    atlas : Atlas
    level : str
        ``L3``.
    size : str
        ``width_above``, ``width_below``, ``depth_above``, ``depth_below``, ``height_front``,
        ``height_back``, each between two corners of the body's outline.
    """
    seen = _silhouette(atlas, level, size.startswith("width"))
    ends = {
        "width_above": (seen.top_front, seen.top_back),
        "width_below": (seen.low_front, seen.low_back),
        "depth_above": (seen.top_front, seen.top_back),
        "depth_below": (seen.low_front, seen.low_back),
        "height_front": (seen.top_front, seen.low_front),
        "height_back": (seen.top_back, seen.low_back),
    }[size]
    return float(np.linalg.norm(ends[0] - ends[1]))


def _normal(atlas: Atlas, upper: str, lower: str) -> Floats:
    """Return the direction across a disc, upward."""
    vertices = atlas[_disc(upper, lower)].surface.vertices.astype(np.float64)
    _, _, axes = np.linalg.svd(vertices - vertices.mean(axis=0), full_matrices=False)
    normal = axes[2]
    return np.asarray(normal * np.sign(normal[2]))


def _tilt(atlas: Atlas, disc: str) -> float:
    normal = _normal(atlas, *disc.split("/"))
    return float(np.degrees(np.arctan2(normal[1], normal[2])))


def disc_angle(atlas: Atlas, above: str, below: str) -> float:
    """Return the angle between two discs, degrees; positive where the column is hollow behind.

    Parameters
    ----------
    atlas : Atlas
    above, below : str
        ``T12/L1``, ``L5/S1``.
    """
    return _tilt(atlas, above) - _tilt(atlas, below)


def kyphosis(atlas: Atlas, above: str, below: str) -> float:
    """Return the angle between two discs, degrees; positive where the column is round behind."""
    return -disc_angle(atlas, above, below)


def disc_height(atlas: Atlas, spaces: Sequence[Sequence[str]], where: str = "middle") -> float:
    """Return the mean height of discs between the bones above and below them, mm.

    Parameters
    ----------
    atlas : Atlas
    spaces : sequence of (str, str)
        Vertebra above and below; ``S1`` is the sacrum.
    where : str
        ``middle``, ``front`` or ``back`` (the outer eighth of the disc's depth).
    """
    return float(np.mean([_disc_height(atlas, upper, lower, where) for upper, lower in spaces]))


def _disc_height(atlas: Atlas, upper: str, lower: str, where: str) -> float:
    surface = atlas[_disc(upper, lower)].surface
    up = _normal(atlas, upper, lower)
    up = np.array([0.0, up[1], up[2]]) / np.hypot(up[1], up[2])
    plane = Plane(surface.centroid, np.cross(up, _ACROSS), up)
    own = _cut(surface, plane)
    low, high = np.nanmin(own[:, 0]), np.nanmax(own[:, 0])
    edge = (high - low) / 8.0
    at = float({"middle": 0.0, "front": low + edge, "back": high - edge}[where])
    sacral = lower.startswith("S")
    below = _cut(atlas["sacrum" if sacral else f"vertebra_{lower}"].surface, plane)
    above = _cut(atlas[f"vertebra_{upper}"].surface, plane)
    floor = _heights_at(below, at)
    ceiling = _heights_at(above, at)
    floor, ceiling = floor[floor < 10.0], ceiling[ceiling > -10.0]
    if not len(floor) or not len(ceiling):
        raise InputError(f"no bone above or below the disc {upper}/{lower}")
    return float(ceiling.min() - floor.max())


def _cut(surface: Surface, plane: Plane) -> Floats:
    """Return the segments of a cut, shape (K, 2), as a chain broken by rows of NaN."""
    lines = [plane.flat(line.ring) for line in cut_surface(surface, plane)]
    if not lines:
        raise InputError("the plane misses the bone")
    gap = np.full((1, 2), np.nan)
    return np.concatenate([piece for line in lines for piece in (line, gap)])


def _heights_at(chain: Floats, at: float) -> Floats:
    """Return the heights at which a chain of segments passes an abscissa."""
    start, end = chain[:-1], chain[1:]
    across = (start[:, 0] - at) * (end[:, 0] - at) <= 0.0
    start, end = start[across], end[across]
    run = end[:, 0] - start[:, 0]
    share = np.where(run == 0.0, 0.0, (at - start[:, 0]) / np.where(run == 0.0, 1.0, run))
    return np.asarray(start[:, 1] + share * (end[:, 1] - start[:, 1]))


def canal_depth(atlas: Atlas, level: str) -> float:
    """Return the least distance between the back of the body and the arch, midline, mm."""
    centre = atlas.landmarks.point(f"vertebra_{level}/body")
    up = _axis(atlas, level)
    plane = Plane(centre, np.cross(up, _ACROSS), up)
    body: list[Floats] = []
    arch: list[Floats] = []
    for line in cut_surface(atlas[f"vertebra_{level}"].surface, plane):
        flat = plane.flat(line.ring)
        (body if _holds_middle(flat) else arch).append(flat)
    if not body or not arch:
        raise InputError(f"vertebra_{level}: no canal in the median cut")
    apart = np.concatenate(body)[:, None] - np.concatenate(arch)[None]
    return float(np.linalg.norm(apart, axis=2).min())


def canal_width(atlas: Atlas, level: str) -> float:
    """Return the least distance between the pedicles, mm."""
    seen = _silhouette(atlas, level, frontal=False)
    centre = atlas.landmarks.point(f"vertebra_{level}/body")
    up = _axis(atlas, level)
    plane = Plane(centre, np.cross(up, _ACROSS), up)
    share = np.linspace(0.1, 0.6, 11)[:, None]
    wall = seen.top_back + share * (seen.low_back - seen.top_back) + np.array([5.0, 0.0])
    starts = np.repeat(plane.solid(wall), 2, axis=0)
    ways = np.tile([_ACROSS, -_ACROSS], (len(share), 1))
    found = SurfaceCaster([atlas[f"vertebra_{level}"].surface]).cast(starts, ways, 40.0)
    first = np.full(len(starts), np.inf)
    np.minimum.at(first, found.ray, found.depth)
    width = first.reshape(-1, 2).sum(axis=1)
    if not np.isfinite(width).any():
        raise InputError(f"vertebra_{level}: no pedicles beside the canal")
    return float(width.min())


def tip_width(atlas: Atlas, levels: Sequence[str]) -> float:
    """Return the mean width of spinous processes within 4 mm of their tips, mm."""
    widths = []
    for name in levels:
        tip = atlas.landmarks.point(f"vertebra_{name}/spinous_process")
        vertices = atlas[f"vertebra_{name}"].surface.vertices
        near = vertices[np.linalg.norm(vertices - tip, axis=1) < 4.0]
        widths.append(float(np.ptp(near[:, 0])))
    return float(np.mean(widths))
