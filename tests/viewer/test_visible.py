"""From where a triangle is seen: on shapes for which that is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.phantom import phantom_atlas
from viewer.detail import reduced_triangles
from viewer.visible import DIRECTIONS, NEAR_DEG, directions, near, seen_bits

ATLAS = phantom_atlas()
FEWER = reduced_triangles(ATLAS)
BACK, FRONT = np.array([0.0, 1.0, 0.0]), np.array([0.0, -1.0, 0.0])


def middles(name: str) -> np.ndarray:
    corners = ATLAS[name].surface.vertices[FEWER[name]].astype(np.float64)
    return np.asarray(corners.mean(axis=1))


def outward(name: str) -> np.ndarray:
    corners = ATLAS[name].surface.vertices[FEWER[name]].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def test_directions_leave_no_gap() -> None:
    spread = directions()
    assert spread.shape == (DIRECTIONS, 3)
    anywhere = np.random.default_rng(3).normal(size=(4000, 3))
    anywhere /= np.linalg.norm(anywhere, axis=1, keepdims=True)
    widest = np.degrees(np.arccos((anywhere @ spread.T).max(axis=1))).max()
    assert widest < 0.75 * NEAR_DEG


@given(st.floats(-1.0, 1.0), st.floats(0.0, 2.0 * np.pi))
def test_any_camera_has_directions_near_it_and_none_behind(z: float, turn: float) -> None:
    flat = np.sqrt(1.0 - z * z)
    eye = np.array([flat * np.cos(turn), flat * np.sin(turn), z])
    bits = int(near(eye))
    chosen = [index for index in range(DIRECTIONS) if bits >> index & 1]
    assert 2 <= len(chosen) <= 8
    assert (directions()[chosen] @ eye > np.cos(np.radians(NEAR_DEG)) - 1e-6).all()


def test_of_the_skin_alone_the_side_to_the_eye_is_seen() -> None:
    bits = seen_bits(ATLAS, FEWER, ["skin"], keep=False)["skin"]
    facing = outward("skin") @ BACK
    from_behind = (bits & near(BACK)) != 0
    assert from_behind[facing > 0.3].all()
    assert not from_behind[facing < -0.85].any()
    assert from_behind.mean() < 0.75


def test_what_lies_under_an_opaque_skin_is_seen_from_nowhere() -> None:
    alone = seen_bits(ATLAS, FEWER, ["kidney_left"], keep=False)["kidney_left"]
    covered = seen_bits(ATLAS, FEWER, ["kidney_left", "skin"], keep=False)["kidney_left"]
    assert (alone != 0).mean() > 0.99
    assert (covered != 0).mean() < 0.01


def test_a_muscle_under_another_is_seen_from_its_other_side_alone() -> None:
    inner, outer = "rhomboid_major_left", "trapezius_left"
    alone = seen_bits(ATLAS, FEWER, [inner], keep=False)[inner]
    under = seen_bits(ATLAS, FEWER, [inner, outer], keep=False)[inner]

    def times(bits: np.ndarray, eye: np.ndarray) -> int:
        mask = near(eye, 20.0)
        return sum(int(bit).bit_count() for bit in bits & mask)

    assert times(under, BACK) < 0.5 * times(alone, BACK)
    assert times(under, FRONT) > 0.95 * times(alone, FRONT)


def test_kept_bits_are_those_that_were_worked_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from viewer import visible

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names = ["kidney_left", "skin"]
    first = seen_bits(ATLAS, FEWER, names)
    monkeypatch.setattr(visible, "_look", lambda *_: pytest.fail("worked out a second time"))
    again = seen_bits(ATLAS, FEWER, names)
    for name in names:
        assert np.array_equal(first[name], again[name])
