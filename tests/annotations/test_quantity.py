"""One site is measured as the whole skin is, without measuring the whole skin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from annotations import known_ground, safety
from annotations.pressure import Pressure
from annotations.quantity import measure, measure_at
from annotations.rule import load_rules
from annotations.safety import judge, measured_skin
from annotations.site import Site, find_site
from annotations.technique import Technique
from meshes.depth_field import depth_field
from meshes.skin_surface import skin_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meshes.atlas import Atlas

PAIR = (Technique.FRICTION, Pressure.FIRM)


@pytest.fixture(scope="module", params=["phantom", "builtin"])
def atlas(request: pytest.FixtureRequest) -> Atlas:
    found: Atlas = request.getfixturevalue(request.param)
    return found


def site_on(atlas: Atlas, face: int, weights: NDArray[np.float64]) -> Site:
    skin = skin_of(atlas)
    at = skin.at(face, weights @ skin.corners[face])
    return Site("somewhere", at.position, at.normal, at.inward, face, weights)


def test_one_site_is_measured_as_the_whole_skin_is(atlas: Atlas) -> None:
    quantities, field = load_rules().quantities, depth_field(atlas)
    whole = measure(atlas, field, quantities)
    faces = skin_of(atlas).faces
    rng = np.random.default_rng(20)
    # Everywhere, and where nothing is known, and where a gap was closed.
    unknown = np.flatnonzero(~field.known[faces].any(axis=1))
    closed = np.flatnonzero((whole.known & ~field.known)[faces].any(axis=1))
    picked = [rng.integers(0, len(faces), 60), unknown[::97], closed[:40]]
    for face in np.concatenate(picked):
        weights = rng.dirichlet((1.0, 1.0, 1.0))
        here = measure_at(atlas, field, quantities, site_on(atlas, int(face), weights))
        there = whole.at(faces[face], weights)
        assert (here.known[0], here.bone[0], here.part[0]) == (
            there.known[0],
            there.bone[0],
            there.part[0],
        )
        for name in quantities:
            np.testing.assert_allclose(here.values[name], there.values[name], rtol=1e-6)


def test_a_judgement_measures_no_more_than_its_site(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = find_site(atlas, "L1 7cm left")
    kept = measured_skin(atlas)
    expected = judge(atlas, site, *PAIR)
    assert kept is safety._measured.held(atlas)
    fresh = replace(atlas)
    assert safety._measured.held(fresh) is None
    with monkeypatch.context() as patched:
        patched.setattr(known_ground, "known_ground", _refuse)
        patched.setattr(safety, "measure", _refuse)
        assert judge(fresh, site, *PAIR) == expected
    assert safety._measured.held(fresh) is None


def _refuse(*_: object) -> None:
    raise AssertionError("the whole skin is measured for one site")
