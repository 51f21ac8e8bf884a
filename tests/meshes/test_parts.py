"""Parts of bones: every named part is there, where the anatomy says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from meshes.atlas import Atlas
from meshes.landmark_finder import find_landmarks
from meshes.landmarks import Landmarks
from meshes.parts import part_rules, tag_parts
from meshes.structure import Structure
from tests.bones import skeleton, skeleton_landmarks

PROMISED = {
    "vertebra_T4": "body spinous_process transverse_process_left transverse_process_right lamina",
    "vertebra_C5": "body spinous_process transverse_process_left transverse_process_right lamina",
    "vertebra_L3": "body spinous_process transverse_process_left transverse_process_right lamina",
    "scapula_left": "spine acromion medial_border lateral_border superior_angle inferior_angle "
    "coracoid_process glenoid",
    "rib_11_right": "head angle shaft tip",
    "hip_bone_left": "iliac_crest psis asis ischial_tuberosity",
    "sacrum": "median_sacral_crest",
    "humerus_right": "greater_tubercle lesser_tubercle deltoid_tuberosity",
    "femur_left": "greater_trochanter",
}
SKULL = "external_occipital_protuberance mastoid_process_left mastoid_process_right occiput"


def _bare(item: Structure) -> Structure:
    return replace(item, parts=(), surface=replace(item.surface, part=None))


@pytest.fixture(scope="module")
def landmarks() -> Landmarks:
    return skeleton_landmarks()


@pytest.fixture(scope="module")
def tagged(landmarks: Landmarks) -> dict[str, Structure]:
    """The built-in bones, their own parts taken away, tagged by the rules."""
    return {
        name: tag_parts(_bare(item), landmarks)
        for name, item in skeleton().items()
        if name in part_rules()
    }


@pytest.mark.parametrize("bone", [*PROMISED, "skull"])
def test_every_promised_part_has_faces(tagged: dict[str, Structure], bone: str) -> None:
    assert bone in tagged
    for part in PROMISED.get(bone, SKULL).split():
        assert len(tagged[bone].part_faces(part)) >= 4, f"{bone}/{part}"


def test_parts_hold_their_landmarks(tagged: dict[str, Structure], landmarks: Landmarks) -> None:
    for bone, feature in (
        ("vertebra_T4", "spinous_process"),
        ("vertebra_L2", "transverse_process_left"),
        ("vertebra_C4", "transverse_process_right"),
        ("scapula_left", "inferior_angle"),
        ("scapula_right", "acromion"),
        ("rib_11_left", "tip"),
        ("hip_bone_right", "psis"),
    ):
        item = tagged[bone]
        centres = item.surface.vertices[item.surface.faces].mean(axis=1)
        place = landmarks.point(f"{bone}/{feature}")
        near = int(np.linalg.norm(centres - place, axis=1).argmin())
        assert item.part_of_face(near) == feature, bone


def test_a_spinous_process_is_behind_and_a_body_in_front(tagged: dict[str, Structure]) -> None:
    for bone in ("vertebra_C6", "vertebra_T3", "vertebra_T9", "vertebra_L4"):
        item = tagged[bone]
        centres = item.surface.vertices[item.surface.faces].mean(axis=1)
        process = centres[item.part_faces("spinous_process")]
        body = centres[item.part_faces("body")]
        assert process[:, 1].min() > body[:, 1].max() - 3.0
        assert np.abs(process[:, 0]).max() < 9.0


def test_left_and_right_are_tagged_alike(tagged: dict[str, Structure]) -> None:
    for base in ("scapula", "rib_6", "hip_bone", "humerus"):
        left, right = tagged[f"{base}_left"], tagged[f"{base}_right"]
        for part in left.parts:
            ours, theirs = (_area(item, part) for item in (left, right))
            assert ours == pytest.approx(theirs, rel=0.03), f"{base}/{part}"


def _area(item: Structure, part: str) -> float:
    corners = item.surface.vertices[item.surface.faces[item.part_faces(part)]].astype(float)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return 0.5 * float(np.linalg.norm(cross, axis=1).sum())


def test_a_bone_with_parts_keeps_them(landmarks: Landmarks) -> None:
    own = replace(skeleton()["scapula_left"], parts=("mine",))
    assert tag_parts(own, landmarks) is own


def test_what_no_rule_speaks_of_stays_as_it_is(landmarks: Landmarks) -> None:
    disc = _bare(skeleton()["intervertebral_disc_T3_T4"])
    assert tag_parts(disc, landmarks) is disc


def test_without_landmarks_no_part_that_needs_one_is_named() -> None:
    bare = tag_parts(_bare(skeleton()["scapula_left"]), Landmarks())
    assert bare.parts == ()


def test_parts_are_in_the_catalogue(tagged: dict[str, Structure]) -> None:
    for item in tagged.values():
        known = {part.id for part in item.entry.parts}
        assert set(item.parts) <= known, item.id


@pytest.mark.reference
def test_z_anatomy_bones_get_their_parts(za: Atlas) -> None:
    landmarks = find_landmarks(za.structures)
    for bone, parts in PROMISED.items():
        item = tag_parts(_bare(za.structures[bone]), landmarks)
        for part in parts.split():
            assert len(item.part_faces(part)) >= 4, f"{bone}/{part}"
