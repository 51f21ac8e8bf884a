from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from annotations.drawn_path import describe
from annotations.path import lay
from annotations.path_spec import PathSpec
from annotations.point_words import words_of
from annotations.site import find_site
from meshes.atlas import Atlas
from meshes.errors import InputError
from meshes.terminology import Side


def _drawn(atlas: Atlas, fields: dict[str, Any], side: Side) -> np.ndarray:
    """A path as a shaky hand draws it: a point every 8 mm, 1.5 mm off."""
    points = lay(atlas, PathSpec.model_validate(fields), side).on(atlas)[::8]
    return points + np.random.default_rng(0).normal(0.0, 1.5, points.shape)


@pytest.mark.parametrize(
    "fields",
    [
        {"parallel_cm": 4.0, "from": "T2", "to": "T7"},
        {"parallel_cm": 3.0, "from": "L5", "to": "T12"},
        {"along": "scapula/medial_border"},
        {"along": "hip_bone/iliac_crest"},
    ],
    ids=lambda fields: str(next(iter(fields.values()))),
)
@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
def test_a_drawn_path_gets_its_name_back(
    builtin: Atlas, fields: dict[str, Any], side: Side
) -> None:
    found = describe(builtin, _drawn(builtin, fields, side))
    assert found.side is side
    assert found.path == PathSpec.model_validate(fields)
    assert found.apart_mm < 4.0


def test_drawn_backward_it_runs_backward(builtin: Atlas) -> None:
    line = _drawn(builtin, {"along": "scapula/medial_border"}, Side.LEFT)[::-1]
    found = describe(builtin, line)
    assert found.path.along == "scapula/medial_border"
    assert found.path.reverse
    laid = lay(builtin, found.path, found.side).on(builtin)
    assert np.linalg.norm(laid[0] - line[0]) < 25.0


def test_a_line_over_a_muscle_follows_its_fibres(builtin: Atlas) -> None:
    line = _drawn(builtin, {"fibres": "latissimus_dorsi", "across": 0.5}, Side.RIGHT)
    found = describe(builtin, line)
    assert found.path.fibres == "latissimus_dorsi"
    assert found.words == "along the fibres of latissimus dorsi, right"


def test_a_line_without_a_name_goes_by_way_of_sites(builtin: Atlas) -> None:
    line = _drawn(builtin, {"between": ["T2 2cm", "L3 12cm"]}, Side.LEFT)
    found = describe(builtin, line)
    assert found.path.between is not None
    assert found.apart_mm < 6.0
    assert found.words.startswith("by way of T2 2cm")


def test_a_dab_is_a_hold(builtin: Atlas) -> None:
    at = find_site(builtin, "GB20 left").point
    found = describe(builtin, at + np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 3.0]]))
    assert (found.path.hold, found.side, found.words) == ("GB20", Side.LEFT, "hold at GB20 left")


def test_nothing_drawn_is_told(builtin: Atlas) -> None:
    with pytest.raises(InputError, match="needs a point on the skin, received none"):
        describe(builtin, np.empty((0, 3)))


@pytest.mark.parametrize(
    "text", ["T4 3cm left", "L3 5cm right", "T9 14cm right", "S2 4cm left", "C7", "GB20 right"]
)
def test_a_site_gets_its_words_back(builtin: Atlas, text: str) -> None:
    point = find_site(builtin, text).point
    again = find_site(builtin, words_of(builtin, point)).point
    assert np.linalg.norm(again - point) < 6.0


def test_words_are_mirrored(builtin: Atlas) -> None:
    point = find_site(builtin, "T6 4cm left").point
    other = words_of(builtin, point * np.array([-1.0, 1.0, 1.0]))
    assert other == words_of(builtin, point).replace("left", "right")
