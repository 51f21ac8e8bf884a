"""Poses: names, the move of the girdle, and what the built-in torso looks like after it."""

from __future__ import annotations

from itertools import combinations

import manifold3d
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.atlas import Atlas
from meshes.build import builtin as build_builtin
from meshes.depth import probe
from meshes.errors import InputError, UnknownName
from meshes.exposure import exposure
from meshes.pose import load_poses, parse_pose, posed
from meshes.skin_surface import skin_of
from meshes.terminology import mirror_id

ACROSS = "arm_across_body"


@pytest.fixture(scope="session")
def across() -> Atlas:
    """The built-in torso with the arms across the body."""
    return build_builtin(pose=f"{ACROSS}:1")


@given(st.floats(0.0, 1.0))
def test_a_share_is_read_as_written(share: float) -> None:
    assert parse_pose(f"{ACROSS}:{share!r}") == (ACROSS, share)


def test_a_name_alone_is_the_whole_pose() -> None:
    assert parse_pose(ACROSS) == (ACROSS, 1.0)
    assert parse_pose("rest") == ("rest", 0.0)


@pytest.mark.parametrize("share", ["1.01", "-0.1", "half", "", "nan"])
def test_a_share_out_of_range_is_an_input_error(share: str) -> None:
    with pytest.raises(InputError, match=r"0\.\.1"):
        parse_pose(f"{ACROSS}:{share}")


def test_an_unknown_pose_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match=f"did you mean {ACROSS}"):
        parse_pose("arm_accross_body")


def test_nothing_of_a_pose_is_rest(builtin: Atlas) -> None:
    moved, marks = posed(builtin.structures, builtin.landmarks, ACROSS, 0.0)
    assert marks is builtin.landmarks
    assert all(moved[name] is builtin[name] for name in builtin)
    again = build_builtin(pose=f"{ACROSS}:0")
    assert (again.pose, again.digest) == ("rest", builtin.digest)
    for name in builtin:
        assert np.array_equal(again[name].surface.vertices, builtin[name].surface.vertices)


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_bones_move_rigidly_and_both_sides_alike(builtin: Atlas, share: float) -> None:
    bones = {name: item for name, item in builtin.structures.items() if item.surface.fibres is None}
    moved, marks = posed(bones, builtin.landmarks, ACROSS, share)
    flip = np.array([-1.0, 1.0, 1.0])
    for bone in ("scapula_left", "clavicle_left", "humerus_left"):
        before, after = (
            item[bone].surface.vertices[:: len(item[bone].surface.vertices) // 40].astype(float)
            for item in (bones, moved)
        )
        ways = [np.linalg.norm(item[1:] - item[:-1], axis=1) for item in (before, after)]
        assert np.allclose(*ways, atol=1e-3)
        assert np.linalg.norm(after - before, axis=1).max() > 3.0 * share
    for name, at in marks.points.items():
        other = marks.points.get(mirror_id(name))
        rest = builtin.landmarks.points
        if name.endswith("_right") or other is None or "humerus" not in name:
            continue
        symmetric = np.allclose(rest[name] * flip, rest[mirror_id(name)], atol=1e-6)
        assert not symmetric or np.allclose(at * flip, other, atol=1e-6)
    still = [name for name in bones if name.startswith(("vertebra", "rib", "skull", "hip"))]
    assert all(moved[name] is bones[name] for name in still)


def test_joints_stay_together(builtin: Atlas, across: Atlas) -> None:
    for first, second in (
        ("clavicle_left/acromial_end", "scapula_left/acromion"),
        ("clavicle_left/acromial_end", "scapula_left/coracoid_process"),
        ("humerus_left/head", "scapula_left/glenoid"),
        ("clavicle_left/sternal_end", "sternum/jugular_notch"),
    ):
        gaps = [
            np.linalg.norm(atlas.landmarks.point(first) - atlas.landmarks.point(second))
            for atlas in (builtin, across)
        ]
        assert abs(gaps[1] - gaps[0]) < 1.0, (first, second, gaps)


def test_the_border_moves_from_the_spine_and_the_rhomboids_lengthen(
    builtin: Atlas, across: Atlas
) -> None:
    for side in ("left", "right"):
        rest, after = (exposure(atlas, f"rhomboid_major_{side}") for atlas in (builtin, across))
        assert rest is not None
        assert after is not None
        for place, mm in after.border_mm.items():
            assert 30.0 <= mm - rest.border_mm[place] <= 70.0, place
        for muscle, mm in after.fibre_mm.items():
            assert mm >= 1.2 * rest.fibre_mm[muscle], muscle
        assert after.exposed_mm2 >= 1.25 * rest.exposed_mm2


def test_the_hand_side_of_the_arm_crosses_in_front(across: Atlas) -> None:
    head = across.landmarks.point("humerus_left/head")
    elbow_way = across.landmarks.point("humerus_left/deltoid_tuberosity") - head
    assert elbow_way[0] < 0.0
    assert elbow_way[1] < 0.0
    assert load_poses()[ACROSS].humerus[0] < 0.0


def test_no_pair_shares_more_than_at_rest(builtin: Atlas, across: Atlas) -> None:
    rest, after = _shared(builtin), _shared(across)
    worse = {
        pair: (round(rest.get(pair, 0.0), 4), round(share, 4))
        for pair, share in after.items()
        if share > rest.get(pair, 0.0) + 0.01
    }
    assert not worse


def _shared(atlas: Atlas) -> dict[tuple[str, str], float]:
    """Volume shared by pairs of the left side and the middle, as a share of the smaller one."""
    solids = {}
    for name, item in atlas.structures.items():
        if name not in ("skin", "subcutaneous_fat") and not name.endswith("_right"):
            points = np.array(item.surface.vertices, dtype=np.float32)
            faces = np.array(item.surface.faces, dtype=np.uint32)
            solids[name] = manifold3d.Manifold(manifold3d.Mesh(points, faces))
    found = {}
    for one, other in combinations(solids, 2):
        first, second = atlas[one].surface.bounds, atlas[other].surface.bounds
        if (first[0] > second[1]).any() or (second[0] > first[1]).any():
            continue
        volume = (solids[one] ^ solids[other]).volume()
        if volume > 1.0:
            found[one, other] = volume / min(solids[one].volume(), solids[other].volume())
    return found


def test_skin_to_rib_5_with_the_blades_drawn_apart_is_as_wada_measured(across: Atlas) -> None:
    # WADA: 27 +- 4 mm (19 to 34) in prone men at BL43. At rest the scapula lies over the place.
    start = skin_of(across).nearest(across.landmarks.point("rib_5_left/angle"))
    depths = {hit.structure: hit.enter_mm for hit in probe(across, start.position, start.inward)}
    assert "scapula_left" not in depths
    assert 19.0 <= depths["rib_5_left"] <= 34.0
