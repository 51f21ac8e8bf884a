"""The library measured where a renderer reads it: on samples of its timelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from annotations.anatomical_line import at_height, named_line
from annotations.clearance import check
from annotations.compose import protocol_timeline
from annotations.path import meets, spine_of_path
from annotations.protocol import Protocol, library, open_protocol
from annotations.timeline import Contact, Timeline
from meshes.build import builtin as build_builtin
from meshes.skin_surface import skin_of
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

SIDES = [Side.LEFT, Side.RIGHT]
#: Each stroke of the library once, the routine left out: its strokes are the others'.
NAMES = sorted(set(library()) - {"back_routine"})
#: More samples per second than a video has frames.
HZ = 100.0


@pytest.fixture(scope="module", params=["builtin", pytest.param("za", marks=pytest.mark.reference)])
def atlas(request: pytest.FixtureRequest) -> Atlas:
    found: Atlas = request.getfixturevalue(request.param)
    return found


def _body_of(atlas: Atlas, protocol: Protocol) -> Atlas:
    """The atlas in the protocol's pose, where it can be moved."""
    if protocol.pose == "rest" or atlas.name != "builtin":
        return atlas
    return build_builtin(atlas.body, pose=protocol.pose)


_LAID: dict[tuple[str, str, str], Timeline] = {}


def _timeline(atlas: Atlas, name: str) -> Timeline:
    """Timeline of a library protocol, laid once per atlas and pose."""
    key = (atlas.name, atlas.pose, name)
    if key not in _LAID:
        _LAID[key] = protocol_timeline(atlas, open_protocol(name))
    return _LAID[key]


def _contacts(timeline: Timeline, stroke: str, side: Side) -> tuple[np.ndarray, list[Contact]]:
    """Times and contacts of the first round of one hand."""
    passage = next(
        item for item in timeline.passages if (item.stroke, item.side) == (stroke, side.value)
    )
    times = np.arange(passage.start_s, passage.end_s - 1e-6, 1.0 / HZ)
    found = []
    for t in times:
        moment = timeline.sample(float(t))
        found.append(next(item for item in moment.contacts if item.side == side.value))
    return times, found


def _positions(atlas: Atlas, name: str, side: Side) -> np.ndarray:
    _, contacts = _contacts(_timeline(atlas, name), open_protocol(name).strokes[0].name, side)
    return np.stack([item.position for item in contacts])


@pytest.mark.parametrize("name", NAMES)
def test_on_the_skin_and_at_the_speed_asked(atlas: Atlas, name: str) -> None:
    protocol = open_protocol(name)
    body = _body_of(atlas, protocol)
    timeline = _timeline(body, name)
    for spec in protocol.strokes:
        side = spec.rounds[0][0]
        times, contacts = _contacts(timeline, spec.name, side)
        points = np.stack([item.position for item in contacts])
        few = points[:: max(1, len(points) // 60)]
        assert np.linalg.norm(few - skin_of(body).project(few), axis=1).max() < 0.5
        if spec.path.hold is not None:
            assert np.ptp(points, axis=0).max() < 1e-9
            continue
        speed = np.linalg.norm(np.diff(points, axis=0), axis=1) * HZ
        inside = (times[:-1] > times[0] + spec.ramp_s) & (times[1:] < times[-1] - spec.ramp_s)
        asked = 10.0 * spec.pace_cm_s
        if spec.duration_s is not None:
            asked = float(np.median(speed[inside]))
        np.testing.assert_allclose(speed[inside], asked, rtol=0.02)


@pytest.mark.parametrize("name", [item for item in NAMES if item != "what_not_to_do"])
def test_hands_do_not_spin(builtin: Atlas, name: str) -> None:
    """A circle takes about a second; a hand that followed it would turn 360 degrees in it."""
    protocol = open_protocol(name)
    body = _body_of(builtin, protocol)
    timeline = _timeline(body, name)
    for spec in protocol.strokes:
        if spec.path.circles is None:
            continue
        _, contacts = _contacts(timeline, spec.name, spec.rounds[0][0])
        middle = spine_of_path(body, spec.path, spec.rounds[0][0]).on(body)
        way = (middle[-1] - middle[0]) / np.linalg.norm(middle[-1] - middle[0])
        ahead = np.array([float(item.heading @ way) for item in contacts])
        assert ahead.min() > 0.3


@pytest.mark.parametrize("name", NAMES)
def test_two_hands_are_exact_mirrors(builtin: Atlas, name: str) -> None:
    protocol = open_protocol(name)
    body = _body_of(builtin, protocol)
    timeline = _timeline(body, name)
    flip = np.array([-1.0, 1.0, 1.0])
    for spec in protocol.strokes:
        if len({side for group in spec.rounds for side in group}) < 2:
            continue
        left, right = (_contacts(timeline, spec.name, side)[1] for side in SIDES)
        # Taken in turn the clocks may differ by one sample.
        for one, other in zip(left[:-1:5], right[:-1:5], strict=False):
            np.testing.assert_allclose(one.position * flip, other.position, atol=0.01)
            np.testing.assert_allclose(one.normal * flip, other.normal, atol=0.005)
            np.testing.assert_allclose(one.heading * flip, other.heading, atol=0.005)
            assert one.force_n == pytest.approx(other.force_n, abs=1e-3)


@pytest.mark.parametrize("side", SIDES)
def test_ridge_kneading_runs_from_the_neck_to_the_acromion(atlas: Atlas, side: Side) -> None:
    points = _positions(atlas, "trapezius_ridge", side)
    over = meets(atlas, points, f"trapezius_{side.value}")
    assert over.all()
    acromion = atlas.landmarks.point(f"scapula_{side.value}/acromion")
    assert points[0, 2] > atlas.landmarks.point("vertebra_C7/spinous_process")[2]
    assert abs(points[0, 0]) < 70.0
    assert np.linalg.norm(points - acromion, axis=1).min() < 50.0
    # Outward from beginning to end, seen over a whole round of the circle.
    blocks = np.array_split(np.abs(points[:, 0]), 6)
    assert (np.diff([block.mean() for block in blocks]) > 0.0).all()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", ["rhomboid_gutter", "rhomboid_gutter_arm_across"])
def test_the_gutter_lies_between_processes_and_border(atlas: Atlas, name: str, side: Side) -> None:
    body = _body_of(atlas, open_protocol(name))
    points = _positions(body, name, side)
    rhomboids = ("rhomboid_major", "rhomboid_minor")
    over = np.any([meets(body, points, f"{item}_{side.value}") for item in rhomboids], axis=0)
    assert over.all()
    lateral = np.abs(points[:, 0])
    border = at_height(named_line(body, "scapula/medial_border", side), points[:, 2])
    processes = at_height(named_line(body, "transverse_processes", side), points[:, 2])
    assert (lateral < np.abs(border[:, 0])).all()
    assert (lateral > np.abs(processes[:, 0])).all()


@pytest.mark.parametrize("side", SIDES)
def test_the_descent_stays_on_the_columns_and_off_the_spine(atlas: Atlas, side: Side) -> None:
    marks, points = atlas.landmarks, _positions(atlas, "erector_descent", side)
    columns = ("longissimus_thoracis", "iliocostalis_lumborum", "iliocostalis_thoracis")
    over = np.any([meets(atlas, points, f"{item}_{side.value}") for item in columns], axis=0)
    assert over.all()
    rib = named_line(atlas, f"rib_12_{side.value}/shaft", Side.MIDLINE)
    crest = named_line(atlas, f"hip_bone_{side.value}/iliac_crest", Side.MIDLINE)
    assert points[0, 2] >= rib[:, 2].min()
    assert points[-1, 2] <= crest[:, 2].max()
    assert points[-1, 2] < marks.point("vertebra_L4/spinous_process")[2]
    (report,) = check(atlas, open_protocol("erector_descent")).strokes
    assert report.clearance_mm["spinous_line"] >= 15.0


@pytest.mark.parametrize("side", SIDES)
def test_the_gates_lie_in_the_hollow_and_are_pressed_upward(atlas: Atlas, side: Side) -> None:
    protocol = open_protocol("gates_of_consciousness")
    timeline = _timeline(atlas, "gates_of_consciousness")
    _, contacts = _contacts(timeline, protocol.strokes[0].name, side)
    marks, point = atlas.landmarks, contacts[0].position
    assert point[2] < marks.point("skull/external_occipital_protuberance")[2]
    assert point[2] > marks.point("vertebra_C2/spinous_process")[2]
    # Lateral to the edge of trapezius and medial to the edge of sternocleidomastoid at its height.
    edges = {}
    for muscle, pick in (("trapezius", np.max), ("sternocleidomastoid", np.min)):
        vertices = atlas[f"{muscle}_{side.value}"].surface.vertices
        level = np.abs(vertices[:, 2] - point[2]) < 8.0
        assert level.any(), muscle
        edges[muscle] = float(pick(np.abs(vertices[level, 0])))
    assert edges["trapezius"] - 14.0 < abs(point[0]) < edges["sternocleidomastoid"] + 22.0
    for contact in contacts:
        assert contact.push is not None
        assert contact.push[2] > 0.3
        assert float(contact.push @ contact.normal) < 0.0
