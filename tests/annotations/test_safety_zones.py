"""What issue and article say of whole zones, looked at on every skin vertex of each atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.spatial import cKDTree

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.rule import load_rules
from annotations.safety import judge
from annotations.site import find_site
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.depth_field import KIDNEYS, depth_field
from meshes.landmarks import resample
from meshes.skin_surface import skin_of

if TYPE_CHECKING:
    from meshes.atlas import Atlas

SIDES = ("left", "right")


@pytest.fixture(scope="module", params=["builtin", pytest.param("za", marks=pytest.mark.reference)])
def atlas(request: pytest.FixtureRequest) -> Atlas:
    found: Atlas = request.getfixturevalue(request.param)
    return found


def _back(atlas: Atlas) -> np.ndarray:
    """Skin vertices that lie behind the vertebral bodies and look backward."""
    skin = atlas["skin"].surface
    bodies = np.stack([at for name, at in atlas.landmarks.points.items() if name.endswith("/body")])
    rising = bodies[np.argsort(bodies[:, 2])]
    middle = np.interp(skin.vertices[:, 2], rising[:, 2], rising[:, 1])
    return np.asarray((skin.vertices[:, 1] > middle - 45.0) & (skin.normals[:, 1] > -0.3))


def _margin_mm() -> float:
    bound = load_rules()["kidney_zone"].any_of[0][0]
    assert (bound.name, bound.test) == ("kidney_margin_mm", "<=")
    return bound.low


def test_over_the_whole_kidney_with_its_margin_no_percussion_and_no_depth(atlas: Atlas) -> None:
    """The outline is taken from the needles themselves, not from the field the rule reads."""
    field = depth_field(atlas)
    vertices = skin_of(atlas).vertices
    back = _back(atlas)
    for kidney in KIDNEYS:
        over = np.zeros(len(vertices), dtype=bool)
        over[field.vertex[field.structure == field.names.index(kidney)]] = True
        over &= back
        assert over.sum() > 100
        zone = back & (cKDTree(vertices[over]).query(vertices)[0] <= _margin_mm())
        assert zone.sum() > 1.3 * over.sum()
        for pair in (
            (Technique.PERCUSSION, Pressure.LIGHT),
            (Technique.SUSTAINED_PRESS, Pressure.DEEP),
        ):
            assert (caution_field(atlas, *pair).verdict[zone] >= Verdict.AVOID).all()


def test_the_flank_takes_light_gliding(atlas: Atlas) -> None:
    """Facts 10.1: 25 to 110 mm beside the spine, from the iliac crest's height to rib 11."""
    skin = atlas["skin"].surface
    height, lateral = skin.vertices[:, 2], np.abs(skin.vertices[:, 0])
    flank = _back(atlas) & (lateral > 25.0) & (lateral < 110.0) & (height > 80) & (height < 215)
    assert flank.sum() > 800
    verdict = caution_field(atlas, Technique.GLIDING, Pressure.LIGHT).verdict[flank]
    assert (verdict <= Verdict.LIGHTEN).all()


def test_the_spinous_line_is_never_from_moderate_up(atlas: Atlas) -> None:
    marks, vertices = atlas.landmarks, skin_of(atlas).vertices
    top = marks.point("vertebra_C2/spinous_process")[2]
    bottom = marks.point("sacrum/median_crest_S4")[2]
    line = (
        (depth_field(atlas).spinous_mm <= 12.0)
        & (vertices[:, 2] <= top)
        & (vertices[:, 2] >= bottom)
        & _back(atlas)
    )
    assert np.ptp(vertices[line, 2]) > 0.95 * (top - bottom)
    for technique in Technique:
        for pressure in (Pressure.MODERATE, Pressure.FIRM, Pressure.DEEP):
            assert (caution_field(atlas, technique, pressure).verdict[line] == Verdict.NEVER).all()


@pytest.mark.parametrize("side", SIDES)
def test_no_deep_press_on_the_ridge_the_acromion_and_the_tips(atlas: Atlas, side: str) -> None:
    marks = atlas.landmarks
    places = [
        *resample(marks.curve(f"scapula_{side}/spine"), np.linspace(0.0, 1.0, 12)),
        *resample(marks.curve(f"scapula_{side}/acromion"), np.linspace(0.0, 0.6, 5)),
        marks.point(f"scapula_{side}/inferior_angle"),
        marks.point(f"scapula_{side}/superior_angle"),
    ]
    verdict = caution_field(atlas, Technique.SUSTAINED_PRESS, Pressure.DEEP).verdict
    for place in places:
        assert verdict[_above(atlas, place)] >= Verdict.AVOID


def _above(atlas: Atlas, place: np.ndarray) -> int:
    """Skin vertex whose needle passes nearest to a place on a bone."""
    skin = skin_of(atlas)
    to = place - skin.vertices
    along = np.einsum("ij,ij->i", to, skin.vertex_inward)
    across = np.sqrt(np.maximum(np.einsum("ij,ij->i", to, to) - along**2, 0.0))
    across[(along < -5.0) | (along > 60.0)] = np.inf
    return int(np.argmin(across))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    "place",
    ["trapezius_ridge", "T4 4cm", "T5 4cm", "infraspinous_fossa", "L3 3cm", "L3 4cm", "L3 5cm"],
)
def test_bellies_take_firm_kneading(atlas: Atlas, place: str, side: str) -> None:
    site = find_site(atlas, f"{place} {side}")
    found = judge(atlas, site, Technique.KNEADING, Pressure.FIRM)
    assert found.verdict is Verdict.WORK, found.rules
    # And the judgement says on what one works.
    assert found.rules
    assert all(rule.verdict is Verdict.WORK for rule in found.rules)


def test_what_affirms_forbids_nothing(atlas: Atlas) -> None:
    rules = load_rules().rules
    affirming = [index for index, rule in enumerate(rules) if rule.affirms]
    assert affirming
    for technique in Technique:
        for pressure in Pressure:
            assert not np.isin(caution_field(atlas, technique, pressure).rule, affirming).any()
    # Where a place must not be pressed, nothing praises it.
    judged = judge(atlas, find_site(atlas, "L1 5cm left"), Technique.SUSTAINED_PRESS, Pressure.DEEP)
    assert judged.verdict >= Verdict.AVOID
    assert not {rule.id for rule in judged.rules} & {rules[index].id for index in affirming}
