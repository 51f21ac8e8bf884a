from __future__ import annotations

import numpy as np
import pytest

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.technique import Technique
from tests.phantom import phantom_atlas
from viewer.camera import frame_of, lens_of, pose_of
from viewer.labels import NOTICE, marks_of, wrapped
from viewer.lettering import Lettering
from viewer.marks import Stroke, Swatch, Words
from viewer.resolve import resolve
from viewer.state import ViewState

ATLAS = phantom_atlas()
FRAME = frame_of(ATLAS)
SIZES = [(320, 400), (1000, 1300), (1280, 720)]


def marks(view: str, size: tuple[int, int], **state: object) -> tuple[object, ...]:
    pose = pose_of(view, FRAME)
    pair = state.get("caution")
    field = None if pair is None else caution_field(ATLAS, *pair)  # type: ignore[misc]
    picture = resolve(ViewState(camera=pose, **state), ATLAS, field)  # type: ignore[arg-type]
    return marks_of(picture, lens_of(pose, FRAME, size[0] / size[1]), size)


def letters(found: tuple[object, ...], size: tuple[int, int]) -> tuple[str, str]:
    big = [mark for mark in found if isinstance(mark, Words) and len(mark.text) == 1]
    left = [mark.text for mark in big if mark.x < size[0] / 2]
    right = [mark.text for mark in big if mark.x > size[0] / 2]
    assert len(left) == len(right) == 1
    return left[0], right[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("labels", [True, False])
def test_sides_scale_and_credits_are_in_every_picture(size: tuple[int, int], labels: bool) -> None:
    found = marks("posterior", size, labels=labels)
    assert letters(found, size) == ("L", "R")
    text = " ".join(mark.text for mark in found if isinstance(mark, Words))
    assert NOTICE in text
    assert ATLAS.licence in text
    assert " mm" in text


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("posterior", ("L", "R")),
        ("anterior", ("R", "L")),
        ("left", ("A", "P")),
        ("right", ("P", "A")),
        ("superior", ("L", "R")),
    ],
)
def test_the_sides_are_the_subjects(view: str, expected: tuple[str, str]) -> None:
    assert letters(marks(view, (600, 600)), (600, 600)) == expected


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    size = (1000, 1300)
    lens = lens_of(pose_of("posterior", FRAME), FRAME, size[0] / size[1])
    found = marks("posterior", size)
    bar = max((m for m in found if isinstance(m, Stroke)), key=lambda m: m.x1 - m.x0)
    length = next(
        int(m.text[:-3]) for m in found if isinstance(m, Words) and m.text.endswith(" mm")
    )
    ends = FRAME.centre + np.array([[length / 2, 0, 0], [-length / 2, 0, 0]])
    at = lens.project(ends, size)
    assert bar.x1 - bar.x0 == pytest.approx(abs(at[0, 0] - at[1, 0]), rel=1e-6)


def test_a_caution_surface_brings_its_legend() -> None:
    found = marks("posterior", (1280, 720), caution=(Technique.KNEADING, Pressure.FIRM))
    assert len([mark for mark in found if isinstance(mark, Swatch)]) == 4
    words = {mark.text for mark in found if isinstance(mark, Words)}
    assert {"kneading, firm", "work", "lighten", "avoid", "never"} <= words


def test_levels_are_named_from_behind_only() -> None:
    def names(view: str) -> set[str]:
        found = marks(view, (1000, 1300), levels=True)
        return {mark.text for mark in found if isinstance(mark, Words)}

    assert {"C7", "T4", "L3"} <= names("posterior")
    assert "T4" not in names("anterior")


@pytest.mark.parametrize("size", SIZES)
def test_text_stays_inside_the_picture(size: tuple[int, int]) -> None:
    from viewer.lettering import font

    found = marks(
        "posterior",
        size,
        caption="Knead in circles along the ridge of the trapezius, from the neck outward",
    )
    for mark in found:
        if isinstance(mark, Words):
            wide = font(mark.size, mark.bold).getlength(mark.text)
            start = {"l": 0.0, "m": -wide / 2, "r": -wide}[mark.anchor[0]]
            assert mark.x + start > -1, mark.text
            assert mark.x + start + wide < size[0] + 1, mark.text


def test_lines_are_broken_evenly_and_lose_nothing() -> None:
    text = "Palpate teaches; it does not diagnose. Bones from somewhere (CC BY 3.0)"
    lines = wrapped(text, 40)
    assert " ".join(lines) == text
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) < 12
    assert wrapped("", 20) == []


def test_lettering_changes_only_where_it_writes() -> None:
    plain = np.full((90, 160, 3), 120, dtype=np.uint8)
    mark = Words("T4", 20, 20, 14, "lt", bold=True)
    written = Lettering((160, 90)).over(plain, (mark,))
    changed = np.argwhere((written != plain).any(axis=2))
    assert len(changed) > 20
    assert changed[:, 0].max() < 45
    assert changed[:, 1].max() < 60
    assert Lettering((160, 90)).over(plain, ()) is plain
