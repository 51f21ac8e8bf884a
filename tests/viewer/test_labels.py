from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise, product

import numpy as np
import pytest

from annotations.caution import caution_field
from annotations.level import LEVELS as LEVEL_NAMES
from annotations.pressure import Pressure
from annotations.technique import Technique
from tests.phantom import TIPS, phantom_atlas
from viewer.camera import frame_of, lens_of, pose_of
from viewer.labels import NOTICE, letter_size, marks_of, meets, wrapped
from viewer.lettering import Lettering, width
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


def boxes(found: tuple[object, ...]) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Where the words of a picture stand: left, top, right, bottom."""
    placed = []
    for mark in found:
        if not isinstance(mark, Words):
            continue
        wide, high = width(mark.text, mark.size, bold=mark.bold), mark.size
        left = mark.x - {"l": 0.0, "m": 0.5, "r": 1.0}[mark.anchor[0]] * wide
        top = mark.y - {"t": 0.0, "m": 0.5, "b": 1.0}[mark.anchor[1]] * high
        placed.append((mark.text, (left, top, left + wide, top + high)))
    return placed


@pytest.mark.parametrize("size", [(320, 240), (200, 400), (400, 200), (1000, 1300), (1280, 720)])
def test_no_words_overlap_or_leave_the_picture(size: tuple[int, int]) -> None:
    pair = (Technique.SUSTAINED_PRESS, Pressure.FIRM)
    found = marks("posterior", size, caution=pair, levels=True, title="Caution map")
    placed = boxes(found)
    for text, (left, top, right, bottom) in placed:
        assert left >= -1.0, text
        assert right <= size[0] + 1.0, text
        assert top >= -1.0, text
        assert bottom <= size[1] + 1.0, text
    named = [item for item in placed if item[0] in LEVEL_NAMES]
    for (one, a), (other, b) in combinations(named, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 0.5 or b[3] <= a[1] + 0.5
        assert apart, (one, other, size)
    heading = [item for item in placed if item[0] == "Caution map"]
    legend = [item for item in placed if item[0] in ("sustained press, firm", "work", "never")]
    for (one, a), (other, b) in product(heading, legend):
        assert a[2] <= b[0] or a[3] <= b[1] or b[3] <= a[1], (one, other, size)


def test_levels_that_crowd_are_fewer_and_no_level_is_named_twice() -> None:
    def named(size: tuple[int, int]) -> list[str]:
        found = marks("posterior", size, levels=True)
        return [mark.text for mark in found if isinstance(mark, Words) and mark.text in LEVEL_NAMES]

    many, few = named((1000, 1300)), named((200, 160))
    assert len(many) == len(set(many)) == len(TIPS)
    assert 2 <= len(few) < len(many)
    assert set(few) <= set(many)
    assert few == sorted(few, key=LEVEL_NAMES.index)
    assert {"C7", "T12"} & set(few)


@pytest.mark.parametrize("peel", [2.0, 3.0, 6.0])
@pytest.mark.parametrize("view", ["posterior", "posterolateral_left"])
@pytest.mark.parametrize("size", [(520, 640), (1000, 1300)])
def test_no_line_to_a_structure_runs_behind_the_name_of_a_level(
    size: tuple[int, int], view: str, peel: float
) -> None:
    from viewer.lettering import _extent as extent

    found = marks(view, size, levels=True, leaders=True, peel=peel)
    plain = marks(view, size, levels=True, peel=peel)
    levels = [m for m in found if isinstance(m, Words) and m.text in LEVEL_NAMES]
    before = [m for m in plain if isinstance(m, Words) and m.text in LEVEL_NAMES]
    short = 3.0 * max(0.72 * letter_size(size), 7.0)
    lines = [
        m for m in found if isinstance(m, Stroke) and np.hypot(m.x1 - m.x0, m.y1 - m.y0) > short
    ]
    assert len(lines) > 3
    assert len(levels) >= 0.7 * len(before)
    for mark, line in product(levels, lines):
        left, top, right, bottom = extent(mark)
        assert not meets(line, (left + 1.0, top + 1.0, right - 1.0, bottom - 1.0)), mark.text


def test_a_camera_between_the_views_says_where_it_stands() -> None:
    pose = replace(pose_of("posterior", FRAME), azimuth_deg=62.0, zoom=4.0)
    picture = resolve(ViewState(camera=pose), ATLAS)
    found = marks_of(picture, lens_of(pose, FRAME, 1.0), (600, 600))
    text = " ".join(mark.text for mark in found if isinstance(mark, Words))
    assert "Seen from the left and behind" in text


def test_small_credits_are_whole_and_legible() -> None:
    found = marks("posterior", (240, 320))
    credits_ = [mark for mark in found if isinstance(mark, Words) and mark.plate]
    assert all(mark.size >= 7.0 for mark in credits_)
    text = " ".join(mark.text for mark in credits_)
    assert NOTICE in text
    assert ATLAS.licence in text


def test_a_line_of_credits_leaves_the_one_above_whole() -> None:
    size = (620, 860)
    licence = "gypsum, paper, yoghurt, page by page, fog by fog, joy by joy, plaque (CC BY 3.0)"
    atlas = replace(ATLAS, licence=f"geometry by many people; {licence}")
    picture = resolve(ViewState(camera=pose_of("posterior", FRAME)), atlas, None)
    found = marks_of(picture, lens_of(picture.camera, FRAME, size[0] / size[1]), size)
    lines = [mark for mark in found if isinstance(mark, Words) and mark.plate]
    assert len(lines) >= 2
    paper = np.full((size[1], size[0], 3), 250, dtype=np.uint8)
    for above, below in pairwise(lines):
        alone = Lettering(size).over(paper, (above,))
        both = Lettering(size).over(paper, (above, below))
        ink = (alone < 170).any(axis=2)
        assert ink.any()
        assert (both[ink] < 170).any(axis=1).all(), above.text
