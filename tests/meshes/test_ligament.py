"""The ligaments behind the spine: closed, in the median plane, behind the bones."""

from __future__ import annotations

import numpy as np
import pytest

from meshes.catalogue import load_catalogue
from meshes.landmarks import Landmarks
from meshes.ligament import generate_ligaments
from meshes.structure import Structure
from meshes.terminology import Provenance
from tests.bones import skeleton, skeleton_landmarks


@pytest.fixture(scope="module")
def ligaments() -> dict[str, Structure]:
    return generate_ligaments(skeleton(), skeleton_landmarks())


def test_both_are_closed_and_named(ligaments: dict[str, Structure]) -> None:
    assert set(ligaments) == {"nuchal_ligament", "supraspinous_ligament"}
    for name, item in ligaments.items():
        mesh = item.surface.to_trimesh()
        assert mesh.is_watertight, name
        assert mesh.is_winding_consistent, name
        assert mesh.volume > 1000.0, name
        assert item.entry is load_catalogue()[name]
        assert item.origin.kind is Provenance.GENERATED


def test_they_are_their_own_mirror_image(ligaments: dict[str, Structure]) -> None:
    for item in ligaments.values():
        x = item.surface.vertices[:, 0]
        assert x.max() == pytest.approx(-x.min(), abs=0.2)
        assert x.max() <= 4.0


def test_the_band_covers_every_tip_from_behind(ligaments: dict[str, Structure]) -> None:
    mesh = ligaments["supraspinous_ligament"].surface.vertices
    landmarks = skeleton_landmarks()
    for level in [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)]:
        tip = landmarks.point(f"vertebra_{level}/spinous_process")
        near = mesh[np.abs(mesh[:, 2] - tip[2]) < 3.0]
        assert near[:, 1].max() > tip[1] + 1.0, level
        assert near[:, 1].max() < tip[1] + 9.0, level


def test_the_band_is_clear_of_the_bones(ligaments: dict[str, Structure]) -> None:
    band = ligaments["supraspinous_ligament"].surface.vertices
    middle = band[np.abs(band[:, 0]) < 0.5].astype(float)
    for name in ("vertebra_T3", "vertebra_T8", "vertebra_L2"):
        inside = skeleton()[name].surface.to_trimesh().contains(middle)
        assert inside.mean() < 0.01, name


def test_the_septum_fills_the_neck_behind_the_tips(ligaments: dict[str, Structure]) -> None:
    septum = ligaments["nuchal_ligament"].surface.vertices
    landmarks = skeleton_landmarks()
    top = landmarks.point("skull/external_occipital_protuberance")
    bottom = landmarks.point("vertebra_C7/spinous_process")
    tip = landmarks.point("vertebra_C4/spinous_process")
    level = septum[np.abs(septum[:, 2] - tip[2]) < 2.0]
    border = top + (top[2] - tip[2]) / (top[2] - bottom[2]) * (bottom - top)
    # the border is hollowed forwards by up to 14 mm (facts 6.3: y 45 at C4, ZA)
    assert border[1] - 15.0 < level[:, 1].max() < border[1] - 8.0
    assert tip[1] - 1.0 < level[:, 1].min() < tip[1] + 8.0


def test_an_atlas_keeps_its_own_ligament(ligaments: dict[str, Structure]) -> None:
    own = {**skeleton(), "nuchal_ligament": ligaments["nuchal_ligament"]}
    assert set(generate_ligaments(own, skeleton_landmarks())) == {"supraspinous_ligament"}


def test_without_landmarks_there_are_none() -> None:
    assert generate_ligaments({}, Landmarks()) == {}
    head = {"skull/external_occipital_protuberance": np.array([0.0, 70.0, 620.0])}
    assert generate_ligaments({}, Landmarks(head)) == {}


def test_a_missing_level_is_bridged() -> None:
    landmarks = skeleton_landmarks()
    fewer = {
        name: place
        for name, place in landmarks.points.items()
        if not name.startswith("vertebra_T6")
    }
    made = generate_ligaments(skeleton(), Landmarks(fewer, landmarks.curves))
    assert made["supraspinous_ligament"].surface.to_trimesh().is_watertight
