"""What a pixel stands for, and what lies under it, on the phantom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.phantom import phantom_atlas
from viewer.camera import frame_of, lens_of, pose_of
from viewer.picking import pick, ray_through

SIZE = (900, 700)
ATLAS = phantom_atlas()
FRAME = frame_of(ATLAS)
VIEWS = ("posterior", "anterior", "left", "right", "superior", "posterolateral_left")


@given(st.sampled_from(VIEWS), st.floats(0.4, 4.0), st.floats(5.0, 895.0), st.floats(5.0, 695.0))
def test_a_ray_through_a_pixel_projects_back_onto_it(
    view: str, zoom: float, x: float, y: float
) -> None:
    lens = lens_of(pose_of(view, FRAME, zoom), FRAME, SIZE[0] / SIZE[1])
    origin, direction = ray_through(lens, SIZE, x, y)
    assert np.linalg.norm(direction) == pytest.approx(1.0)
    back = lens.project(origin + 1234.0 * direction, SIZE)[0]
    assert back[:2] == pytest.approx([x, y], abs=1e-6)


@pytest.mark.parametrize(("view", "left_at"), [("posterior", 0.45), ("anterior", 0.55)])
def test_the_subjects_left_is_picked_on_its_side_of_the_picture(view: str, left_at: float) -> None:
    lens = lens_of(pose_of(view, FRAME), FRAME, SIZE[0] / SIZE[1])
    opaque = dict.fromkeys(ATLAS, 1.0)
    found = pick(ATLAS, opaque, lens, SIZE, (left_at * SIZE[0], 0.5 * SIZE[1]))
    assert found is not None
    assert found.structure == "skin"
    assert found.point[0] > 5.0
    assert lens.project(found.point, SIZE)[0][0] == pytest.approx(left_at * SIZE[0], abs=0.1)


def test_what_is_seen_through_is_not_picked() -> None:
    lens = lens_of(pose_of("posterior", FRAME), FRAME, SIZE[0] / SIZE[1])
    opacity = dict.fromkeys(ATLAS, 1.0) | {"skin": 0.2}
    found = pick(ATLAS, opacity, lens, SIZE, (0.45 * SIZE[0], 0.5 * SIZE[1]))
    assert found is not None
    assert found.structure != "skin"
    assert pick(ATLAS, {}, lens, SIZE, (0.45 * SIZE[0], 0.5 * SIZE[1])) is None


def test_the_background_holds_nothing() -> None:
    lens = lens_of(pose_of("posterior", FRAME), FRAME, SIZE[0] / SIZE[1])
    assert pick(ATLAS, dict.fromkeys(ATLAS, 1.0), lens, SIZE, (5.0, 5.0)) is None
