"""The timeline: smooth, pure, cheap; and the guided tour."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from annotations.compose import protocol_timeline
from annotations.pressure import Pressure
from annotations.protocol import open_protocol
from annotations.technique import Technique
from annotations.timeline import CameraPose, Caption, Key, Timeline, ease
from annotations.tour import TOUR_FILE, tour_timeline
from annotations.verdict import Verdict
from meshes.errors import InputError, ReadError

if TYPE_CHECKING:
    from pathlib import Path

    from meshes.atlas import Atlas

ORIGIN = np.zeros(3)


def _timeline() -> Timeline:
    return Timeline(
        10.0,
        camera=(
            Key(0.0, CameraPose(0.0, 0.0, 1.0, ORIGIN)),
            Key(4.0, CameraPose(90.0, 10.0, 2.0, ORIGIN + 10.0)),
        ),
        peel=(Key(2.0, 0.0), Key(4.0, 6.0)),
        caution=(Key(3.0, (Technique.KNEADING, Pressure.FIRM)), Key(5.0, None)),
        captions=(Caption(1.0, 3.0, "one"), Caption(2.0, 4.0, "two")),
    )


def test_values_before_between_and_after_keys() -> None:
    line = _timeline()
    assert line.sample(-1.0).t == 0.0
    assert line.sample(99.0).t == 10.0
    assert line.sample(1.0).peel == 0.0
    assert line.sample(3.0).peel == pytest.approx(3.0)
    assert line.sample(9.0).peel == 6.0
    assert line.sample(2.0).camera.azimuth_deg == pytest.approx(45.0)
    assert line.sample(2.0).camera.zoom == pytest.approx(np.sqrt(2.0))
    assert line.sample(2.9).caution is None
    assert line.sample(3.0).caution == (Technique.KNEADING, Pressure.FIRM)
    assert line.sample(6.0).caution is None
    assert [line.sample(t).caption for t in (0.5, 1.5, 2.5, 3.5, 4.5)] == [
        "", "one", "two", "two", "",
    ]  # fmt: skip


@hypothesis.given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_easing_rises_smoothly(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert 0.0 <= ease(low) <= ease(high) + 1e-12 <= 1.0 + 1e-12
    assert ease(high) - ease(low) <= 1.9 * (high - low) + 1e-12


@pytest.fixture(scope="module")
def tour(builtin: Atlas) -> Timeline:
    return tour_timeline(builtin)


def test_tour_shows_everything_it_has_to(tour: Timeline) -> None:
    assert 15.0 <= tour.duration_s <= 60.0
    times = np.arange(0.0, tour.duration_s, 0.1)
    moments = [tour.sample(float(t)) for t in times]
    azimuth = np.array([moment.camera.azimuth_deg for moment in moments])
    assert np.ptp(azimuth) > 90.0
    peel = np.array([moment.peel for moment in moments])
    assert peel.max() >= 6.5
    assert peel[0] == peel[-1] == 0.0
    assert {moment.caution for moment in moments} >= {
        None,
        (Technique.KNEADING, Pressure.FIRM),
        (Technique.PERCUSSION, Pressure.LIGHT),
    }
    kneading = [moment for moment in moments if moment.contacts]
    assert all(len(moment.contacts) == 2 for moment in kneading)
    assert {round(moment.peel) for moment in kneading} == {0, 2}
    last = max(passage.end_s for passage in tour.passages)
    cautioned = [moment for moment in kneading if moment.peel == 0.0 and moment.t < last - 0.1]
    assert cautioned
    assert all(moment.caution == (Technique.KNEADING, Pressure.MODERATE) for moment in cautioned)
    assert moments[-1].caption == "Palpate teaches; it does not diagnose."
    assert all(moment.caption for moment in moments)


def test_tour_moves_without_jumps(tour: Timeline) -> None:
    step = 1.0 / 30.0
    moments = [tour.sample(t) for t in np.arange(0.0, tour.duration_s, step)]
    azimuth = np.array([moment.camera.azimuth_deg for moment in moments])
    assert np.abs(np.diff(azimuth)).max() < 4.0
    assert np.abs(np.diff([moment.peel for moment in moments])).max() < 0.3
    focus = np.stack([moment.camera.focus for moment in moments])
    assert np.linalg.norm(np.diff(focus, axis=0), axis=1).max() < 25.0


def test_tour_kneads_from_neck_to_acromion_over_trapezius(tour: Timeline, builtin: Atlas) -> None:
    for passage in tour.passages:
        lateral = np.abs(passage.points[:, 0])
        tip = abs(builtin.landmarks.point(f"scapula_{passage.side}/acromion")[0])
        assert lateral[:20].mean() < 80.0
        assert lateral[-20:].mean() > tip - 50.0
        assert passage.verdict.max() <= Verdict.LIGHTEN
        over = [
            any(hit.structure == f"trapezius_{passage.side}" for hit in hits)
            for _, hits in passage.beneath
        ]
        assert np.mean(over) > 0.9
    left, right = tour.passages[:2]
    mirrored = left.points * [-1.0, 1.0, 1.0]
    assert np.linalg.norm(mirrored - right.points, axis=1).max() < 2.0


def test_sampling_is_pure_and_cheap(tour: Timeline) -> None:
    first, again = tour.sample(25.0), tour.sample(25.0)
    np.testing.assert_array_equal(first.contacts[0].position, again.contacts[0].position)
    start = time.perf_counter()
    for t in np.linspace(0.0, tour.duration_s, 300):
        tour.sample(float(t))
    assert (time.perf_counter() - start) / 300 < 0.005


def test_trail_fades_behind_the_hand(tour: Timeline) -> None:
    moment = tour.sample(tour.passages[0].start_s + 3.0)
    trail = moment.trails[0]
    assert trail.age_s[0] > trail.age_s[-1] >= 0.0
    gap = np.linalg.norm(trail.points[-1] - moment.contacts[0].position)
    assert gap < 5.0


def test_mistakes_in_a_tour_point_at_the_line(tmp_path: Path, phantom: Atlas) -> None:
    text = TOUR_FILE.read_text(encoding="utf-8")
    path = tmp_path / "tour.toml"
    path.write_text(text.replace('focus = "T2"', 'focus = "T22"'), encoding="utf-8")
    with pytest.raises(InputError, match=r"tour\.toml:\d+: .*T22"):
        tour_timeline(phantom, path)
    path.write_text(text.replace('"percussion:light"', '"percusion:light"'), encoding="utf-8")
    with pytest.raises(ReadError, match=r"tour\.toml:\d+: .*did you mean percussion"):
        tour_timeline(phantom, path)


def test_protocol_timeline_has_a_mark_per_stroke_and_ends_with_the_notice(builtin: Atlas) -> None:
    protocol = open_protocol("gliding_warm_up")
    line = protocol_timeline(builtin, protocol)
    assert [mark.title for mark in line.marks] == [stroke.name for stroke in protocol.strokes]
    assert line.sample(line.duration_s - 0.1).caption == "Palpate teaches; it does not diagnose."
    during = line.sample(line.marks[0].t + 1.0)
    assert during.stroke == protocol.strokes[0].name
    assert during.beneath[0].structure == "skin"


def test_a_window_opens_under_the_hand_and_closes(builtin: Atlas) -> None:
    protocol = open_protocol("rhomboid_gutter")
    plain = protocol_timeline(builtin, protocol)
    assert all(plain.sample(t).window is None for t in np.linspace(0.0, plain.duration_s, 40))
    line = protocol_timeline(builtin, protocol.with_window(3.0))
    passage = line.passages[0]
    times = np.linspace(passage.start_s, passage.end_s, 60)
    windows = [line.sample(float(t)).window for t in times]
    radius = np.array([0.0 if item is None else item.radius_mm for item in windows])
    assert radius[0] == radius[-1] == 0.0
    assert radius.max() > passage.radius_mm + 20.0
    top = int(np.argmax(radius))
    assert (np.diff(radius[: top + 1]) >= 0.0).all()
    assert (np.diff(radius[::-1][: np.argmax(radius[::-1]) + 1]) >= 0.0).all()
    assert {item.peel for item in windows if item is not None} == {3.0}
    # The torso keeps its skin around it.
    assert line.sample(float(times[30])).peel == 0.0
    assert plain.sample(float(times[30])).peel > 2.0
    between = 0.5 * (passage.end_s + line.passages[1].start_s)
    assert line.sample(between).window is None


@pytest.mark.parametrize("peel", [0.0, -1.0, 7.5])
def test_a_window_needs_a_depth(peel: float) -> None:
    with pytest.raises(InputError, match="window deeper than 0"):
        open_protocol("rhomboid_gutter").with_window(peel)


def test_what_lies_beneath_is_of_this_very_moment(builtin: Atlas) -> None:
    """Between probes the millimetres move with the hand: never far from a probe made there."""
    from meshes.depth import probe

    line = protocol_timeline(builtin, open_protocol("erector_descent"))
    passage = line.passages[0]
    worst = []
    for t in np.linspace(passage.start_s + 0.3, passage.end_s - 0.3, 23):
        moment = line.sample(float(t))
        told = {hit.structure: hit.enter_mm for hit in reversed(moment.beneath)}
        there = probe(builtin, moment.contacts[0].position)
        found = {hit.structure: hit.enter_mm for hit in reversed(there)}
        column = f"longissimus_thoracis_{passage.side}"
        if column in told and column in found:
            worst.append(abs(told[column] - found[column]))
    assert len(worst) > 8
    assert max(worst) < 2.5
