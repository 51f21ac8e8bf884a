"""Relief of the skin: hollows darker than flat places, ridges lighter, a plain ball even."""

from __future__ import annotations

import numpy as np
import pytest

from meshes.surface import Surface
from viewer.occlusion import RELIEF, relief


def _waved_plate(depth_mm: float) -> Surface:
    """Return a plate of 300 mm with one furrow along z, ``depth_mm`` deep and 20 mm wide."""
    x, z = np.meshgrid(np.arange(-150.0, 151.0, 5.0), np.arange(-150.0, 151.0, 5.0), indexing="ij")
    y = -depth_mm * np.exp(-((x / 12.0) ** 2))
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    rows, columns = x.shape
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]
    faces = np.concatenate(
        [np.stack([a, c, b], -1).reshape(-1, 3), np.stack([a, d, c], -1).reshape(-1, 3)]
    )
    return Surface.of(points, faces)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_hollow_is_darker_and_ridge_lighter_than_the_flat(way: float) -> None:
    plate = _waved_plate(way * 4.0)
    assert plate.normals[:, 1].min() > 0.0
    tone = relief(plate)
    x, z = plate.vertices[:, 0], plate.vertices[:, 2]
    inner = np.abs(z) < 60.0
    furrow = tone[inner & (np.abs(x) < 3.0)].mean()
    flat = tone[inner & (np.abs(x) > 80.0) & (np.abs(x) < 100.0)].mean()
    assert way * (flat - furrow) > 0.4 * RELIEF
    assert flat == pytest.approx(1.0 - RELIEF, abs=0.1 * RELIEF)


def test_roundness_of_the_body_is_no_relief() -> None:
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=5, radius=120.0)
    tone = relief(Surface.of(np.asarray(ball.vertices), np.asarray(ball.faces)))
    # an icosphere's edges differ by a fifth, and with them what its neighbours average to
    assert tone.std() < 0.15 * RELIEF
