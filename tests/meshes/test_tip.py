"""Tips of upright spinous processes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from meshes.atlas import Atlas
from meshes.landmarks import Landmarks
from meshes.readers.tip import with_upright_tips
from meshes.surface import Surface
from tests.phantom import phantom_atlas


def upright(low: float, high: float) -> Surface:
    """A plate in the median plane whose hind edge is upright from one height to another."""
    z = np.linspace(low, high, 9)
    edge = np.stack([np.zeros(9), np.full(9, 50.0), z], axis=1)
    front = edge - [0.0, 30.0, 0.0]
    points = np.concatenate([edge, front])
    faces = [(k, k + 1, k + 9) for k in range(8)] + [(k + 1, k + 10, k + 9) for k in range(8)]
    return Surface.of(points, np.array(faces))


def test_the_tip_moves_to_the_middle_of_the_edge_and_the_line_with_it() -> None:
    bone = replace(phantom_atlas()["vertebra_L1"], surface=upright(110.0, 142.0), parts=())
    tip = np.array([0.0, 49.0, 112.0])
    line = np.stack([np.zeros(41), np.full(41, 49.0), np.linspace(200.0, 0.0, 41)], axis=1)
    marks = Landmarks({"vertebra_L1/spinous_process": tip}, {"spinous_line": line})
    made = with_upright_tips(marks, {"vertebra_L1": bone}, ["vertebra_L1", "vertebra_L2"])
    np.testing.assert_allclose(made.points["vertebra_L1/spinous_process"], [0.0, 50.0, 126.0])
    moved = np.linalg.norm(made.curves["spinous_line"] - line, axis=1)
    assert moved.max() > 10.0
    assert moved[[0, -1]].max() < 0.01
    # Nothing that was handed in has changed.
    np.testing.assert_array_equal(marks.points["vertebra_L1/spinous_process"], tip)
    assert line[0, 2] == 200.0


@pytest.mark.reference
def test_the_first_lumbar_tip_of_z_anatomy_is_that_of_the_facts(za: Atlas) -> None:
    # Facts section 1.1, in the size of a man of 1750 mm: (55.3, 128.8).
    at = za.landmarks.points["vertebra_L1/spinous_process"] * 1.0237
    assert at[1] == pytest.approx(55.3, abs=2.0)
    assert at[2] == pytest.approx(128.8, abs=2.5)
