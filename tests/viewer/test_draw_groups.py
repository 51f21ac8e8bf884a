"""What is drawn in one go, and that what hides comes before what lets through."""

from __future__ import annotations

from tests.phantom import phantom_atlas
from viewer.draw_groups import GROUPS, SOLID, groups_of, inner_first, rows_of, skin_drawn
from viewer.resolve import Picture, resolve
from viewer.state import ViewState

ATLAS = phantom_atlas()


def shown(**wanted: object) -> Picture:
    return resolve(ViewState(**wanted), ATLAS)  # type: ignore[arg-type]


def test_every_structure_but_the_skin_is_in_one_group() -> None:
    for picture in (shown(), shown(peel=2.4), shown(peel=6.0, ghosted=frozenset({"kidney_left"}))):
        grouped = [name for ids in groups_of(picture) for name in ids]
        assert sorted(grouped) == sorted(d.id for d in picture.draws if d.id != "skin")
        assert len(rows_of(picture)) <= GROUPS + 1
        skin = skin_drawn(picture)
        assert (skin is not None) == any(draw.id == "skin" for draw in picture.draws)


def test_what_is_highlighted_and_opaque_is_drawn_before_what_lets_through() -> None:
    lit = "trapezius_left"
    picture = shown(peel=2.0, highlighted=frozenset({lit}), ghosted=frozenset({"kidney_left"}))
    rows = rows_of(picture)
    assert lit not in rows[SOLID]
    rest = {key: ids for key, ids in rows.items() if key != SOLID}
    order = [rest[key] for key in inner_first(rest)]
    assert order == [(lit,), ("kidney_left",)]


def test_a_fading_layer_is_drawn_after_what_lies_beneath_it() -> None:
    picture = shown(peel=2.5, ghosted=frozenset({"kidney_left"}))
    keys = [key for key in inner_first(rows_of(picture)) if key != SOLID]
    assert [key[0] for key in keys] == sorted((key[0] for key in keys), reverse=True)
    assert all(key[1] < 1.0 for key in keys)
    assert len(keys) >= 2
