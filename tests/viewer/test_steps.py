"""States after the user's hands: camera, peel, hiding; undo; the clock of a stroke."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer import steps
from viewer.camera import Frame, lens_of
from viewer.history import History
from viewer.playback import Playback
from viewer.state import ViewState

FRAME = Frame(np.array([0.0, -20.0, 250.0]), 450.0, 260.0, 800.0)
shares = st.floats(-3.0, 3.0)


@given(st.lists(st.tuples(shares, shares), max_size=8))
def test_turning_keeps_focus_zoom_and_a_valid_elevation(drags: list[tuple[float, float]]) -> None:
    state = ViewState()
    for across, down in drags:
        state = steps.turned(state, FRAME, across, down)
    pose = steps.standing(state, FRAME)
    assert np.allclose(pose.focus, FRAME.centre)
    assert pose.zoom == 1.0
    assert -180.0 <= pose.azimuth_deg <= 180.0
    assert abs(pose.elevation_deg) < 90.0


@given(shares, shares)
def test_turning_back_comes_back(across: float, down: float) -> None:
    down = float(np.clip(down, -0.4, 0.4))
    there = steps.turned(ViewState(), FRAME, across, down)
    back = steps.standing(steps.turned(there, FRAME, -across, -down), FRAME)
    assert back.azimuth_deg == pytest.approx(0.0, abs=1e-6)
    assert back.elevation_deg == pytest.approx(0.0, abs=1e-6)


@given(st.floats(-180.0, 180.0), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_panning_takes_the_torso_along_with_the_pointer(
    azimuth: float, across: float, down: float
) -> None:
    state = steps.turned(ViewState(), FRAME, azimuth / steps.TURN_DEG, 0.1)
    lens = lens_of(steps.standing(state, FRAME), FRAME, 1.0)
    moved = steps.panned(state, FRAME, lens, across, down)
    after = lens_of(steps.standing(moved, FRAME), FRAME, 1.0)
    x, y, _ = after.project(FRAME.centre, (1000, 1000))[0]
    assert x - 500.0 == pytest.approx(1000.0 * across, abs=1.0)
    assert y - 500.0 == pytest.approx(1000.0 * down, abs=1.0)


def test_zoom_has_limits() -> None:
    assert steps.zoomed(ViewState(), FRAME, 1e9).camera.zoom == steps.NEAREST
    assert steps.zoomed(ViewState(), FRAME, 1e-9).camera.zoom == steps.FARTHEST


@given(st.floats(-50, 50))
def test_peel_stays_between_skin_and_organs(peel: float) -> None:
    assert 0.0 <= steps.peeled(ViewState(), peel).peel <= 7.0


def test_hiding_wins_over_isolating_and_everything_brings_back() -> None:
    state = steps.only(ViewState(), "trapezius_left")
    state = steps.without(state, "trapezius_left")
    assert state.hidden == {"trapezius_left"}
    assert not state.isolated
    state = steps.everything(steps.ghost(state, "skin"))
    assert not (state.hidden)
    assert not (state.isolated)
    assert not (state.ghosted)
    assert not (state.shown)


def test_a_second_ghost_makes_solid_again() -> None:
    assert not steps.ghost(steps.ghost(ViewState(), "skin"), "skin").ghosted


@given(st.lists(st.one_of(st.integers(0, 99), st.sampled_from(["undo", "redo"])), max_size=30))
def test_undoing_everything_returns_to_the_start(actions: list[int | str]) -> None:
    history = History(-1)
    for action in actions:
        match action:
            case "undo":
                history = history.undone()
            case "redo":
                history = history.redone()
            case int():
                history = history.then(action)
    latest = history.now
    count = len(history.before)
    for _ in range(count):
        history = history.undone()
    assert history.now == -1
    for _ in range(count):
        history = history.redone()
    assert history.now == latest


@given(st.floats(0.1, 60.0), st.lists(st.floats(0.0, 5.0), max_size=20), st.booleans())
def test_the_clock_stays_on_the_timeline(duration: float, gaps: list[float], loop: bool) -> None:
    clock = Playback(duration, loop=loop).started()
    for gap in gaps:
        clock = clock.advanced(gap)
        assert 0.0 <= clock.t <= duration
    assert clock.playing or clock.t == duration


def test_the_clock_of_nothing_never_runs() -> None:
    assert not Playback(0.0).toggled().playing


def test_several_structures_at_once() -> None:
    state = steps.without(ViewState(), "skin", "trapezius_left")
    assert state.hidden == {"skin", "trapezius_left"}
    assert steps.revealed(state, "skin").hidden == {"trapezius_left"}
    alone = steps.only(steps.ghost(state, "rib_1_left"), "skin")
    assert alone.isolated == {"skin"}
    assert not alone.ghosted  # nothing but this
    assert steps.revealed(alone, "rib_2_left").isolated == {"skin", "rib_2_left"}


def test_isolating_keeps_ghosts_around() -> None:
    state = steps.isolated(ViewState(), ("rib_1_left", "skin"), "skin")
    assert state.isolated == {"skin"}
    assert state.ghosted == {"rib_1_left"}
    both = steps.ghost(ViewState(), "skin", "rib_1_left")
    assert steps.ghost(both, "skin").ghosted == {"rib_1_left"}


def test_going_to_a_structure_makes_it_seen() -> None:
    state = steps.without(steps.only(ViewState(), "skin"), "rhomboid_major_left")
    there = steps.gone_to(state, 3.0, "rhomboid_major_left")
    assert there.highlighted == {"rhomboid_major_left"}
    assert not there.isolated
    assert not there.hidden
    assert there.peel == 3.0


def test_notes_are_pinned_changed_and_taken_away() -> None:
    state = steps.noted(steps.noted(ViewState(), "skin", " one "), "rib_1_left", "two")
    assert [(note.structure, note.text) for note in state.notes] == [
        ("skin", "one"), ("rib_1_left", "two"),
    ]  # fmt: skip
    state = steps.noted(state, "skin", "three")
    assert {note.text for note in state.notes} == {"two", "three"}
    assert [note.text for note in steps.noted(state, "skin", " ").notes] == ["two"]


def test_states_are_the_same_by_what_they_show() -> None:
    turned = steps.turned(ViewState(), FRAME, 0.1, 0.0)
    again = steps.turned(ViewState(), FRAME, 0.1, 0.0)
    assert turned.same_as(again)
    assert not turned.same_as(ViewState())
    assert not turned.same_as(steps.zoomed(again, FRAME, 1.1))
