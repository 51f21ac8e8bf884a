"""Which triangles of the skin a hand changes, against the dent worked out corner by corner."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from annotations.compose import protocol_timeline
from annotations.protocol import open_protocol
from annotations.timeline import Contact
from meshes.atlas import Atlas
from meshes.surface import Surface
from viewer.dented_skin import DentedSkin, dent_turns
from viewer.shading import DENT, DENT_ENDS

Floats = NDArray[np.floating]
WHOLE = (-(10**6), -(10**6), 10**6, 10**6)


def hollow(far: Floats) -> Floats:
    """The shader's own formula."""
    text = re.search(r"float hollowAt\(float far\)\s*\{\s*return (.*?);", DENT, re.DOTALL)
    assert text is not None
    return np.asarray(eval(text[1], {"exp": np.exp, "far": far}))


def moves(corners: Floats, contact: Contact) -> Floats:
    """How far corners, shape (N, 3, 3), go out of the skin along the contact's normal, mm."""
    far = np.linalg.norm(corners - contact.position, axis=2) / contact.radius_mm
    share = np.clip((far - 2.1) / (DENT_ENDS - 2.1), 0.0, 1.0)
    fades = 1.0 - share * share * (3.0 - 2.0 * share)
    return np.asarray(-contact.dent_mm * hollow(far) * fades)


@pytest.fixture(scope="module")
def contact(builtin: Atlas) -> Contact:
    timeline = protocol_timeline(builtin, open_protocol("trapezius_ridge"))
    return timeline.sample(7.0).contacts[0]


def seen_from(skin: Surface, eye: Floats) -> DentedSkin:
    return DentedSkin(skin, eye, lambda points: np.asarray(points[:, [0, 2]], np.float32))


def keys(faces: NDArray[np.integer]) -> set[tuple[int, ...]]:
    return {tuple(row) for row in faces.tolist()}


def test_the_hollow_turns_into_the_rim_where_the_shader_says() -> None:
    turn = dent_turns()
    before, after = hollow(np.array([turn - 1e-3, turn + 1e-3]))
    assert before > 0.0 > after
    assert 1.2 < turn < 1.6


def test_every_triangle_that_moves_is_drawn_and_what_sinks_is_covered(
    builtin: Atlas, contact: Contact
) -> None:
    skin = builtin["skin"].surface
    eye = contact.position + np.array([0.0, 2000.0, 0.0])
    seen = seen_from(skin, eye)
    rows, sunk = seen.changed(contact, WHOLE)
    corners = np.asarray(skin.vertices[skin.faces], np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = np.einsum("ij,ij->i", normals, eye - corners[:, 0]) > 0.0
    out = moves(corners, contact)
    moved = facing & (np.abs(out) > 0.0).any(axis=1)
    drawn = keys(seen.faces(rows, ()))
    assert moved.sum() > 500
    assert keys(skin.faces[moved]) <= drawn
    # Not much more than that, or nothing is won.
    assert len(drawn) < 1.6 * moved.sum()
    along = out * np.sign(normals @ contact.normal)[:, None]
    sinking = corners[facing & (along < 0.0).any(axis=1)][:, :, [0, 2]]
    assert sunk is not None
    assert sinking.min(axis=(0, 1))[0] >= sunk[0] - 1e-3
    assert sinking.min(axis=(0, 1))[1] >= sunk[1] - 1e-3
    assert sinking.max(axis=(0, 1))[0] <= sunk[2] + 1e-3
    assert sinking.max(axis=(0, 1))[1] <= sunk[3] + 1e-3


def test_parts_of_the_picture_give_what_reaches_into_them(builtin: Atlas) -> None:
    skin = builtin["skin"].surface
    eye = np.array([0.0, 2000.0, 200.0])
    seen = seen_from(skin, eye)
    box = (-40, 150, 60, 230)
    at = np.asarray(skin.vertices[skin.faces][:, :, [0, 2]], np.float32)
    low, high = at.min(axis=1), at.max(axis=1)
    inside = (low[:, 0] < 60) & (high[:, 0] > -40) & (low[:, 1] < 230) & (high[:, 1] > 150)
    found = keys(seen.within([box]))
    corners = skin.vertices[skin.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = np.einsum("ij,ij->i", normals, eye - corners[:, 0]) > 0.0
    assert keys(skin.faces[inside & facing]) <= found
    assert len(found) < 0.2 * len(skin.faces)
    assert keys(seen.within([box, WHOLE])) > found
