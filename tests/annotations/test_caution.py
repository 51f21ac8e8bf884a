"""The caution field: monotone at every vertex, mirrored, agreeing with the judgement of a site."""

from __future__ import annotations

import time
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.spatial import cKDTree

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.quantity import Measured, measure
from annotations.rule import load_rules
from annotations.safety import judge, measured_skin
from annotations.site import find_site
from annotations.skin_map import MAPS, skin_map
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.depth_field import depth_field
from meshes.errors import UnknownName

if TYPE_CHECKING:
    from meshes.atlas import Atlas

PAIRS = list(product(Technique, Pressure))


@pytest.fixture(scope="module", params=["phantom", "builtin"])
def atlas(request: pytest.FixtureRequest) -> Atlas:
    found: Atlas = request.getfixturevalue(request.param)
    return found


def test_monotone_in_pressure_and_harshness_at_every_vertex(atlas: Atlas) -> None:
    verdict = {pair: caution_field(atlas, *pair).verdict for pair in PAIRS}
    for technique in Technique:
        for mild, hard in zip(Pressure, list(Pressure)[1:], strict=False):
            assert (verdict[technique, hard] >= verdict[technique, mild]).all()
    for pressure, harsh, mild in product(Pressure, Technique, Technique):
        if harsh.is_harsher_than(mild):
            assert (verdict[harsh, pressure] >= verdict[mild, pressure]).all()


def test_one_of_four_verdicts_and_a_rule_wherever_not_work(atlas: Atlas) -> None:
    for pair in PAIRS:
        field = caution_field(atlas, *pair)
        assert field.verdict.max() <= Verdict.NEVER
        np.testing.assert_array_equal(field.verdict > 0, field.rule >= 0)


def test_unknown_ground_is_never_work(atlas: Atlas) -> None:
    known = measured_skin(atlas).known
    for pair in PAIRS:
        assert (caution_field(atlas, *pair).verdict[~known] >= Verdict.AVOID).all()


def test_mirrored_left_to_right(atlas: Atlas) -> None:
    vertices = np.asarray(atlas["skin"].surface.vertices, dtype=np.float64)
    gap, twin = cKDTree(vertices).query(vertices * [-1.0, 1.0, 1.0])
    assert gap.max() < 1e-2
    kidney_free = vertices[:, 2] > 260.0  # the right kidney lies lower than the left
    for pair in PAIRS:
        verdict = caution_field(atlas, *pair).verdict
        agree = (verdict == verdict[twin])[kidney_free]
        assert agree.mean() > 0.998, pair


def test_same_again(phantom: Atlas) -> None:
    first = caution_field(phantom, Technique.KNEADING, Pressure.FIRM)
    again = caution_field(phantom, Technique.KNEADING, Pressure.FIRM)
    np.testing.assert_array_equal(first.verdict, again.verdict)
    np.testing.assert_array_equal(first.rule, again.rule)


def test_judgement_at_a_vertex_is_the_field_there(atlas: Atlas) -> None:
    vertices = np.asarray(atlas["skin"].surface.vertices, dtype=np.float64)
    rows = np.linspace(0, len(vertices) - 1, 40).astype(int)
    pair = (Technique.FRICTION, Pressure.FIRM)
    field = caution_field(atlas, *pair)
    for row in rows:
        site = find_site(atlas, ",".join(f"{value:.6f}" for value in vertices[row]))
        if np.linalg.norm(site.point - vertices[row]) > 1e-3:
            continue
        assert judge(atlas, site, *pair).verdict == field.verdict[row]


def test_whole_kidney_outline_with_margin_is_kept_off(atlas: Atlas) -> None:
    measured = measured_skin(atlas).values
    zone = (measured["kidney_margin_mm"] <= 15.0) & (measured["behind_bodies_mm"] > -45.0)
    assert zone.any()
    for pair in (
        (Technique.PERCUSSION, Pressure.LIGHT),
        (Technique.SUSTAINED_PRESS, Pressure.DEEP),
    ):
        assert (caution_field(atlas, *pair).verdict[zone] >= Verdict.AVOID).all()


def test_twenty_four_fields_in_two_seconds(builtin: Atlas) -> None:
    from annotations.rule import load_rules

    depth = depth_field(builtin)
    measure(builtin, depth, load_rules().quantities)  # imports are not counted
    start = time.process_time()
    measured = measure(builtin, depth, load_rules().quantities)
    fires = [rule.fires(measured) for rule in load_rules().rules]
    for pair in PAIRS:
        caution_field(builtin, *pair)
    took = time.process_time() - start
    print(f"24 caution fields in {took:.2f} s of processor time")
    assert len(fires) == len(load_rules().rules)
    # Processor time, so that a loaded machine measures the same.
    assert took < 2.0


def test_less_padding_is_never_milder() -> None:
    """A sweep of padding over each kind of bone: the map grows as the person thins."""
    rules = load_rules()
    padding = np.linspace(0.5, 80.0, 320).astype(np.float32)
    for bone in ("scapula", "rib_6", "skull", "hip_bone", "vertebra_T4", "humerus"):
        values = {
            name: np.full(len(padding), np.inf, dtype=np.float32) for name in rules.quantities
        }
        values["padding_mm"] = padding
        values["level"] = np.full(len(padding), -5.0, dtype=np.float32)
        if bone == "rib_6":
            values["rib_depth_mm"] = padding
        measured = Measured(
            values,
            np.zeros(len(padding), dtype=np.intp),
            np.full(len(padding), -1, dtype=np.intp),
            (bone,),
            (),
            np.ones(len(padding), dtype=bool),
        )
        fires = [rule.fires(measured) for rule in rules.rules]
        for technique, pressure in PAIRS:
            verdict = np.max(
                [
                    np.where(mask, int(rule.verdict(technique, pressure)), 0)
                    for rule, mask in zip(rules.rules, fires, strict=True)
                ],
                axis=0,
            )
            assert (np.diff(verdict) <= 0).all(), (bone, technique, pressure)


def test_maps_of_the_skin(phantom: Atlas) -> None:
    for name, scale in MAPS.items():
        found = skin_map(phantom, name)
        assert len(found.values) == len(phantom["skin"].surface.vertices)
        assert np.isfinite(found.values).any()
        assert scale.low < scale.high
    with pytest.raises(UnknownName, match="did you mean padding"):
        skin_map(phantom, "pading")
