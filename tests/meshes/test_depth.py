"""The probe on the phantom, whose depths are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshes.atlas import Atlas
from meshes.depth import Hit, needles, probe
from meshes.errors import InputError
from meshes.frame import Affine
from meshes.skin_surface import skin_of
from meshes.structure import Structure
from meshes.terminology import Provenance, System, mirror_id
from tests.phantom import phantom_atlas, skin_point


def _anywhere(*spans: tuple[float, float]) -> st.SearchStrategy[tuple[float, ...]]:
    """Places spread evenly.

    Drawn as floats they would like round numbers, which are where the phantom's slabs end: a
    needle along an edge may take it or leave it.
    """
    low, high = np.array(spans).T
    seeds = st.integers(0, 2**32 - 1)
    return seeds.map(lambda seed: tuple(np.random.default_rng(seed).uniform(low, high).tolist()))


on_the_back = _anywhere((-150.0, 150.0), (-140.0, 600.0))


def order(hits: list[Hit]) -> list[str]:
    return [hit.structure for hit in hits]


def test_beside_t4() -> None:
    hits = probe(phantom_atlas(), skin_point(30.0, 402.2))
    assert order(hits) == [
        "skin",
        "subcutaneous_fat",
        "trapezius_left",
        "rhomboid_major_left",
        "longissimus_thoracis_left",
        "multifidus_left",
        "vertebra_T4",
    ]
    expected = [(0, 2.5), (2.5, 8), (8, 15), (16, 22), (23, 40), (41, 46), (48, 56)]
    for hit, (enter, leave) in zip(hits, expected, strict=True):
        assert hit.enter_mm == pytest.approx(enter, abs=0.3)
        assert hit.exit_mm == pytest.approx(leave, abs=0.4)
        assert hit.thickness_mm == pytest.approx(hit.exit_mm - hit.enter_mm)


def test_parts_systems_and_fibres_are_named() -> None:
    hits = {hit.structure: hit for hit in probe(phantom_atlas(), skin_point(30.0, 402.2))}
    assert hits["trapezius_left"].part == "transverse"
    assert hits["vertebra_T4"].part == "transverse_process_left"
    assert hits["rhomboid_major_left"].part is None
    assert hits["vertebra_T4"].system is System.SKELETAL
    assert hits["skin"].provenance is Provenance.GENERATED
    np.testing.assert_allclose(hits["longissimus_thoracis_left"].fibre_direction, [0, 0, 1])
    assert hits["vertebra_T4"].fibre_direction is None


def test_the_same_structure_twice() -> None:
    parts = [hit.part for hit in probe(phantom_atlas(), skin_point(0.0, 402.2)) if hit.layer == 6]
    assert parts == ["spinous_process", "body"]


def test_left_kidney_lies_below_muscle() -> None:
    names = order(probe(phantom_atlas(), skin_point(70.0, 128.8)))
    assert names[-1] == "kidney_left"
    assert "quadratus_lumborum_left" in names


def test_a_given_direction_starts_at_the_point_itself() -> None:
    start = skin_point(30.0, 402.2)
    straight = probe(phantom_atlas(), start, np.array([0.0, -2.0, 0.0]))
    assert straight[2].structure == "trapezius_left"
    assert straight[2].enter_mm > 8.0


def test_needle_ends_where_it_leaves_the_body() -> None:
    edge = np.array([165.0, -30.0, 240.0])
    hits = probe(phantom_atlas(), edge, np.array([0.0, 1.0, 0.0]))
    assert max(hit.exit_mm for hit in hits) < 40.0


def test_without_fat_the_skin_has_its_nominal_thickness() -> None:
    whole = phantom_atlas()
    lean = replace(
        whole,
        structures={name: item for name, item in whole.items() if name != "subcutaneous_fat"},
    )
    hits = probe(lean, skin_point(30.0, 402.2))
    assert order(hits)[:2] == ["skin", "trapezius_left"]
    assert hits[0].exit_mm == pytest.approx(2.3)
    assert hits[1].enter_mm == pytest.approx(8.0, abs=0.3)


def test_an_atlas_without_skin_says_so() -> None:
    whole = phantom_atlas()
    bare = replace(whole, structures={"sacrum": whole["sacrum"]})
    with pytest.raises(InputError, match="'skin' is required"):
        probe(bare, np.zeros(3))


def test_json_row() -> None:
    row = probe(phantom_atlas(), skin_point(30.0, 402.2))[2].as_json()
    assert set(row) >= {
        "structure", "part", "system", "layer", "enter_mm", "exit_mm", "thickness_mm",
        "provenance",
    }  # fmt: skip
    assert row["system"] == "muscular"
    assert row["layer"] == 2


@given(on_the_back)
def test_depths_are_ordered_and_never_negative(at: tuple[float, float]) -> None:
    hits = probe(phantom_atlas(), skin_point(*at))
    assert order(hits)[0] == "skin"
    assert hits[0].enter_mm == 0.0
    for hit in hits:
        assert 0.0 <= hit.enter_mm <= hit.exit_mm
        assert hit.thickness_mm == pytest.approx(hit.exit_mm - hit.enter_mm)
    enters = [hit.enter_mm for hit in hits]
    assert enters == sorted(enters)


@given(on_the_back.filter(lambda at: abs(at[0]) > 0.5))
def test_the_mirrored_site_has_the_mirrored_answer(at: tuple[float, float]) -> None:
    atlas = _without_kidneys()  # the right kidney lies lower
    here = probe(atlas, skin_point(*at))
    there = probe(atlas, skin_point(-at[0], at[1]))
    assert [mirror_id(name) for name in order(here)] == order(there)
    for a, b in zip(here, there, strict=True):
        assert a.enter_mm == pytest.approx(b.enter_mm, abs=0.02)
        assert a.exit_mm == pytest.approx(b.exit_mm, abs=0.02)


angles = st.floats(-180.0, 180.0)
tilts = _anywhere((-60.0, 60.0), (-60.0, 60.0))


def tilted(into: np.ndarray, tilt: tuple[float, float]) -> np.ndarray:
    """A needle leaning by so many degrees to the side and up."""
    across = np.cross(into, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    up = np.cross(across, into)
    a, b = np.radians(tilt)
    leaning = into + np.tan(a) * across + np.tan(b) * up
    return np.asarray(leaning / np.linalg.norm(leaning))


@given(on_the_back, tilts)
def test_any_needle_is_in_order(at: tuple[float, float], tilt: tuple[float, float]) -> None:
    start = skin_of(phantom_atlas()).nearest(skin_point(*at))
    hits = probe(phantom_atlas(), start.position, tilted(start.inward, tilt))
    assert hits[0].structure == "skin"
    enters = [hit.enter_mm for hit in hits]
    assert enters == sorted(enters)
    assert all(0.0 <= hit.enter_mm <= hit.exit_mm for hit in hits)


@given(angles, angles, angles, st.tuples(*[st.floats(-200.0, 200.0)] * 3), st.data())
@settings(max_examples=12)
def test_rigid_motion_changes_nothing(
    roll: float, pitch: float, yaw: float, shift: tuple[float, float, float], data: st.DataObject
) -> None:
    move = Affine(_turn(roll, pitch, yaw), np.array(shift))
    atlas = phantom_atlas()
    moved = _moved(atlas, move)
    for _ in range(6):
        start = skin_of(atlas).nearest(skin_point(*data.draw(on_the_back)))
        into = tilted(start.inward, data.draw(tilts))
        here = probe(atlas, start.position, into)
        there = probe(moved, move(start.position), move.linear @ into)
        # A needle along an edge may graze what a micrometre aside it would not.
        here, there = ([hit for hit in hits if hit.thickness_mm > 0.05] for hits in (here, there))
        assert order(here) == order(there)
        for a, b in zip(here, there, strict=True):
            assert a.enter_mm == pytest.approx(b.enter_mm, abs=0.02)
            assert a.exit_mm == pytest.approx(b.exit_mm, abs=0.02)
            assert a.part == b.part


def test_straight_in_turns_with_the_body() -> None:
    move = Affine(_turn(33.0, 63.0, 0.0), np.array([40.0, -70.0, 25.0]))
    atlas = phantom_atlas()
    moved = _moved(atlas, move)
    rng = np.random.default_rng(7)
    for x, z in rng.uniform((-140, -130), (140, 590), (25, 2)):
        here = probe(atlas, skin_point(x, z))
        there = probe(moved, move(skin_point(x, z)))
        assert order(here) == order(there)
        for a, b in zip(here, there, strict=True):
            assert a.enter_mm == pytest.approx(b.enter_mm, abs=0.02)


def test_rigid_motion_of_the_built_in_torso(builtin: Atlas) -> None:
    move = Affine(_turn(71.0, -38.0, 12.0), np.array([-60.0, 90.0, 30.0]))
    moved = _moved(builtin, move)
    skin = skin_of(builtin)
    pick = np.random.default_rng(3).choice(len(skin.vertices), 300, replace=False)
    points, into = skin.vertices[pick], skin.vertex_inward[pick]
    here = needles(builtin, points, into)
    there = needles(moved, move(points), into @ move.linear.T)
    for ray in range(len(pick)):
        a, b = (found.inner.keep(found.inner.ray == ray) for found in (here, there))
        thick = a.exit - a.enter > 0.1
        at = {(int(k), round(float(d), 1)) for k, d in zip(b.structure, b.enter, strict=True)}
        for number, depth in zip(a.structure[thick], a.enter[thick], strict=True):
            near = [d for k, d in at if k == number and abs(d - depth) < 0.2]
            assert near, (ray, here.names[int(number)], float(depth))


def _turn(roll: float, pitch: float, yaw: float) -> np.ndarray:
    def about(axis: int, degrees: float) -> np.ndarray:
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        matrix = np.eye(3)
        a, b = [k for k in range(3) if k != axis]
        matrix[[a, a, b, b], [a, b, a, b]] = c, -s, s, c
        return matrix

    return np.asarray(about(2, roll) @ about(0, pitch) @ about(1, yaw))


def _moved(atlas: Atlas, move: Affine) -> Atlas:
    return replace(
        atlas,
        digest="",
        structures={
            name: Structure(item.entry, item.surface.moved(move), item.origin, item.parts)
            for name, item in atlas.items()
        },
    )


def _without_kidneys() -> Atlas:
    global _LEAN  # noqa: PLW0603 - the ray structure is kept per atlas object
    if _LEAN is None:
        whole = phantom_atlas()
        _LEAN = replace(
            whole,
            structures={name: item for name, item in whole.items() if "kidney" not in name},
        )
    return _LEAN


_LEAN: Atlas | None = None
