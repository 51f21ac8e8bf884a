"""What lies bare: area, fibre length and the way from the spine, on shapes with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from meshes.atlas import Atlas
from meshes.errors import InputError
from meshes.exposure import exposure, fibre_length
from meshes.structure import Structure
from meshes.surface import Fibres, Surface

MAJOR = "rhomboid_major_left"


def _ribbon(length: float, bend: float = 0.0) -> Surface:
    """A sheet 40 mm wide whose fibres run along an arc (bend 0: straight) of a length."""
    u, v = np.meshgrid(np.linspace(0, 1, 81), np.linspace(0, 1, 21), indexing="ij")
    if bend > 0.0:
        radius = length / bend
        x, y = radius * np.sin(u * bend), radius * np.cos(u * bend)
    else:
        x, y = u * length, np.zeros_like(u)
    points = np.stack([x, y, 40.0 * v], axis=-1).reshape(-1, 3)
    index = np.arange(points.shape[0]).reshape(u.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.concatenate(
        [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    )
    flat = (u.ravel().astype(np.float32), v.ravel().astype(np.float32))
    along = np.tile(np.array([1.0, 0.0, 0.0], dtype=np.float32), (len(points), 1))
    return Surface.of(points, faces, fibres=Fibres(*flat, along, np.zeros_like(flat[0])))


@pytest.mark.parametrize("bend", [0.0, 0.6, 1.5])
@pytest.mark.parametrize("length", [60.0, 150.0])
def test_fibre_length_follows_the_arc(length: float, bend: float) -> None:
    assert fibre_length(_ribbon(length, bend)) == pytest.approx(length, rel=0.01)


def test_fibre_length_needs_fibres() -> None:
    with pytest.raises(InputError, match="fibre coordinates required"):
        fibre_length(replace(_ribbon(60.0), fibres=None))


def test_at_rest_the_rhomboids_reach_from_spine_to_border(builtin: Atlas) -> None:
    found = exposure(builtin, MAJOR)
    assert found is not None
    assert found.exposed_mm2 <= found.area_mm2
    root = builtin.landmarks.point("scapula_left/spine_root")
    assert found.border_mm["root of the spine"] <= abs(root[0]) + 5.0
    # The straight way from a spinous tip to the border is the shortest a fibre can be.
    assert all(mm > min(found.border_mm.values()) for mm in found.fibre_mm.values())


def test_both_sides_and_both_muscles_measure_alike(builtin: Atlas) -> None:
    left, right = exposure(builtin, MAJOR), exposure(builtin, "rhomboid_minor_right")
    assert left is not None
    assert right is not None
    assert left.exposed_mm2 == pytest.approx(right.exposed_mm2, rel=0.01)


def test_a_bone_over_the_muscle_covers_it(builtin: Atlas) -> None:
    bare = exposure(builtin, MAJOR)
    scapula = builtin["scapula_left"]
    # The blade moved inward and back over the rhomboids.
    moved = scapula.surface.vertices + np.array([-60.0, 15.0, 0.0], dtype=np.float32)
    over = Structure(
        scapula.entry,
        Surface.of(moved, scapula.surface.faces, part=scapula.surface.part),
        scapula.origin,
        scapula.parts,
    )
    covered = exposure(
        replace(builtin, structures={**builtin.structures, "scapula_left": over}), MAJOR
    )
    assert bare is not None
    assert covered is not None
    assert covered.area_mm2 == pytest.approx(bare.area_mm2)
    assert covered.exposed_mm2 < 0.75 * bare.exposed_mm2


def test_a_muscle_of_no_group_has_none(builtin: Atlas) -> None:
    assert exposure(builtin, "trapezius_left") is None
    assert exposure(builtin, "skin") is None
