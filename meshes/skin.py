"""Skin and subcutaneous fat of any atlas: an offset of its muscles and bones by site thickness.

The muscles and bones are closed by a rolling ball, so that no gap between two muscles shows,
moved out by fat and dermis (``fat.toml``), and joined with a core that fills throat, chest and
belly after the body measures of ANSUR II (``outline.toml``). The skin is the zero level of
that field; where left and right are alike it is an exact mirror image of itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Body
from meshes.catalogue import load_catalogue
from meshes.errors import InputError
from meshes.fat import FatSites, dermis_at
from meshes.field.distance import surface_samples
from meshes.field.extract import evened, level_surface, one_body, settled, soft_normals, symmetric
from meshes.field.grid import Field, Grid
from meshes.landmarks import Landmarks
from meshes.outline import LevelMap
from meshes.progress import Progress, silent
from meshes.skin_field import BALL_MM, SkinField, of_arm
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance, Side, System, mirror_id
from meshes.torso_core import TorsoCore

#: Spacing of the field the skin is taken from, for 175 cm and BMI 24; wider for the large, whose
#: detail is as much larger.
SPACING_MM = 5.33
_SAMPLES_MM = 4.0
_COVERED = (System.MUSCULAR, System.SKELETAL, System.ARTICULAR, System.FASCIAL)

Points = NDArray[np.float64]


def generate_skin(
    structures: Mapping[str, Structure],
    landmarks: Landmarks,
    body: Body | None = None,
    progress: Progress = silent,
) -> dict[str, Structure]:
    """Return ``skin`` and ``subcutaneous_fat`` for the muscles and bones of an atlas.

    Parameters
    ----------
    structures : mapping of str to Structure
        Whatever the atlas has of muscles, fascia, bones and discs, mm, LPS.
    landmarks : Landmarks
        Needs ``vertebra_X/body`` of at least three vertebrae; ``humerus_left/head`` for arms.
    body : Body, optional
        Whom to shape the outline for; without one, a man of BMI 24 and of the spine's length.
    progress : Progress

    Returns
    -------
    dict of str to Structure
        Closed surfaces of the same topology, the fat's within the skin's by the dermis.

    Raises
    ------
    InputError
        If there are no vertebrae to place the outline by, or nothing to cover.
    """
    levels = LevelMap.of(landmarks)
    whom = body or Body(stature_cm=float(np.clip(175.0 * levels.scale, 145.0, 200.0)))
    covered = [item for item in structures.values() if item.system in _COVERED]
    if not covered:
        raise InputError("skin needs muscles or bones to cover, received none")
    core = TorsoCore.of(structures, landmarks, levels, whom)
    progress(0.0, "skin: sampling muscles and bones")
    triangles = [_triangles(item.surface) for item in covered]
    alike = is_symmetric(structures)
    field, grid = _skin_field(triangles, core, alike, body is not None, progress)
    progress(0.8, "skin: surface")
    vertices, faces = _surface(field, grid, alike)
    progress(0.95, "skin: subcutaneous fat")
    normals = soft_normals(vertices, faces)
    dermis = dermis_at(vertices[:, 2], levels)
    inner = vertices - normals * dermis[:, None]
    source = _source(structures)
    catalogue = load_catalogue()
    result = {
        name: Structure(catalogue[name], Surface.of(points, faces, normals=normals), source)
        for name, points in (("skin", vertices), ("subcutaneous_fat", inner))
    }
    progress(1.0, "skin: done")
    return result


def is_symmetric(structures: Mapping[str, Structure]) -> bool:
    """Whether left and right of the structures mirror each other to about a millimetre.

    A few one-sided structures do not count against it; both sides are covered then.
    """
    same = total = 0
    for item in structures.values():
        if item.side is not Side.LEFT:
            continue
        twin = structures.get(mirror_id(item.id))
        if twin is None:
            continue
        total += 1
        mine, other = item.surface.bounds, twin.surface.bounds
        flipped = np.array([other[1], other[0]]) * np.array([-1.0, 1.0, 1.0])
        flipped[:, 1:] = other[:, 1:]
        same += bool(np.abs(mine - flipped).max() < 1.0)
    return total > 0 and same >= 0.85 * total


def _source(structures: Mapping[str, Structure]) -> Origin:
    words = "generated from the structures' own shapes, the site fat table and ANSUR II"
    licences = {
        item.origin.licence
        for item in structures.values()
        if item.origin.kind is Provenance.IMPORTED
    }
    if licences:
        words += f"; laid over imported meshes under {', '.join(sorted(licences))}"
    return Origin(Provenance.GENERATED, words, "Apache-2.0")


def _skin_field(
    triangles: list[Points], core: TorsoCore, alike: bool, fit: bool, progress: Progress
) -> tuple[Field, Grid]:
    samples = surface_samples(triangles, _SAMPLES_MM, 0.75 * _SAMPLES_MM)
    thigh_cut = core.height("thigh", "cut_z")
    samples = samples[samples[:, 2] > thigh_cut - 2.0 * BALL_MM]
    if alike:
        samples = _both_sides(samples, -(BALL_MM + 24.0))
    sites = FatSites.of(core.levels, core.body)
    if fit:
        arm = of_arm(core, samples)
        sites = sites.fitted(samples[~arm], samples[arm], core.levels, core.body)
    breadth = (core.body.stature_cm / 175.0) * (core.body.bmi / 24.0) ** 0.25
    size = max(breadth, 1.0) if fit else 1.0
    grid = _grid(samples, core, (sites.thickest, SPACING_MM * size), alike)
    maker = SkinField(grid, core, sites, samples)
    progress(0.15, "skin: closing the gaps between muscles")
    field = maker.rough()
    progress(0.65, "skin: keeping clear of the muscles")
    fine = _samples_near(triangles, field, grid)
    field = maker.cleared(field, _both_sides(fine, grid.origin[0]) if alike else fine)
    if alike:
        median = grid.slices(np.array([-1e-6, -np.inf, -np.inf]), np.full(3, np.inf))
        grid, field = grid.part(median), np.ascontiguousarray(field[median])
    return one_body(field), grid


def _triangles(surface: Surface) -> Points:
    return np.asarray(surface.vertices, dtype=np.float64)[surface.faces]


def _both_sides(samples: Points, least_x: float) -> Points:
    """Return samples with their mirror images, as far as a half grid needs them."""
    both = np.concatenate([samples, samples * np.array([-1.0, 1.0, 1.0])])
    return np.asarray(both[both[:, 0] > least_x])


def _samples_near(triangles: list[Points], field: Field, grid: Grid) -> Points:
    """Return dense samples of the triangles that lie near the skin."""
    chosen = []
    half = grid.origin[0] > -100.0
    for corners in triangles:
        centres = corners.mean(axis=1)
        if half:  # the right side is looked up on the left
            centres[:, 0] = np.abs(centres[:, 0])
        chosen.append(corners[grid.nearest(field, centres) > -20.0])
    return surface_samples(chosen, 2.0, 1.2)


def _grid(samples: Points, core: TorsoCore, sizes: tuple[float, float], alike: bool) -> Grid:
    thickest, spacing = sizes
    rim = max(BALL_MM, thickest) + 10.0
    solids = core.box()
    low = np.minimum(samples.min(axis=0) - rim, solids[0] - 20.0)
    high = np.maximum(samples.max(axis=0) + rim, solids[1] + 20.0)
    low[2] = core.height("thigh", "cut_z") - 5.0 * spacing
    high[0] = max(high[0], -low[0])
    low[0] = -(BALL_MM + 14.0) if alike else -high[0]
    return Grid.around(low, high, spacing)


def _surface(
    field: Field, grid: Grid, alike: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    points, faces, twins = level_surface(field, grid, alike)
    if not alike:
        return settled(evened(points, faces, field, grid), faces), faces
    whole, wide = _mirrored_field(field, grid)
    points = evened(points, faces, whole, wide)
    return symmetric(settled(points, faces), twins), faces


def _mirrored_field(field: Field, grid: Grid) -> tuple[Field, Grid]:
    whole = np.concatenate([field[:0:-1], field])
    origin = grid.origin.copy()
    origin[0] = -grid.spacing * (grid.shape[0] - 1)
    return whole, Grid(origin, grid.spacing, (whole.shape[0], grid.shape[1], grid.shape[2]))
