"""Edges through triangles of their own surface: found where there are any, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from meshes.atlas import Atlas
from meshes.piercing import around, piercing_edges


def _ball(subdivisions: int = 3) -> tuple[np.ndarray, np.ndarray]:
    ball = trimesh.creation.icosphere(subdivisions=subdivisions, radius=10.0)
    return np.array(ball.vertices), np.array(ball.faces)


def _dented(depth: float) -> tuple[np.ndarray, np.ndarray]:
    """A ball whose north pole is pushed down by ``depth``."""
    points, faces = _ball()
    points[np.argmax(points[:, 2])] += [0.31, 0.17, -depth]
    return points, faces


def _brute(points: np.ndarray, faces: np.ndarray) -> set[tuple[int, int, int]]:
    """Every edge against every triangle, by signed volumes."""
    edges = {tuple(sorted((int(f[i]), int(f[(i + 1) % 3])))) for f in faces for i in range(3)}

    def side(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
        volume = np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a)
        return np.asarray(np.sign(volume))

    a, b, c = (points[faces[:, corner]] for corner in range(3))
    found = set()
    for first, second in edges:
        p = np.broadcast_to(points[first], a.shape)
        q = np.broadcast_to(points[second], a.shape)
        across = side(a, b, c, p) * side(a, b, c, q) < 0
        one, two, three = side(p, q, a, b), side(p, q, b, c), side(p, q, c, a)
        hit = across & (one == two) & (two == three)
        hit &= ~((faces == first) | (faces == second)).any(axis=1)
        found |= {(first, second, int(face)) for face in np.flatnonzero(hit)}
    return found


@pytest.mark.parametrize("depth", [0.0, 5.0, 19.0])
def test_a_dent_that_stays_inside_crosses_nothing(depth: float) -> None:
    assert len(piercing_edges(*_dented(depth))[0]) == 0


def test_a_dent_through_the_far_wall_does() -> None:
    points, faces = _dented(23.0)
    edges, pierced = piercing_edges(points, faces)
    pole = int(np.argmin(points[:, 2]))
    assert len(edges) > 0
    assert ((edges == pole).any(axis=1) | (faces[pierced] == pole).any(axis=1)).all()
    near = around(points, faces, (edges, pierced), far=6.0)
    assert 0 < len(near) < len(faces)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.9))
def test_agrees_with_every_edge_against_every_triangle(seed: int, noise: float) -> None:
    points, faces = _ball(1)
    points = points + np.random.default_rng(seed).normal(0.0, 10.0 * noise, points.shape)
    edges, pierced = piercing_edges(points, faces)
    found = {(int(a), int(b), int(f)) for (a, b), f in zip(edges, pierced, strict=True)}
    assert found == _brute(points, faces)


def test_nothing_of_nothing() -> None:
    edges, pierced = piercing_edges(np.empty((0, 3)), np.empty((0, 3), dtype=int))
    assert edges.shape == (0, 2)
    assert pierced.shape == (0,)


def test_no_structure_of_the_torso_crosses_itself(builtin: Atlas) -> None:
    crossing = {
        item.id: count
        for item in builtin.structures.values()
        if (count := len(piercing_edges(item.surface.vertices, item.surface.faces)[0]))
    }
    assert crossing == {}
