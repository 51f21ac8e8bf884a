"""The built-in skeleton against the facts it was made from and the published figures beside it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from meshes.atlas import Body
from meshes.bones import opensim
from meshes.bones.figures import figures, median
from meshes.bones.rib import ribs
from meshes.errors import MachineError
from meshes.skeleton import build_skeleton
from meshes.structure import Structure
from tests.bones import skeleton

LEVELS = tuple(figures("vertebrae")["level"])
MIDLINE = (
    *(f"vertebra_{name}" for name in LEVELS),
    "sacrum", "coccyx", "sternum", "skull", "mandible", "hyoid_bone",
)  # fmt: skip
SIDED = (
    *(f"rib_{number}_left" for number in range(1, 13)),
    *(f"costal_cartilage_{number}_left" for number in range(1, 11)),
    "clavicle_left", "scapula_left", "humerus_left", "hip_bone_left", "femur_left",
)  # fmt: skip


def points(structure: Structure) -> NDArray[np.float64]:
    return structure.surface.vertices.astype(np.float64)


def overlap_mm3(first: Structure, second: Structure) -> float:
    import manifold3d

    solids = [
        manifold3d.Manifold(
            manifold3d.Mesh(
                np.asarray(bone.surface.vertices, np.float32),
                np.asarray(bone.surface.faces, np.uint32),
            )
        )
        for bone in (first, second)
    ]
    return float((solids[0] ^ solids[1]).volume())


def tip_along(bone: Structure, dip_deg: float) -> NDArray[np.float64]:
    """Return the furthest vertex near the midline along a dip below the horizontal."""
    dip = np.radians(dip_deg)
    near = points(bone)
    near = near[np.abs(near[:, 0]) < 7.0]
    return near[np.argmax(near @ [0.0, np.cos(dip), -np.sin(dip)])]


def test_every_bone_is_there() -> None:
    bones = skeleton()
    wanted = {*MIDLINE, *SIDED, *(name.replace("_left", "_right") for name in SIDED)}
    assert wanted <= set(bones)
    discs = [name for name in bones if name.startswith("intervertebral_disc_")]
    assert len(discs) == 23
    assert {"intervertebral_disc_C2_C3", "intervertebral_disc_L5_S1"} <= set(discs)


@pytest.mark.parametrize("level", LEVELS)
def test_spinous_tip_lies_where_the_facts_say(level: str) -> None:
    row = figures("vertebrae")["level"][level]
    tip = tip_along(skeleton()[f"vertebra_{level}"], row["spine_dip"])
    assert np.linalg.norm(tip[1:] - row["spine_tip"]) < 4.0  # facts 1.1 allow 10


@pytest.mark.parametrize("level", LEVELS)
def test_transverse_span_agrees(level: str) -> None:
    row = figures("vertebrae")["level"][level]
    half = points(skeleton()[f"vertebra_{level}"])[:, 0].max()
    assert half == pytest.approx(row["transverse_tip"][0], rel=0.07)  # facts 1.1 allow 12 %
    left = points(skeleton()[f"vertebra_{level}"])
    assert np.linalg.norm(left - row["transverse_tip"], axis=1).min() < 3.0


@pytest.mark.parametrize("level", LEVELS[2:])
def test_vertebral_body_is_centred(level: str) -> None:
    bone = skeleton()[f"vertebra_{level}"]
    body = points(bone)[np.unique(bone.surface.faces[bone.part_faces("body")])]
    centre = 0.5 * (body.min(axis=0) + body.max(axis=0))
    off = centre - median(figures("vertebrae")["level"][level]["body"])
    assert abs(off[1]) < 4.0  # facts 1.1: y 8, z 10
    assert abs(off[2]) < 4.0


@pytest.mark.parametrize(("upper", "lower"), list(pairwise(LEVELS)))
def test_neighbouring_vertebrae_do_not_interpenetrate(upper: str, lower: str) -> None:
    bones = skeleton()
    assert overlap_mm3(bones[f"vertebra_{upper}"], bones[f"vertebra_{lower}"]) < 60.0


def test_thoracic_transverse_process_lies_level_with_the_spinous_process_above() -> None:
    # GEEL: T1-T10, an independent check of the column (facts 1.4).
    rows = figures("vertebrae")["level"]
    bones = skeleton()
    for number in range(5, 11):
        tip = tip_along(bones[f"vertebra_T{number - 1}"], rows[f"T{number - 1}"]["spine_dip"])
        transverse = points(bones[f"vertebra_T{number}"])
        transverse = transverse[np.argmax(transverse[:, 0])]
        assert abs(tip[2] - transverse[2]) < 13.0


def test_spinous_positions_along_the_back_follow_ernst() -> None:
    # ERNST: share of the way from C7 to PSIS (facts 1.4), tolerance 0.035.
    rows = figures("vertebrae")["level"]
    levels = ["C7", *(f"T{i}" for i in range(1, 13)), *(f"L{i}" for i in range(1, 6))]
    line = [tip_along(skeleton()[f"vertebra_{name}"], rows[name]["spine_dip"]) for name in levels]
    psis = np.array([0.0, 70.0, -20.0])
    way = np.array([*line, psis])[:, 1:]
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))])
    for name, share in (("T4", 0.21), ("T7", 0.39), ("T10", 0.541), ("L1", 0.709), ("L4", 0.861)):
        assert length[levels.index(name)] / length[-1] == pytest.approx(share, abs=0.035)


def test_every_surface_is_closed_and_turned_outward() -> None:
    import trimesh

    for name, bone in skeleton().items():
        mesh = trimesh.Trimesh(bone.surface.vertices, bone.surface.faces, process=False)
        assert mesh.is_watertight, name
        assert mesh.is_winding_consistent, name
        assert mesh.volume > 0.0, name
        agree = np.einsum("ij,ij->i", mesh.face_normals, bone.surface.normals[mesh.faces[:, 0]])
        # By area: where a cartilage is cut to fit its rib the rim is many small faces.
        assert np.average(agree > 0.0, weights=mesh.area_faces) > 0.94, name


def test_midline_bones_are_symmetric_and_pairs_are_mirror_images() -> None:
    bones = skeleton()
    for name in MIDLINE:
        vertices = bones[name].surface.vertices
        mirrored = {tuple(row) for row in np.round(vertices * [-1.0, 1.0, 1.0], 3) + 0.0}
        assert mirrored == {tuple(row) for row in np.round(vertices.astype(float), 3) + 0.0}, name
    for name in SIDED:
        left, right = bones[name], bones[name.replace("_left", "_right")]
        assert np.array_equal(left.surface.vertices * [-1, 1, 1], right.surface.vertices)
        assert left.surface.vertices[:, 0].mean() > 0.0


@pytest.mark.parametrize("number", range(1, 13))
def test_rib_length_is_in_the_published_range(number: int) -> None:
    low, high = figures("ribs")["rib"][number - 1]["range"]
    assert low <= ribs()[number - 1].along[-1] <= high


def test_cage_and_girdle_and_pelvis_meet_ansur() -> None:
    bones = skeleton()
    cage = max(points(bones[f"rib_{number}_left"])[:, 0].max() for number in range(1, 13))
    assert 265.0 <= 2.0 * cage <= 275.0  # facts 2.2
    acromion = points(bones["scapula_left"])[:, 0].max()
    assert 189.0 <= acromion <= 201.0  # facts section 3: biacromial 408, so +-204 over skin
    crest = points(bones["hip_bone_left"])[:, 0].max()
    assert crest <= 266.8 / 2.0 + 1.0  # bicristal over skin, facts section 4
    assert points(bones["hip_bone_left"])[:, 2].max() == pytest.approx(51.0, abs=3.0)
    skull = points(bones["skull"])
    assert np.ptp(skull[:, 0]) == pytest.approx(154.0 - 10.0, abs=4.0)


@pytest.mark.parametrize("sex", ["male", "female"])
def test_scapula_keeps_off_the_ribs(sex: str) -> None:
    from scipy.spatial import cKDTree

    bones = build_skeleton(Body(sex=sex))
    cage = np.vstack([points(bones[f"rib_{number}_left"]) for number in range(1, 11)])
    gap = cKDTree(cage).query(points(bones["scapula_left"]))[0]
    assert gap.min() > 5.5


def test_scapula_spans_its_levels() -> None:
    scapula = points(skeleton()["scapula_left"])
    assert scapula[:, 0].min() == pytest.approx(62.0, abs=5.0)  # medial border at rest
    assert scapula[:, 2].min() == pytest.approx(299.0, abs=6.0)  # inferior angle, T7
    height = np.ptp(scapula[scapula[:, 0] < 130.0][:, 2])
    assert 139.0 <= height <= 171.0  # SCHROEDER 155 +- 16


def test_femur_sits_in_its_socket() -> None:
    bones = skeleton()
    assert overlap_mm3(bones["hip_bone_left"], bones["femur_left"]) < 400.0
    head = np.array(figures("warped")["femur"]["head_target"])
    reach = np.linalg.norm(points(bones["hip_bone_left"]) - head, axis=1)
    assert 23.0 < reach.min() < 27.0


def test_sacroiliac_joint_has_no_gap() -> None:
    from scipy.spatial import cKDTree

    bones = skeleton()
    gap = cKDTree(points(bones["hip_bone_left"])).query(points(bones["sacrum"]))[0]
    assert np.count_nonzero(gap < 3.0) > 120  # of some 4250 vertices
    assert overlap_mm3(bones["hip_bone_left"], bones["sacrum"]) < 20.0


@pytest.mark.parametrize(
    ("name", "part", "near", "within"),
    [
        ("vertebra_T7", "spinous_process", (0, 79.9, 301.7), 3.0),
        ("vertebra_L3", "transverse_process_left", (42.7, 16, 90.1), 3.0),
        ("vertebra_L3", "transverse_process_right", (-42.7, 16, 90.1), 3.0),
        ("scapula_left", "inferior_angle", (97, 88, 301), 6.0),
        ("scapula_left", "acromion", (191, 32, 462), 6.0),
        ("scapula_left", "superior_angle", (87, 62, 458), 6.0),
        ("hip_bone_left", "psis", (45, 70, -28), 7.0),
        ("hip_bone_left", "asis", (122, -80, -35), 9.0),
        ("hip_bone_left", "iliac_crest", (98, 11, 51), 4.0),
        ("skull", "external_occipital_protuberance", (0, 72, 628), 4.0),
        ("skull", "mastoid_process_left", (48, 6, 611), 4.0),
        ("sacrum", "median_sacral_crest", (0, 63, -30), 5.0),
    ],
)
def test_named_parts_lie_on_their_landmarks(
    name: str, part: str, near: tuple[float, float, float], within: float
) -> None:
    bone = skeleton()[name]
    where = points(bone)[bone.surface.faces[bone.part_faces(part)]].mean(axis=1)
    assert len(where) > 5
    assert np.linalg.norm(where - near, axis=1).min() < within


def test_parts_are_those_of_the_catalogue() -> None:
    for name, bone in skeleton().items():
        known = {part.id for part in bone.entry.parts}
        if known and bone.parts:
            assert set(bone.parts) <= known, name


def test_building_again_gives_the_same_bytes() -> None:
    from meshes import skeleton as module

    first = skeleton()["vertebra_T4"].surface
    module._vertebrae.cache_clear()
    again = build_skeleton(Body())["vertebra_T4"].surface
    assert np.array_equal(first.vertices, again.vertices)
    assert np.array_equal(first.faces, again.faces)


def test_size_follows_stature() -> None:
    tall = build_skeleton(Body(stature_cm=192.5))
    for name in ("vertebra_L3", "rib_7_right", "scapula_left"):
        assert np.allclose(points(tall[name]), points(skeleton()[name]) * 1.1, atol=1e-3)


def test_woman_has_narrower_vertebrae_and_a_wider_pelvis() -> None:
    woman, man = build_skeleton(Body(sex="female")), skeleton()
    # Bicristal F/M is 1.06 at BMI 24 and 1.08 at 27 (facts 8.1).
    for name, ratio in (("vertebra_L3", 0.93), ("hip_bone_left", 1.07)):
        assert points(woman[name])[:, 0].max() == pytest.approx(
            ratio * points(man[name])[:, 0].max(), rel=1e-3
        )
    blade = [np.ptp(points(body["scapula_left"])[:, 2]) for body in (woman, man)]
    # Facts section 3: 0.87 to 0.90 with the ratio of statures (0.927) in it.
    assert 0.87 / 0.927 < blade[0] / blade[1] < 0.90 / 0.927
    tips = [points(body["rib_6_left"])[:, 2].min() for body in (woman, man)]
    assert tips[0] < tips[1] - 3.0


def test_detail_stays_within_budget() -> None:
    assert sum(bone.surface.triangle_count for bone in skeleton().values()) < 300_000


def test_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(opensim, "version", missing)
    with pytest.raises(MachineError, match="pip install myo-sim") as caught:
        opensim._path("scapula")
    assert "\n" not in str(caught.value)


def test_hole_and_extra_faces_are_repaired() -> None:
    import trimesh

    box = trimesh.creation.box()
    vertices = np.asarray(box.vertices, dtype=float)
    faces = np.asarray(box.faces, dtype=np.int64)
    broken = np.vstack([faces[1:], [[faces[1, 0], faces[1, 1], faces[5, 2]]]])
    mended = trimesh.Trimesh(*opensim.repaired(vertices, broken), process=False)
    assert mended.is_watertight
    assert mended.volume > 0.0
