"""Strokes on the clock: speed, force, contact with the skin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from annotations.hand import Hand, dent_mm
from annotations.protocol import StrokeSpec
from annotations.stroke import lay_stroke, pace
from meshes.skin_surface import skin_of

if TYPE_CHECKING:
    from meshes.atlas import Atlas


def _spec(**changes: Any) -> StrokeSpec:
    page: dict[str, Any] = {
        "name": "test",
        "technique": "gliding",
        "pressure": "moderate",
        "side": "left",
        "speed_cm_s": 5,
        "path": {"parallel_cm": 4, "from": "T8", "to": "L4"},
    }
    page.update(changes)
    return StrokeSpec.model_validate(
        {key: value for key, value in page.items() if value is not None}
    )


@hypothesis.given(st.floats(20.0, 900.0), st.floats(0.5, 20.0), st.floats(0.0, 2.0))
def test_pace_covers_the_path_at_the_speed_asked(length: float, speed: float, ramp: float) -> None:
    spec = _spec(speed_cm_s=speed, ramp_s=ramp)
    found = pace(spec, length)
    assert found.way[0] == 0.0
    assert found.way[-1] == pytest.approx(length)
    assert (np.diff(found.way) >= 0.0).all()
    middle = found.effort[:-1] + found.effort[1:] == 2.0
    if middle.sum() > 3:
        speeds = np.diff(found.way)[middle] / np.diff(found.times)[middle]
        np.testing.assert_allclose(speeds, 10.0 * speed, rtol=0.02)


def test_speed_on_the_skin_is_within_two_per_cent(phantom: Atlas) -> None:
    (passage,) = lay_stroke(phantom, _spec(), probing=False)
    speed = np.linalg.norm(np.diff(passage.points, axis=0), axis=1) / np.diff(passage.times)
    inside = (passage.times[:-1] > 0.6) & (passage.times[1:] < passage.end_s - 0.6)
    np.testing.assert_allclose(speed[inside], 50.0, rtol=0.02)


def test_the_hand_stays_on_the_skin_between_samples_too(phantom: Atlas) -> None:
    spec = _spec(
        technique="kneading",
        path={"parallel_cm": 6, "from": "T4", "to": "T8", "circles": {"radius_mm": 12}},
        speed_cm_s=9,
    )
    (passage,) = lay_stroke(phantom, spec, probing=False)
    times = np.linspace(passage.start_s, passage.end_s, 77)
    points = np.stack([passage.at(float(t)).position for t in times])
    gap = np.linalg.norm(points - skin_of(phantom).project(points), axis=1)
    assert gap.max() < 0.5


def test_normals_point_out_and_headings_lie_in_the_skin(phantom: Atlas) -> None:
    (passage,) = lay_stroke(phantom, _spec(), probing=False)
    np.testing.assert_allclose(np.linalg.norm(passage.normals, axis=1), 1.0, atol=1e-6)
    assert (passage.normals[:, 1] > 0.3).all()
    contact = passage.at(0.5 * passage.end_s)
    assert abs(float(contact.heading @ contact.normal)) < 1e-9
    assert contact.heading[2] < -0.9  # downward
    assert contact.push is not None
    np.testing.assert_allclose(contact.push, -contact.normal, atol=1e-6)


def test_a_circling_hand_does_not_spin(phantom: Atlas) -> None:
    spec = _spec(path={"parallel_cm": 6, "from": "T4", "to": "T8", "circles": {"radius_mm": 12}})
    (passage,) = lay_stroke(phantom, spec, probing=False)
    assert (passage.headings[:, 2] < -0.9).all()


def test_force_rises_stays_and_falls(phantom: Atlas) -> None:
    (passage,) = lay_stroke(phantom, _spec(ramp_s=0.5), probing=False)
    assert passage.force_n[0] == 0.0
    assert passage.force_n[-1] == pytest.approx(0.0, abs=1e-6)
    assert passage.force_n.max() == pytest.approx(20.0)
    assert (passage.dent_mm <= 0.55 * 60.0).all()


def test_an_upward_hold_pushes_up_and_in(phantom: Atlas) -> None:
    spec = _spec(
        technique="sustained_press",
        pressure="firm",
        path={"hold": "GB20"},
        push="up",
        speed_cm_s=None,
        duration_s=4,
    )
    (passage,) = lay_stroke(phantom, spec)
    contact = passage.at(2.0)
    assert contact.push is not None
    assert contact.push[2] > 0.4
    assert float(contact.push @ contact.normal) < 0.0
    assert np.ptp(passage.points, axis=0).max() == 0.0
    assert passage.beneath_at(2.0)


def test_both_hands_move_together_and_each_in_turn(phantom: Atlas) -> None:
    both = lay_stroke(phantom, _spec(side="both", repetitions=2), probing=False)
    assert [(item.side, item.start_s > 0.0) for item in both] == [
        ("left", False),
        ("right", False),
        ("left", True),
        ("right", True),
    ]
    first, second = lay_stroke(phantom, _spec(side="each"), probing=False)
    assert second.start_s > first.end_s
    mirrored = first.points * [-1.0, 1.0, 1.0]
    assert np.linalg.norm(mirrored - second.points, axis=1).max() < 0.5


def test_percussion_beats(phantom: Atlas) -> None:
    spec = _spec(technique="percussion", pressure="light", hand="fingers")
    (passage,) = lay_stroke(phantom, spec, probing=False)
    up = (np.diff(np.sign(passage.force_n - 2.5)) > 0).sum()
    assert up == pytest.approx(4.0 * passage.end_s, rel=0.3)


@hypothesis.given(
    st.sampled_from(list(Hand)), st.floats(0.0, 80.0), st.floats(0.0, 200.0), st.floats(0.1, 20.0)
)
def test_dent_grows_with_force_and_stays_in_the_padding(
    hand: Hand, force: float, padding: float, more: float
) -> None:
    dent = dent_mm(force, hand.radius_mm, padding)
    assert 0.0 <= dent <= 0.55 * padding + 1e-9
    assert dent_mm(force + more, hand.radius_mm, padding) >= dent
