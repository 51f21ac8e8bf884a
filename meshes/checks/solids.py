"""Sizes, places and tilts of whole structures: kidneys, muscle sections, parts of bones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.checks.landmarks import level_of, outward
from meshes.errors import UnknownName
from meshes.rays import SurfaceCaster
from meshes.section import Plane, section

Floats = NDArray[np.float64]


def _axes(points: Floats) -> Floats:
    """Return the principal axes of a cloud, longest first, shape (3, 3); the first points up."""
    _, _, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    return np.asarray(axes * np.where(axes[:, 2:] < 0.0, -1.0, 1.0))


def _vertices(atlas: Atlas, of: str) -> Floats:
    """Return the vertices of a structure, or of a part of it (``scapula_left/glenoid``)."""
    name, _, part = of.partition("/")
    surface = atlas[name].surface
    if not part:
        return surface.vertices.astype(np.float64)
    faces = atlas[name].part_faces(part)
    if len(faces) == 0:
        raise UnknownName(f"part of {name}", part, atlas[name].parts)
    return surface.vertices[np.unique(surface.faces[faces])].astype(np.float64)


def extent(atlas: Atlas, of: str, axis: int) -> float:
    """Return the extent of a structure along its own longest (0), middle or shortest axis, mm."""
    points = _vertices(atlas, of)
    return float(np.ptp(points @ _axes(points)[axis]))


def breadth(atlas: Atlas, left: str, right: str) -> float:
    """Return the greatest distance across two structures, side to side, mm."""
    return float(_vertices(atlas, left)[:, 0].max() - _vertices(atlas, right)[:, 0].min())


def border(atlas: Atlas, of: str, lateral: bool) -> float:
    """Return how far a structure's outer (inner) border lies from the midline, mm."""
    x = _vertices(atlas, of)[:, 0] * outward(of)
    return float(x.max() if lateral else x.min())


def end_level(atlas: Atlas, of: str, top: bool) -> float:
    """Return the level of a structure's upper or lower end among the vertebral bodies."""
    z = _vertices(atlas, of)[:, 2]
    return level_of(atlas, float(z.max() if top else z.min()), "body")


def lower(atlas: Atlas, of: str, than: str) -> float:
    """Return how much lower the middle of one structure lies than that of another, mm."""
    return float(atlas[than].surface.centroid[2] - atlas[of].surface.centroid[2])


def above(atlas: Atlas, of: str, place: str) -> float:
    """Return how far a structure's lower end lies above a landmark, mm."""
    return float(_vertices(atlas, of)[:, 2].min() - atlas.landmarks.point(place)[2])


def pole(atlas: Atlas, of: str, top: bool) -> float:
    """Return the distance from the midline of the middle of a structure's upper or lower end.

    The end is a sixth of its length along its own long axis; mm.
    """
    points = _vertices(atlas, of)
    along = points @ _axes(points)[0]
    cut = np.quantile(along, [0.0, 1.0])
    sixth = float(cut[1] - cut[0]) / 6.0
    end = points[along > cut[1] - sixth] if top else points[along < cut[0] + sixth]
    return float(end[:, 0].mean()) * outward(of)


def tilt(atlas: Atlas, of: str, plane: str) -> float:
    """Return the tilt of a structure's long axis, degrees.

    In the ``coronal`` plane positive with the upper end nearer to the midline, in the
    ``sagittal`` plane with the upper end further back.
    """
    axis = _axes(_vertices(atlas, of))[0]
    aside = -axis[0] * outward(of) if plane == "coronal" else axis[1]
    return float(np.degrees(np.arctan2(aside, axis[2])))


def hilum(atlas: Atlas, of: str) -> float:
    """Return the distance from the midline of the hollow in a kidney's inner border, mm.

    The hollow is where the middle third of its length comes nearest to its own axis.
    """
    points = _vertices(atlas, of)
    middle = points.mean(axis=0)
    axis = _axes(points)[0]
    offset = points - middle
    along = offset @ axis
    aside = offset - along[:, None] * axis
    third = np.abs(along) < np.ptp(along) / 12.0
    inner = third & (aside[:, 0] * outward(of) < 0.0)
    radius = np.linalg.norm(aside, axis=1)
    nearest = np.flatnonzero(inner)[np.argsort(radius[inner])[: max(5, int(inner.sum()) // 20)]]
    return float(points[nearest, 0].mean()) * outward(of)


def area(atlas: Atlas, of: str) -> float:
    """Return the area of a structure's section across the middle of its long axis, cm2."""
    surface = atlas[of].surface
    points = surface.vertices.astype(np.float64)
    axes = _axes(points)
    along = points @ axes[0]
    middle = points.mean(axis=0)
    middle += ((along.max() + along.min()) / 2.0 - middle @ axes[0]) * axes[0]
    cut = section({of: atlas[of]}, Plane(middle, axes[1], axes[2]))
    return float(cut[of].area_mm2) / 100.0


def behind(atlas: Atlas, of: str, cover: list[str], top: float = 0.4) -> float:
    """Return how much of the back of a structure's upper end lies under others, 0..1.

    Parameters
    ----------
    atlas : Atlas
    of : str
    cover : list of str
        Each has to be there; any of them covers.
    top : float
        Share of the structure's height.
    """
    surface = atlas[of].surface
    points = surface.vertices.astype(np.float64)
    z = points[:, 2]
    chosen = (z > z.max() - top * np.ptp(z)) & (surface.normals[:, 1] > 0.3)
    caster = SurfaceCaster([atlas[name].surface for name in cover])
    starts = points[chosen]
    found = caster.cast(starts, np.tile([0.0, 1.0, 0.0], (len(starts), 1)), 150.0)
    return len(np.unique(found.ray)) / len(starts)


def edge_level(atlas: Atlas, of: str, aside: float) -> float:
    """Return the level (vertebral bodies) of a sheet's lower edge beside the spine.

    Parameters
    ----------
    atlas : Atlas
    of : str
    aside : float
        mm from the midline; the sheet behind the bodies counts.
    """
    points = _vertices(atlas, of)
    x = points[:, 0] * outward(of)
    near = points[(np.abs(x - aside) < 6.0) & (points[:, 1] > -20.0)]
    if len(near) == 0:
        raise UnknownName(f"edge of {of} beside the spine", f"{aside:g} mm", ())
    return level_of(atlas, float(near[:, 2].min()), "body")


def rib_space(atlas: Atlas, upper: str, lower_rib: str, aside: float) -> float:
    """Return the height of the space between two ribs at a distance from the midline, mm."""
    edges = []
    for name, lowest in ((upper, True), (lower_rib, False)):
        points = _vertices(atlas, name)
        near = points[np.abs(points[:, 0] * outward(name) - aside) < 4.0]
        if len(near) == 0:
            raise UnknownName(f"{name} at", f"{aside:g} mm", ())
        edges.append(float(near[:, 2].min() if lowest else near[:, 2].max()))
    return edges[0] - edges[1]
