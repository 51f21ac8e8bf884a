"""Cuts: anatomical language for a plane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from annotations.cut import find_cut
from annotations.site import find_site
from meshes.errors import InputError, UnknownName
from meshes.landmarks import Landmarks
from tests.phantom import phantom_atlas

ATLAS = phantom_atlas()


def marked(**points: tuple[float, float, float]) -> Landmarks:
    own = {name.replace("__", "/"): np.array(at) for name, at in points.items()}
    return Landmarks({**ATLAS.landmarks.points, **own}, ATLAS.landmarks.curves)


def test_a_level_is_its_vertebra_s_body_and_not_the_tip_on_the_back() -> None:
    atlas = replace(ATLAS, landmarks=marked(vertebra_L1__body=(0.0, -7.0, 157.0)))
    cut = find_cut(atlas, "axial:L1")
    assert cut.plane.origin[2] == pytest.approx(157.0)
    assert abs(cut.plane.normal[2]) == pytest.approx(1.0)
    assert "L1" in cut.title
    assert "157 mm" in cut.note


@pytest.mark.parametrize(
    ("text", "axis", "value"),
    [
        ("axial:120mm", 2, 120.0),
        ("axial:-3.5 cm", 2, -35.0),
        ("axial:S2", 2, -42.0),
        ("sagittal:midline", 0, 0.0),
        ("sagittal:3cm left", 0, 30.0),
        ("Sagittal: 25 mm right", 0, -25.0),
        ("coronal:0", 1, 0.0),
    ],
)
def test_principal_planes(text: str, axis: int, value: float) -> None:
    plane = find_cut(ATLAS, text).plane
    assert plane.origin[axis] == pytest.approx(value, abs=0.5)
    assert np.abs(plane.normal) == pytest.approx(np.eye(3)[axis])


def test_a_site_is_a_place_on_the_skin() -> None:
    site = find_site(ATLAS, "T4 3cm left")
    assert find_cut(ATLAS, "axial:T4 3cm left").plane.origin[2] == pytest.approx(site.point[2])
    assert find_cut(ATLAS, "sagittal:T4 3cm left").plane.origin[0] == pytest.approx(site.point[0])


def test_an_oblique_cut_holds_the_needle() -> None:
    site = find_site(ATLAS, "T4 8cm left")
    for words in ("oblique:T4 8cm left", "oblique:T4 8cm left lengthwise"):
        plane = find_cut(ATLAS, words).plane
        assert abs(float((site.point - plane.origin) @ plane.normal)) < 1e-9
        assert abs(float(site.direction @ plane.normal)) < 1e-9


def test_an_oblique_cut_holds_both_sites() -> None:
    plane = find_cut(ATLAS, "oblique:C7 to T4 8cm left").plane
    for text in ("C7", "T4 8cm left"):
        off = (find_site(ATLAS, text).point - plane.origin) @ plane.normal
        assert abs(float(off)) < 1e-9
    assert plane.right[0] > 0.0
    # The same plane whichever site comes first, left on the same side.
    other = find_cut(ATLAS, "oblique:T4 8cm left to C7").plane
    assert abs(float(plane.normal @ other.normal)) == pytest.approx(1.0)
    assert other.right[0] > 0.0


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("axil:L1", UnknownName, "did you mean axial"),
        ("L1", InputError, "axial:L1"),
        ("axial:", InputError, "axial:L1"),
        ("axial:L9", UnknownName, "did you mean L5"),
        ("axial:T4 3cm lft", InputError, "'T4 3cm left'"),
        ("oblique:GB2 left", UnknownName, "GB20 left"),
        ("oblique:C7 to C7", InputError, "5 mm apart"),
    ],
)
def test_a_wrong_cut_says_what_to_do(text: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        find_cut(ATLAS, text)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message


def test_an_atlas_without_the_vertebra_says_so() -> None:
    bare = replace(ATLAS, landmarks=Landmarks())
    with pytest.raises(InputError, match=r"vertebra_L1/body.*axial:120mm"):
        find_cut(bare, "axial:L1")
