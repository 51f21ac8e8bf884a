"""What every structure of the built-in torso has to be: a solid of its own, mirrored, light."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import manifold3d
import numpy as np
import pytest

from meshes.atlas import Atlas
from meshes.structure import Structure
from meshes.terminology import Side, System, mirror_id

#: Skin and fat enclose everything else; all others are solids beside one another.
ENCLOSING = System.INTEGUMENTARY
MOST_TRIANGLES = 700_000
MOST_SHARED = 0.01
MIRRORED_WITHIN_MM = 0.5


def _solid(item: Structure) -> Any:
    mesh = manifold3d.Mesh(
        # Copies: what the cache maps from disk is read-only.
        np.array(item.surface.vertices, dtype=np.float32),
        np.array(item.surface.faces, dtype=np.uint32),
    )
    return manifold3d.Manifold(mesh)


@pytest.fixture(scope="module")
def solids(builtin: Atlas) -> Mapping[str, Any]:
    return {name: _solid(item) for name, item in builtin.items()}


def test_every_structure_is_a_solid_wound_outward(solids: Mapping[str, Any]) -> None:
    wrong = {
        name: str(solid.status())
        for name, solid in solids.items()
        if solid.status() != manifold3d.Error.NoError or solid.volume() <= 0.0
    }
    assert wrong == {}


def test_no_two_structures_share_a_hundredth_of_the_smaller(
    builtin: Atlas, solids: Mapping[str, Any]
) -> None:
    # The right side is the left one's mirror image (below), so one side and the middle will do.
    names = [
        name
        for name, item in builtin.items()
        if item.system is not ENCLOSING and item.side is not Side.RIGHT
    ]
    boxes = {name: np.asarray(builtin[name].surface.bounds) for name in names}
    shared = {}
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            (low, high), (least, most) = boxes[one], boxes[other]
            if (low > most).any() or (least > high).any():
                continue
            smaller = min(solids[one].volume(), solids[other].volume())
            share = (solids[one] ^ solids[other]).volume() / smaller
            if share >= MOST_SHARED:
                shared[one, other] = round(100.0 * share, 2)
    assert shared == {}, "percent of the smaller"


def test_right_mirrors_left(builtin: Atlas) -> None:
    apart = {}
    for name, item in builtin.items():
        if item.side is Side.LEFT and item.system is not System.VISCERAL:
            left = item.surface.vertices * np.float32([-1.0, 1.0, 1.0])
            right = builtin[mirror_id(name)].surface.vertices
            assert left.shape == right.shape, name
            apart[name] = float(np.abs(left - right).max())
    assert len(apart) >= 75
    assert max(apart.values()) <= MIRRORED_WITHIN_MM


def test_full_detail_is_light_enough(builtin: Atlas) -> None:
    assert builtin.triangle_count <= MOST_TRIANGLES
