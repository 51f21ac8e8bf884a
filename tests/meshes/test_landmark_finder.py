"""Landmarks on the built-in skeleton and on Z-Anatomy against the published coordinates."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshes.atlas import Atlas
from meshes.errors import ReadError
from meshes.finding.bone import Bone
from meshes.finding.centre_line import centre_line
from meshes.finding.field_of_view import cuts
from meshes.finding.index import landmark_index
from meshes.finding.rules import _expand, fill, read_rules
from meshes.frame import Affine
from meshes.landmark_finder import find_landmarks
from meshes.landmarks import Landmarks
from meshes.structure import Structure
from meshes.surface import Surface
from tests.bones import skeleton, skeleton_landmarks
from tests.meshes.landmark_facts import RIBS, VERTEBRAE

ZA = 1.0 / 1.0237
"""Z-Anatomy's man is smaller than the 1750 mm that the facts are scaled to."""

FLIP = np.array([-1.0, 1.0, 1.0])
SIDES = ("left", "right")
CERVICAL = [f"C{n}" for n in range(2, 8)]
LUMBAR = [f"L{n}" for n in range(1, 6)]


def _promised() -> tuple[list[str], list[str]]:
    """Return the points and curves that the rest of Palpate is anchored to."""
    points = [f"vertebra_{level}/spinous_process" for level in VERTEBRAE]
    points += [f"vertebra_{level}/body" for level in VERTEBRAE]
    points += [f"sacrum/median_crest_S{n}" for n in range(1, 5)]
    points += ["skull/external_occipital_protuberance", "sacrum/promontory", "coccyx/tip"]
    points += ["sternum/jugular_notch", "sternum/xiphoid"]
    curves = ["spinous_line", "sacrum/median_crest"]
    scapula = "superior_angle inferior_angle spine_root acromial_angle acromion glenoid"
    for side in SIDES:
        points += [f"vertebra_{level}/transverse_process_{side}" for level in VERTEBRAE]
        points += [f"vertebra_{level}/lamina_{side}" for level in VERTEBRAE]
        points += [f"vertebra_{level}/articular_process_{side}" for level in CERVICAL]
        points += [f"vertebra_{level}/mammillary_process_{side}" for level in LUMBAR]
        for rib in RIBS:
            points += [
                f"rib_{rib}_{side}/{name}"
                for name in ("head", "tubercle", "angle", "lateral", "tip")
            ]
            curves.append(f"rib_{rib}_{side}/shaft")
        points += [f"scapula_{side}/{name}" for name in scapula.split()]
        points += [f"scapula_{side}/coracoid_process", f"scapula_{side}/deltoid_tubercle"]
        points += [f"clavicle_{side}/sternal_end", f"clavicle_{side}/acromial_end"]
        points += [f"humerus_{side}/head", f"humerus_{side}/greater_tubercle"]
        points += [f"humerus_{side}/lesser_tubercle", f"humerus_{side}/intertubercular_groove"]
        points += [f"humerus_{side}/deltoid_tuberosity", f"skull/mastoid_process_{side}"]
        points += [f"hip_bone_{side}/{name}" for name in ("asis", "psis", "crest_top")]
        points += [f"hip_bone_{side}/ischial_tuberosity", f"hip_bone_{side}/acetabulum"]
        points += [f"femur_{side}/{name}" for name in ("greater_trochanter", "head")]
        points += [f"femur_{side}/gluteal_tuberosity", f"sacrum/inferior_lateral_angle_{side}"]
        curves += [
            f"scapula_{side}/{name}" for name in ("medial_border", "lateral_border", "spine")
        ]
        curves += [f"scapula_{side}/acromion", f"clavicle_{side}/shaft"]
        curves += [f"hip_bone_{side}/iliac_crest", f"sacrum/lateral_crest_{side}"]
        curves += [f"skull/superior_nuchal_line_{side}", f"skull/inferior_nuchal_line_{side}"]
    return points, curves


@pytest.fixture(scope="module")
def found() -> Landmarks:
    return skeleton_landmarks()


@pytest.fixture(scope="module")
def found_za(za: Atlas) -> Landmarks:
    return find_landmarks(za.structures)


def test_every_promised_landmark_is_found(found: Landmarks) -> None:
    points, curves = _promised()
    assert set(points) <= found.points.keys()
    assert set(curves) <= found.curves.keys()
    assert all(np.isfinite(value).all() for value in found.points.values())
    assert all(np.isfinite(value).all() for value in found.curves.values())


def test_what_only_helps_the_search_is_not_shown(found: Landmarks) -> None:
    assert not [name for name in [*found.points, *found.curves] if "/_" in name]


@pytest.mark.parametrize("level", VERTEBRAE)
def test_vertebrae_stand_where_the_facts_put_them(found: Landmarks, level: str) -> None:
    _check_vertebra(found, level, 1.0, 13.0)


@pytest.mark.parametrize("rib", RIBS)
def test_ribs_run_where_the_facts_put_them(found: Landmarks, rib: int) -> None:
    _check_rib(found, rib, 1.0, 13.0)


@pytest.mark.reference
def test_z_anatomy_agrees_with_what_was_measured_on_it(found_za: Landmarks) -> None:
    points, curves = _promised()
    assert set(points) <= found_za.points.keys()
    assert set(curves) <= found_za.curves.keys()
    for level in VERTEBRAE:
        _check_vertebra(found_za, level, ZA, 10.0)
    for rib in RIBS:
        _check_rib(found_za, rib, ZA, 12.0)
    for name, where in {
        "scapula_left/superior_angle": (84, 62, 458),
        "scapula_left/spine_root": (62, 86, 417),
        "scapula_left/inferior_angle": (96, 86, 299),
        "scapula_left/acromial_angle": (166, 54, 449),
        "scapula_left/acromion": (178, 28, 461),
        "humerus_left/head": (171, 11, 431),
        "hip_bone_left/crest_top": (98, 11, 51),
        "sacrum/promontory": (0, -13, -15),
        "sacrum/median_crest_S1": (0, 54, -20),
        "sacrum/median_crest_S2": (0, 69, -42),
        "sacrum/median_crest_S3": (0, 78, -60),
        "skull/external_occipital_protuberance": (0, 72, 628),
        "skull/mastoid_process_left": (46, 6, 611),
        "coccyx/tip": (0, 60, -135),
    }.items():
        miss = np.linalg.norm(found_za.point(name) - ZA * np.array(where))
        assert miss <= 10.0, f"{name}: {miss:.1f} mm"


def _check_vertebra(landmarks: Landmarks, level: str, scale: float, tolerance: float) -> None:
    body, tip, transverse = (scale * np.array(place) for place in VERTEBRAE[level])
    found_body = landmarks.point(f"vertebra_{level}/body")
    assert abs(found_body[1] - body[0]) <= 8.0
    assert abs(found_body[2] - body[1]) <= 10.0
    found_tip = landmarks.point(f"vertebra_{level}/spinous_process")
    assert abs(found_tip[0]) <= 1.0
    assert np.linalg.norm(found_tip[1:] - tip) <= tolerance
    left = landmarks.point(f"vertebra_{level}/transverse_process_left")
    right = landmarks.point(f"vertebra_{level}/transverse_process_right")
    assert (left - right)[0] == pytest.approx(2.0 * transverse[0], rel=0.12)
    assert np.linalg.norm(left - transverse) <= tolerance


def _check_rib(landmarks: Landmarks, rib: int, scale: float, tolerance: float) -> None:
    head, angle, lateral, tip, (shortest, longest) = RIBS[rib]
    line = landmarks.curve(f"rib_{rib}_left/shaft")
    length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    assert scale * shortest <= length <= scale * longest
    # The facts give places of the centre line; the landmarks lie on the bone.
    for name, place in (("angle", angle), ("lateral", lateral)):
        near = np.linalg.norm(line - scale * np.array(place), axis=1).min()
        assert near <= tolerance, f"{name}: {near:.1f} mm"
    assert np.linalg.norm(landmarks.point(f"rib_{rib}_left/head") - scale * np.array(head)) <= 13.0
    assert np.linalg.norm(landmarks.point(f"rib_{rib}_left/tip") - scale * np.array(tip)) <= 16.0


def test_right_mirrors_left(found: Landmarks) -> None:
    for name in [*found.points, *found.curves]:
        if "left" not in name:
            continue
        other = name.replace("left", "right")
        of = found.points if name in found.points else found.curves
        assert of[name].shape == of[other].shape, name
        assert np.abs(of[name] * FLIP - of[other]).max() <= 0.5, name


def test_curves_are_smooth_and_evenly_spaced(found: Landmarks) -> None:
    for name, curve in found.curves.items():
        steps = np.diff(curve, axis=0)
        length = np.linalg.norm(steps, axis=1)
        assert length.max() <= 1.6 * np.median(length), name
        way = steps / length[:, None]
        turn = np.degrees(np.arccos(np.clip((way[1:] * way[:-1]).sum(axis=1), -1.0, 1.0)))
        assert np.quantile(turn, 0.9) <= 30.0, name


def test_spinous_line_runs_down_through_the_tips(found: Landmarks) -> None:
    line = found.curve("spinous_line")
    assert np.allclose(line[0], found.point("skull/external_occipital_protuberance"), atol=0.5)
    assert np.allclose(line[-1], found.point("sacrum/median_crest_S4"), atol=0.5)
    assert (np.diff(line[:, 2]) < 1e-6).mean() > 0.97
    for level in VERTEBRAE:
        tip = found.point(f"vertebra_{level}/spinous_process")
        assert np.linalg.norm(line - tip, axis=1).min() <= 3.5, level


def test_curves_run_the_way_they_say(found: Landmarks) -> None:
    for side in SIDES:
        border = found.curve(f"scapula_{side}/medial_border")
        assert np.allclose(border[0], found.point(f"scapula_{side}/superior_angle"), atol=2.0)
        assert np.allclose(border[-1], found.point(f"scapula_{side}/inferior_angle"), atol=2.0)
        crest = found.curve(f"hip_bone_{side}/iliac_crest")
        assert crest[0, 1] < crest[-1, 1]
        assert crest[:, 2].max() == pytest.approx(
            found.point(f"hip_bone_{side}/crest_top")[2], abs=3.0
        )
        clavicle = found.curve(f"clavicle_{side}/shaft")
        assert abs(clavicle[0, 0]) < abs(clavicle[-1, 0])


def test_scapula_has_the_published_proportions(found: Landmarks) -> None:
    height = found.point("scapula_left/superior_angle") - found.point("scapula_left/inferior_angle")
    assert 139.0 <= np.linalg.norm(height) <= 171.0
    spine = found.point("scapula_left/spine_root") - found.point("scapula_left/acromion")
    assert 110.0 <= np.linalg.norm(spine) <= 158.0


def test_rib_lines_stay_inside_their_ribs(found: Landmarks) -> None:
    for rib in RIBS:
        name = f"rib_{rib}_left"
        bone = Bone.of([skeleton()[name].surface])
        line = found.curve(f"{name}/shaft")[3:-3]
        depth = np.linalg.norm(bone.nearest(line) - line, axis=1)
        assert depth.min() > 1.0, name
        for place in line[::4]:
            crossings = len(bone.cast(place, np.array([0.31, 0.05, 0.95])))
            assert crossings % 2 == 1, f"{name}: outside at {place.round(1)}"


def test_points_that_should_lie_on_bone_do(found: Landmarks) -> None:
    for name, place in found.points.items():
        bone, _, feature = name.partition("/")
        centres = ("body", "posterior_wall", "head", "acetabulum", "tip", "sternal_end")
        if bone not in skeleton() or feature in (*centres, "acromial_end"):
            continue
        if feature.startswith("median_crest"):  # over the groove of a split crest
            continue
        near = Bone.of([skeleton()[bone].surface]).nearest(place)
        assert np.linalg.norm(near - place) <= 3.0, name


def test_nothing_is_found_where_there_is_nothing() -> None:
    nothing = find_landmarks({})
    assert not nothing.points
    assert not nothing.curves


def test_missing_bones_are_passed_over() -> None:
    bones = {name: skeleton()[name] for name in ("scapula_left", "rib_8_left")}
    alone = find_landmarks(bones)
    assert {name.partition("/")[0] for name in alone.points} == set(bones)
    assert "scapula_left/glenoid" in alone.points, "without the arm a second rule finds it"
    assert "rib_8_left/shaft" in alone.curves, "without the vertebra a second rule finds its start"


@lru_cache(maxsize=1)
def _some() -> tuple[dict[str, Structure], Landmarks]:
    bones = {name: skeleton()[name] for name in ("vertebra_T6", "rib_9_left", "scapula_left")}
    return bones, find_landmarks(bones)


@settings(max_examples=6)
@given(shift=st.tuples(*[st.floats(-40.0, 40.0)] * 3))
def test_landmarks_move_along_with_the_bones(shift: tuple[float, float, float]) -> None:
    bones, before = _some()
    move = Affine(np.eye(3), np.array(shift))
    after = find_landmarks(_moved(bones, move))
    assert after.points.keys() == before.points.keys()
    for name, place in before.points.items():
        assert np.abs(after.points[name] - move(place)).max() <= 0.3, name
    for name, curve in before.curves.items():
        assert np.abs(after.curve(name) - move(curve)).max() <= 0.5, name


@settings(max_examples=6)
@given(degrees=st.tuples(*[st.floats(-4.0, 4.0)] * 3))
def test_landmarks_turn_along_with_the_bones(degrees: tuple[float, float, float]) -> None:
    """Extremes along fixed directions wander a little over a rounded bone; up to 4 degrees
    on each axis they stay within 8 mm, and the middle of the centre line within 3 mm."""
    from scipy.spatial.transform import Rotation

    bones, before = _some()
    turn = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
    centre = before.point("scapula_left/spine_root")
    move = Affine(turn, centre - turn @ centre)
    after = find_landmarks(_moved(bones, move))
    for name in ("superior_angle", "inferior_angle", "acromion", "coracoid_process"):
        place = f"scapula_left/{name}"
        assert np.linalg.norm(after.point(place) - move(before.point(place))) <= 8.0, name
    line, turned = (one.along("rib_9_left/shaft", 0.5) for one in (before, after))
    assert np.linalg.norm(turned - move(line)) <= 3.0


def _moved(bones: dict[str, Structure], move: Affine) -> dict[str, Structure]:
    return {name: replace(item, surface=item.surface.moved(move)) for name, item in bones.items()}


def _tube(radius: float = 6.0, bend: float = 60.0) -> tuple[Surface, np.ndarray]:
    """Return a half ring of pipe with flat ends, and its centre line."""
    turn = np.linspace(0.0, np.pi, 61)
    around = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    line = np.stack([bend * np.cos(turn), bend * np.sin(turn), 20.0 * turn], axis=1)
    outward = np.stack([np.cos(turn), np.sin(turn), 0.0 * turn], axis=1)
    up = np.array([0.0, 0.0, 1.0])
    ring = (
        line[:, None, :]
        + radius * np.cos(around)[None, :, None] * outward[:, None, :]
        + radius * np.sin(around)[None, :, None] * up
    ).reshape(-1, 3)
    faces = []
    for i in range(60):
        for j in range(16):
            a, b = 16 * i + j, 16 * i + (j + 1) % 16
            faces += [(a, a + 16, b), (b, a + 16, b + 16)]
    ends = len(ring)
    for j in range(16):
        faces += [(ends, j, (j + 1) % 16), (ends + 1, 960 + (j + 1) % 16, 960 + j)]
    vertices = np.vstack([ring, line[0], line[-1]])
    return Surface.of(vertices, np.array(faces)), line


def test_centre_line_of_a_bent_pipe_is_its_axis() -> None:
    surface, line = _tube()
    found = centre_line(Bone.of([surface]), line[0])
    distance = np.linalg.norm(found[:, None] - line[None], axis=2)
    assert distance.min(axis=1).max() <= 2.5
    assert distance[0].argmin() == 0
    length = np.linalg.norm(np.diff(found, axis=0), axis=1).sum()
    assert length == pytest.approx(np.linalg.norm(np.diff(line, axis=0), axis=1).sum(), rel=0.04)


def test_bone_probes_agree_with_a_ball() -> None:
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=3, radius=20.0)
    bone = Bone.of([Surface.of(ball.vertices, ball.faces)])
    hits = bone.cast(np.array([0.0, -100.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    assert hits[:, 1] == pytest.approx([-20.0, 20.0], abs=0.3)
    assert np.linalg.norm(bone.nearest(np.array([50.0, 50.0, 0.0]))) == pytest.approx(20.0, abs=0.3)
    cut = bone.section(np.array([0.0, 0.0, 12.0]), np.array([0.0, 0.0, 1.0]))
    assert np.allclose(cut[..., 2], 12.0)
    assert np.linalg.norm(cut[..., :2], axis=2) == pytest.approx(16.0, abs=0.3)
    assert bone.spread.areas.sum() == pytest.approx(ball.area, rel=1e-6)
    mirrored = Bone.of([Surface.of(ball.vertices + [5, 0, 0], ball.faces)], mirror=True)
    assert mirrored.median_x == pytest.approx(-5.0, abs=1e-3)


def test_welding_joins_split_vertices() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    bone = Bone.of([Surface.of(corners, np.array([[0, 1, 2], [3, 4, 5]]))])
    assert len(bone.vertices) == 4
    assert len(bone.faces) == 2


def test_rules_are_read_once_for_each_side_and_level() -> None:
    rules = read_rules()
    assert len(rules) > 400
    right = [rule for rule in rules if rule.name == "rib_3_right/angle"]
    assert len(right) == 1
    assert right[0].mirror
    assert right[0].options["along"] == "rib_3_right/shaft"


def test_a_row_that_cannot_be_used_is_named() -> None:
    with pytest.raises(ReadError, match=r"row 7: .*needs a point"):
        list(_expand({"by": "extreme"}, {}, "row 7"))
    with pytest.raises(ReadError, match=r"row 8: a/b: no \[\[set\.ribs\]\]"):
        list(_expand({"point": "a/b", "each": "ribs"}, {"levels": []}, "row 8"))
    with pytest.raises(ReadError, match=r"row 9: .*level"):
        list(_expand({"point": "vertebra_{level}/x"}, {}, "row 9"))


def test_placeholders_are_filled_at_every_depth() -> None:
    value = {"within": [{"at": "rib_{rib}_{side}/tip"}, 3], "by": "extreme"}
    filled = fill(value, {"rib": "4", "side": "left"})
    assert filled == {"within": [{"at": "rib_4_left/tip"}, 3], "by": "extreme"}


def test_the_list_in_the_docs_is_up_to_date() -> None:
    written = Path(__file__).resolve().parents[2] / "docs" / "landmarks.md"
    assert written.read_text(encoding="utf-8") == landmark_index(), (
        "run: python -m meshes.finding.index > docs/landmarks.md"
    )


def test_a_whole_skeleton_has_no_cuts() -> None:
    assert cuts(skeleton()) == ()


def test_what_stands_at_the_edge_of_a_scan_is_not_believed() -> None:
    """Bones around a scan's upper edge at z = 200 mm: what stands above is pressed flat on it."""
    names = [f"rib_{n}_left" for n in (9, 10, 11, 12)]
    names += [f"vertebra_{level}" for level in ("T10", "T11", "T12", "L1", "L2", "L3")]
    scan = {}
    for name in names:
        item = skeleton()[name]
        vertices = item.surface.vertices.copy()
        vertices[:, 2] = np.minimum(vertices[:, 2], 200.0)
        scan[name] = replace(item, surface=Surface.of(vertices, item.surface.faces))
    (edge,) = cuts(scan)
    assert edge.axis == 2
    assert edge.at == pytest.approx(200.0)
    assert "rib_9_left" in edge.bones
    assert "vertebra_L2" not in edge.bones
    found = find_landmarks(scan)
    assert "rib_9_left/head" not in found.points
    assert "vertebra_T10/body" not in found.points
    whole = skeleton_landmarks()
    for name in ("rib_12_left/tip", "vertebra_L1/spinous_process", "vertebra_L2/body"):
        assert np.linalg.norm(found.point(name) - whole.point(name)) < 4.0, name
