from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.protocol import library, open_protocol
from meshes.errors import InputError, WriteError
from viewer import protocol_draft as drafts

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["add", "copy", "remove", "up", "down", "deep", "title"]),
        st.integers(0, 9),
    ),
    max_size=12,
)


def _do(draft: drafts.Draft, what: str, number: int) -> drafts.Draft:
    index = number % len(draft.protocol.strokes)
    steps: dict[str, Any] = {
        "add": lambda: drafts.added(draft, index),
        "copy": lambda: drafts.added(draft, index, copy=True),
        "remove": lambda: drafts.without(draft, index),
        "up": lambda: drafts.moved(draft, index, -1),
        "down": lambda: drafts.moved(draft, index, 1),
        "deep": lambda: drafts.with_stroke(draft, index, pressure="deep"),
        "title": lambda: drafts.entitled(draft, title=f"Number {number}"),
    }
    if what == "remove" and len(draft.protocol.strokes) == 1:
        with pytest.raises(InputError, match="a protocol needs a stroke"):
            steps[what]()
        return draft
    return steps[what]()


@given(ACTIONS)
def test_any_editing_gives_a_protocol_that_saves_and_reads(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int]]
) -> None:
    draft = drafts.opened("back_routine")
    for what, number in actions:
        draft = _do(draft, what, number)
        names = [stroke.name for stroke in draft.protocol.strokes]
        assert len(set(names)) == len(names)
    kept = drafts.saved_as(draft, tmp_path_factory.mktemp("draft") / "mine.toml")
    assert not kept.changed
    assert kept.path is not None
    assert open_protocol(kept.path).model_dump() == draft.protocol.model_dump()


def test_a_protocol_of_the_library_is_never_written_over() -> None:
    draft = drafts.opened("rhomboid_gutter")
    assert draft.path is None
    assert not draft.changed
    assert drafts.with_stroke(draft, 0, repetitions=4).changed


def test_a_saved_draft_knows_whether_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(library()["rhomboid_gutter"].read_text())
    draft = drafts.opened(path)
    assert not draft.changed
    draft = drafts.with_stroke(draft, 0, repetitions=4)
    assert draft.changed
    draft = drafts.saved_as(draft, path)
    assert not draft.changed
    # The comment at the top of the file is still there.
    assert path.read_text().startswith("# S8, S9, S10")


def test_moving_goes_no_further_than_the_ends() -> None:
    draft = drafts.opened("back_routine")
    names = [stroke.name for stroke in draft.protocol.strokes]
    assert [s.name for s in drafts.moved(draft, 0, -1).protocol.strokes] == names
    later = [s.name for s in drafts.moved(draft, 0, 1).protocol.strokes]
    assert later == [names[1], names[0], *names[2:]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"repetitions": 0}, "repetitions: "),
        ({"pressure": "crushing"}, "pressure: "),
        ({"path": {"hold": "C7", "along": "spinous_line"}}, "path: exactly one of along"),
        ({"speed_cm_s": 3.0, "duration_s": 9.0}, "either speed_cm_s or duration_s"),
    ],
)
def test_what_does_not_fit_is_told(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as told:
        drafts.with_stroke(drafts.new_draft(), 0, **fields)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_none_puts_a_field_back() -> None:
    draft = drafts.with_stroke(drafts.new_draft(), 0, hand="forearm")
    assert drafts.stroke_page(draft, 0)["hand"] == "forearm"
    assert "hand" not in drafts.stroke_page(drafts.with_stroke(draft, 0, hand=None), 0)


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="does not exist"):
        drafts.saved_as(drafts.new_draft(), tmp_path / "no" / "mine.toml")
