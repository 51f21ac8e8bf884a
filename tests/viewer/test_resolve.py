from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.technique import Technique
from meshes.errors import UnknownName
from meshes.terminology import Side
from tests.phantom import phantom_atlas
from tests.viewer.test_hand import contact
from viewer.opening import Follow, PeelLens, cut_through
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
    picture = resolve(ViewState(peel=4.0, peel_side=Side.LEFT), ATLAS)
    by_id = {draw.id: draw for draw in picture.draws}
    assert picture.peel_side is Side.LEFT
    assert (by_id["skin"].opacity, by_id["skin"].kept) == (0.0, 1.0)
    assert "trapezius_left" not in by_id
    column = by_id["longissimus_thoracis_left"]
    assert (column.opacity, column.kept) == (1.0, 0.0)  # the skin hides it on the other half
    assert resolve(ViewState(peel=4.0, peel_side=Side.MIDLINE), ATLAS).peel_side is None


def test_a_lens_shows_a_deeper_layer_and_nothing_else_changes() -> None:
    lens = PeelLens(peel=3.0, centre=(60.0, 60.0, 300.0))
    picture = resolve(ViewState(lens=lens), ATLAS)
    by_id = {draw.id: draw for draw in picture.draws}
    assert picture.lens == lens
    assert (by_id["skin"].opacity, by_id["skin"].lensed) == (1.0, 0.0)
    assert (by_id["rhomboid_major_left"].opacity, by_id["rhomboid_major_left"].lensed) == (0.0, 1.0)
    plain = resolve(ViewState(), ATLAS)
    assert not plain.opened
    assert {draw.id for draw in picture.draws if draw.opacity > 0.0} == plain.ids


def test_a_lens_without_a_place_is_no_lens() -> None:
    assert resolve(ViewState(lens=PeelLens()), ATLAS).lens is None
    following = ViewState(lens=PeelLens(follows=Follow.HAND, centre=(0.0, 0.0, 0.0)))
    assert resolve(following, ATLAS).lens is None
    touched = replace(following, contacts=(contact(x=60.0, z=300.0, hand="palm"),))
    found = resolve(touched, ATLAS).lens
    assert found is not None
    assert found.centre == tuple(float(value) for value in touched.contacts[0].position)


def test_a_cut_lays_open_what_the_skin_hides() -> None:
    picture = resolve(ViewState(cut=cut_through("axial", (0.0, 0.0, 200.0))), ATLAS)
    assert picture.ids == {"skin"}
    assert {"skin", "kidney_left", "longissimus_thoracis_left"} <= {
        draw.id for draw in picture.cut_open
    }


def test_layers_drawn_apart_cover_nothing() -> None:
    ids = resolve(ViewState(spread_mm=100.0), ATLAS).ids
    assert {"skin", "trapezius_left", "scapula_left", "kidney_left"} <= ids


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
    assert all(0.0 < draw.most <= 1.0 for draw in picture.draws)
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
