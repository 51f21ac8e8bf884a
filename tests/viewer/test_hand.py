from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from annotations.hand import Hand
from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import Contact, Trail
from annotations.verdict import Verdict
from meshes.errors import UnknownName
from tests.phantom import phantom_atlas, skin_point
from viewer.hand import hand_shape
from viewer.hand_on_skin import axes_of, patch_of, place_hand
from viewer.palette import verdict_colour
from viewer.trail import ribbon_of

SKIN = phantom_atlas()["skin"].surface


def contact(x: float = 60.0, z: float = 300.0, hand: str = "palm") -> Contact:
    at = skin_point(x, z)
    normal = SKIN.normals[np.argmin(np.linalg.norm(SKIN.vertices - at, axis=1))].astype(float)
    return Contact(
        position=at,
        normal=normal,
        heading=np.array([0.0, 0.0, 1.0]),
        roll_deg=0.0,
        radius_mm=20.0,
        hand=hand,
        technique=Technique.GLIDING,
        pressure=Pressure.FIRM,
        force_n=40.0,
        dent_mm=0.0,
        verdict=Verdict.WORK,
    )


@pytest.mark.parametrize("hand", list(Hand))
def test_a_hand_is_one_closed_outward_surface(hand: Hand) -> None:
    shape = hand_shape(hand.value)
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    assert mesh.is_watertight
    assert mesh.volume > 0.0
    assert np.all((shape.openness >= 0.0) & (shape.openness <= 1.0))
    np.testing.assert_allclose(np.linalg.norm(shape.normals, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("hand", list(Hand))
def test_a_hand_touches_the_skin_where_its_contact_is(hand: Hand) -> None:
    touch = contact(hand=hand.value)
    placed = place_hand(touch, SKIN.vertices, SKIN.normals)
    # Of its surface: a forearm has no vertex near.
    mesh = trimesh.Trimesh(placed.vertices, placed.faces, process=False)
    (nearest,) = trimesh.proximity.closest_point(mesh, [touch.position])[1]
    assert nearest < 6.0


def test_a_flat_hand_follows_a_curved_back() -> None:
    touch = contact(x=110.0)
    placed = place_hand(touch, SKIN.vertices, SKIN.normals)
    near = placed.vertices[np.linalg.norm(placed.vertices - touch.position, axis=1) < 55.0]
    _, skin = cKDTree(SKIN.vertices).query(near)
    above = np.einsum("ij,ij->i", near - SKIN.vertices[skin], SKIN.normals[skin])
    assert -7.0 < above.min() < 4.0  # it lies on the skin and does not sink in
    away = near[above < 4.0] - touch.position
    assert np.ptp(away @ np.array([0.0, 0.0, 1.0])) > 40.0  # and not with its heel alone


def test_mirrored_contacts_are_mirrored_hands() -> None:
    left = place_hand(contact(x=60.0), SKIN.vertices, SKIN.normals)
    right = place_hand(contact(x=-60.0), SKIN.vertices, SKIN.normals)
    flip = np.array([-1.0, 1.0, 1.0])
    np.testing.assert_allclose(left.vertices * flip, right.vertices, atol=0.2)


@settings(max_examples=30)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.sampled_from(list(Technique)))
def test_the_axes_are_square_whatever_the_normal(
    x: float, y: float, z: float, technique: Technique
) -> None:
    normal = np.array([x, y, z])
    if np.linalg.norm(normal) < 0.1:
        return
    normal /= np.linalg.norm(normal)
    touch = replace(contact(), normal=normal, technique=technique)
    basis = np.stack(axes_of(touch))
    np.testing.assert_allclose(basis @ basis.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(basis) > 0.0


def test_an_unknown_hand_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="thumb"):
        hand_shape("thum")


def test_a_trail_fades_and_takes_its_verdicts_colour() -> None:
    points = np.array([skin_point(20.0 + 4.0 * i, 300.0) for i in range(10)])
    normals = np.tile([0.0, 1.0, 0.0], (10, 1))
    verdict = np.full(10, Verdict.AVOID, dtype=np.uint8)
    ribbon = ribbon_of(Trail(points, np.linspace(4.0, 0.0, 10), verdict), normals)
    assert ribbon is not None
    assert ribbon.faces.max() < len(ribbon.vertices)
    rows = ribbon.colours.reshape(10, -1, 4)
    assert rows[0, :, 3].max() == 0
    assert rows[-1, :, 3].min() > 200
    assert tuple(rows[-1, 2, :3]) == verdict_colour(Verdict.AVOID)
    np.testing.assert_allclose(
        ribbon.vertices.reshape(10, -1, 3).mean(axis=1)[:, 1], points[:, 1] + 1.2, atol=1e-3
    )


def test_a_hand_that_holds_still_leaves_no_ribbon() -> None:
    points = np.tile(skin_point(30.0, 300.0), (5, 1))
    trail = Trail(points, np.linspace(1, 0, 5), np.zeros(5, dtype=np.uint8))
    assert ribbon_of(trail, np.tile([0.0, 1.0, 0.0], (5, 1))) is None


def test_the_patch_is_a_disc_on_the_skin() -> None:
    touch = contact(x=90.0)
    vertices, faces = patch_of(touch, SKIN.vertices, SKIN.normals)
    away = np.linalg.norm(vertices - touch.position, axis=1)
    assert away[0] < 1e-3
    assert away.max() == pytest.approx(touch.radius_mm, rel=0.08)
    _, near = cKDTree(SKIN.vertices).query(vertices)
    above = np.einsum("ij,ij->i", vertices - SKIN.vertices[near], SKIN.normals[near])
    assert np.abs(above).max() < 3.0
    corners = vertices[faces]
    area = (
        np.linalg.norm(
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
        ).sum()
        / 2.0
    )
    assert area == pytest.approx(np.pi * touch.radius_mm**2, rel=0.1)
