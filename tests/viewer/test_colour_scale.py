"""The scale of millimetres: even, and lighter to darker for everybody."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from annotations.skin_map import skin_map
from meshes.atlas import Atlas
from tests.phantom import phantom_atlas
from viewer.camera import frame_of, lens_of, pose_of
from viewer.colour_scale import STOPS, colour_at
from viewer.eyesight import SIGHT, seen
from viewer.labels import marks_of
from viewer.marks import Block, Words
from viewer.renderer import OffScreen
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState


@pytest.mark.parametrize("blindness", SIGHT)
def test_steps_are_even_and_lightness_falls(blindness: str) -> None:
    lab = np.array([seen(colour_at(share), blindness) for share in np.linspace(0.0, 1.0, 17)])
    apart = deltaE_ciede2000(lab[:-1], lab[1:])
    # Even within a third for full sight; a blind cone costs some of it but never a step.
    assert apart.max() / apart.min() < (1.45 if blindness == "none" else 2.3)
    assert apart.min() > 3.0
    assert (np.diff(lab[:, 0]) < 0.0).all()


@pytest.mark.parametrize("blindness", SIGHT)
def test_any_two_colours_a_step_apart_are_told_apart(blindness: str) -> None:
    """A line is drawn every sixth of the scale: the colours between two lines differ clearly."""
    rows = [seen(colour_at(share), blindness) for share in np.linspace(1 / 12, 11 / 12, 6)]
    for one, other in itertools.pairwise(rows):
        assert deltaE_ciede2000(one, other) > 8.0


def test_the_ends_are_the_stops() -> None:
    assert colour_at(-1.0) == STOPS[0]
    assert colour_at(2.0) == STOPS[-1]
    middle = colour_at(0.5 / (len(STOPS) - 1))
    assert all(
        min(a, b) <= value <= max(a, b)
        for value, a, b in zip(middle, STOPS[0], STOPS[1], strict=True)
    )


def test_a_picture_of_padding_has_the_scales_colours_and_its_legend() -> None:
    atlas = phantom_atlas()
    frame, size = frame_of(atlas), (400, 500)
    chart = skin_map(atlas, "padding")
    plain = ViewState(camera=pose_of("posterior", frame))
    state = ViewState(camera=pose_of("posterior", frame), surface="padding")
    picture = resolve(state, atlas, chart=chart)
    assert picture.chart is chart
    assert resolve(plain, atlas, chart=chart).chart is None
    with OffScreen(size, 2) as screen:
        scene = Scene(screen.plotter)
        scene.show(picture)
        drawn = screen.picture().astype(int)
        scene.show(resolve(plain, atlas))
        bare = screen.picture().astype(int)
    changed = np.abs(drawn - bare).max(axis=2) > 20
    assert changed.mean() > 0.1
    # Where the skin is painted it has gone away from the skin's hue to the scale's.
    assert (drawn[changed][:, 0] - drawn[changed][:, 2]).mean() < (
        bare[changed][:, 0] - bare[changed][:, 2]
    ).mean() - 10.0
    marks = marks_of(picture, lens_of(picture.camera, frame, size[0] / size[1]), size)
    words = [mark.text for mark in marks if isinstance(mark, Words)]
    assert {"Soft tissue over bone", "0 mm", "30 mm", "60+ mm"} <= set(words)
    blocks = [mark.colour for mark in marks if isinstance(mark, Block)]
    lightness = [float(seen(colour, "none")[0]) for colour in blocks]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize("size", [(320, 240), (220, 280), (120, 90), (320, 400), (640, 360)])
@pytest.mark.parametrize("zoom", [1.0, 2.5])
def test_in_a_small_picture_the_legend_leaves_the_body_free(
    builtin: Atlas, size: tuple[int, int], zoom: float
) -> None:
    """Shorter where there is room for that, or left out; in a large one it may lie over a part."""
    frame = frame_of(builtin)
    camera = replace(pose_of("posterior", frame), zoom=zoom)
    chart = skin_map(phantom_atlas(), "padding")  # of which the legend reads the scale alone
    picture = resolve(ViewState(camera=camera, surface="padding"), builtin, chart=chart)
    lens = lens_of(camera, frame, size[0] / size[1])
    marks = marks_of(picture, lens, size)
    blocks = [mark for mark in marks if isinstance(mark, Block)]
    words = {mark.text: mark for mark in marks if isinstance(mark, Words)}
    assert bool(blocks) == ("0 mm" in words) == ("60+ mm" in words)
    assert bool(blocks) == (size == (640, 360) or (zoom == 1.0 and size[0] == 320))
    if not blocks or size == (640, 360):
        return
    x, y, _ = lens.project(builtin["skin"].surface.vertices, size).T
    left, top = blocks[0].x, words["Soft tissue over bone"].y
    bottom = max(mark.y + mark.height for mark in blocks)
    # A pixel's grace: the legend looks at some points of the skin.
    assert not ((x > left + 1.0) & (y > top + 1.0) & (y < bottom - 1.0)).any()
    figures = sorted(
        mark.y for text, mark in words.items() if text.endswith(" mm") and mark.x > left
    )
    assert min(np.diff(figures)) > 6.0
