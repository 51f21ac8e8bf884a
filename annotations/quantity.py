"""Named millimetres at every skin point, which the rules' conditions speak of.

Some come straight from the depth field (padding over bone, distance to the spinous line, depth
and outline of the kidney); others are measured here from landmarks. What is measured how is
written in ``rules.toml``; this module knows only the ways of measuring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotations.known_ground import known_ground, known_near
from annotations.level import level_of_height
from meshes.landmarks import Landmarks, resample
from meshes.skin_surface import skin_of
from meshes.terminology import split_side

if TYPE_CHECKING:
    from annotations.site import Site
    from meshes.atlas import Atlas
    from meshes.depth_field import DepthField

Numbers = NDArray[np.float32]

#: So few points are measured one by one: to import the trees of scipy takes far longer.
_FEW = 8


@dataclass(frozen=True)
class Quantity:
    """How one named quantity is measured.

    Attributes
    ----------
    name : str
        As conditions and reports name it; millimetres unless it is ``level``.
    title : str
        In words.
    measure : str
        ``field`` (an array of the depth field), ``needle`` (how far the needle misses a
        landmark), ``depth`` (how deep the nearest landmark lies that the needle passes),
        ``distance`` (straight), ``from_behind`` (as seen from behind, in the coronal plane),
        ``beneath`` (depth of the first of some structures), ``behind`` (in y, of a curve of
        landmarks) or ``level``.
    settings : mapping
        What the measure needs (``array``; ``landmarks``, ``share``, ``offset_mm``,
        ``up_to_mm``, ``step_mm`` and so on).
    """

    name: str
    title: str
    measure: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Measured:
    """Quantities at N skin points.

    Attributes
    ----------
    values : mapping of str to ndarray, shape (N,)
        NaN where a landmark the quantity needs is missing in the atlas.
    bone, part : ndarray, shape (N,)
        Index of the first bone (and its part) under the point, -1 where there is none.
    bones, parts : tuple of str
        Ids without side, and part names, that the indices point to.
    known : ndarray, shape (N,)
        Whether anything is known beneath the point.
    """

    values: Mapping[str, Numbers]
    bone: NDArray[np.intp]
    part: NDArray[np.intp]
    bones: tuple[str, ...]
    parts: tuple[str, ...]
    known: NDArray[np.bool_]

    def at(self, corners: NDArray[np.integer], weights: NDArray[np.floating]) -> Measured:
        """Return the quantities at one point of a triangle.

        Parameters
        ----------
        corners : ndarray, shape (3,)
            Skin vertices.
        weights : ndarray, shape (3,)
            Barycentric coordinates. Quantities that are infinite at a corner, and the bone, are
            taken from the corner that weighs most.
        """
        heaviest = int(corners[int(np.argmax(weights))])
        values = {}
        for name, array in self.values.items():
            corner_values = array[corners]
            if np.isfinite(corner_values).all():
                values[name] = np.array([corner_values @ weights], dtype=np.float32)
            else:
                values[name] = array[[heaviest]]
        pick = [heaviest]
        return Measured(
            values, self.bone[pick], self.part[pick], self.bones, self.parts, self.known[pick]
        )


def measure(atlas: Atlas, field: DepthField, quantities: Mapping[str, Quantity]) -> Measured:
    """Measure every quantity at every skin vertex of an atlas.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    field : DepthField
        Of this atlas.
    quantities : mapping of str to Quantity

    Returns
    -------
    Measured
        At the N skin vertices, mm.
    """
    skin = skin_of(atlas)
    known = known_ground(field.known, skin.vertices, skin.faces)
    return _measured(atlas.landmarks, field, quantities, skin.vertices, known)


def measure_at(
    atlas: Atlas, field: DepthField, quantities: Mapping[str, Quantity], site: Site
) -> Measured:
    """Measure every quantity at one site, which asks the three corners of its triangle alone.

    Parameters
    ----------
    atlas : Atlas
    field : DepthField
        Of this atlas.
    quantities : mapping of str to Quantity
    site : Site

    Returns
    -------
    Measured
        At one point: what ``measure`` finds at the corners, as ``Measured.at`` mixes it.
    """
    skin = skin_of(atlas)
    corners = skin.faces[site.face]
    known = known_near(field.known, skin, corners)
    here = _measured(atlas.landmarks, field.at(corners), quantities, skin.vertices[corners], known)
    return here.at(np.arange(len(corners)), np.asarray(site.barycentric, dtype=np.float64))


def _measured(
    landmarks: Landmarks,
    field: DepthField,
    quantities: Mapping[str, Quantity],
    vertices: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> Measured:
    """Measure at the vertices of a field, shape (N, 3), whose known ground is known."""
    needles = _Needles(vertices, np.asarray(field.inward, dtype=np.float64))
    values = {
        name: np.asarray(_one(item, landmarks, field, needles), dtype=np.float32)
        for name, item in quantities.items()
    }
    return Measured(
        values,
        np.asarray(field.first_bone, dtype=np.intp),
        np.asarray(field.first_part, dtype=np.intp),
        tuple(split_side(name)[0] for name in field.bones),
        tuple(name.rsplit("/", 1)[-1] for name in field.parts),
        known,
    )


@dataclass(frozen=True, eq=False)
class _Needles:
    """Skin vertices and the direction straight in from each, both of shape (N, 3)."""

    start: NDArray[np.float64]
    inward: NDArray[np.float64]


def _one(
    item: Quantity, landmarks: Landmarks, field: DepthField, needles: _Needles
) -> NDArray[np.floating]:
    if item.measure == "field":
        return np.asarray(getattr(field, item.settings["array"]))
    if item.measure == "level":
        return level_of_height(landmarks, needles.start[:, 2])
    if item.measure == "beneath":
        return field.depth_to(*_both_sides(item.settings["structures"]))
    groups = _targets(item.settings, landmarks)
    if not groups:
        return np.full(len(needles.start), np.nan)
    if item.measure in ("needle", "depth"):
        # One landmark at a time: only the skin near it is looked at.
        return np.minimum.reduce([_along_needles(needles, group, item) for group in groups])
    targets = np.concatenate(groups)
    if item.measure in ("distance", "from_behind"):
        axes = [0, 1, 2] if item.measure == "distance" else [0, 2]
        return _nearest(targets[:, axes], needles.start[:, axes])
    rising = targets[np.argsort(targets[:, 2])]
    return needles.start[:, 1] - np.interp(needles.start[:, 2], rising[:, 2], rising[:, 1])


def _targets(settings: Mapping[str, Any], landmarks: Landmarks) -> list[NDArray[np.float64]]:
    """Landmark points, and curves and segments at ``step_mm``; ``{side}`` stands for both."""
    low, high = settings.get("share", (0.0, 1.0))
    step = float(settings.get("step_mm", 2.0))
    offset = np.asarray(settings.get("offset_mm", (0.0, 0.0, 0.0)), dtype=np.float64)
    found = []
    for side in ("left", "right"):
        mirror = np.array([-1.0 if side == "right" else 1.0, 1.0, 1.0])
        for template in settings.get("landmarks", ()):
            name = template.replace("{side}", side)
            if name in landmarks.points:
                found.append(landmarks.points[name][None, :] + offset * mirror)
            # A place can be both: the tip of the acromion, and its whole outer edge.
            if name in landmarks.curves:
                found.append(_spaced(landmarks.curves[name], (low, high), step) + offset * mirror)
        for ends in settings.get("segments", ()):
            names = [end.replace("{side}", side) for end in ends]
            if all(name in landmarks.points for name in names):
                line = np.stack([landmarks.points[name] for name in names])
                found.append(_spaced(line, (low, high), step) + offset * mirror)
    return found


def _both_sides(names: Iterable[str]) -> list[str]:
    return [name.replace("{side}", side) for name in names for side in ("left", "right")]


def _spaced(
    line: NDArray[np.float64], share: tuple[float, float], step: float
) -> NDArray[np.float64]:
    """Points ``step`` mm apart on a share (from, to) of a polyline."""
    low, high = share
    length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    count = max(2, int(length * (high - low) / step) + 1)
    return resample(line, np.linspace(low, high, count))


def _nearest(
    targets: NDArray[np.float64], points: NDArray[np.float64], reach: float = np.inf
) -> NDArray[np.float64]:
    """Distance of each point from the nearest target; infinite where it is beyond reach."""
    if len(points) <= _FEW:
        apart = np.sqrt(((points[:, None] - targets) ** 2).sum(axis=2)).min(axis=1)
        return np.where(apart < reach, apart, np.inf)
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(targets).query(points, distance_upper_bound=reach)[0])


def _along_needles(
    needles: _Needles, targets: NDArray[np.float64], item: Quantity
) -> NDArray[np.float64]:
    """Least distance of each needle from the targets it passes, or the depth of the shallowest.

    Only targets between ``from_mm`` (default -10) and ``up_to_mm`` deep count, and for a depth
    only those within ``within_mm`` of the needle, their ``radius_mm`` taken off. Infinite where
    none counts, and where a distance is more than 60 mm.
    """
    deepest = float(item.settings["up_to_mm"])
    shallowest = float(item.settings.get("from_mm", -10.0))
    is_depth = item.measure == "depth"
    widest = float(item.settings["within_mm"]) if is_depth else 60.0
    radius = float(item.settings.get("radius_mm", 0.0))
    result = np.full(len(needles.start), np.inf)
    reach = float(np.hypot(deepest, widest))
    candidates = np.flatnonzero(_nearest(targets, needles.start, reach) < reach)
    for chunk in np.array_split(candidates, max(1, len(candidates) * len(targets) // 2_000_000)):
        to = targets[None, :, :] - needles.start[chunk, None, :]
        along = np.einsum("ijk,ik->ij", to, needles.inward[chunk])
        across = np.sqrt(np.maximum(np.einsum("ijk,ijk->ij", to, to) - along**2, 0.0))
        counts = (along >= shallowest) & (along <= deepest) & (across <= widest)
        wanted = np.maximum(along - radius, 0.0) if is_depth else across
        result[chunk] = np.where(counts, wanted, np.inf).min(axis=1)
    return result
