"""Names in the margins: nothing overlaps, nothing crosses, and a line ends where it says."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.pressure import Pressure
from annotations.technique import Technique
from meshes.atlas import Atlas
from meshes.terminology import Side
from tests.phantom import phantom_atlas
from tests.viewer.conftest import Check
from viewer.camera import VIEWS, frame_of, lens_of, pose_of
from viewer.labels import letter_size
from viewer.leaders import Column, Leader, Site, laid_out, leader_marks, leaders_of, name_of
from viewer.lettering import _extent as extent
from viewer.marks import Stroke, Words
from viewer.opening import Cut, Follow, PeelLens
from viewer.picking import pick_in
from viewer.resolve import resolve
from viewer.seen_grid import seen_grid
from viewer.state import Note, ViewState

ATLAS = phantom_atlas()
FRAME = frame_of(ATLAS)
SIZE = (1000, 1300)
APART = 20.0
PLACES = st.lists(
    st.tuples(st.floats(210.0, 790.0), st.floats(0.0, 1000.0)), min_size=1, max_size=70, unique=True
)


def found(
    atlas: Atlas, view: str, size: tuple[int, int] = SIZE, **state: Any
) -> tuple[Any, Any, list[Leader]]:
    pose = pose_of(view, frame_of(atlas))
    picture = resolve(ViewState(camera=pose, leaders=True, **state), atlas)
    lens = lens_of(pose, frame_of(atlas), size[0] / size[1])
    return picture, lens, leaders_of(picture, lens, size, letter_size(size))[0]


def crosses(one: Leader, other: Leader) -> bool:
    def side(p: Any, q: Any, r: Any) -> float:
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    a, b = (one.x, one.y), (one.site.x, one.site.y)
    c, d = (other.x, other.y), (other.site.x, other.site.y)
    return side(a, b, c) * side(a, b, d) < -1e-6 and side(c, d, a) * side(c, d, b) < -1e-6


@settings(max_examples=150, deadline=None)
@given(places=PLACES)
def test_lines_never_cross_and_texts_keep_apart(places: list[tuple[float, float]]) -> None:
    columns = Column(200.0, 100.0, 900.0), Column(800.0, 200.0, 900.0)
    sites = [Site(str(index), x, y) for index, (x, y) in enumerate(places)]
    leaders = laid_out(sites, *columns, APART)
    room = sum(column.room(APART) for column in columns)
    # Only the last, the least important, are left out, and only for want of room.
    assert {leader.site for leader in leaders} == set(sites[:room])
    for column, left in zip(columns, (True, False), strict=True):
        heights = [leader.y for leader in leaders if leader.left is left]
        assert heights == sorted(heights)
        assert all(b - a >= APART - 1e-6 for a, b in pairwise(heights))
        assert all(column.top - 1e-6 <= y <= column.bottom + 1e-6 for y in heights)
    for one, other in combinations(leaders, 2):
        assert not crosses(one, other)


def test_lone_sites_stand_at_their_own_height_in_the_order_of_their_places() -> None:
    columns = Column(200.0, 0.0, 1000.0), Column(800.0, 0.0, 1000.0)
    sites = [Site(str(y), x, y) for x, y in ((300.0, 500.0), (350.0, 100.0), (700.0, 300.0))]
    leaders = laid_out(sites, *columns, APART)
    assert [(one.site.name, one.y, one.left) for one in leaders] == [
        ("100.0", 100.0, True), ("500.0", 500.0, True), ("300.0", 300.0, False),
    ]  # fmt: skip


STATES: list[dict[str, Any]] = [
    {},
    {"peel": 2.0},
    {"peel": 4.0, "peel_side": Side.LEFT},
    {"peel": 6.0},
    {"peel": 1.0, "lens": PeelLens(6.0, 80.0, Follow.POINTER, (40.0, 100.0, 200.0))},
    {"cut": Cut((0.0, 0.0, 1.0), 200.0)},
    {"peel": 3.0, "spread_mm": 90.0},
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: "-".join(state) or "skin")
@pytest.mark.parametrize("view", ["posterior", "left", "superior"])
def test_every_line_ends_where_its_structure_is_seen(view: str, state: dict[str, Any]) -> None:
    picture, lens, leaders = found(ATLAS, view, **state)
    assert leaders
    for leader in leaders:
        picked = pick_in(picture, lens, SIZE, (leader.site.x, leader.site.y))
        assert picked is not None
        assert picked.structure == leader.site.structure


def test_the_grid_sees_what_the_pointer_meets() -> None:
    """Two ways to the same answer, everywhere and not only where a line ends."""
    picture, lens, _ = found(ATLAS, "left", peel=4.0, cut=Cut((0.0, 1.0, 0.0), 60.0))
    grid = seen_grid(picture, lens, SIZE, 700)
    same = 0
    for row, column in np.ndindex(grid.owner.shape):
        picked = pick_in(picture, lens, SIZE, (float(grid.x[column]), float(grid.y[row])))
        index = int(grid.owner[row, column])
        name = None if picked is None else picked.structure
        same += name == (None if index < 0 else grid.names[index])
    assert same >= 0.99 * grid.owner.size
    assert (grid.owner >= 0).sum() > 20


def test_a_cut_names_what_is_painted_on_its_face() -> None:
    """Inside a kidney that is cut through is kidney, and not what lies behind it."""
    kidney = ATLAS["kidney_left"].surface
    middle = kidney.bounds.mean(axis=0)
    cut = Cut((0.0, 0.0, 1.0), float(middle[2]))
    picture, lens, leaders = found(ATLAS, "superior", cut=cut)
    at = lens.project(middle, SIZE)[0]
    picked = pick_in(picture, lens, SIZE, (float(at[0]), float(at[1])))
    assert picked is not None
    assert picked.structure == "kidney_left"
    assert picked.point == pytest.approx(middle, abs=1.0)
    grid = seen_grid(picture, lens, SIZE)
    column, row = np.abs(grid.x - at[0]).argmin(), np.abs(grid.y - at[1]).argmin()
    assert grid.names[int(grid.owner[row, column])] == "kidney_left"
    assert "Kidney" in {leader.site.name for leader in leaders}


def test_a_pair_is_named_once_and_the_selected_with_their_side() -> None:
    _, _, leaders = found(ATLAS, "posterior", peel=6.0)
    texts = [leader.site.name for leader in leaders]
    assert len(texts) == len(set(texts))
    assert not any(text.lower().endswith((" left", " right")) for text in texts)
    pair = sorted(name for name in ATLAS if name.startswith("rib_12_"))
    picture, _, leaders = found(ATLAS, "posterior", peel=6.0, highlighted=frozenset(pair))
    assert {leader.site.structure for leader in leaders} <= set(pair)
    assert {leader.site.name for leader in leaders} == {
        name_of(ATLAS[leader.site.structure]) for leader in leaders
    }
    assert picture.leaders


def test_latin_names_say_the_side_as_anatomists_do() -> None:
    structure = next(item for item in ATLAS.structures.values() if item.side is Side.LEFT)
    latin = name_of(structure, latin=True)
    assert latin.lower() == f"{structure.entry.latin} sin.".lower()
    assert name_of(structure, latin=True, sided=False).lower() == structure.entry.latin.lower()


def test_notes_are_named_without_being_asked_for_but_only_where_they_are_seen() -> None:
    hidden = next(name for name in ATLAS if name.startswith("kidney"))
    notes = (Note("skin", "thin here"), Note(hidden, "unseen"))
    _, _, leaders = found(ATLAS, "posterior", notes=notes)
    assert [leader.site.name for leader in leaders] == ["“thin here” · Skin"]
    pose = pose_of("posterior", FRAME)
    picture = resolve(ViewState(camera=pose, notes=notes), ATLAS)
    lens = lens_of(pose, FRAME, SIZE[0] / SIZE[1])
    texts = [mark.text for mark in leader_marks(picture, lens, SIZE, 20.0) if hasattr(mark, "text")]
    assert texts == ["“thin here”"]


@pytest.mark.parametrize("selected", [frozenset(), frozenset({"trapezius_left"})])
def test_a_structure_with_a_note_has_one_line(selected: frozenset[str]) -> None:
    notes = (Note("trapezius_left", "press slowly"),)
    _, _, plain = found(ATLAS, "posterior", peel=2.0, highlighted=selected)
    _, _, leaders = found(ATLAS, "posterior", peel=2.0, highlighted=selected, notes=notes)
    ends = [leader.site.structure for leader in leaders]
    assert len(ends) == len(set(ends))
    about = [leader.site.name for leader in leaders if "rapezius" in leader.site.name]
    assert about == ["“press slowly” · Trapezius"]
    # Everything else is named as it was.
    others = {leader.site.name for leader in plain if "rapezius" not in leader.site.name}
    assert others == {leader.site.name for leader in leaders} - set(about)


@pytest.mark.parametrize("size", [(200, 260), (320, 240), (1000, 1300), (1280, 720), (3000, 2000)])
@pytest.mark.parametrize("peel", [2.0, 6.0])
def test_texts_stay_in_the_picture_and_grow_with_it(size: tuple[int, int], peel: float) -> None:
    pose = pose_of("posterior", FRAME)
    picture = resolve(ViewState(camera=pose, peel=peel, leaders=True), ATLAS)
    lens = lens_of(pose, FRAME, size[0] / size[1])
    marks = leader_marks(picture, lens, size, letter_size(size))
    words = [mark for mark in marks if isinstance(mark, Words)]
    boxes = [extent(mark) for mark in words]
    for box in boxes:
        assert -2.0 <= box[0] < box[2] <= size[0] + 2.0
        assert -2.0 <= box[1] < box[3] <= size[1] + 2.0
    for mark in words:
        assert mark.size == pytest.approx(max(0.74 * letter_size(size), 7.0))
    middles = sorted((mark.anchor, mark.y) for mark in words)
    for one, other in pairwise(middles):
        assert one[0] != other[0] or other[1] - one[1] > mark.size


def test_without_leaders_and_notes_nothing_is_named() -> None:
    pose = pose_of("posterior", FRAME)
    picture = resolve(ViewState(camera=pose, peel=6.0), ATLAS)
    lens = lens_of(pose, FRAME, SIZE[0] / SIZE[1])
    assert leader_marks(picture, lens, SIZE, 20.0) == []


@pytest.mark.reference
@pytest.mark.parametrize("view", sorted(VIEWS))
@pytest.mark.parametrize("peel", [0.0, 2.0, 4.0, 6.0])
def test_the_built_in_torso_is_named_in_every_view(builtin: Atlas, view: str, peel: float) -> None:
    picture, lens, leaders = found(builtin, view, peel=peel)
    assert len(leaders) >= (1 if peel == 0.0 else 5)
    for leader in leaders:
        picked = pick_in(picture, lens, SIZE, (leader.site.x, leader.site.y))
        assert picked is not None
        assert picked.structure == leader.site.structure
    assert not any(crosses(one, other) for one, other in combinations(leaders, 2))


def test_the_named_phantom_as_it_is_seen(baseline: Check) -> None:
    from viewer.export.still import still

    pair = (Technique.KNEADING, Pressure.FIRM)
    state = ViewState(peel=6.0, leaders=True, camera=pose_of("posterior", FRAME))
    baseline("leaders_bones", still(ATLAS, state, (520, 640)))
    noted = replace(state, peel=0.0, caution=pair, notes=(Note("skin", "thin here"),))
    baseline("leaders_note", still(ATLAS, noted, (520, 640)))


def test_lines_are_as_fine_as_the_picture() -> None:
    pose = pose_of("posterior", FRAME)
    picture = resolve(ViewState(camera=pose, peel=6.0, leaders=True), ATLAS)
    lens = lens_of(pose, FRAME, SIZE[0] / SIZE[1])
    thin = [m.width for m in leader_marks(picture, lens, SIZE, 10.0) if isinstance(m, Stroke)]
    thick = [m.width for m in leader_marks(picture, lens, SIZE, 60.0) if isinstance(m, Stroke)]
    assert thin
    assert thick
    assert max(thin) < min(thick)
