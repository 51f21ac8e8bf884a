"""Breadths, depths and girths of the body over the skin."""

from __future__ import annotations

from meshes.atlas import Atlas
from meshes.checks.landmarks import point
from meshes.errors import UnknownName
from meshes.outline import LevelMap, measured_outline
from meshes.per_atlas import PerAtlas
from meshes.section import cut_surface, principal_plane


def _measured(atlas: Atlas) -> dict[str, float]:
    return measured_outline(atlas["skin"].surface, LevelMap.of(atlas.landmarks))


_OUTLINES: PerAtlas[dict[str, float]] = PerAtlas(_measured)


def outline(atlas: Atlas, name: str) -> float:
    """Return a body measure of ``outline.toml`` on the skin, mm."""
    found = _OUTLINES(atlas)
    if name not in found:
        raise UnknownName("outline of the skin", name, found)
    return found[name]


def girth(atlas: Atlas, place: str) -> float:
    """Return the length of the trunk's outline at the height of a landmark, mm."""
    lines = cut_surface(atlas["skin"].surface, principal_plane("axial", point(atlas, place)))
    closed = [line for line in lines if line.closed]
    if not closed:
        raise UnknownName("closed outline at", place, ())
    return min(closed, key=lambda line: abs(float(line.points[:, 0].mean()))).length
