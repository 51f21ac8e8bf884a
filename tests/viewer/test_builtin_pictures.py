"""The built-in torso as it is seen, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from meshes.atlas import Atlas
from tests.viewer.conftest import Check
from viewer.camera import frame_of, pose_of
from viewer.renderer import OffScreen
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState

SIZE = (320, 400)

#: Wider than for the phantom: a muscle that moves by a millimetre is no other picture.
MEAN, MOST = 6.0, 170.0


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[OffScreen, Scene]]:
    with OffScreen(SIZE, 2) as screen:
        # Without ambient shade, which would be worked out anew in every fresh cache.
        yield screen, Scene(screen.plotter, lambda _atlas, _layer: None)


def draw(stage: tuple[OffScreen, Scene], atlas: Atlas, view: str, peel: float) -> np.ndarray:
    screen, scene = stage
    state = ViewState(peel=peel, camera=pose_of(view, frame_of(atlas)))
    scene.show(resolve(state, atlas))
    return screen.picture()


def share(pixels: np.ndarray, kind: str) -> float:
    """Share of the foreground that is red muscle or pale bone and tendon."""
    red, green, blue = (pixels[..., index].astype(int) for index in range(3))
    body = (np.abs(pixels.astype(int) - pixels[2, 2]).max(axis=2) > 12).sum()
    muscle = (red > 1.7 * green) & (red > 70)
    pale = (np.abs(red - green) < 45) & (red - blue < 110) & (red > 90)
    return float((muscle if kind == "muscle" else pale & ~muscle).sum() / body)


def test_layers_look_like_what_they_are(stage: tuple[OffScreen, Scene], builtin: Atlas) -> None:
    assert share(draw(stage, builtin, "posterior", 0.0), "muscle") < 0.02
    assert share(draw(stage, builtin, "posterior", 2.0), "muscle") > 0.35
    assert share(draw(stage, builtin, "posterior", 4.0), "muscle") > 0.15
    bones = draw(stage, builtin, "posterior", 6.0)
    assert share(bones, "muscle") < 0.06  # the kidneys
    assert share(bones, "pale") > 0.6


@pytest.mark.parametrize(
    ("view", "peel"),
    [("posterior", 0.0), ("posterior", 2.0), ("posterolateral_left", 3.0), ("posterior", 7.0)],
)
def test_the_torso_looks_as_it_did(
    stage: tuple[OffScreen, Scene], builtin: Atlas, baseline: Check, view: str, peel: float
) -> None:
    baseline(f"builtin-{view}-{peel:g}", draw(stage, builtin, view, peel), MEAN, MOST)
