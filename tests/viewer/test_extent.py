"""Nothing is drawn outside the part of a picture that is said to hold it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from annotations.compose import protocol_timeline
from annotations.protocol import open_protocol
from annotations.timeline import CameraPose
from meshes.atlas import Atlas
from viewer.camera import frame_of, lens_of
from viewer.export.frames import picture_at
from viewer.extent import Extent
from viewer.palette import BACKGROUND
from viewer.renderer import OffScreen
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState

SIZE = (240, 136)


@pytest.fixture(scope="module")
def screen() -> Iterator[OffScreen]:
    with OffScreen(SIZE, 2) as made:
        yield made


@pytest.mark.parametrize(
    ("azimuth", "elevation", "zoom", "peel"),
    [(0.0, 0.0, 1.0, 0.0), (47.0, 20.0, 0.6, 2.0), (130.0, -35.0, 0.8, 6.0), (90.0, 0.0, 3.0, 0.4)],
)
def test_all_that_is_drawn_lies_inside(
    builtin: Atlas, screen: OffScreen, azimuth: float, elevation: float, zoom: float, peel: float
) -> None:
    timeline = protocol_timeline(builtin, open_protocol("trapezius_ridge"))
    moment = picture_at(builtin, timeline, timeline.duration_s / 2.0, {})
    pose = CameraPose(azimuth, elevation, zoom, frame_of(builtin).centre)
    state = ViewState(peel=peel, camera=pose, contacts=moment.contacts, trails=moment.trails)
    picture = resolve(state, builtin)
    scene = Scene(screen.plotter)
    scene.show(picture)
    pixels = screen.picture()
    lens = lens_of(pose, scene.frame, SIZE[0] / SIZE[1])
    left, upper, right, lower = Extent(builtin).box(picture, scene.place(picture), lens, SIZE)
    scene.close()
    drawn = (pixels != BACKGROUND).any(axis=2)
    assert drawn.any()
    drawn[upper:lower, left:right] = False
    assert not drawn.any()
    # And it is worth asking: seen whole, a torso leaves most of a wide picture free.
    assert zoom > 1.0 or (right - left) * (lower - upper) < 0.7 * SIZE[0] * SIZE[1]


def test_of_nothing_there_is_next_to_nothing(builtin: Atlas) -> None:
    pose = CameraPose(0.0, 0.0, 1.0, frame_of(builtin).centre + np.array([5000.0, 0.0, 0.0]))
    lens = lens_of(pose, frame_of(builtin), SIZE[0] / SIZE[1])
    picture = resolve(ViewState(camera=pose, peel=2.0), builtin)
    left, upper, right, lower = Extent(builtin).box(picture, (), lens, SIZE)
    assert 0 <= left < right <= SIZE[0]
    assert 0 <= upper < lower <= SIZE[1]
    assert (right - left) <= 4
