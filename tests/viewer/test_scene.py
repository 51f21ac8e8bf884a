"""Pictures drawn off screen: the right thing on the right side, again and again the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.verdict import Verdict
from tests.phantom import phantom_atlas
from tests.viewer.conftest import Check
from tests.viewer.test_hand import contact
from viewer import palette
from viewer.camera import frame_of, lens_of, pose_of
from viewer.detail import reduced_triangles
from viewer.labels import marks_of
from viewer.lettering import Lettering
from viewer.renderer import OffScreen
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState

ATLAS = phantom_atlas()
FRAME = frame_of(ATLAS)
SIZE = (320, 400)
PAIR = (Technique.KNEADING, Pressure.FIRM)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[OffScreen, Scene]]:
    with OffScreen(SIZE, 2) as screen:
        yield screen, Scene(screen.plotter)


def draw(stage: tuple[OffScreen, Scene], view: str = "posterior", **state: object) -> np.ndarray:
    screen, scene = stage
    settings = ViewState(camera=pose_of(view, FRAME), **state)  # type: ignore[arg-type]
    field = None if settings.caution is None else caution_field(ATLAS, *settings.caution)
    scene.show(resolve(settings, ATLAS, field))
    return screen.picture()


def coloured(pixels: np.ndarray) -> np.ndarray:
    return np.abs(pixels.astype(int) - palette.BACKGROUND).max(axis=2) > 12


def test_left_is_left(stage: tuple[OffScreen, Scene]) -> None:
    for name, left_half in (("kidney_left", True), ("kidney_right", False)):
        pixels = draw(stage, isolated=frozenset({name}))
        column = np.nonzero(coloured(pixels))[1].mean()
        assert bool(column < SIZE[0] / 2) is left_half
        pixels = draw(stage, "anterior", isolated=frozenset({name}))
        column = np.nonzero(coloured(pixels))[1].mean()
        assert bool(column > SIZE[0] / 2) is left_half


def test_what_is_drawn_is_where_the_lens_says(stage: tuple[OffScreen, Scene]) -> None:
    pixels = draw(stage, "left", isolated=frozenset({"kidney_left"}))
    rows, columns = np.nonzero(coloured(pixels))
    lens = lens_of(pose_of("left", FRAME), FRAME, SIZE[0] / SIZE[1])
    wanted = lens.project(ATLAS["kidney_left"].surface.centroid, SIZE)[0]
    assert columns.mean() == pytest.approx(wanted[0], abs=2.0)
    assert rows.mean() == pytest.approx(wanted[1], abs=2.0)


def test_the_same_state_gives_the_same_pixels(stage: tuple[OffScreen, Scene]) -> None:
    first = draw(stage, peel=2.4)
    draw(stage, "left", peel=6.0)
    np.testing.assert_array_equal(draw(stage, peel=2.4), first)


def test_a_fading_layer_is_one_sheet_of_glass(stage: tuple[OffScreen, Scene]) -> None:
    """Half faded lies half way between both whole levels, even where surfaces overlap."""
    outer, inner = draw(stage, peel=2.0).astype(float), draw(stage, peel=3.0).astype(float)
    half = draw(stage, peel=2.5).astype(float)
    apart = np.abs(half - (outer + inner) / 2.0).max(axis=2)
    assert np.percentile(apart, 97) < 40.0
    assert apart.mean() < 6.0


def test_the_verdict_colours_the_skin(stage: tuple[OffScreen, Scene]) -> None:
    plain, painted = draw(stage), draw(stage, caution=PAIR)
    middle = (slice(120, 280), slice(150, 170))
    assert np.abs(plain[middle].astype(int) - painted[middle]).mean() > 40
    # The spinous line is never pressed, and its colour is nearly black.
    line = painted[150:250, 158:162].reshape(-1, 3).astype(float).mean(axis=0)
    beside = painted[150:250, 125:135].reshape(-1, 3).astype(float).mean(axis=0)
    assert line.sum() < beside.sum()


def test_a_dent_sinks_the_skin(stage: tuple[OffScreen, Scene]) -> None:
    touch = contact(x=60.0, z=300.0, hand="thumb")
    flat = draw(stage, "left", contacts=(replace(touch, dent_mm=0.0),))
    sunk = draw(stage, "left", contacts=(replace(touch, dent_mm=14.0),))
    assert (flat != sunk).any()


def test_hands_come_and_go(stage: tuple[OffScreen, Scene]) -> None:
    without = draw(stage)
    touched = draw(stage, contacts=(contact(hand="fingers"),))
    assert (touched != without).any(axis=2).mean() > 0.01
    np.testing.assert_array_equal(draw(stage), without)


def test_fewer_triangles_look_alike(stage: tuple[OffScreen, Scene]) -> None:
    _screen, scene = stage
    whole = draw(stage, peel=2.0)
    scene.detail(reduced_triangles(ATLAS))
    fewer = draw(stage, peel=2.0)
    scene.detail(None)
    np.testing.assert_array_equal(draw(stage, peel=2.0), whole)
    assert np.abs(whole.astype(int) - fewer).mean() < 3.0


@pytest.mark.parametrize(
    ("name", "view", "state"),
    [
        ("skin", "posterior", {"peel": 0.0, "levels": True}),
        ("caution", "posterolateral_left", {"peel": 0.0, "caution": PAIR}),
        ("superficial", "posterior", {"peel": 2.0}),
        ("fading", "posterolateral_right", {"peel": 3.4}),
        ("organs", "posterior", {"peel": 7.0}),
        ("bones-lateral", "left", {"peel": 6.0}),
        ("hand", "posterior", {"contacts": (contact(hand="palm"),)}),
    ],
)
def test_pictures_look_as_they_did(
    stage: tuple[OffScreen, Scene], baseline: Check, name: str, view: str, state: dict[str, object]
) -> None:
    pixels = draw(stage, view, **state)
    picture = resolve(
        ViewState(camera=pose_of(view, FRAME), **state),  # type: ignore[arg-type]
        ATLAS,
        caution_field(ATLAS, *PAIR) if "caution" in state else None,
    )
    lens = lens_of(picture.camera, FRAME, SIZE[0] / SIZE[1])
    baseline(f"phantom-{name}", Lettering(SIZE).over(pixels, marks_of(picture, lens, SIZE)))


def test_two_scenes_do_not_disturb_each_other() -> None:
    with OffScreen((80, 100), 1) as one, OffScreen((80, 100), 1) as other:
        first, second = Scene(one.plotter), Scene(other.plotter)
        first.show(resolve(ViewState(peel=2.0), ATLAS))
        before = one.picture()
        second.show(resolve(ViewState(peel=6.0), ATLAS))
        second.close()
        np.testing.assert_array_equal(one.picture(), before)
        assert not coloured(other.picture()).any()


def test_the_patch_is_seen_where_the_skin_is_peeled(stage: tuple[OffScreen, Scene]) -> None:
    touch = replace(contact(hand="palm"), verdict=Verdict.NEVER)
    mild = replace(touch, verdict=Verdict.WORK)
    never, work = (draw(stage, peel=3.0, contacts=(item,)).astype(int) for item in (touch, mild))
    changed = np.abs(never - work).max(axis=2) > 30
    assert changed.sum() > 80
    rows, columns = np.nonzero(changed)
    lens = lens_of(pose_of("posterior", FRAME), FRAME, SIZE[0] / SIZE[1])
    at = lens.project(touch.position, SIZE)[0]
    assert columns.mean() == pytest.approx(at[0], abs=3.0)
    assert rows.mean() == pytest.approx(at[1], abs=3.0)
