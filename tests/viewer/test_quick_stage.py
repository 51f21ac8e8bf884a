"""Moving pictures show what pictures at rest show, from fewer triangles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.phantom import phantom_atlas
from viewer import palette
from viewer.buffers import Buffers
from viewer.camera import frame_of, lens_of, pose_of
from viewer.detail import reduced_triangles
from viewer.material import TINT
from viewer.quick_buffers import QuickBuffers, is_outward
from viewer.quick_stage import Quick, opaque, quick_of
from viewer.renderer import OffScreen
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState
from viewer.visible import near

ATLAS = phantom_atlas()
FRAME = frame_of(ATLAS)
SIZE = (240, 300)


@pytest.fixture(scope="module")
def quick() -> Quick:
    return quick_of(ATLAS)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[OffScreen, Scene]]:
    with OffScreen(SIZE, 1) as screen:
        yield screen, Scene(screen.plotter)


def picture(view: str, peel: float, **state: object) -> Picture:
    settings = ViewState(camera=pose_of(view, FRAME), peel=peel, **state)  # type: ignore[arg-type]
    return resolve(settings, ATLAS)


def both(
    stage: tuple[OffScreen, Scene], quick: Quick, wanted: Picture
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a picture at rest and in motion; whole numbers, shape (H, W, 3) each."""
    screen, scene = stage
    scene.move(None)
    scene.show(wanted)
    rest = screen.picture().astype(int)
    scene.move(quick)
    scene.show(wanted)
    moving = screen.picture().astype(int)
    scene.move(None)
    return rest, moving


def covered(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(pixels - palette.BACKGROUND).max(axis=2) > 12)


@pytest.mark.parametrize("view", ["posterior", "posterolateral_left", "anterior", "superior"])
@pytest.mark.parametrize("peel", [0.0, 2.0, 2.5, 5.0, 7.0])
def test_in_motion_the_same_is_seen(
    stage: tuple[OffScreen, Scene], quick: Quick, view: str, peel: float
) -> None:
    rest, moving = both(stage, quick, picture(view, peel))
    here, there = covered(rest), covered(moving)
    assert here.sum() > 2000
    # Outlines of fewer triangles differ by a pixel here and there, never by a hole.
    assert (here ^ there).sum() < 0.05 * here.sum()
    inside = here & there
    off = np.abs(rest - moving).mean(axis=2)[inside]
    assert off.mean() < 16.0
    assert (off > 70.0).mean() < 0.03


def test_a_picture_turned_after_it_was_shown_has_no_holes(
    stage: tuple[OffScreen, Scene], quick: Quick
) -> None:
    screen, scene = stage
    scene.move(quick)
    scene.show(picture("anterior", 2.0))
    screen.picture()
    scene.look(picture("posterior", 2.0))
    turned = screen.picture().astype(int)
    scene.show(picture("posterior", 2.0))
    assert np.array_equal(turned, screen.picture())
    scene.move(None)


def test_a_choice_of_structures_is_known_once_it_was_looked_at(quick: Quick) -> None:
    one = picture("posterior", 2.0, isolated=frozenset({"kidney_left"}))
    assert quick.knows(picture("posterior", 2.0))
    assert not quick.knows(one)
    bits = {"kidney_left": np.ones(3, dtype=np.uint64)}
    more = quick.with_choice(opaque(one), bits)
    assert more.knows(one)
    assert more.bits_of(one) is bits
    assert not quick.knows(one)


def test_only_the_latest_choices_are_kept(quick: Quick) -> None:
    kept = quick
    for index in range(20):
        kept = kept.with_choice(frozenset({str(index)}), {})
    assert list(kept.others) == [frozenset({str(index)}) for index in range(12, 20)]


def test_while_a_layer_fades_what_is_below_is_already_looked_at(quick: Quick) -> None:
    fading = picture("posterior", 2.5)
    found = quick.bits_of(fading)
    for draw in fading.draws:
        level = 3 if draw.layer >= 3 else draw.layer
        assert found[draw.id] is quick.seen[level][draw.id]


@pytest.fixture(scope="module")
def tissue() -> tuple[Buffers, QuickBuffers]:
    full = Buffers(ATLAS, [name for name in ATLAS if name != "skin"])
    return full, QuickBuffers(full, reduced_triangles(ATLAS))


def test_quick_vertices_are_the_full_ones_in_the_order_of_use(
    tissue: tuple[Buffers, QuickBuffers],
) -> None:
    full, few = tissue
    fewer = reduced_triangles(ATLAS)
    data = few.polydata()
    points = np.array([data.GetPoint(row) for row in range(data.GetNumberOfPoints())])
    for name in ("kidney_left", "trapezius_left"):
        pile = few.pile((name,), {})
        wanted = ATLAS[name].surface.vertices[fewer[name]]
        assert np.allclose(points[pile.faces], wanted, atol=1e-4)
    every = few.pile(full.ids, {}).faces.ravel()
    _, first = np.unique(every, return_index=True)
    assert (np.diff(first) > 0).all()
    assert len(points) == len(first)


def test_triangles_turned_away_are_left_out_and_no_other(
    tissue: tuple[Buffers, QuickBuffers],
) -> None:
    few = tissue[1]
    eye = lens_of(pose_of("posterior", FRAME), FRAME, 1.0).position
    pile = few.pile(("kidney_left",), {})
    corners = ATLAS["kidney_left"].surface.vertices[reduced_triangles(ATLAS)["kidney_left"]]
    line = eye - corners[:, 0]
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    facing = np.einsum("ij,ij->i", pile.normals, line)
    kept = np.zeros(len(facing), dtype=np.bool_)
    kept[pile.seen(near(np.array([0.0, 1.0, 0.0])), eye)] = True
    assert kept[facing > 0.0].all()
    assert not kept[facing < -0.15].any()
    assert 0.3 < kept.mean() < 0.75


def test_shade_that_comes_later_reaches_the_quick_vertices(
    tissue: tuple[Buffers, QuickBuffers],
) -> None:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    full, few = tissue
    count = len(ATLAS["kidney_left"].surface.vertices)
    full.set_openness({"kidney_left": np.full(count, 0.25, dtype=np.float32)})
    few.shade()
    tint = vtk_to_numpy(few.polydata().GetPointData().GetArray(TINT))
    corners = np.unique(few.pile(("kidney_left",), {}).faces)
    assert np.allclose(tint[corners, 3], 0.25)


def test_a_pile_is_made_once_for_the_same_bits(tissue: tuple[Buffers, QuickBuffers]) -> None:
    few = tissue[1]
    count = len(reduced_triangles(ATLAS)["kidney_left"])
    bits = {"kidney_left": np.zeros(count, dtype=np.uint64)}
    one = few.pile(("kidney_left",), bits)
    assert few.pile(("kidney_left",), bits) is one
    other = few.pile(("kidney_left",), {"kidney_left": bits["kidney_left"].copy()})
    assert other is not one
    assert len(one.seen(near(np.array([0.0, 1.0, 0.0])), np.array([0.0, 3000.0, 0.0]))) == 0


def test_which_side_is_out_is_found_out() -> None:
    surface = ATLAS["kidney_left"].surface
    points = surface.vertices.astype(np.float32)
    assert is_outward(points, surface.faces)
    assert not is_outward(points, np.ascontiguousarray(surface.faces[:, ::-1]))
    assert not is_outward(points, surface.faces[: len(surface.faces) // 2])
