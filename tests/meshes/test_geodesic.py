"""Distance along a surface against surfaces that can be unrolled."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from meshes.geodesic import distance_from_line
from meshes.surface import Surface

RADIUS = 100.0


def cylinder(around: int) -> tuple[Surface, NDArray[np.float64]]:
    """An uneven cylinder and the angle of each vertex."""
    rng = np.random.default_rng(0)
    step = 2.0 * np.pi / around
    angle, z = np.meshgrid(
        np.linspace(-np.pi, np.pi, around, endpoint=False),
        np.linspace(0.0, 300.0, int(300.0 / (step * RADIUS))),
    )
    angle = angle + rng.uniform(-0.3, 0.3, angle.shape) * step
    points = np.stack([RADIUS * np.sin(angle), RADIUS * np.cos(angle), z], axis=-1)
    rows, columns = np.meshgrid(np.arange(len(z) - 1), np.arange(around), indexing="ij")
    a = (rows * around + columns).ravel()
    b = (rows * around + (columns + 1) % around).ravel()
    faces = np.concatenate(
        [np.stack([a, b, b + around], axis=1), np.stack([a, b + around, a + around], axis=1)]
    )
    return Surface.of(points.reshape(-1, 3), faces), angle.ravel()


@pytest.mark.parametrize("around", [60, 150])
def test_within_one_per_cent_of_the_unrolled_distance(around: int) -> None:
    surface, angle = cylinder(around)
    line = np.stack([np.zeros(200), np.full(200, RADIUS), np.linspace(0, 300, 200)], axis=1)
    found = distance_from_line(surface, line)
    true = RADIUS * np.abs((angle + np.pi) % (2 * np.pi) - np.pi)
    error = np.abs(found - true) / np.maximum(true, 10.0)
    assert error.max() < 0.01


def test_a_piece_that_hangs_apart_is_infinitely_far() -> None:
    surface, _ = cylinder(40)
    both = Surface.of(
        np.concatenate([surface.vertices, surface.vertices + np.float32(1000.0)]),
        np.concatenate([surface.faces, surface.faces + len(surface.vertices)]),
    )
    line = np.stack([np.zeros(100), np.full(100, RADIUS), np.linspace(0, 300, 100)], axis=1)
    found = distance_from_line(both, line)
    assert np.isfinite(found[: len(surface.vertices)]).all()
    assert np.isinf(found[len(surface.vertices) :]).all()
