"""The library's strokes measured on bodies: where they go, how fast, over what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from annotations.anatomical_line import at_height, named_line
from annotations.path import meets, spine_of_path
from annotations.protocol import open_protocol
from annotations.stroke import lay_stroke
from meshes.build import builtin as build_builtin
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas


@pytest.fixture(scope="module", params=["builtin", pytest.param("za", marks=pytest.mark.reference)])
def atlas(request: pytest.FixtureRequest) -> Atlas:
    found: Atlas = request.getfixturevalue(request.param)
    return found


def _base(atlas: Atlas, name: str, side: Side) -> np.ndarray:
    (stroke,) = open_protocol(name).strokes
    return spine_of_path(atlas, stroke.path, side).on(atlas)


def _over_any(atlas: Atlas, points: np.ndarray, names: list[str], side: Side) -> np.ndarray:
    found = np.zeros(len(points), dtype=bool)
    for name in names:
        if f"{name}_{side.value}" in atlas:
            found |= meets(atlas, points, f"{name}_{side.value}")
    return found


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_ridge_kneading_runs_neck_to_acromion_over_trapezius(atlas: Atlas, side: Side) -> None:
    points = _base(atlas, "trapezius_ridge", side)
    assert meets(atlas, points, f"trapezius_{side.value}").all()
    neck = atlas.landmarks.point("vertebra_C6/spinous_process")
    acromion = atlas.landmarks.point(f"scapula_{side.value}/acromion")
    assert points[0, 2] > neck[2]
    assert abs(points[0, 0]) < 70.0
    assert np.linalg.norm(points[-1] - acromion) < 55.0
    assert (np.diff(np.abs(points[::10, 0])) > 0.0).all()


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_gutter_lies_over_rhomboid_inside_the_border(atlas: Atlas, side: Side) -> None:
    _assert_in_the_gutter(atlas, "rhomboid_gutter", side)


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_with_the_arm_across_the_gutter_runs_further_out(builtin: Atlas, side: Side) -> None:
    name = "rhomboid_gutter_arm_across"
    posed = build_builtin(pose=open_protocol(name).pose)
    points = _assert_in_the_gutter(posed, name, side)
    rest = _base(builtin, "rhomboid_gutter", side)
    heights = np.linspace(rest[:, 2].min(), rest[:, 2].max(), 20)
    out = [np.abs(at_height(line, heights)[:, 0]) for line in (rest, points)]
    assert (out[1] - out[0]).mean() > 15.0


def _assert_in_the_gutter(atlas: Atlas, name: str, side: Side) -> np.ndarray:
    points = _base(atlas, name, side)
    over = _over_any(atlas, points, ["rhomboid_major", "rhomboid_minor"], side)
    assert over.mean() > 0.95
    heights = points[:, 2]
    border = at_height(named_line(atlas, "scapula/medial_border", side), heights)
    processes = at_height(named_line(atlas, "transverse_processes", side), heights)
    assert (np.abs(points[:, 0]) < np.abs(border[:, 0])).all()
    assert (np.abs(points[:, 0]) > np.abs(processes[:, 0])).all()
    return points


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_descent_stays_over_the_columns(atlas: Atlas, side: Side) -> None:
    points = _base(atlas, "erector_descent", side)
    columns = ["longissimus_thoracis", "iliocostalis_lumborum", "iliocostalis_thoracis"]
    assert _over_any(atlas, points, columns, side).mean() > 0.95
    rib = atlas.landmarks.point(f"rib_12_{side.value}/head")
    assert points[0, 2] > rib[2] - 50.0
    assert points[-1, 2] < points[0, 2] - 100.0


def test_gates_lie_below_the_occiput_between_the_muscles(atlas: Atlas) -> None:
    (stroke,) = open_protocol("gates_of_consciousness").strokes
    for passage in lay_stroke(atlas, stroke)[:2]:
        point = passage.points[0]
        protuberance = atlas.landmarks.point("skull/external_occipital_protuberance")
        tip = atlas.landmarks.point("vertebra_C2/spinous_process")
        assert tip[2] < point[2] < protuberance[2]
        assert 25.0 < abs(point[0]) < 55.0
        push = passage.at(passage.start_s + 2.0).push
        assert push is not None
        assert push[2] > 0.3
