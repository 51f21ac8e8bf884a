"""The muscles about the ilium as an axial cut shows them, and the borders that round them off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from meshes.atlas import Atlas
from meshes.muscle.recipe import Recipe, load_recipes
from meshes.muscle.sheet import shares_across
from meshes.muscle.solid import filling
from meshes.section import cut_surface, principal_plane


def _recipe(name: str) -> Recipe:
    return next(recipe for recipe in load_recipes() if recipe.id == name)


def _outline(atlas: Atlas, name: str, level: str) -> NDArray[np.float64]:
    """Return points 1 mm apart along a structure's outline in an axial cut."""
    plane = principal_plane("axial", atlas.landmarks.point(f"sacrum/median_crest_{level}"))
    pieces = []
    for line in cut_surface(atlas[name].surface, plane):
        for start, end in zip(line.ring[:-1], line.ring[1:], strict=True):
            steps = np.linspace(0.0, 1.0, 1 + int(np.ceil(np.linalg.norm(end - start))))
            pieces.append(start + steps[:, None] * (end - start))
    return np.concatenate(pieces)


def _gaps(atlas: Atlas, name: str, other: str, level: str) -> NDArray[np.float64]:
    """Return how far each point of one outline is from another outline, mm, nearest first."""
    away = cKDTree(_outline(atlas, other, level)).query(_outline(atlas, name, level))[0]
    return np.sort(away)


@pytest.mark.parametrize("level", ["S1", "S2", "S3"])
def test_gluteus_minimus_lies_on_the_ilium(builtin: Atlas, level: str) -> None:
    # A third of its outline is its deep face; the rest are its borders and its outer face.
    gaps = _gaps(builtin, "gluteus_minimus_left", "hip_bone_left", level)
    assert gaps[len(gaps) // 3] < 4.0


@pytest.mark.parametrize("level", ["S1", "S2", "S3"])
def test_iliacus_lies_on_the_other_face_of_the_ilium(builtin: Atlas, level: str) -> None:
    gaps = _gaps(builtin, "iliacus_left", "hip_bone_left", level)
    assert gaps[len(gaps) // 5] < 6.0
    bone = _outline(builtin, "hip_bone_left", level)
    muscle = _outline(builtin, "iliacus_left", level).mean(axis=0)
    beside = np.abs(bone[:, 1] - muscle[1]) < 3.0
    assert muscle[0] < bone[beside, 0].min()


@pytest.mark.parametrize("level", ["S2", "S3"])
def test_psoas_lies_beside_iliacus(builtin: Atlas, level: str) -> None:
    assert _gaps(builtin, "psoas_major_left", "iliacus_left", level)[0] < 8.0


def test_iliocostalis_covers_quadratus_at_the_crest(builtin: Atlas) -> None:
    """The erector's origin lies behind that of quadratus lumborum (facts 6.1)."""
    at = builtin.landmarks.along("hip_bone_left/iliac_crest", 0.8)
    plane = principal_plane("axial", at)
    back = {}
    for name in ("quadratus_lumborum_left", "iliocostalis_lumborum_left"):
        lines = cut_surface(builtin[name].surface, plane)
        back[name] = max(float(line.points[:, 1].max()) for line in lines)
    assert back["quadratus_lumborum_left"] < back["iliocostalis_lumborum_left"] - 5.0


def test_a_rounded_muscle_fills_nothing_at_its_free_borders() -> None:
    rounded = _recipe("gluteus_medius")
    assert rounded.rounded
    depth = filling(rounded, 1.0, 21)[0]
    assert depth[[0, -1]] == pytest.approx([0.0, 0.0])
    assert depth[10] == pytest.approx(rounded.fill)
    assert (np.diff(depth[:11]) >= 0.0).all()
    assert filling(replace(rounded, rounded=False), 1.0, 21)[0] == pytest.approx(rounded.fill)


def test_fibres_lie_closer_at_rounded_borders() -> None:
    recipe = _recipe("gluteus_medius")
    shares = shares_across(recipe, 21)
    assert (shares[0], shares[-1]) == pytest.approx((0.0, 1.0))
    gaps = np.diff(shares)
    assert (gaps > 0.0).all()
    assert gaps[0] < 0.5 * gaps[10]
    assert gaps == pytest.approx(gaps[::-1])
    even = shares_across(replace(recipe, rounded=False), 21)
    assert even == pytest.approx(np.linspace(0.0, 1.0, 21))
