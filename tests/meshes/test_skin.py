"""Skin and fat: closed, clear of what they cover, symmetric, as wide and deep as ANSUR says."""

from __future__ import annotations

import numpy as np
import pytest

from meshes.atlas import Atlas, Body
from meshes.catalogue import load_catalogue
from meshes.errors import InputError
from meshes.fat import FatSites, site_thickness
from meshes.landmarks import Landmarks
from meshes.outline import LevelMap, body_measure, measured_outline, outline_data
from meshes.skin import generate_skin, is_symmetric
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance, System
from meshes.torso_core import TorsoCore

_FULL = ("skin", "subcutaneous_fat")


@pytest.fixture(scope="module")
def bare(builtin: Atlas) -> dict[str, Structure]:
    """Skin over the built-in bones alone."""
    bones = {item.id: item for item in builtin.select(system=System.SKELETAL)}
    return generate_skin(bones, builtin.landmarks, Body())


@pytest.mark.parametrize("name", _FULL)
def test_surface_is_closed_and_one_piece(builtin: Atlas, name: str) -> None:
    mesh = builtin[name].surface.to_trimesh()
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    assert mesh.euler_number == 2  # no handle between arm and trunk or between the thighs
    assert mesh.volume > 0.0


def test_the_arm_hangs_free_of_the_trunk_at_t8(builtin: Atlas) -> None:
    z = float(builtin.landmarks.point("vertebra_T8/body")[2])
    section = builtin["skin"].surface.to_trimesh().section([0.0, 0.0, 1.0], [0.0, 0.0, z])
    assert section is not None
    loops = sorted((np.asarray(loop) for loop in section.discrete), key=lambda p: p[:, 0].mean())
    assert len(loops) == 3
    trunk, arm = loops[1], loops[2]
    gap = np.linalg.norm(trunk[:, None] - arm[None, ::3], axis=2).min()
    assert gap > 5.0


def test_skin_is_fine_and_even(builtin: Atlas) -> None:
    skin = builtin["skin"].surface
    assert 50_000 <= len(skin.vertices) <= 56_000  # depth fields ask for 50,000, the budget for few
    corners = skin.vertices[skin.faces]
    behind = (corners[..., 1] > 40.0).all(axis=1)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)[behind]
    assert 3.5 <= np.median(edges) <= 5.2
    assert np.percentile(edges, 99.5) < 9.0


def test_skin_is_its_own_mirror_image(builtin: Atlas) -> None:
    vertices = builtin["skin"].surface.vertices
    flipped = vertices * np.array([-1.0, 1.0, 1.0], dtype=np.float32)
    assert {tuple(row) for row in (vertices + 0.0).tolist()} == {
        tuple(row) for row in (flipped + 0.0).tolist()
    }


def test_fat_lies_within_skin_by_the_dermis(builtin: Atlas) -> None:
    skin, fat = builtin["skin"].surface, builtin["subcutaneous_fat"].surface
    assert np.array_equal(skin.faces, fat.faces)
    gap = np.linalg.norm(skin.vertices - fat.vertices, axis=1)
    assert gap.min() > 2.2
    assert gap.max() < 2.7  # OLTULU: 2.6 upper back, 2.3 loins
    upper = (skin.vertices[:, 1] > 50.0) & (skin.vertices[:, 2] > 350.0)
    assert gap[upper].mean() == pytest.approx(2.6, abs=0.05)


def test_nothing_pokes_through(builtin: Atlas) -> None:
    fat = builtin["subcutaneous_fat"].surface
    mesh = fat.to_trimesh()
    lowest = float(fat.vertices[:, 2].min()) + 8.0
    for item in builtin.select(system=System.SKELETAL) + builtin.select(system=System.MUSCULAR):
        vertices = item.surface.vertices
        vertices = vertices[vertices[:, 2] > lowest]  # the femur goes on below the cut
        if len(vertices):
            some = vertices[:: max(1, len(vertices) // 500)].astype(np.float64)
            assert mesh.ray.contains_points(some).all(), item.id


@pytest.mark.parametrize(
    "name",
    ["chestbreadth", "chestdepth", "waistbreadth", "waistdepth", "hipbreadth", "buttockdepth"],
)
def test_outline_follows_ansur_over_bones(
    builtin: Atlas, bare: dict[str, Structure], name: str
) -> None:
    found = measured_outline(bare["skin"].surface, LevelMap.of(builtin.landmarks))
    assert found[name] == pytest.approx(body_measure(name, Body()), rel=0.05)


def test_heavy_body_is_as_wide_as_ansur_says_and_still_one_closed_piece(builtin: Atlas) -> None:
    body = Body(bmi=36.0)
    bones = {item.id: item for item in builtin.select(system=System.SKELETAL)}
    skin = generate_skin(bones, builtin.landmarks, body)["skin"].surface
    mesh = skin.to_trimesh()
    assert mesh.is_watertight
    assert mesh.body_count == 1
    assert mesh.euler_number == 2
    found = measured_outline(skin, LevelMap.of(builtin.landmarks))
    for name in ("waistbreadth", "waistdepth", "hipbreadth", "buttockdepth"):
        assert found[name] == pytest.approx(body_measure(name, body), rel=0.05), name


@pytest.mark.parametrize("sex", ["male", "female"])
def test_measures_grow_with_bmi(sex: str) -> None:
    for name in outline_data()["measure"]:
        thin, fat = (body_measure(name, Body(sex=sex, bmi=bmi)) for bmi in (20.0, 32.0))
        assert fat > thin


def test_fat_grows_with_bmi_and_differs_by_sex() -> None:
    assert site_thickness("L3 paraspinal", Body()) == pytest.approx(10.0)
    assert site_thickness("L3 paraspinal", Body(bmi=34.0)) == pytest.approx(10.0 * np.exp(0.9))
    assert site_thickness("gluteal centre", Body(sex="female", bmi=23.0)) == pytest.approx(38.0)


def test_fat_between_sites_stays_between_their_values(builtin: Atlas) -> None:
    sites = FatSites.of(LevelMap.of(builtin.landmarks), Body())
    found = sites.at(builtin["skin"].surface.vertices[::50])
    assert found.min() >= sites.thickness.min()
    assert found.max() <= sites.thickness.max()
    assert sites.at(sites.places) == pytest.approx(sites.thickness, rel=0.35)


def test_skin_lies_right_over_the_spine_and_the_arm_ends_past_the_humerus(
    builtin: Atlas,
) -> None:
    marks = builtin.landmarks
    skin = builtin["skin"].surface.to_trimesh()
    for level in ("T4", "L3"):
        tip = marks.point(f"vertebra_{level}/spinous_process")
        hits, _, _ = skin.ray.intersects_location([tip], [[0.0, 1.0, 0.0]])
        assert 5.0 <= hits[:, 1].max() - tip[1] <= 30.0  # facts 9: 8-18 at T4, 12-28 at L3
    core = TorsoCore.of(builtin.structures, marks, LevelMap.of(marks), Body())
    assert core.arm is not None
    bone = builtin["humerus_left"].surface.vertices
    assert skin.ray.contains_points(bone[::20].astype(np.float64)).all()


def _ball(structure_id: str, centre: tuple[float, float, float], radius: float) -> Structure:
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=3, radius=radius)
    return Structure(
        load_catalogue()[structure_id],
        Surface.of(ball.vertices + np.array(centre), ball.faces),
        Origin(Provenance.IMPORTED, "phantom", "CC0-1.0"),
    )


def _spine() -> Landmarks:
    levels = {"C7": (0.6, 497.8), "T6": (35.6, 368.1), "L1": (-7.2, 157.4), "L5": (-5.8, 17.9)}
    return Landmarks({f"vertebra_{k}/body": np.array([0.0, y, z]) for k, (y, z) in levels.items()})


def test_one_sided_body_is_covered_on_both_sides_where_it_is() -> None:
    parts = {
        item.id: item
        for item in (
            _ball("scapula_left", (95.0, 70.0, 380.0), 40.0),
            _ball("scapula_right", (-95.0, 90.0, 360.0), 30.0),
        )
    }
    assert not is_symmetric(parts)
    made = generate_skin(parts, _spine())
    mesh = made["skin"].surface.to_trimesh()
    assert mesh.is_watertight
    for item in parts.values():
        assert (
            made["subcutaneous_fat"]
            .surface.to_trimesh()
            .ray.contains_points(item.surface.vertices.astype(np.float64))
            .all()
        )
    assert "CC0-1.0" in made["skin"].origin.source
    assert made["skin"].origin.kind is Provenance.GENERATED


def test_skin_of_nothing_is_an_error() -> None:
    with pytest.raises(InputError, match="received none"):
        generate_skin({}, _spine())


def test_skin_without_vertebrae_says_what_is_missing() -> None:
    ball = _ball("scapula_left", (95.0, 70.0, 380.0), 40.0)
    with pytest.raises(InputError, match="three vertebrae"):
        generate_skin({ball.id: ball}, Landmarks({}))


@pytest.mark.reference
def test_skin_over_an_imported_torso(za: Atlas) -> None:
    mesh = za["skin"].surface.to_trimesh()
    assert mesh.is_watertight
    assert mesh.body_count == 1
    assert mesh.euler_number == 2
    fat = za["subcutaneous_fat"].surface.to_trimesh()
    inside = [
        fat.ray.contains_points(za[name].surface.vertices[::15].astype(np.float64)).mean()
        for name in ("scapula_left", "trapezius_left", "vertebra_T7", "rib_10_right")
    ]
    assert min(inside) > 0.999
