"""Paths on the skin: on it, of the right length, mirrored, where anatomy says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from annotations.anatomical_line import edge_line, fibre_line, named_line
from annotations.path import lay, meets, spine_of_path
from annotations.path_spec import PathSpec
from annotations.safety import measured_skin
from annotations.site import find_site
from annotations.skin_curve import even, onto_skin
from meshes.errors import InputError, UnknownName
from meshes.skin_surface import skin_of
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

PATHS = {
    "parallel": {"parallel_cm": 4, "from": "T12", "to": "L5"},
    "between": {"between": ["T9 8cm", "T8 11cm"]},
    "along": {"along": "scapula/medial_border"},
    "gutter": {
        "gutter": {"inner": "transverse_processes", "outer": "scapula/medial_border"},
        "from": "T2",
        "to": "T6",
    },
    "circles": {"parallel_cm": 5, "from": "T6", "to": "T9", "circles": {"radius_mm": 10}},
    "zigzag": {"parallel_cm": 5, "from": "T6", "to": "T9", "zigzag": {"width_mm": 20}},
    "fibres": {"fibres": "latissimus_dorsi", "across": 0.5},
    "edge": {"muscle": "trapezius", "edge": "lower"},
    "hold": {"hold": "T4 3cm"},
}


def _spec(name: str) -> PathSpec:
    return PathSpec.model_validate(PATHS[name])


@pytest.mark.parametrize("name", PATHS)
def test_path_lies_on_the_skin(phantom: Atlas, name: str) -> None:
    points = lay(phantom, _spec(name), Side.LEFT).on(phantom)
    on_skin = skin_of(phantom).project(points)
    assert np.linalg.norm(points - on_skin, axis=1).max() < 0.01


@pytest.mark.parametrize("name", PATHS)
def test_right_is_the_mirror_image_of_left(phantom: Atlas, name: str) -> None:
    left = lay(phantom, _spec(name), Side.LEFT).on(phantom)
    right = lay(phantom, _spec(name), Side.RIGHT).on(phantom)
    assert len(left) == len(right)
    assert np.linalg.norm(left * [-1.0, 1.0, 1.0] - right, axis=1).max() < 0.5


@pytest.mark.parametrize("name", [name for name in PATHS if name != "hold"])
def test_points_are_evenly_spaced(phantom: Atlas, name: str) -> None:
    points = lay(phantom, _spec(name), Side.LEFT).on(phantom)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert abs(np.median(steps) - 1.0) < 0.05
    assert steps.max() < 1.5


def test_parallel_keeps_its_distance_from_the_spine(phantom: Atlas) -> None:
    curve = lay(phantom, _spec("parallel"), Side.LEFT)
    spinous = measured_skin(phantom).values["spinous_mm"]
    corners = phantom["skin"].surface.faces[curve.face]
    distance = np.einsum("kc,kc->k", spinous[corners], curve.weights)
    assert np.abs(distance - 40.0).max() < 2.0
    points = curve.on(phantom)
    assert points[0, 2] > points[-1, 2]


def test_gutter_runs_between_the_processes_and_the_border(phantom: Atlas) -> None:
    points = lay(phantom, _spec("gutter"), Side.LEFT).on(phantom)
    border = named_line(phantom, "scapula/medial_border", Side.LEFT)
    assert points[:, 0].max() < border[:, 0].min()
    assert points[:, 0].min() > 38.0


def test_between_is_the_short_way(phantom: Atlas) -> None:
    curve = lay(phantom, _spec("between"), Side.LEFT)
    ends = [find_site(phantom, f"{text} left").point for text in ("T9 8cm", "T8 11cm")]
    points = curve.on(phantom)
    assert np.linalg.norm(points[0] - ends[0]) < 0.5
    assert np.linalg.norm(points[-1] - ends[1]) < 0.5
    straight = float(np.linalg.norm(ends[1] - ends[0]))
    assert straight <= curve.length_on(phantom) < 1.05 * straight


def test_circles_go_round_and_travel(phantom: Atlas) -> None:
    base = spine_of_path(phantom, _spec("circles"), Side.LEFT)
    ring = lay(phantom, _spec("circles"), Side.LEFT).on(phantom)
    line = base.on(phantom)
    away = np.min(np.linalg.norm(ring[:, None] - line[None], axis=2), axis=1)
    assert away.max() < 11.0
    assert ring.shape[0] > 3 * line.shape[0]
    assert ring[-20:, 2].mean() < ring[:20, 2].mean() - 50.0


def test_over_keeps_only_the_stretch_above_the_muscle(phantom: Atlas) -> None:
    spec = PathSpec.model_validate({"between": ["T3 2cm", "T3 13cm"], "over": "trapezius"})
    points = lay(phantom, spec, Side.LEFT).on(phantom)
    assert meets(phantom, points, "trapezius_left").all()


def test_a_curve_survives_on_the_skin_by_face_and_weights(phantom: Atlas) -> None:
    curve = lay(phantom, _spec("along"), Side.LEFT)
    again = onto_skin(phantom, curve.on(phantom))
    np.testing.assert_allclose(again.on(phantom), curve.on(phantom), atol=1e-6)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"along": "scapula/medial_boarder"}, "scapula/medial_border"),
        ({"muscle": "trapezus", "edge": "upper"}, "did you mean trapezius"),
        ({"fibres": "trapezius/descendin"}, "descending"),
        ({"hold": "GB200"}, "GB20"),
        ({"parallel_cm": 4, "from": "T12", "to": "L9"}, "level"),
    ],
)
def test_unknown_names_suggest_the_nearest(
    phantom: Atlas, spec: dict[str, object], message: str
) -> None:
    with pytest.raises(UnknownName, match=message):
        lay(phantom, PathSpec.model_validate(spec), Side.LEFT)


def test_a_path_that_misses_its_muscle_is_an_error(phantom: Atlas) -> None:
    spec = PathSpec.model_validate({"between": ["L3 4cm", "L5 4cm"], "over": "trapezius"})
    with pytest.raises(InputError, match="passes beside it"):
        lay(phantom, spec, Side.LEFT)


def test_fibres_run_from_origin_to_insertion(builtin: Atlas) -> None:
    line = fibre_line(builtin, "trapezius", 0.5, Side.LEFT)
    assert line[0, 0] < 20.0
    assert line[-1, 0] > 60.0


def test_upper_edge_of_trapezius_runs_from_neck_to_acromion(builtin: Atlas) -> None:
    line = edge_line(builtin, "trapezius", "upper", Side.LEFT)
    assert line[0, 0] < 20.0
    assert line[-1, 0] > 130.0
    assert line[0, 2] > line[-1, 2] + 80.0


def test_even_keeps_the_ends() -> None:
    line = np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]])
    result = even(line, 0.5)
    np.testing.assert_allclose(result[[0, -1]], line[[0, -1]])
    with pytest.raises(InputError, match="length"):
        even(np.zeros((3, 3)), 1.0)
