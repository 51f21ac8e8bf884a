"""Mending and splitting of source meshes."""

from __future__ import annotations

import numpy as np
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from meshes.readers import mend
from meshes.readers.mend import Mesh
from meshes.readers.plane import Plane, cut
from meshes.readers.sides import split_sides
from meshes.terminology import Side
from tests.glb import box, sheet


def as_mesh(*bodies: trimesh.Trimesh) -> Mesh:
    whole = trimesh.util.concatenate(list(bodies))
    return Mesh(np.asarray(whole.vertices, float), np.asarray(whole.faces, np.int64))


def test_weld_merges_corners_and_drops_useless_faces() -> None:
    ball = trimesh.creation.icosphere(2, 30.0)
    loose = Mesh(
        ball.vertices[ball.faces].reshape(-1, 3), np.arange(3 * len(ball.faces)).reshape(-1, 3)
    )
    doubled = np.concatenate([loose.faces, loose.faces[:5], [[0, 0, 1]]])
    welded = mend.weld(Mesh(loose.vertices, doubled))
    assert len(welded.vertices) == len(ball.vertices)
    assert len(welded.faces) == len(ball.faces)
    assert len(mend.rim(welded)) == 0


def test_a_seam_of_two_pieces_is_stitched() -> None:
    ball = trimesh.creation.icosphere(3, 30.0)
    centres = ball.triangles_center[:, 2]
    upper = ball.submesh([np.flatnonzero(centres > 2)], append=True)
    lower = ball.submesh([np.flatnonzero(centres <= 2)], append=True)
    lower.apply_translation((0.03, -0.02, 0.02))  # compressed on another grid
    apart = mend.weld(as_mesh(upper, lower))
    assert len(mend.rim(apart)) > 50
    assert len(mend.rim(mend.stitch(apart))) == 0


def test_holes_are_closed() -> None:
    ball = trimesh.creation.icosphere(3, 30.0)
    faces = ball.faces[ball.triangles_center[:, 2] < 25]
    opened = mend.tidy(Mesh(np.asarray(ball.vertices), np.asarray(faces, np.int64)))
    closed = mend.close_holes(opened)
    assert len(mend.rim(opened)) > 0
    assert len(mend.rim(closed)) == 0
    assert mend.volume(closed) > 0.9 * ball.volume


@given(st.integers(0, 2**16 - 1))
def test_winding_is_mended_whatever_was_flipped(seed: int) -> None:
    two = as_mesh(trimesh.creation.icosphere(1, 10.0), box((30, 0, 0), (40, 5, 5)))
    flip = np.random.default_rng(seed).random(len(two.faces)) < 0.4
    mixed = Mesh(two.vertices, np.where(flip[:, None], two.faces[:, ::-1], two.faces))
    turned = mend.turn_outward(mixed)
    assert np.isclose(mend.volume(turned), mend.volume(two))
    edges = np.sort(mend.rim(turned))
    assert len(edges) == 0


@given(st.floats(0.2, 0.8), st.booleans())
def test_a_cut_loses_no_volume(share: float, closed: bool) -> None:
    body = box((-10 * share, 0, 0), (10 * (1 - share), 4, 4))
    faces = body.faces if closed else body.faces[body.triangles_center[:, 2] < 3.9]
    mesh = mend.tidy(Mesh(np.asarray(body.vertices), np.asarray(faces, np.int64)))
    left, right = cut(mesh, Plane((1.0, 0.0, 0.0), 0.0))
    for half, sign, length in ((left, 1, 10 * (1 - share)), (right, -1, 10 * share)):
        assert np.all(sign * half.vertices[:, 0] >= -1e-4)
        assert np.isclose(np.ptp(half.vertices[:, 0]), length, atol=1e-3)
        if closed:
            assert len(mend.rim(half)) == 0
            assert np.isclose(mend.volume(half), 16 * length, rtol=1e-3)


def test_sheets_strays_crumbs_and_twins_are_left_out_and_named() -> None:
    pair = [box((20, 0, 0), (30, 5, 50)), box((-30, 0, 0), (-20, 5, 50))]
    twin = box((20.2, 0.1, 0.1), (30.2, 5.1, 50.1)).subdivide()
    stray = box((200, 0, 0), (210, 5, 5))
    crumb = trimesh.creation.box(bounds=((25, 40, 0), (26, 41, 1)))
    fascia = sheet((-30, -10), (30, 20), 60.0)
    sides = split_sides(mend.weld(as_mesh(*pair, twin, stray, crumb, fascia)))
    assert [len(sides.pieces[side]) for side in (Side.LEFT, Side.RIGHT)] == [1, 1]
    assert len(sides.pieces[Side.LEFT][0].mesh.faces) == len(twin.faces)
    for word in ("sheet", "stray", "crumb", "coarser"):
        assert sum(word in reason for reason in sides.left_out) == 1, sides.left_out


def test_a_piece_across_the_midline_goes_to_both_sides() -> None:
    sides = split_sides(mend.weld(as_mesh(box((-40, 0, 0), (40, 5, 50)))))
    left, right = sides.pieces[Side.LEFT], sides.pieces[Side.RIGHT]
    assert left[0].centre[0] > 0 > right[0].centre[0]
    assert left[0].drawn == right[0].drawn
    assert sides.left_out == []
