"""What the skin's shader is given: no vertex changes its verdict, borders are smooth."""

from __future__ import annotations

import numpy as np
import pytest

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.skin_map import MAPS, skin_map
from annotations.technique import Technique
from meshes.atlas import Atlas
from tests.phantom import phantom_atlas
from viewer.skin_values import SkinValues

ATLAS = phantom_atlas()
SKIN = ATLAS["skin"].surface


@pytest.fixture(scope="module")
def values() -> SkinValues:
    return SkinValues(SKIN.faces, len(SKIN.vertices))


def test_no_vertex_is_painted_with_anothers_verdict(values: SkinValues) -> None:
    for technique in Technique:
        field = caution_field(ATLAS, technique, Pressure.FIRM)
        shares = values.of(field)
        np.testing.assert_array_equal(shares.argmax(axis=1), field.verdict)
        np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
        assert np.sort(shares, axis=1)[:, -1].min() > 0.5


def test_neighbours_pull_the_border_so_that_it_is_smooth(builtin: Atlas) -> None:
    """A border that zigzags through the triangles gets shorter, and stays in its triangles."""
    skin = builtin["skin"].surface
    field = caution_field(builtin, Technique.KNEADING, Pressure.FIRM)
    inside = (field.verdict == 3).astype(float)
    smooth = SkinValues(skin.faces, len(skin.vertices)).of(field)[:, 3]
    plain, drawn = (_length(skin.vertices, skin.faces, item) for item in (inside, smooth))
    assert drawn < 0.98 * plain


def _length(vertices: np.ndarray, faces: np.ndarray, share: np.ndarray) -> float:
    """Length of the line at a share of one half."""
    corner = share[faces] - 0.5
    cut = (corner > 0.0).any(axis=1) & (corner < 0.0).any(axis=1)
    total = 0.0
    for face, value in zip(faces[cut], corner[cut], strict=True):
        ends = []
        for first in range(3):
            one, other = value[first], value[(first + 1) % 3]
            if (one > 0.0) != (other > 0.0):
                part = one / (one - other)
                here, there = vertices[face[first]], vertices[face[(first + 1) % 3]]
                ends.append(here + part * (there - here))
        total += float(np.linalg.norm(ends[0] - ends[1]))
    return total


@pytest.mark.parametrize("name", list(MAPS))
def test_a_map_keeps_its_millimetres(values: SkinValues, name: str) -> None:
    chart = skin_map(ATLAS, name)
    given = values.of(chart)
    known = np.isfinite(chart.values)
    np.testing.assert_allclose(given[known, 0], chart.values[known], rtol=1e-5)
    assert np.isfinite(given).all()
    # Deep inside what is measured and far outside it there is no doubt.
    assert (given[:, 1] >= 0.0).all()
    assert (given[:, 1] <= 1.0 + 1e-6).all()
    assert given[known, 1].mean() > 0.75  # the phantom's mesh is coarse: much lies at a border
    if not known.all():
        assert given[~known, 1].mean() < 0.25


def test_the_kidney_window_has_the_margin_of_its_rule(builtin: Atlas) -> None:
    chart = skin_map(builtin, "kidney_window")
    assert chart.line is not None
    assert chart.line_mm == 15.0
    inside = np.isfinite(chart.values)
    assert inside.sum() > 200
    assert (chart.line[inside] <= -15.0 + 1e-5).all()
    assert (chart.line[~inside & np.isfinite(chart.line)] > -15.0).all()
    # The front of the body has no window.
    assert builtin["skin"].surface.vertices[inside, 1].min() > -70.0
