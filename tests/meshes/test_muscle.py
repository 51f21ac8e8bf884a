"""The soft-tissue generator: recipes, places, draping, and the muscles of the built-in torso."""

from __future__ import annotations

from itertools import combinations

import manifold3d
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from meshes.atlas import Atlas
from meshes.errors import ReadError, UnknownName
from meshes.landmarks import Landmarks
from meshes.muscle.drape import CLEARANCE_MM, drape, pressed, settled
from meshes.muscle.recipe import load_recipes, locate
from meshes.muscle.simpler import simpler
from meshes.muscle.solid import signed_volume
from meshes.muscle.unfold import even
from meshes.structure import Structure
from meshes.terminology import Provenance, Side, System, mirror_id

MARKS = Landmarks(
    {"a/tip": np.array([0.0, 10.0, 0.0]), "b/tip": np.array([10.0, 10.0, 20.0])},
    {"c/edge": np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 40.0]])},
)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("a/tip", (0, 10, 0)),
        ("c/edge @ 0.25", (0, 0, 10)),
        ("a/tip ~ b/tip @ 0.5", (5, 10, 10)),
        ("a/tip + (1, -2, 3)", (1, 8, 3)),
        ("a/tip ~ b/tip @ 0.5 + (1, 0, 0)", (6, 10, 10)),
    ],
)
def test_a_place_is_read_as_written(place: str, expected: tuple[float, ...]) -> None:
    assert locate(place, MARKS) == pytest.approx(np.array(expected, dtype=float))


def test_shifts_scale_with_the_body_and_landmarks_do_not() -> None:
    assert locate("a/tip + (2, 0, 0)", MARKS, scale=0.5) == pytest.approx([1.0, 10.0, 0.0])


def test_a_wrong_place_is_one_line_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="did you mean a/tip"):
        locate("a/tipp", MARKS)
    with pytest.raises(ReadError, match="shift"):
        locate("a/tip + (1, x, 0)", MARKS)


def test_recipes_name_catalogued_structures_once() -> None:
    from meshes.catalogue import load_catalogue

    names = [recipe.id for recipe in load_recipes()]
    assert len(names) == len(set(names))
    catalogue = load_catalogue()
    assert [name for name in names if not {name, f"{name}_left"} & set(catalogue)] == []


@given(
    arrays(np.float64, (12, 14), elements=st.floats(-30.0, 30.0, width=32)),
    st.floats(0.0, 1.0),
)
def test_a_draped_sheet_never_sinks_into_the_ground(ground: np.ndarray, sag: float) -> None:
    u, v = np.meshgrid(np.linspace(0, 80, 12), np.linspace(0, 60, 14), indexing="ij")
    points = np.stack([u, np.zeros_like(u), v], axis=2)
    taut = drape(ground, points, np.broadcast_to([0.0, 1.0, 0.0], points.shape), sag)
    assert (taut >= ground + CLEARANCE_MM - 1e-9).all()
    under = settled(ground, taut, 10.0)
    assert (under >= ground + CLEARANCE_MM - 1e-9).all()
    assert (under <= taut + 1e-9).all()


def test_a_sheet_over_one_ridge_is_taut_on_both_sides_of_it() -> None:
    ground = np.full((41, 9), -50.0)
    ground[20] = 10.0
    u, v = np.meshgrid(np.linspace(0, 200, 41), np.linspace(0, 40, 9), indexing="ij")
    points = np.stack([u, np.zeros_like(u), v], axis=2)
    height = drape(ground, points, np.broadcast_to([0.0, 1.0, 0.0], points.shape), 0.0)[:, 4]
    assert height[20] == pytest.approx(10.0 + CLEARANCE_MM, abs=0.3)
    assert height[10] == pytest.approx(5.0, abs=1.0)  # straight between attachment and ridge
    assert (np.diff(height[:20]) > 0).all()


def test_a_curved_rest_shape_is_pulled_straight() -> None:
    u, v = np.meshgrid(np.linspace(0, 100, 31), np.linspace(0, 40, 9), indexing="ij")
    bulge = 20.0 * np.sin(np.pi * u / 100.0)
    points = np.stack([u, bulge, v], axis=2)
    outward = np.broadcast_to([0.0, 1.0, 0.0], points.shape)
    nothing = np.full(u.shape, -1000.0)
    assert np.abs(bulge + drape(nothing, points, outward, 0.0)).max() < 1.5
    assert np.abs(drape(nothing, points, outward, 1.0)).max() < 1e-6


def test_a_free_span_is_pressed_in_and_stops_at_the_ground() -> None:
    u, v = np.meshgrid(np.linspace(0, 100, 31), np.linspace(0, 40, 9), indexing="ij")
    points = np.stack([u, np.zeros_like(u), v], axis=2)
    taut, sink = np.zeros_like(u), np.full(9, 10.0)
    free = pressed(taut, np.full_like(u, -1000.0), points, sink)
    assert free[15, 4] == pytest.approx(-10.0, abs=1.0)
    assert np.abs(free[[0, -1]]).max() < 1e-9
    held = pressed(taut, np.full_like(u, -4.0), points, sink)
    assert held.min() >= -4.0 + CLEARANCE_MM - 1e-9
    assert held[15, 4] == pytest.approx(-4.0 + CLEARANCE_MM, abs=0.2)
    assert pressed(taut, np.full_like(u, -4.0), points, np.zeros(9)) is taut


def test_a_fold_is_smoothed_flat_and_a_flat_sheet_left_alone() -> None:
    u, v = np.meshgrid(np.linspace(0, 60, 21), np.linspace(0, 30, 11), indexing="ij")
    flat = np.stack([u, np.zeros_like(u), v], axis=2)
    outward = np.broadcast_to([0.0, -1.0, 0.0], flat.shape)
    assert np.array_equal(even(flat, outward), flat)
    folded = flat.copy()
    folded[10, 3:8, 0] -= 7.0  # one row stepped back over two others
    mended = even(folded, outward)
    normal = np.cross(np.diff(mended, axis=0)[:, :-1], np.diff(mended, axis=1)[:-1])
    assert ((normal * [0.0, -1.0, 0.0]).sum(axis=2) > 0.0).all()
    assert np.array_equal(mended[[0, -1]], flat[[0, -1]])


def test_fewer_triangles_keep_shape_parts_and_fibres(builtin: Atlas) -> None:
    item = builtin["gluteus_maximus_left"]
    again = simpler(item.surface, 1.0)
    assert len(again.faces) < 0.8 * len(item.surface.faces)
    assert abs(signed_volume(again) / signed_volume(item.surface) - 1.0) < 0.02
    assert again.fibres is not None
    assert item.surface.fibres is not None
    old = {tuple(at): u for at, u in zip(item.surface.vertices, item.surface.fibres.u, strict=True)}
    kept = [
        old[tuple(at)] == u
        for at, u in zip(again.vertices, again.fibres.u, strict=True)
        if tuple(at) in old
    ]
    assert all(kept)
    assert len(kept) > 0.95 * len(again.vertices)  # where triangles crossed a few have moved
    parted = simpler(builtin["deltoid_left"].surface, 1.0)
    assert parted.part is not None
    assert set(np.unique(parted.part)) == {0, 1, 2}


def _generated(atlas: Atlas) -> list[Structure]:
    return [
        item
        for item in atlas.values()
        if item.origin.kind is Provenance.GENERATED and item.surface.fibres is not None
    ]


def _manifold(item: Structure) -> manifold3d.Manifold:
    mesh = manifold3d.Mesh(
        # Copies: manifold3d takes no read-only arrays, and a cached atlas is mapped from disk.
        np.array(item.surface.vertices, dtype=np.float32),
        np.array(item.surface.faces, dtype=np.uint32),
    )
    return manifold3d.Manifold(mesh)


def test_every_recipe_is_laid_on_both_sides(builtin: Atlas) -> None:
    for recipe in load_recipes():
        sides = {f"{recipe.id}_left", f"{recipe.id}_right"}
        assert ({recipe.id} if recipe.midline else sides) <= set(builtin)


def test_muscles_are_closed_solids_wound_outward(builtin: Atlas) -> None:
    for item in _generated(builtin):
        assert _manifold(item).status() == manifold3d.Error.NoError, item.id
        assert signed_volume(item.surface) > 500.0, item.id


def test_right_mirrors_left_exactly(builtin: Atlas) -> None:
    flip = np.array([-1, 1, 1], dtype=np.float32)
    for item in _generated(builtin):
        other = builtin[mirror_id(item.id)].surface.vertices
        mirrored = item.surface.vertices * flip
        if item.side is Side.MIDLINE:  # both halves are one structure
            mirrored = np.roll(mirrored, len(mirrored) // 2, axis=0)
        assert np.abs(other - mirrored).max() < 1e-3, item.id


def test_muscles_share_no_volume_with_their_neighbours(builtin: Atlas) -> None:
    left = [item for item in _generated(builtin) if item.side is not Side.RIGHT]
    solids = {item.id: _manifold(item) for item in left}
    volumes = {name: solid.volume() for name, solid in solids.items()}
    shared = {}
    for one, two in combinations(solids, 2):
        share = (solids[one] ^ solids[two]).volume() / min(volumes[one], volumes[two])
        if share > 0.01:
            shared[one, two] = round(share, 4)
    assert shared == {}


def test_fibre_coordinates_run_from_origin_to_insertion(builtin: Atlas) -> None:
    for item in _generated(builtin):
        fibres = item.surface.fibres
        assert fibres is not None
        assert (fibres.u.min(), fibres.u.max()) == (0.0, 1.0), item.id
        assert fibres.tendon.min() >= 0.0
        assert fibres.tendon.max() <= 1.0
        lengths = np.linalg.norm(fibres.direction, axis=1)
        assert (np.abs(lengths - 1.0) < 1e-3).mean() > 0.98, item.id


def test_the_ascending_trapezius_rises_to_the_scapular_spine(builtin: Atlas) -> None:
    """Facts 6.1: ascending fibres +16 (T4) to +76 degrees (T12) seen from behind."""
    item = builtin["trapezius_left"]
    fibres = item.surface.fibres
    assert fibres is not None
    assert item.system is System.MUSCULAR
    faces = item.part_faces("ascending")
    corners = item.surface.faces[faces]
    belly = corners[np.abs(fibres.u[corners].mean(axis=1) - 0.5) < 0.1]
    x, _, z = fibres.direction[belly].mean(axis=1).T
    angle = np.degrees(np.arctan2(z, np.abs(x)))
    # Shares of the area, not of the vertices: flat stretches have few.
    a, b, c = np.moveaxis(item.surface.vertices[belly], 1, 0)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    order = np.argsort(angle)
    share = np.cumsum(area[order]) / area.sum()
    low, high = np.interp([0.05, 0.95], share, angle[order])
    assert 10.0 < low < 40.0
    assert 65.0 < high < 82.0
