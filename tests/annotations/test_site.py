"""Sites: anatomical language for points on the skin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.level import LEVELS, level_tip
from annotations.named_site import named_sites, site_names
from annotations.site import find_site
from meshes.atlas import Atlas
from meshes.errors import InputError, UnknownName
from meshes.landmarks import Landmarks
from meshes.skin_surface import skin_of
from tests.phantom import SACRAL, TIPS, phantom_atlas

ATLAS = phantom_atlas()
MIRROR = np.array([-1.0, 1.0, 1.0])


@pytest.mark.parametrize("level", [*TIPS, *SACRAL])
def test_a_level_is_its_tip_carried_straight_back(level: str) -> None:
    site = find_site(ATLAS, level)
    tip = level_tip(ATLAS, level)
    np.testing.assert_allclose(site.point[[0, 2]], tip[[0, 2]], atol=0.05)
    assert site.point[1] > tip[1]
    assert site.direction[1] < -0.8
    assert site.direction[2] == 0.0
    assert np.linalg.norm(site.direction) == pytest.approx(1.0)


def test_away_from_levels_the_needle_goes_straight_in() -> None:
    for text in ("GB20 left", "PSIS right", "0,60,700"):
        site = find_site(ATLAS, text)
        np.testing.assert_array_equal(site.direction, -site.normal)


def test_a_named_point_at_a_level_stays_in_its_plane() -> None:
    assert find_site(ATLAS, "renal angle left").direction[2] == 0.0
    assert find_site(ATLAS, "vertebra_T1/spinous_process").direction[2] == 0.0


def arc_length(x: float, z: float) -> float:
    """Length along the phantom's skin from the midline to x, at a height."""
    scale = np.sqrt(1.0 - ((z - 240.0) / 470.0) ** 8)
    angle = np.linspace(0.0, np.arcsin(min(x / (170.0 * scale), 1.0)), 500)
    line = scale * np.stack([170.0 * np.sin(angle), 115.0 * np.cos(angle)], axis=1)
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


@given(
    st.sampled_from(["T2", "T4", "T8", "L1", "L3", "L5"]),
    st.integers(1, 170),
    st.sampled_from(["left", "right"]),
)
def test_distance_is_measured_along_the_skin_at_the_level(
    level: str, distance: int, side: str
) -> None:
    site = find_site(ATLAS, f"{level} {distance}mm {side}")
    z = level_tip(ATLAS, level)[2]
    assert site.point[2] == pytest.approx(z, abs=0.01)
    assert (site.point[0] > 0) == (side == "left")
    assert arc_length(abs(site.point[0]), z) == pytest.approx(distance, rel=0.02, abs=0.3)


@given(st.sampled_from(["T4", "L3", "C7"]), st.floats(0.1, 15.0))
def test_left_and_right_are_mirror_images(level: str, centimetres: float) -> None:
    left = find_site(ATLAS, f"{level} {centimetres:.2f}cm left")
    right = find_site(ATLAS, f"{level} {centimetres:.2f}cm right")
    np.testing.assert_allclose(left.point, right.point * MIRROR, atol=0.02)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("T4 3cm left", "T4 30mm left"),
        ("T4 3cm left", "t4 left 3 cm"),
        ("GB20 left", "fengchi left"),
        ("GB20 left", "gate of consciousness left"),
        ("trapezius_ridge right", "upper trapezius RIGHT"),
        ("T4", "vertebra_T4/spinous_process"),
        ("S2", "sacrum/median_crest_S2"),
        ("T4 0cm left", "T4"),
    ],
)
def test_two_ways_to_say_it(one: str, other: str) -> None:
    np.testing.assert_allclose(find_site(ATLAS, one).point, find_site(ATLAS, other).point)


def test_coordinates_go_to_the_nearest_skin() -> None:
    site = find_site(ATLAS, "30, 120.5,402")
    nearest = skin_of(ATLAS).nearest(np.array([30.0, 120.5, 402.0]))
    np.testing.assert_allclose(site.point, nearest.position)
    assert find_site(ATLAS, "-30,80,402").point[0] < 0.0


@pytest.mark.parametrize(
    "text",
    ["scapula_left/inferior_angle", "scapula_left/spine", "vertebra_T4/transverse_process_left",
     "trapezius_left/descending", "vertebra_L1", "rib_12_left/shaft"],
)  # fmt: skip
def test_landmarks_parts_and_structures(text: str) -> None:
    site = find_site(ATLAS, text)
    assert np.linalg.norm(skin_of(ATLAS).nearest(site.point).position - site.point) < 1e-6


def test_every_site_lies_where_its_face_and_weights_say() -> None:
    skin = ATLAS["skin"].surface
    for text in ("T4 3cm left", "GB20 right", "0,85,300", "PSIS left"):
        site = find_site(ATLAS, text)
        corners = skin.vertices[skin.faces[site.face]].astype(np.float64)
        np.testing.assert_allclose(site.barycentric @ corners, site.point, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("T13 3cm left", UnknownName, "T12"),
        ("GB21x left", UnknownName, "GB21 left"),
        ("scapula_left/inferior_angel", UnknownName, "scapula_left/inferior_angle"),
        ("trapezus_left", UnknownName, "trapezius_left"),
        ("T4 left", InputError, "T4 3cm left"),
        ("T4 3cm", InputError, "a side"),
        ("GB20", InputError, "GB20 left"),
        ("GB20 left 3cm", InputError, "goes with a level"),
        ("T4 -3cm left", InputError, "negative"),
        ("T4 3in left", InputError, "'3in'"),
        ("T4 3 left", InputError, "did you mean 'T4 3cm left'"),
        ("T4 3cm lft", InputError, "did you mean 'T4 3cm left'"),
        ("GB20 rigth", InputError, "did you mean 'GB20 right'"),
        ("S6", UnknownName, "did you mean S4"),
        ("sacrum S2", UnknownName, "did you mean S2"),
        ("angle of the scapula left", UnknownName, "inferior_angle_of_scapula left"),
        ("T4 90cm left", InputError, "smaller distance"),
        ("", InputError, "a site reads"),
        ("left", InputError, "a site reads"),
        ("ASIS left", InputError, "hip_bone_left/asis"),
    ],
)
def test_a_wrong_site_says_what_to_do(text: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        find_site(ATLAS, text)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message


def test_a_missing_landmark_is_named() -> None:
    bare = replace(ATLAS, landmarks=Landmarks())
    with pytest.raises(InputError, match="vertebra_T4/spinous_process"):
        find_site(bare, "T4 3cm left")


def test_every_named_site_has_a_definition_and_a_source() -> None:
    names = site_names()
    assert len(names) == len(set(names))
    for site in named_sites().values():
        assert site.title
        assert site.source
        assert site.id not in LEVELS


@pytest.mark.parametrize("side", ["left", "right"])
def test_every_named_site_is_found_on_the_built_in_torso(builtin: Atlas, side: str) -> None:
    for site in named_sites().values():
        found = find_site(builtin, f"{site.id} {side}" if site.sided else site.id)
        if site.sided:
            assert (found.point[0] > 0) == (side == "left"), site.id
        else:
            assert abs(found.point[0]) < 5.0, site.id


def test_gates_of_consciousness_lie_in_the_hollow_below_the_skull(builtin: Atlas) -> None:
    site = find_site(builtin, "GB20 left")
    inion = builtin.landmarks.points["skull/external_occipital_protuberance"]
    mastoid = builtin.landmarks.points["skull/mastoid_process_left"]
    assert 20.0 < site.point[0] < mastoid[0]
    assert inion[2] - 45.0 < site.point[2] < inion[2] - 5.0
