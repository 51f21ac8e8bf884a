"""Fibre coordinates of imported muscles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.landmarks import Landmarks
from meshes.readers.fibres import with_fibres
from meshes.structure import Structure
from meshes.surface import Fibres

#: Frontal fibre angle on the left, degrees (facts 6.1 and 6.3): low, high.
ANGLES = {
    "trapezius/descending": (-64, -15),
    "trapezius/transverse": (-12, 10),
    "trapezius/ascending": (16, 76),
    "levator_scapulae": (-74, -64),
    "rhomboid_major": (-45, -30),
    "rhomboid_minor": (-52, -35),
    "splenius_capitis": (70, 77),
    "longissimus_thoracis": (81, 88),
    "infraspinatus": (11, 45),
    "gluteus_maximus": (-68, -55),
    "deltoid/spinal": (-60, -50),
}
TOLERANCE = 8.0


def bare(item: Structure) -> Structure:
    return replace(item, surface=replace(item.surface, fibres=None))


def fibres_of(item: Structure) -> Fibres:
    assert item.surface.fibres is not None, item.id
    return item.surface.fibres


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)[:, None])


@pytest.mark.parametrize(
    "name", ["trapezius_left", "trapezius_right", "rhomboid_major_left", "latissimus_dorsi_left"]
)
def test_a_generated_muscle_gets_back_its_own_fibres(builtin: Atlas, name: str) -> None:
    item = builtin[name]
    found = fibres_of(with_fibres({name: bare(item)}, builtin.landmarks)[name])
    known = fibres_of(item)
    normal = item.surface.normals.astype(np.float64)
    tangent = known.direction - np.einsum("ij,ij->i", known.direction, normal)[:, None] * normal
    cosine = np.einsum("ij,ij->i", unit(tangent), unit(found.direction))
    assert np.median(cosine) > np.cos(np.radians(10))
    assert np.corrcoef(known.u, found.u)[0, 1] > 0.97
    assert np.corrcoef(known.v, found.v)[0, 1] > 0.9  # they converge at the humerus


def test_what_has_fibres_or_no_landmarks_stays_as_it_is(builtin: Atlas) -> None:
    item = builtin["rhomboid_major_left"]
    assert with_fibres({item.id: item}, builtin.landmarks)[item.id] is item
    without = bare(item)
    assert with_fibres({item.id: without}, Landmarks())[item.id] is without


def test_a_muscle_somewhere_else_is_left_alone(builtin: Atlas) -> None:
    item = bare(builtin["rhomboid_major_left"])
    away = replace(item, surface=replace(item.surface, vertices=item.surface.vertices + 200))
    assert with_fibres({item.id: away}, builtin.landmarks)[item.id].surface.fibres is None


@pytest.mark.reference
def test_imported_muscles_run_as_the_facts_say(za: Atlas) -> None:
    for name, (low, high) in ANGLES.items():
        base, _, part = name.partition("/")
        for side, sign in (("left", 1.0), ("right", -1.0)):
            item = za[f"{base}_{side}"]
            direction = fibres_of(item).direction
            if part:
                direction = direction[np.unique(item.surface.faces[item.part_faces(part)])]
            angle = np.degrees(
                np.arctan2(np.median(direction[:, 2]), np.median(sign * direction[:, 0]))
            )
            assert low - TOLERANCE <= angle <= high + TOLERANCE, (name, side, angle)
