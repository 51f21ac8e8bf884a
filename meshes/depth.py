"""What lies beneath: every structure a needle meets, in order, in millimetres from the skin.

The skin encloses everything and the fat encloses everything but the skin, so neither ends where
its mesh ends: skin ends where the fat begins, fat where the first deeper structure begins. An
atlas without fat has a skin of nominal thickness, and what follows it is no structure's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.intervals import Intervals, pair
from meshes.per_atlas import PerAtlas
from meshes.rays import RayCaster
from meshes.skin_surface import skin_of
from meshes.structure import Structure
from meshes.terminology import Provenance, System, TissueLayer

Floats = NDArray[np.float64]

SKIN = "skin"
FAT = "subcutaneous_fat"
#: Longest needle, mm: deeper than any kidney (facts section 7: 50..90, up to 97).
NEEDLE = 150.0
#: Skin of the back where no fat structure says otherwise, mm (facts section 8: lumbar 2.3).
SKIN_THICKNESS = 2.3
#: Rays begin this far outside the skin, mm, so that the entry into the skin itself is met.
LEAD = 3.0
#: The needle has left the body where it crosses the skin outward below this depth, mm.
_LEAVES_AFTER = 1.0


@dataclass(frozen=True, eq=False)
class Hit:
    """One structure on a needle's way.

    Attributes
    ----------
    structure : str
        Structure id.
    part : str or None
        Named part at the place of entry.
    system : System
    layer : TissueLayer
    enter_mm, exit_mm, thickness_mm : float
        Along the needle, from the skin. A sheet without thickness has enter = exit.
    provenance : Provenance
    fibre_direction : ndarray, shape (3,), or None
        Unit vector along the muscle fibres where the needle enters.
    """

    structure: str
    part: str | None
    system: System
    layer: TissueLayer
    enter_mm: float
    exit_mm: float
    thickness_mm: float
    provenance: Provenance
    fibre_direction: Floats | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``probe --json`` lists."""
        row: dict[str, Any] = {
            "structure": self.structure,
            "part": self.part,
            "system": str(self.system),
            "layer": int(self.layer),
            "enter_mm": round(self.enter_mm, 2),
            "exit_mm": round(self.exit_mm, 2),
            "thickness_mm": round(self.thickness_mm, 2),
            "provenance": str(self.provenance),
        }
        if self.fibre_direction is not None:
            row["fibre_direction"] = [round(float(value), 4) for value in self.fibre_direction]
        return row


@dataclass(frozen=True, eq=False)
class Needles:
    """What many needles pass through, before any structure is looked up by name.

    Attributes
    ----------
    inner : Intervals
        Everything below skin and fat; depths from the skin, mm, sorted by ray and depth.
    end : ndarray, shape (N,)
        Where each needle stops: its full length, or where it leaves the body.
    fat : ndarray, shape (N,)
        Where the fat begins; inf where no fat is met.
    names : tuple of str
        Structure ids that ``inner.structure`` indexes.
    """

    inner: Intervals
    end: Floats
    fat: Floats
    names: tuple[str, ...]

    @property
    def first(self) -> Floats:
        """Depth of the first structure below skin and fat, shape (N,); inf if none."""
        depth = np.full(len(self.end), np.inf)
        np.minimum.at(depth, self.inner.ray, self.inner.enter)
        return depth


def caster_of(atlas: Atlas) -> RayCaster:
    """Return the ray caster of an atlas (built once per atlas)."""
    return _CASTERS(atlas)


_CASTERS: PerAtlas[RayCaster] = PerAtlas(RayCaster)


def needles(atlas: Atlas, points: Floats, directions: Floats) -> Needles:
    """Push a needle in at each point.

    Parameters
    ----------
    atlas : Atlas
    points : ndarray, shape (N, 3)
        On the skin, mm.
    directions : ndarray, shape (N, 3)
        Unit vectors into the body.
    """
    caster = caster_of(atlas)
    starts = points - LEAD * directions
    names = caster.names
    skin, fat_index = (names.index(name) if name in names else -1 for name in (SKIN, FAT))
    crossed = caster.cast(starts, directions, NEEDLE + LEAD, unchecked=(skin, fat_index))
    is_skin = crossed.structure == skin
    is_fat = crossed.structure == fat_index
    depth = crossed.depth - LEAD
    end = np.full(len(points), NEEDLE)
    outward = is_skin & ~crossed.entering & (depth > _LEAVES_AFTER)
    np.minimum.at(end, crossed.ray[outward], depth[outward])
    fat = np.full(len(points), np.inf)
    into_fat = is_fat & crossed.entering
    np.minimum.at(fat, crossed.ray[into_fat], np.maximum(depth[into_fat], 0.0))
    found = pair(crossed.keep(~is_skin & ~is_fat))
    enter, leave = found.enter - LEAD, found.exit - LEAD
    limit = end[found.ray]
    inside = (enter < limit) & (leave > 0.0)
    inner = Intervals(
        found.ray[inside],
        found.structure[inside],
        found.face[inside],
        np.maximum(enter[inside], 0.0),
        np.minimum(leave, limit)[inside],
    )
    return Needles(inner, end, np.where(fat < end, fat, np.inf), names)


def probe(
    atlas: Atlas,
    point: NDArray[np.floating],
    direction: NDArray[np.floating] | None = None,
) -> list[Hit]:
    """Return everything a needle meets, outermost first.

    Parameters
    ----------
    atlas : Atlas
    point : ndarray, shape (3,)
        mm, LPS. Without a direction it is taken to the nearest point of the skin; with one the
        needle starts at the point itself.
    direction : ndarray, shape (3,), optional
        Into the body; straight in (``SkinSurface.inward``) if not given.

    Returns
    -------
    list of Hit
        Ordered by depth. A structure that is met twice with more than 1 mm between is listed
        twice.
    """
    if direction is None:
        start = skin_of(atlas).nearest(point)
        position, along = start.position, start.inward
    else:
        position = np.asarray(point, dtype=np.float64)
        along = np.asarray(direction, dtype=np.float64)
        along = along / np.linalg.norm(along)
    found = needles(atlas, position[None], along[None])
    hits = _enclosing_hits(atlas, found)
    inner = found.inner
    for row in range(len(inner)):
        structure = atlas[found.names[int(inner.structure[row])]]
        enter, leave = float(inner.enter[row]), float(inner.exit[row])
        face = int(inner.face[row])
        hits.append(
            _hit(
                structure,
                (enter, leave),
                structure.part_of_face(face),
                _fibre_direction(structure, face, position + enter * along),
            )
        )
    return hits


def _enclosing_hits(atlas: Atlas, found: Needles) -> list[Hit]:
    """Skin and fat of a single needle."""
    if SKIN not in atlas:
        return []
    end, fat, first = float(found.end[0]), float(found.fat[0]), float(found.first[0])
    skin_end = min(fat if np.isfinite(fat) else SKIN_THICKNESS, first, end)
    hits = [_hit(atlas[SKIN], (0.0, skin_end))]
    if np.isfinite(fat) and min(first, end) > skin_end:
        hits.append(_hit(atlas[FAT], (skin_end, min(first, end))))
    return hits


def _hit(
    structure: Structure,
    span: tuple[float, float],
    part: str | None = None,
    fibre_direction: Floats | None = None,
) -> Hit:
    enter, leave = span
    return Hit(
        structure.id,
        part,
        structure.system,
        structure.layer,
        enter,
        leave,
        leave - enter,
        structure.origin.kind,
        fibre_direction,
    )


def _fibre_direction(structure: Structure, face: int, at: Floats) -> Floats | None:
    """Fibre direction at the corner of a face that lies nearest to a point."""
    fibres = structure.surface.fibres
    if fibres is None:
        return None
    corners = structure.surface.faces[face]
    offset = structure.surface.vertices[corners].astype(np.float64) - at
    nearest = corners[int(np.argmin(np.einsum("ij,ij->i", offset, offset)))]
    along = np.asarray(fibres.direction[nearest], dtype=np.float64)
    length = float(np.linalg.norm(along))
    return along / length if length > 0.0 else None
