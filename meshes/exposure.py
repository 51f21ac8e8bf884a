"""What a pose lays bare: how much of a muscle no bone covers, how long it is, where the bone is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.errors import InputError
from meshes.landmarks import Landmarks, resample
from meshes.rays import SurfaceCaster
from meshes.skin_surface import skin_of
from meshes.spinous_line import CURVE
from meshes.surface import Surface
from meshes.terminology import Side, split_side

Floats = NDArray[np.float64]

_REACH = 150.0
#: A face counts as the muscle's outer side where it looks within this of straight out (cosine).
_OUTWARD = 0.2
_STRIPS = (0.2, 0.35, 0.5, 0.65, 0.8)
_HALF_STRIP = 0.07
#: Vertices that a strip needs for its line to be fitted.
_FEWEST = 30


@dataclass(frozen=True)
class Exposure:
    """How a group of muscles lies under its bone on one side.

    Attributes
    ----------
    muscles : tuple of str
        Ids measured together.
    area_mm2 : float
        Outer side of the muscles.
    exposed_mm2 : float
        Of that, what no part of the covering bone lies over, looking straight in from the skin.
    fibre_mm : dict of str to float
        Mean way along the fibres from origin to insertion, for each muscle with fibres.
    border_mm : dict of str to float
        Straight distance of places on the bone's border from the line of the spinous tips.
    """

    muscles: tuple[str, ...]
    area_mm2: float
    exposed_mm2: float
    fibre_mm: Mapping[str, float]
    border_mm: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``info --json`` shows."""
        return {
            "muscles": list(self.muscles),
            "area_mm2": self.area_mm2,
            "exposed_mm2": self.exposed_mm2,
            "fibre_mm": dict(self.fibre_mm),
            "border_to_spine_mm": dict(self.border_mm),
        }


def exposure(atlas: Atlas, structure: str) -> Exposure | None:
    """Measure the group that a muscle belongs to.

    Parameters
    ----------
    atlas : Atlas
        With skin, bones and landmarks.
    structure : str
        Id of a muscle.

    Returns
    -------
    Exposure or None
        None where the muscle is in no group of exposure.toml, or the atlas lacks what is needed.
    """
    plain, side = split_side(structure)
    group = next((item for item in _groups().values() if plain in item["muscles"]), None)
    if group is None or side is Side.MIDLINE:
        return None
    muscles = tuple(f"{name}_{side.value}" for name in group["muscles"])
    cover = f"{group['cover']}_{side.value}"
    muscles = tuple(name for name in muscles if name in atlas)
    if structure not in muscles or cover not in atlas or "skin" not in atlas:
        return None
    areas = [_areas(atlas, atlas[name].surface, atlas[cover].surface) for name in muscles]
    lengths = {
        name: fibre_length(atlas[name].surface)
        for name in muscles
        if atlas[name].surface.fibres is not None
    }
    return Exposure(
        muscles,
        sum(whole for whole, _ in areas),
        sum(bare for _, bare in areas),
        lengths,
        _border(atlas.landmarks, group, side),
    )


def fibre_length(surface: Surface) -> float:
    """Return the mean length of a muscle's fibres from origin to insertion, mm.

    Raises
    ------
    InputError
        If the surface carries no fibre coordinates.
    """
    if surface.fibres is None:
        raise InputError("a muscle with fibre coordinates required, received a bare surface")
    points = surface.vertices.astype(np.float64)
    along = np.asarray(surface.fibres.u, dtype=np.float64)
    sideways = np.asarray(surface.fibres.v, dtype=np.float64)
    lengths = []
    for across in _STRIPS:
        strip = np.abs(sideways - across) < _HALF_STRIP
        if np.count_nonzero(strip) < _FEWEST:
            continue
        # One smooth line through both faces of the muscle and all its fibres nearby: a line from
        # vertex to vertex would be longer, the more so the coarser the mesh.
        fitted, *_ = np.linalg.lstsq(
            _powers(along[strip], sideways[strip] - across), points[strip], rcond=None
        )
        at = np.linspace(along[strip].min(), along[strip].max(), 60)
        line = _powers(at, np.zeros_like(at)) @ fitted
        way = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
        # The outermost vertices may lie short of the attachments.
        lengths.append(way / max(float(at[-1] - at[0]), 1e-6))
    return float(np.mean(lengths)) if lengths else float("nan")


def _powers(along: Floats, sideways: Floats) -> Floats:
    """Terms of a smooth line along a fibre and its drift to the side, shape (N, 7)."""
    rising = along[:, None] ** np.arange(5)
    return np.concatenate([rising, rising[:, :2] * sideways[:, None]], axis=1)


def _areas(atlas: Atlas, muscle: Surface, cover: Surface) -> tuple[float, float]:
    """Return the area of a muscle's outer side and of what of it is not covered, mm^2."""
    skin = skin_of(atlas)
    corners = muscle.vertices[muscle.faces].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    twice = np.linalg.norm(normal, axis=1)
    centre = corners.mean(axis=1)
    out = -skin.inward(centre)
    outer = np.einsum("ij,ij->i", normal, out) > _OUTWARD * twice
    area = 0.5 * twice[outer]
    found = SurfaceCaster([cover]).cast(centre[outer], out[outer], _REACH)
    bare = np.ones(len(area), dtype=bool)
    bare[found.ray] = False
    return float(area.sum()), float(area[bare].sum())


def _border(marks: Landmarks, group: Mapping[str, Any], side: Side) -> dict[str, float]:
    curve = _sided(group["border"], side)
    if curve not in marks.curves or CURVE not in marks.curves:
        return {}
    spine = resample(marks.curve(CURVE), np.linspace(0.0, 1.0, 2000))
    found = {}
    for place in group["places"]:
        point = _sided(place.get("point", ""), side)
        at = marks.points[point] if point in marks.points else marks.along(curve, place["at"])
        found[place["name"]] = float(np.linalg.norm(spine - at, axis=1).min())
    return found


def _sided(name: str, side: Side) -> str:
    head, slash, tail = name.partition("/")
    return f"{head}_{side.value}{slash}{tail}"


@lru_cache(maxsize=1)
def _groups() -> dict[str, Any]:
    text = files(__package__).joinpath("exposure.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
