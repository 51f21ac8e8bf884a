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
from meshes.fat import FatSites, dermis_at, least_fat
from meshes.field.blend import smooth_max, smooth_min
from meshes.field.distance import (
    closed_distance,
    exact_distance,
    rough_distance,
    surface_samples,
)
from meshes.field.extract import evened, level_surface, one_body, symmetric, taubin
from meshes.field.grid import Field, Grid
from meshes.landmarks import Landmarks
from meshes.outline import LevelMap, outline_data
from meshes.progress import Progress, silent
from meshes.structure import Origin, Structure
from meshes.surface import Surface, vertex_normals
from meshes.terminology import Provenance, Side, System, mirror_id
from meshes.torso_core import TorsoCore

SPACING_MM = 4.0
_BALL_MM = 45.0  # radius that closes the gaps between muscles
_SAMPLES_MM = 4.0
_FINE_MM, _COARSE_MM = 7.0, 13.0  # smoothing behind and in front
_COVERED = (System.MUSCULAR, System.SKELETAL, System.ARTICULAR, System.FASCIAL)


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
    field, grid = _skin_field(triangles, core, alike, progress)
    progress(0.8, "skin: surface")
    vertices, faces = _surface(field, grid, alike)
    progress(0.95, "skin: subcutaneous fat")
    normals = vertex_normals(vertices.astype(np.float32), faces.astype(np.int32))
    dermis = dermis_at(vertices[:, 2], levels)
    inner = vertices - normals.astype(np.float64) * dermis[:, None]
    source = _source(structures)
    catalogue = load_catalogue()
    result = {
        name: Structure(catalogue[name], Surface.of(points, faces), source)
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
    triangles: list[NDArray[np.float64]], core: TorsoCore, alike: bool, progress: Progress
) -> tuple[Field, Grid]:
    thigh_cut = core.height("thigh", "cut_z")
    samples = surface_samples(triangles, _SAMPLES_MM, 0.75 * _SAMPLES_MM)
    samples = samples[samples[:, 2] > thigh_cut - 2.0 * _BALL_MM]
    if alike:
        samples = _both_sides(samples, -(_BALL_MM + 24.0))
    grid = _grid(samples, core, thigh_cut, alike)
    sites = FatSites.of(core.levels, core.body)
    progress(0.1, "skin: closing the trunk")
    field = _joined(_offset(samples, grid, core, sites), grid, core)
    if core.arm is not None:
        progress(0.4, "skin: arms")
        field = _with_arms(field, samples, grid, core, sites)
    field = _ends_and_clefts(field, grid, core, thigh_cut)
    field = _smoothed(field, grid, core)
    progress(0.65, "skin: keeping clear of the muscles")
    fine = _samples_near(triangles, field, grid)
    if alike:
        fine = _both_sides(fine, -3.0 * SPACING_MM)
    field = _clear(field, fine, grid, core, thigh_cut)
    if alike:
        first = round(-grid.origin[0] / grid.spacing)
        grid = Grid(
            np.array([0.0, grid.origin[1], grid.origin[2]]),
            grid.spacing,
            (grid.shape[0] - first, grid.shape[1], grid.shape[2]),
        )
        field = np.ascontiguousarray(field[first:])
    return one_body(field), grid


def _triangles(surface: Surface) -> NDArray[np.float64]:
    return np.asarray(surface.vertices, dtype=np.float64)[surface.faces]


def _both_sides(samples: NDArray[np.float64], least_x: float) -> NDArray[np.float64]:
    """Return samples with their mirror images, as far as a half grid needs them."""
    both = np.concatenate([samples, samples * np.array([-1.0, 1.0, 1.0])])
    return both[both[:, 0] > least_x]


def _samples_near(
    triangles: list[NDArray[np.float64]], field: Field, grid: Grid
) -> NDArray[np.float64]:
    """Return dense samples of the triangles that lie near the skin."""
    chosen = []
    for corners in triangles:
        centres = corners.mean(axis=1)
        if grid.origin[0] > -100.0:  # a half grid: look the right side up on the left
            centres[:, 0] = np.abs(centres[:, 0])
        reach = grid.nearest(field, centres)
        chosen.append(corners[reach > -20.0])
    return surface_samples(chosen, 2.0, 1.2)


def _grid(samples: NDArray[np.float64], core: TorsoCore, thigh_cut: float, alike: bool) -> Grid:
    rim = _BALL_MM + 34.0
    low, high = samples.min(axis=0) - rim, samples.max(axis=0) + rim
    low[2] = thigh_cut - 5.0 * SPACING_MM
    if core.arm is not None:
        reach = core.arm.end + core.arm.radii[0] + 4.0 * SPACING_MM
        high[0] = max(high[0] - 24.0, reach[0])
    low[0] = -(_BALL_MM + 14.0) if alike else -high[0]
    return Grid.around(low, high, SPACING_MM)


def _arm_samples(samples: NDArray[np.float64], core: TorsoCore) -> NDArray[np.bool_]:
    """Tell which samples belong to an arm: near its rod, or outside of the rod's axis."""
    if core.arm is None:
        return np.zeros(len(samples), dtype=bool)
    arm = core.arm
    x, y, z = samples.T.astype(np.float32)
    x = np.abs(x)
    axis = arm.end - arm.start
    share = np.clip((z - arm.start[2]) / axis[2], 0.0, 1.0)
    outer = x > arm.start[0] + share * axis[0]
    near = arm.field((x, y, z)) < 8.0
    return np.asarray((near & (x > 0.6 * arm.start[0])) | outer)


def _offset(samples: NDArray[np.float64], grid: Grid, core: TorsoCore, sites: FatSites) -> Field:
    thickest = float(sites.thickness.max()) + 4.0
    ball = max(_BALL_MM, thickest + 8.0)
    closed = closed_distance(samples, grid, ball)
    near = (closed > -grid.spacing) & (closed < thickest + 2.0 * grid.spacing)
    where = grid.nodes(near)
    closed[near] -= (sites.at(where) + dermis_at(where[:, 2], core.levels)).astype(np.float32)
    closed[~near] -= np.float32(thickest)
    return closed


def _joined(trunk: Field, grid: Grid, core: TorsoCore) -> Field:
    """Join the offset trunk with buttocks, thighs, the lofted core, neck and head."""
    field = smooth_min(trunk, core.buttock(grid), 14.0)
    back = _hindmost(field, grid, core)
    lower = smooth_min(core.trunk(grid, back), core.thigh(grid), 16.0)
    field = smooth_min(field, lower, 14.0)
    return smooth_min(field, core.neck_and_head(grid), 14.0)


def _hindmost(field: Field, grid: Grid, core: TorsoCore) -> NDArray[np.float64]:
    """Return the hindmost y of a body for each z of the grid, smoothed along z, mm."""
    from scipy.ndimage import gaussian_filter1d

    x = grid.axis(0)
    middle = field[np.abs(x) < 120.0 * core.levels.scale]
    inside = middle < 0.0
    last = inside.shape[1] - 1 - np.argmax(inside[:, ::-1], axis=1)
    last = np.minimum(last, inside.shape[1] - 2)
    here = np.take_along_axis(middle, last[:, None], axis=1)[:, 0]
    there = np.take_along_axis(middle, last[:, None] + 1, axis=1)[:, 0]
    y = grid.origin[1] + grid.spacing * (last + here / np.minimum(here - there, -1e-3))
    y = np.where(inside.any(axis=1), y, -np.inf).max(axis=0)
    known = np.isfinite(y)
    filled = np.interp(grid.axis(2), grid.axis(2)[known], y[known])
    return np.asarray(gaussian_filter1d(filled, 10.0 / grid.spacing, mode="nearest"))


def _with_arms(
    field: Field,
    samples: NDArray[np.float64],
    grid: Grid,
    core: TorsoCore,
    sites: FatSites,
) -> Field:
    """Add the arms; below the axilla arm and trunk are closed apart, with a gap between."""
    arm = core.arm
    assert arm is not None
    x, y, z = grid.axes()
    axilla = np.float32(core.height("arm", "axilla_z"))
    rod = arm.field((np.abs(x), y, z))
    field = smooth_min(field, rod, 12.0)
    low = int(np.searchsorted(grid.axis(2), axilla + 2.0 * _BALL_MM))
    part = Grid(grid.origin, grid.spacing, (grid.shape[0], grid.shape[1], low))
    mine = _arm_samples(samples, core)
    below = samples[:, 2] < axilla + 3.0 * _BALL_MM
    limb = smooth_min(_offset(samples[mine & below], part, core, sites), rod[..., :low], 12.0)
    trunk = _joined(_offset(samples[~mine & below], part, core, sites), part, core)
    apart = smooth_min(trunk, limb, 3.0)
    opening = np.clip(0.25 * (axilla - z[..., :low]), -20.0, 6.0)
    apart = smooth_max(apart, opening - 0.5 * np.abs(limb - trunk), 5.0)
    share = np.clip((axilla + 12.0 - z[..., :low]) / 45.0, 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    result = field.copy()
    result[..., :low] += share * (apart - field[..., :low])
    return result


def _ends_and_clefts(field: Field, grid: Grid, core: TorsoCore, thigh_cut: float) -> Field:
    x, y, z = grid.axes()
    data = outline_data()
    scale = core.levels.scale
    points = (np.abs(x), y, z)
    # thighs part below the crotch
    crotch = core.height("thigh", "crotch_z")
    parting = np.clip(0.35 * (np.float32(crotch) - z), -60.0, 7.0) - np.abs(x)
    field = smooth_max(field, np.broadcast_to(parting, field.shape), 6.0)
    cleft = data["cleft"]
    top, full = core.height("cleft", "top_z"), core.height("cleft", "full_z")
    share = np.clip((np.float32(top) - z) / np.float32(top - full), 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    width = cleft["half_width"] * scale
    carve = share * cleft["depth"] * scale * np.exp(-((x / width) ** 2))
    behind = np.clip((y - 20.0) / 40.0, 0.0, 1.0)
    field = field + carve * behind
    ends = np.broadcast_to(np.float32(thigh_cut) - z, field.shape)
    if core.arm is not None:
        side = np.where(np.abs(x) > 0.6 * core.arm.start[0], np.float32(0.0), np.float32(200.0))
        rod = core.arm.field(points)
        limb = core.arm.beyond(points) - side - 4.0 * np.maximum(rod - 24.0, 0.0)
        ends = np.maximum(ends, limb)
    return smooth_max(field, ends, 9.0)


def _smoothed(field: Field, grid: Grid, core: TorsoCore) -> Field:
    """Smooth the field: gently behind, where muscles show, strongly in front and on the head."""
    from scipy.ndimage import gaussian_filter

    _, y, z = grid.axes()
    clipped = np.clip(field, -24.0, 24.0)
    fine = gaussian_filter(clipped, _FINE_MM / grid.spacing, mode="nearest")
    coarse = gaussian_filter(clipped, _COARSE_MM / grid.spacing, mode="nearest")
    head, neck = core.levels.height(np.array([640.0, 600.0]))
    share = np.maximum(
        np.clip((-y - 15.0) / 50.0, 0.0, 1.0),
        np.clip((z - np.float32(neck)) / np.float32(head - neck), 0.0, 1.0),
    )
    return np.asarray(fine + share * (coarse - fine), dtype=np.float32)


def _clear(
    field: Field,
    samples: NDArray[np.float64],
    grid: Grid,
    core: TorsoCore,
    thigh_cut: float,
) -> Field:
    """Push the skin out wherever smoothing brought it too near to a muscle or bone."""
    from scipy.ndimage import binary_dilation

    x, y, z = grid.axes()
    least = least_fat() + 2.6 + 0.5
    close = rough_distance(samples, grid) < least + 3.0 * grid.spacing
    edge = (np.abs(field) < 3.0 * grid.spacing) & close
    within = z > np.float32(thigh_cut + 4.0)
    if core.arm is not None:
        ends = core.arm.beyond((np.abs(x), y, z)) < -4.0
        within = within & (ends | (np.abs(x) < 0.6 * core.arm.start[0]))
    band = binary_dilation(edge) & within
    apart = exact_distance(samples, grid.nodes(band)) - np.float32(least)
    result = field.copy()
    result[band] = smooth_min(field[band], apart, 2.0)
    return result


def _surface(
    field: Field, grid: Grid, alike: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    points, faces, twins = level_surface(field, grid, alike)
    if not alike:
        return taubin(evened(points, faces, field, grid), faces), faces
    whole, wide = _mirrored_field(field, grid)
    points = evened(points, faces, whole, wide)
    return symmetric(taubin(points, faces), twins), faces


def _mirrored_field(field: Field, grid: Grid) -> tuple[Field, Grid]:
    whole = np.concatenate([field[:0:-1], field])
    origin = grid.origin.copy()
    origin[0] = -grid.spacing * (grid.shape[0] - 1)
    return whole, Grid(origin, grid.spacing, (whole.shape[0], grid.shape[1], grid.shape[2]))
