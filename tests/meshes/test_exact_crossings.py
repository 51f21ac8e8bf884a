"""Walls that coincide: a needle through two shells that touch is in them from end to end."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from meshes.exact_crossings import exact_crossings, is_closed
from meshes.intervals import pair
from meshes.rays import SurfaceCaster
from meshes.surface import Surface


def _box(low: float, high: float) -> Surface:
    box = trimesh.creation.box(bounds=[[-20.0, low, -20.0], [20.0, high, 20.0]])
    return Surface.of(np.asarray(box.vertices), np.asarray(box.faces))


def _both(one: Surface, other: Surface) -> Surface:
    return Surface.of(
        np.concatenate([one.vertices, other.vertices]),
        np.concatenate([one.faces, other.faces + len(one.vertices)]),
    )


TOUCHING = _both(_box(10.0, 13.0), _box(13.0, 22.0))
ALONG = np.array([[0.0, 1.0, 0.0]])


@pytest.mark.parametrize("place", [(3.0, 4.0), (0.0, 0.0), (-7.5, 11.25)])
def test_walls_that_coincide_are_both_found(place: tuple[float, float]) -> None:
    start = np.array([[place[0], 0.0, place[1]]])
    found = pair(SurfaceCaster([TOUCHING]).cast(start, ALONG, 100.0))
    assert found.enter.tolist() == pytest.approx([10.0], abs=1e-3)
    assert found.exit.tolist() == pytest.approx([22.0], abs=1e-3)


def test_order_at_a_wall_is_out_of_the_one_and_into_the_other() -> None:
    rays = np.array([7])
    found = exact_crossings(TOUCHING, np.array([[3.0, 0.0, 4.0]]), ALONG, rays, 2)
    assert found.entering.tolist() == [True, False, True, False]
    assert found.depth.tolist() == pytest.approx([10.0, 13.0, 13.0, 22.0])
    assert set(found.ray.tolist()) == {7}
    assert set(found.structure.tolist()) == {2}


def test_closed_is_told_from_open() -> None:
    assert is_closed(TOUCHING)
    assert not is_closed(Surface.of(TOUCHING.vertices, TOUCHING.faces[1:]))
    turned = TOUCHING.faces.copy()
    turned[0] = turned[0][::-1]
    assert not is_closed(Surface.of(TOUCHING.vertices, turned))
