from __future__ import annotations

import numpy as np
import pytest

from meshes.surface import Fibres, Surface
from tests.phantom import phantom_atlas
from viewer.striation import _extent, fibre_coordinates


def test_the_width_and_length_of_a_sheet_are_measured() -> None:
    x, y = np.meshgrid(np.linspace(0, 120, 25), np.linspace(0, 80, 17), indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    index = np.arange(x.size).reshape(x.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.concatenate(
        [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    )
    surface = Surface.of(points, faces)
    assert _extent(surface, (x.ravel() / 120).astype(np.float32)) == pytest.approx(120, rel=1e-3)
    assert _extent(surface, (y.ravel() / 80).astype(np.float32)) == pytest.approx(80, rel=1e-3)
    flat = np.zeros(x.size, dtype=np.float32)
    surface = Surface.of(points, faces, fibres=Fibres(flat, flat, surface.normals, flat))
    assert _extent(surface, flat) == 5.0


def test_left_and_right_carry_the_same_pattern() -> None:
    atlas = phantom_atlas()
    left = fibre_coordinates(atlas["trapezius_left"])
    right = fibre_coordinates(atlas["trapezius_right"])
    np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-2)
    other = fibre_coordinates(atlas["latissimus_dorsi_left"])
    assert abs(float(left[:, 0].min()) - float(other[:, 0].min())) > 1.0


def test_what_has_no_fibres_has_no_coordinates() -> None:
    assert not fibre_coordinates(phantom_atlas()["rib_5_left"]).any()
