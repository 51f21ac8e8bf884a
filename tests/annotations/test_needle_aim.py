"""A needle strikes what it was asked for, and its printed coordinates give the same needle."""

from __future__ import annotations

import numpy as np
import pytest

from annotations.coordinates import FARTHEST_MM
from annotations.site import find_site
from meshes.atlas import Atlas
from meshes.depth import probe
from meshes.errors import InputError
from meshes.skin_surface import skin_of
from tests.phantom import phantom_atlas

PHANTOM = phantom_atlas()


@pytest.mark.parametrize(
    "landmark",
    [
        "scapula_left/inferior_angle",
        "scapula_right/inferior_angle",
        "scapula_left/superior_angle",
        "vertebra_T4/transverse_process_left",
        "rib_12_right/tip",
        "skull/mastoid_process_left",
        "hip_bone_left/psis",
    ],
)
def test_a_needle_at_a_landmark_strikes_it(builtin: Atlas, landmark: str) -> None:
    site = find_site(builtin, landmark)
    bone = landmark.partition("/")[0]
    struck = [hit for hit in probe(builtin, site.point, site.direction) if hit.structure == bone]
    assert struck, landmark
    at = site.point + struck[0].enter_mm * site.direction
    assert np.linalg.norm(at - builtin.landmarks.points[landmark]) < 12.0


def test_nearly_every_landmark_of_a_bone_is_struck(builtin: Atlas) -> None:
    missed, asked = [], 0
    for landmark in builtin.landmarks.points:
        bone = landmark.partition("/")[0]
        if bone not in builtin:
            continue
        asked += 1
        site = find_site(builtin, landmark)
        hits = probe(builtin, site.point, site.direction)
        if bone not in {hit.structure for hit in hits}:
            missed.append(landmark)
    assert asked > 300
    # Bodies and the ends of the first ribs, which lie behind cartilage that no mesh holds.
    assert len(missed) <= 0.02 * asked, missed


@pytest.mark.parametrize(
    "text",
    ["T4 3cm left", "L1 8cm right", "PSIS left", "GB20 right", "scapula_left/inferior_angle"],
)
def test_printed_coordinates_give_the_same_column(builtin: Atlas, text: str) -> None:
    first = find_site(builtin, text)
    again = find_site(builtin, first.coordinates)
    np.testing.assert_allclose(again.point, first.point, atol=0.1)
    np.testing.assert_allclose(again.direction, first.direction, atol=0.002)
    one, other = (probe(builtin, site.point, site.direction) for site in (first, again))
    assert [hit.structure for hit in one] == [hit.structure for hit in other]
    for a, b in zip(one, other, strict=True):
        # Coordinates are printed to 0.1 mm and 0.001: more where a surface is met at a slant.
        assert b.enter_mm == pytest.approx(a.enter_mm, abs=1.0)


def test_bare_coordinates_of_a_level_are_probed_as_the_level_is(builtin: Atlas) -> None:
    level = find_site(builtin, "T4 3cm left")
    bare = find_site(builtin, level.coordinates.partition(" along")[0])
    np.testing.assert_allclose(bare.direction, level.direction, atol=0.002)


def test_how_far_a_point_was_from_the_skin_is_kept() -> None:
    on_skin = skin_of(PHANTOM).nearest(np.array([30.0, 90.0, 300.0]))
    outside = on_skin.position + 40.0 * on_skin.normal
    site = find_site(PHANTOM, ",".join(f"{value:.3f}" for value in outside))
    assert site.off_mm == pytest.approx(40.0, abs=1.5)
    assert find_site(PHANTOM, "T4 3cm left").off_mm == 0.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1000,1000,1000", f"within {FARTHEST_MM:.0f} mm of the skin"),
        ("1,2", "coordinates read x,y,z"),
        ("1,2,3,4", "coordinates read x,y,z"),
        ("1,2,3 along", "coordinates read x,y,z"),
        ("30,120,402 along 0,1,0", "a direction into the body"),
        ("30,120,402 along 0,0,0", "a direction into the body"),
    ],
)
def test_coordinates_that_name_no_needle(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        find_site(PHANTOM, text)
    assert "\n" not in str(caught.value)


def test_a_needle_at_a_part_strikes_that_part(builtin: Atlas) -> None:
    """Also where the mean of the part's corners lies off it: crest of the ilium, scapular spine."""
    missed, asked = [], 0
    for structure in builtin.structures.values():
        for part in structure.parts:
            if part.endswith("_right") or structure.id.endswith("_right"):
                continue
            asked += 1
            site = find_site(builtin, f"{structure.id}/{part}")
            hits = probe(builtin, site.point, site.direction)
            if structure.id not in {hit.structure for hit in hits}:
                missed.append(f"{structure.id}/{part}")
    assert asked > 150
    assert len(missed) <= 0.02 * asked, missed


@pytest.mark.parametrize(
    ("name", "at_most_mm"), [("scapula_left/spine", 25.0), ("hip_bone_left/iliac_crest", 50.0)]
)
def test_a_needle_at_a_ridge_meets_the_ridge(builtin: Atlas, name: str, at_most_mm: float) -> None:
    site = find_site(builtin, name)
    bone, part = name.split("/")
    first = next(hit for hit in probe(builtin, site.point, site.direction) if hit.structure == bone)
    assert first.part == part
    assert first.enter_mm < at_most_mm
