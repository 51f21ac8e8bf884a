"""Thickness of a structure and depth to it, along a needle or through a bone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.checks.landmarks import outward, point, skin_above
from meshes.depth import Hit, probe
from meshes.errors import InputError, UnknownName
from meshes.landmarks import resample
from meshes.rays import SurfaceCaster
from meshes.section import Plane, cut_surface
from meshes.skin_surface import skin_of
from meshes.surface import Surface
from meshes.terminology import System

Floats = NDArray[np.float64]

_BEHIND = (0.0, 1.0, 0.0)


def _needle(atlas: Atlas, place: str, toward: Sequence[float], aside: float) -> list[Hit]:
    """Return what a needle meets that goes in over a place, perpendicular to the skin.

    Parameters
    ----------
    atlas : Atlas
    place : str
    toward : sequence of float
        The way from the place to the skin over it; x counts outward on a place of either side.
    aside : float
        mm away from the midline along the skin's breadth.
    """
    at = skin_above(atlas, place, [toward[0] * outward(place), toward[1], toward[2]])
    if aside:
        far = at + np.array([aside * outward(place), 400.0, 0.0])
        entry = skin_of(atlas).enter(far, np.array([0.0, -1.0, 0.0]))
        if entry is None:
            raise UnknownName("skin beside", place, ())
        at = entry.position
    start = skin_of(atlas).nearest(at)
    return probe(atlas, start.position, start.inward)


def thickness(
    atlas: Atlas,
    of: str,
    place: str,
    toward: Sequence[float] = _BEHIND,
    aside: float = 0.0,
) -> float:
    """Return how much of a needle over a place lies in a structure, mm; 0 if none.

    The first passage counts; ``of`` must be a structure of the atlas.
    """
    name = atlas[of].id
    for hit in _needle(atlas, place, toward, aside):
        if hit.structure == name:
            return hit.thickness_mm
    return 0.0


def stack(
    atlas: Atlas,
    of: Sequence[str],
    place: str,
    toward: Sequence[float] = _BEHIND,
    aside: Sequence[float] = (0.0,),
) -> float:
    """Return how far a needle goes from the first entry to the last exit of structures, mm.

    All of them have to be there; 0 if the needle meets none. Of several needles, ``aside`` of one
    another, the one that goes furthest counts.
    """
    names = {atlas[name].id for name in of}
    most = 0.0
    for shift in aside:
        met = [hit for hit in _needle(atlas, place, toward, shift) if hit.structure in names]
        if met:
            most = max(most, max(hit.exit_mm for hit in met) - met[0].enter_mm)
    return most


def belly(atlas: Atlas, of: str) -> float:
    """Return the thickness of a muscle halfway along it, mm.

    The median over its surface there, by area, each measured straight through the muscle.
    """
    surface = atlas[of].surface
    corners = surface.vertices[surface.faces].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1)
    points = corners.mean(axis=1)
    middle = surface.vertices.mean(axis=0, dtype=np.float64)
    _, _, axes = np.linalg.svd(surface.vertices - middle, full_matrices=False)
    along = surface.vertices @ axes[0]
    half = (points @ axes[0] - along.min()) / np.ptp(along) - 0.5
    chosen = np.flatnonzero((np.abs(half) < 0.06) & (area > 0.0))
    caster = SurfaceCaster([surface])
    pairs = zip(points[chosen], -normals[chosen] / area[chosen, None], strict=True)
    through = np.array([_through(caster, at, way) for at, way in pairs])
    order = np.argsort(through)
    share = np.cumsum(area[chosen][order]) / area[chosen].sum()
    return float(through[order][np.searchsorted(share, 0.5)])


def depth_to(
    atlas: Atlas,
    of: str,
    place: str,
    toward: Sequence[float] = _BEHIND,
    aside: float = 0.0,
) -> float:
    """Return how deep a needle over a place first meets a structure, mm; inf if it does not.

    Raises
    ------
    InputError
        If a bone lies before it: such depths are taken by ultrasound, which no bone lets through,
        so that the people measured had none there.
    """
    name = atlas[of].id
    for hit in _needle(atlas, place, toward, aside):
        if hit.structure == name:
            return hit.enter_mm
        if hit.system is System.SKELETAL:
            raise InputError(f"{hit.structure} lies over it, where the people measured had no bone")
    return float("inf")


def depth_straight(atlas: Atlas, of: str) -> float:
    """Return the distance from skin to a structure straight from behind its middle, mm."""
    at = atlas[of].surface.centroid
    entry = skin_of(atlas).enter(at + np.array([0.0, 400.0, 0.0]), np.array([0.0, -1.0, 0.0]))
    if entry is None:
        raise UnknownName("skin behind", of, ())
    for hit in probe(atlas, entry.position, np.array([0.0, -1.0, 0.0])):
        if hit.structure == of:
            return hit.enter_mm
    return float("inf")


def bone_at(atlas: Atlas, bone: str, place: str, around: float = 4.0) -> float:
    """Return the thickness of a bone at a place on its surface, mm.

    The median over the surface around the place, each measured perpendicular to the surface.

    Parameters
    ----------
    atlas : Atlas
    bone : str
    place : str
    around : float
        How far around the place, mm.
    """
    surface = atlas[bone].surface
    far = np.linalg.norm(surface.vertices - point(atlas, place), axis=1)
    chosen = np.flatnonzero(far < max(around, float(far.min()) + 1.0))
    caster = SurfaceCaster([surface])
    starts, normals = surface.vertices[chosen].astype(np.float64), surface.normals[chosen]
    pairs = zip(starts, -normals.astype(np.float64), strict=True)
    return float(np.median([_through(caster, at, along) for at, along in pairs]))


def bone_mean(atlas: Atlas, bones: Sequence[str], feature: str) -> float:
    """Return the mean thickness of several bones at one landmark of each, mm."""
    return float(np.mean([bone_at(atlas, bone, f"{bone}/{feature}") for bone in bones]))


def _through(caster: SurfaceCaster, at: Floats, along: Floats) -> float:
    """Return the length of the stretch of bone nearest to a point on a line, mm."""
    lead = 60.0
    found = caster.cast((at - lead * along)[None], along[None], 2.0 * lead)
    spans = found.depth[: len(found.depth) // 2 * 2].reshape(-1, 2) - lead
    if len(spans) == 0:
        return 0.0
    off = np.maximum(np.maximum(spans[:, 0], -spans[:, 1]), 0.0)
    best = spans[int(np.argmin(off))]
    return float(best[1] - best[0])


def border_thickness(
    atlas: Atlas, bone: str, curve: str, inside: str, inset: float, share: Sequence[float]
) -> float:
    """Return the mean thickness of a blade a little inside one of its borders, mm.

    Parameters
    ----------
    atlas : Atlas
    bone : str
        ``scapula_left``.
    curve : str
        The border.
    inside : str
        A curve of the blade's other side, towards which the inset goes.
    inset : float
        mm.
    share : sequence of float
        First and last share of the border's length.
    """
    where = np.linspace(share[0], share[1], 9)
    edge = resample(atlas.landmarks.curve(curve), where)
    other = resample(atlas.landmarks.curve(inside), where)
    way = other - edge
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    caster = SurfaceCaster([atlas[bone].surface])
    normal = _blade_normal(atlas, bone)
    return float(np.median([_through(caster, at, normal) for at in edge + inset * way]))


def _blade_normal(atlas: Atlas, bone: str) -> Floats:
    corners = [
        atlas.landmarks.point(f"{bone}/{name}")
        for name in ("spine_root", "inferior_angle", "glenoid")
    ]
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    normal = normal / np.linalg.norm(normal)
    return np.asarray(normal * np.sign(normal[1]))


def spine_depth(atlas: Atlas, bone: str, cm_from_root: str) -> float:
    """Return the width of a scapula from the crest of its spine to its front, mm.

    Parameters
    ----------
    atlas : Atlas
    bone : str
    cm_from_root : str
        cm along the crest from its root.
    """
    line = atlas.landmarks.curve(f"{bone}/spine")
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    at = resample(line, np.array([10.0 * float(cm_from_root) / length]))[0]
    normal = _blade_normal(atlas, bone)
    found = SurfaceCaster([atlas[bone].surface]).cast(
        (at + 40.0 * normal)[None], -normal[None], 140.0
    )
    return float(np.ptp(found.depth)) if len(found.depth) else 0.0


def _socket(atlas: Atlas, bone: str) -> tuple[Floats, Floats]:
    """Return the middle of the glenoid and the direction it faces."""
    surface = atlas[bone].surface
    marks = atlas.landmarks
    middle = marks.point(f"{bone}/glenoid")
    outward = middle - marks.point(f"{bone}/spine_root")
    outward = outward / np.linalg.norm(outward)
    near = np.linalg.norm(surface.vertices - middle, axis=1) < 11.0
    facing = near & (surface.normals @ outward > 0.6)
    if not facing.any():
        raise UnknownName("glenoid face of", bone, ())
    normal = surface.normals[facing].astype(np.float64).mean(axis=0)
    return middle, np.asarray(normal / np.linalg.norm(normal))


def socket_turn(atlas: Atlas, bone: str) -> float:
    """Return how far the glenoid faces behind the plane of the blade, degrees."""
    _, normal = _socket(atlas, bone)
    return float(np.degrees(np.arcsin(normal @ _blade_normal(atlas, bone))))


def socket_size(atlas: Atlas, bone: str, axis: int) -> float:
    """Return the height (axis 0) or width (1) of the glenoid 3 mm beneath its face, mm."""
    middle, normal = _socket(atlas, bone)
    up = np.array([0.0, 0.0, 1.0])
    right = np.cross(up, normal)
    right /= np.linalg.norm(right)
    plane = Plane(middle - 3.0 * normal, right, np.cross(normal, right))
    return _section_size(atlas[bone].surface, plane, axis)


def part_section(atlas: Atlas, of: str, axis: int) -> float:
    """Return the longer (0) or shorter (1) extent of a part's section across its middle, mm.

    Parameters
    ----------
    atlas : Atlas
    of : str
        ``scapula_left/acromion``.
    axis : int
    """
    bone, _, part = of.partition("/")
    structure = atlas[bone]
    faces = structure.part_faces(part)
    if len(faces) == 0:
        raise UnknownName(f"part of {bone}", part, structure.parts)
    points = structure.surface.vertices[np.unique(structure.surface.faces[faces])]
    middle = points.mean(axis=0, dtype=np.float64)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    plane = Plane(middle, axes[1].astype(np.float64), axes[2].astype(np.float64))
    return _section_size(structure.surface, plane, axis)


def _section_size(surface: Surface, plane: Plane, axis: int) -> float:
    """Return an extent of the outline around a plane's origin, along its own axes, mm."""
    flat = [plane.flat(line.ring) for line in cut_surface(surface, plane) if line.closed]
    if not flat:
        raise InputError("the plane misses the bone")
    ring = min(flat, key=lambda outline: float(np.linalg.norm(outline.mean(axis=0))))
    _, _, axes = np.linalg.svd(ring - ring.mean(axis=0), full_matrices=False)
    return float(np.ptp(ring @ axes[axis]))
