from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshes.catalogue import load_catalogue
from meshes.terminology import TissueLayer
from viewer.peel import GHOST_OPACITY, opacity_at, outermost_layer

CATALOGUE = load_catalogue()
NAMES = sorted(CATALOGUE)


@given(st.sampled_from(NAMES), st.integers(0, 6))
def test_whole_levels_hide_what_lies_outside(name: str, level: int) -> None:
    entry = CATALOGUE[name]
    shown = opacity_at(entry, float(level))
    if entry.layer < level:
        assert shown == 0.0
    elif entry.layer is not TissueLayer.ORGAN:
        assert shown == 1.0


@given(st.sampled_from(NAMES), st.floats(0, 7), st.floats(0, 7))
def test_peeling_deeper_never_shows_more_of_what_lies_outside(
    name: str, one: float, other: float
) -> None:
    entry = CATALOGUE[name]
    if entry.layer is TissueLayer.ORGAN:
        return
    assert opacity_at(entry, max(one, other)) <= opacity_at(entry, min(one, other))


@given(st.sampled_from(NAMES), st.floats(0, 6.99))
def test_fading_has_no_jumps(name: str, peel: float) -> None:
    entry = CATALOGUE[name]
    assert abs(opacity_at(entry, peel + 0.01) - opacity_at(entry, peel)) <= 0.0101


def test_bones_stay_as_a_ghost_around_the_kidneys() -> None:
    assert opacity_at(CATALOGUE["rib_12_left"], 7.0) == GHOST_OPACITY
    assert opacity_at(CATALOGUE["kidney_left"], 7.0) == 1.0
    assert opacity_at(CATALOGUE["trapezius_left"], 7.0) == 0.0
    assert opacity_at(CATALOGUE["pleura_left"], 6.0) == 0.0
    assert 0.0 < opacity_at(CATALOGUE["pleura_left"], 7.0) < 1.0


def test_the_title_is_the_layer_that_is_looked_at() -> None:
    assert outermost_layer(0.0) is TissueLayer.SKIN
    assert outermost_layer(3.2) is TissueLayer.SECOND_MUSCLE
    assert outermost_layer(7.0) is TissueLayer.ORGAN
