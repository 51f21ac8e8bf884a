"""All crossings against brute force in double precision."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from meshes import rays
from meshes.atlas import Atlas
from meshes.intervals import pair
from meshes.rays import RayCaster, SurfaceCaster
from meshes.surface import Surface
from tests.phantom import phantom_atlas

Floats = NDArray[np.float64]


def brute_force(
    corners: Floats, origin: Floats, direction: Floats
) -> tuple[Floats, NDArray[np.intp], NDArray[np.bool_]]:
    """Depth, face and sense of each crossing of one ray (Moeller and Trumbore).

    Faces are left out first whose sphere the line does not touch; the rest is done in full.
    """
    centre, radius = spheres(corners)
    away = centre - origin
    beside = np.einsum("ij,ij->i", away, away) - (away @ direction) ** 2
    chosen = np.flatnonzero(beside <= radius**2 + 1e-3)
    corners = corners[chosen]
    edge1, edge2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(direction, edge2)
    volume = np.einsum("ij,ij->i", edge1, across)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / volume
        to = origin - corners[:, 0]
        u = np.einsum("ij,ij->i", to, across) * inverse
        other = np.cross(to, edge1)
        v = other @ direction * inverse
        depth = np.einsum("ij,ij->i", edge2, other) * inverse
        hit = (volume != 0.0) & (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (depth > 0.0)
    return depth[hit], chosen[np.flatnonzero(hit)], volume[hit] > 0.0


#: Corners of one atlas with their spheres; the corners are held, so that no other array can
#: come to stand at their place.
_SPHERES: list[tuple[Floats, tuple[Floats, Floats]]] = []


def spheres(corners: Floats) -> tuple[Floats, Floats]:
    """Centre and radius of a sphere around each face (kept for the corners of one atlas)."""
    if not _SPHERES or _SPHERES[0][0] is not corners:
        centre = corners.mean(axis=1)
        radius = np.linalg.norm(corners - centre[:, None], axis=2).max(axis=1)
        _SPHERES[:] = [(corners, (centre, radius))]
    return _SPHERES[0][1]


def random_rays(count: int, seed: int = 4) -> tuple[Floats, Floats]:
    """Rays from a shell around the trunk towards points inside it."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(-np.pi, np.pi, count)
    start = np.stack(
        [320 * np.sin(angle), 320 * np.cos(angle), rng.uniform(-150, 650, count)], axis=1
    )
    goal = rng.normal(scale=(60, 40, 60), size=(count, 3)) + np.stack(
        [np.zeros(count), np.zeros(count), start[:, 2]], axis=1
    )
    along = goal - start
    return start, along / np.linalg.norm(along, axis=1, keepdims=True)


def assert_agrees(atlas: Atlas, count: int, within: float = 2e-3) -> None:
    caster = RayCaster(atlas)
    surfaces = [atlas[name].surface for name in caster.names]
    corners = np.concatenate([item.vertices[item.faces] for item in surfaces]).astype(np.float64)
    owner = np.repeat(np.arange(len(surfaces)), [item.triangle_count for item in surfaces])
    origins, directions = random_rays(count)
    found = caster.cast(origins, directions)
    for ray in range(count):
        depth, face, entering = brute_force(corners, origins[ray], directions[ray])
        expected = _told_apart(depth, owner[face], entering)
        here = found.keep(found.ray == ray)
        got = _without_flaps(
            _told_apart(here.depth, here.structure, here.entering),
            _flaps(depth, owner[face], entering),
        )
        assert [row[0] for row in got] == [row[0] for row in expected], ray
        np.testing.assert_allclose(
            [row[1] for row in got], [row[1] for row in expected], atol=within
        )


def _told_apart(
    depth: Floats, structure: NDArray[np.integer], entering: NDArray[np.bool_]
) -> list[tuple[int, float]]:
    """Crossings by structure and depth.

    One that is met twice on a shared edge counts once; in and out again within a micrometre (a
    flap without thickness, as mended meshes have) counts as nothing.
    """
    kept: list[tuple[int, float, bool]] = []
    rows = zip(structure.tolist(), depth.tolist(), entering.tolist(), strict=True)
    for row in sorted(rows):
        close = bool(kept) and kept[-1][0] == row[0] and row[1] - kept[-1][1] < 1e-3
        if close and kept[-1][2] != row[2]:
            kept.pop()
        elif not close:
            kept.append(row)
    return [(number, at) for number, at, _ in kept]


def _flaps(
    depth: Floats, structure: NDArray[np.integer], entering: NDArray[np.bool_]
) -> list[tuple[int, float]]:
    """Places where a surface is folded on itself: in and out again within a micrometre."""
    rows = sorted(zip(structure.tolist(), depth.tolist(), entering.tolist(), strict=True))
    return [
        (a[0], a[1])
        for a, b in pairwise(rows)
        if a[0] == b[0] and b[1] - a[1] < 1e-3 and a[2] != b[2]
    ]


def _without_flaps(
    rows: list[tuple[int, float]], flaps: list[tuple[int, float]]
) -> list[tuple[int, float]]:
    """Leave out the one crossing that embree, which tells no two faces in one place, gives."""
    return [
        row
        for row in rows
        if not any(row[0] == number and abs(row[1] - at) < 5e-3 for number, at in flaps)
    ]


def test_hit_for_hit_with_brute_force_on_200_rays() -> None:
    assert_agrees(phantom_atlas(), 200)


def test_hit_for_hit_with_brute_force_on_the_built_in_torso(builtin: Atlas) -> None:
    assert_agrees(builtin, 200)


@pytest.mark.reference
def test_hit_for_hit_with_brute_force_on_real_meshes(za: Atlas) -> None:
    # A ray that does not close is cast again 0.002 mm aside (ASIDE); where it grazes a face, that
    # moves its crossing by some hundredths.
    assert_agrees(za, 200, within=0.05)


def test_many_rays_give_what_single_rays_give() -> None:
    caster = RayCaster(phantom_atlas())
    origins, directions = random_rays(6000)
    together = caster.cast(origins, directions)
    for ray in (0, 17, 2499, 2500, 5999):
        alone = caster.cast(origins[[ray]], directions[[ray]])
        here = together.keep(together.ray == ray)
        np.testing.assert_array_equal(here.structure, alone.structure)
        np.testing.assert_allclose(here.depth, alone.depth, atol=1e-9)


def test_length_ends_the_ray() -> None:
    caster = RayCaster(phantom_atlas())
    origins, directions = random_rays(50)
    far = pair(caster.cast(origins, directions, 700.0))
    near = pair(caster.cast(origins, directions, 330.0))
    reached = far.keep(far.enter < 330.0)
    assert 0 < len(near) == len(reached) < len(far)
    np.testing.assert_array_equal(near.structure, reached.structure)
    np.testing.assert_allclose(near.enter, reached.enter, atol=5e-3)
    left = reached.exit < 330.0
    np.testing.assert_allclose(near.exit[left], reached.exit[left], atol=5e-3)
    assert (near.exit[~left] >= 330.0).all()


def test_surfaces_closer_than_a_hair_are_both_found() -> None:
    """A muscle resting on the next one: the second surface must not vanish with the step."""

    def slab(low: float, high: float) -> Surface:
        import trimesh

        box = trimesh.creation.box(bounds=[[-50, -50, low], [50, 50, high]])
        return Surface.of(box.vertices, box.faces)

    caster = SurfaceCaster([slab(0.0, 10.0), slab(10.0, 20.0), slab(20.0001, 30.0)])
    rng = np.random.default_rng(1)
    start = np.concatenate([rng.uniform(-40, 40, (300, 2)), np.full((300, 1), -5.0)], axis=1)
    along = np.tile([0.0, 0.0, 1.0], (300, 1))
    found = pair(caster.cast(start, along, 60.0))
    assert len(found) == 900
    np.testing.assert_allclose(found.enter.reshape(300, 3), [[5.0, 15.0, 25.0]] * 300, atol=2e-3)
    np.testing.assert_allclose(found.exit.reshape(300, 3), [[15.0, 25.0, 35.0]] * 300, atol=2e-3)


def test_scenes_of_single_surfaces_are_kept_in_bounds() -> None:
    # Embree ends the process at about a thousand scenes that live at once.
    ball = _ball_surface()
    for _ in range(rays.MOST_KEPT + 40):
        rays._alone((next(rays._numbers), 0), ball)
    assert len(rays._kept) <= rays.MOST_KEPT


def _ball_surface() -> Surface:
    mesh = trimesh.creation.icosphere(subdivisions=1, radius=30.0)
    return Surface.of(
        np.asarray(mesh.vertices, dtype=np.float32), np.asarray(mesh.faces, dtype=np.int32)
    )


def test_a_few_rays_are_cast_as_if_there_were_many() -> None:
    atlas = phantom_atlas()
    skin = atlas["skin"].surface.vertices.astype(np.float64)
    rng = np.random.default_rng(4)
    origins = skin[rng.choice(len(skin), 120, replace=False)]
    along = np.array([0.0, 0.0, 250.0]) + rng.normal(0.0, 60.0, origins.shape) - origins
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    # Beside the vertices: which of two faces a ray meets on their edge is anybody's choice.
    origins = origins - 5.0 * along + rng.normal(0.0, 0.7, origins.shape)
    # Along an axis a ray has no figure for the walls of a box beside it.
    along[:20] = [0.0, -1.0, 0.0]
    many = RayCaster(atlas)
    many.cast(np.repeat(origins, 2, axis=0), np.repeat(along, 2, axis=0), 200.0)
    for start in range(0, 120, 4):
        few = RayCaster(atlas)
        rows = slice(start, start + 4)
        one = few.cast(origins[rows], along[rows], 200.0)
        other = many.cast(origins[rows], along[rows], 200.0)
        assert few._scene is None
        for name in ("ray", "structure", "face", "entering"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        np.testing.assert_allclose(one.depth, other.depth, atol=1e-3)


def test_whoever_asks_often_gets_a_scene_of_everything() -> None:
    caster = RayCaster(phantom_atlas())
    start, along = np.array([[30.0, 200.0, 300.0]]), np.array([[0.0, -1.0, 0.0]])
    found = [caster.cast(start, along, 300.0) for _ in range(4)]
    assert caster._scene is not None
    assert len(found[0]) > 4
    for later in found[1:]:
        np.testing.assert_array_equal(later.face, found[0].face)


def test_a_ray_past_everything_meets_nothing() -> None:
    caster = RayCaster(phantom_atlas())
    assert len(caster.cast(np.array([[0.0, 900.0, 300.0]]), np.array([[0.0, 1.0, 0.0]]))) == 0
