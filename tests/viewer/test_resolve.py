from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.technique import Technique
from meshes.errors import UnknownName
from meshes.terminology import Side
from tests.phantom import phantom_atlas
from viewer.peel import GHOST_OPACITY
from viewer.resolve import Look, look_of, resolve
from viewer.state import ViewState

ATLAS = phantom_atlas()
IDS = sorted(ATLAS)
SETS = st.frozensets(st.sampled_from(IDS), max_size=4)


def shown(**state: object) -> dict[str, float]:
    picture = resolve(ViewState(**state), ATLAS)  # type: ignore[arg-type]
    return {draw.id: draw.opacity for draw in picture.draws}


def test_an_opaque_skin_is_all_there_is_to_draw() -> None:
    assert shown(peel=0.0) == {"skin": 1.0}
    assert shown(peel=1.0) == {"subcutaneous_fat": 1.0}


def test_the_layers_come_one_by_one() -> None:
    assert "trapezius_left" in shown(peel=2.0)
    assert "trapezius_left" not in shown(peel=3.0)
    assert "rhomboid_major_left" in shown(peel=3.0)
    assert shown(peel=2.25)["trapezius_left"] == pytest.approx(0.75)
    assert shown(peel=6.0)["rib_12_left"] == 1.0
    assert shown(peel=7.0)["rib_12_left"] == GHOST_OPACITY


def test_one_side_can_be_peeled_alone() -> None:
    half = shown(peel=4.0, peel_side=Side.LEFT)
    assert "trapezius_left" not in half
    assert half["trapezius_right"] == 1.0
    assert "skin" not in half


def test_hiding_isolating_and_ghosting() -> None:
    assert "kidney_left" not in shown(peel=6.0, hidden=frozenset({"kidney_left"}))
    assert shown(peel=0.0, isolated=frozenset({"rib_3_left"})) == {"rib_3_left": 1.0}
    assert shown(peel=4.0, ghosted=frozenset({"skin"}))["skin"] == GHOST_OPACITY
    assert shown(peel=5.0, shown=frozenset({"trapezius_left"}))["trapezius_left"] == 1.0


@given(st.floats(0, 7), SETS, SETS, SETS, SETS)
def test_hidden_is_never_drawn_and_isolated_is_alone(
    peel: float,
    hidden: frozenset[str],
    isolated: frozenset[str],
    ghosted: frozenset[str],
    forced: frozenset[str],
) -> None:
    state = ViewState(peel=peel, hidden=hidden, isolated=isolated, ghosted=ghosted, shown=forced)
    picture = resolve(state, ATLAS)
    assert not picture.ids & hidden
    if isolated:
        assert picture.ids <= isolated | ghosted
    assert all(0.0 < draw.opacity <= 1.0 for draw in picture.draws)
    again = resolve(state, ATLAS)
    assert again.draws == picture.draws


def test_a_name_that_the_atlas_lacks_is_an_error() -> None:
    with pytest.raises(UnknownName, match="trapezius_left"):
        resolve(ViewState(hidden=frozenset({"trapezus_left"})), ATLAS)


def test_the_caution_field_is_shown_only_when_asked_for() -> None:
    pair = (Technique.KNEADING, Pressure.FIRM)
    field = caution_field(ATLAS, *pair)
    assert resolve(ViewState(), ATLAS, field).caution is None
    assert resolve(ViewState(caution=pair), ATLAS, field).caution is field


def test_looks_follow_the_system() -> None:
    looks = {
        "skin": Look.SKIN,
        "subcutaneous_fat": Look.FAT,
        "trapezius_left": Look.MUSCLE,
        "scapula_left": Look.BONE,
        "kidney_right": Look.ORGAN,
    }
    assert {name: look_of(ATLAS[name]) for name in looks} == looks
