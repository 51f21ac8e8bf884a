"""Cross-sections as plates: what is painted where, and that no name lies on another."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from annotations.cut import find_cut
from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN, probe
from meshes.errors import InputError
from meshes.section import Plane, principal_plane, section
from meshes.skin_surface import skin_of
from tests.phantom import phantom_atlas, skin_point
from viewer.lettering import font
from viewer.marks import Stroke, Words
from viewer.section_names import names_of, settled
from viewer.section_raster import OUTSIDE, UNKNOWN, OwnerMap, owner_map, window_around
from viewer.section_tissue import paint
from viewer.section_view import cut_view, direction_letters

PLATES = ("axial:T4", "axial:T8", "axial:L1", "axial:L3", "axial:S2", "sagittal:4cm left")


def map_of(atlas: Atlas, text: str, box: tuple[int, int] = (700, 520)) -> OwnerMap:
    made = section(atlas, find_cut(atlas, text).plane)
    return owner_map(made, window_around(made, box))


def owner_at(owners: OwnerMap, plane: Plane, point: np.ndarray) -> str:
    x, y = owners.window.pixels(plane.flat(point))
    number = int(owners.coarse[int(y), int(x)])
    names = ["outside", "unknown", *(item.structure.id for item in owners.slices)]
    return names[number]


def test_each_pixel_belongs_to_what_a_needle_meets_there() -> None:
    atlas = phantom_atlas()
    start = skin_point(30.0, 402.2)
    into = np.array([0.0, -1.0, 0.0])
    made = section(atlas, principal_plane("axial", start))
    owners = owner_map(made, window_around(made, (900, 700)))
    checked = 0
    for hit in probe(atlas, start, into):
        if hit.structure in (SKIN, FAT) or hit.thickness_mm < 2.0:
            continue
        at = start + (hit.enter_mm + hit.exit_mm) / 2.0 * into
        assert owner_at(owners, made.plane, at) == hit.structure
        checked += 1
    assert checked >= 4


def test_outside_is_paper_and_the_skin_closes_around() -> None:
    owners = map_of(phantom_atlas(), "axial:200mm")
    assert (owners.coarse[[0, -1]] == OUTSIDE).all()
    assert (owners.coarse[:, [0, -1]] == OUTSIDE).all()
    skin = [item.structure.id for item in owners.slices].index(SKIN)
    assert owners.mask(skin).any()


def test_colours_follow_the_owner() -> None:
    made = section(phantom_atlas(), find_cut(phantom_atlas(), "axial:400mm").plane)
    owners = owner_map(made, window_around(made, (700, 520)))
    pixels = paint(made, owners)
    assert (pixels[0, 0] == 255).all()
    for index, item in enumerate(owners.slices):
        if item.structure.id == "trapezius_left":
            red, green, blue = np.median(pixels[owners.mask(index)], axis=0)
            assert red > 1.8 * green
            assert red > 1.8 * blue
            return
    pytest.fail("no trapezius in the cut")


def test_the_subject_s_left_is_on_the_reader_s_right_from_below() -> None:
    plane = find_cut(phantom_atlas(), "axial:200mm").plane
    assert direction_letters(plane.right) == "L"
    assert direction_letters(plane.up) == "A"
    assert direction_letters(np.array([0.6, 0.8, 0.0])) == "PL"


@given(st.lists(st.floats(0.0, 500.0), min_size=0, max_size=30).map(sorted), st.floats(1.0, 40.0))
def test_settled_places_keep_apart_and_in_order(places: list[float], apart: float) -> None:
    made = settled(places, apart, (0.0, 500.0))
    step = min(apart, 500.0 / max(len(places) - 1, 1))
    assert len(made) == len(places)
    assert all(b - a >= step - 1e-6 for a, b in pairwise(made))
    assert all(-1e-6 <= at <= 500.0 + 1e-6 for at in made)
    if all(b - a >= apart for a, b in pairwise(places)):
        assert made == pytest.approx(places, abs=1e-6)


def boxes_of(words: list[Words]) -> list[tuple[float, float, float, float]]:
    found = []
    for word in words:
        wide = font(word.size).getlength(word.text)
        left = {"l": word.x, "m": word.x - wide / 2.0, "r": word.x - wide}[word.anchor[0]]
        found.append((left, word.y - word.size / 2.0, left + wide, word.y + word.size / 2.0))
    return found


def check_names(owners: OwnerMap, width: int) -> list[Words]:
    """No name over another or off the picture, no line across another in its column."""
    letter, column = 12.0, 200
    box = (column, 60, owners.window.width, owners.window.height)
    marks = names_of(owners, box, letter)
    words = [mark for mark in marks if isinstance(mark, Words)]
    sizes = boxes_of(words)
    for k, a in enumerate(sizes):
        assert a[0] >= 0.0
        assert a[2] <= width + 2 * column
        for b in sizes[k + 1 :]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 0.5 or b[3] <= a[1] + 0.5
            assert apart, (a, b)
    lines = [mark for mark in marks if isinstance(mark, Stroke)]
    for k, one in enumerate(lines):
        for two in lines[k + 1 :]:
            if (one.x0 < column) == (two.x0 < column):
                assert not crossing(one, two)
    return words


def crossing(a: Stroke, b: Stroke) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    p, q, r, s = (a.x0, a.y0), (a.x1, a.y1), (b.x0, b.y0), (b.x1, b.y1)
    return side(p, q, r) * side(p, q, s) < -1e-6 and side(r, s, p) * side(r, s, q) < -1e-6


@pytest.mark.parametrize("text", ["axial:400mm", "axial:130mm", "sagittal:3cm left"])
def test_no_name_lies_on_another(text: str) -> None:
    words = check_names(map_of(phantom_atlas(), text), 700)
    assert len(words) >= 5
    assert len({word.text for word in words}) == len(words)


def test_a_cut_past_the_body_says_where_the_body_is() -> None:
    with pytest.raises(InputError, match=r"z from -\d+ to \d+ mm"):
        cut_view(phantom_atlas(), find_cut(phantom_atlas(), "axial:5000mm"))


def test_a_picture_too_small_for_names_says_so() -> None:
    with pytest.raises(InputError, match="500x400"):
        cut_view(phantom_atlas(), find_cut(phantom_atlas(), "axial:200mm"), (200, 150))


def test_an_atlas_without_fat_is_drawn_too() -> None:
    whole = phantom_atlas()
    lean = replace(whole, structures={k: v for k, v in whole.items() if k != FAT})
    owners = map_of(lean, "axial:200mm")
    assert (owners.coarse == UNKNOWN).mean() > 0.2


@pytest.mark.parametrize("text", PLATES)
def test_plates_of_the_built_in_torso(builtin: Atlas, text: str) -> None:
    owners = map_of(builtin, text)
    words = check_names(owners, 700)
    assert len(words) >= 10
    held = {item.structure.id for item in owners.slices}
    assert {SKIN, FAT} <= held
    # Left and right weigh the same in a transverse cut: nothing is missing on one side.
    if text.startswith("axial"):
        muscle = np.zeros(owners.coarse.shape)
        for index, item in enumerate(owners.slices):
            # The heart takes its room from the left lung, and the right kidney lies lower.
            if item.structure.id.endswith(("_left", "_right")) and not (
                item.structure.id.startswith(("kidney", "lung"))
            ):
                muscle += owners.mask(index)
        origin = find_cut(builtin, text).plane.flat(np.zeros(3))
        middle = float(owners.window.pixels(origin)[0])
        assert middle == pytest.approx(owners.window.width / 2.0, abs=4.0)
        half = owners.window.width // 2
        assert muscle[:, :half].sum() == pytest.approx(muscle[:, half:].sum(), rel=0.03)


# At T8 the heart's room between the lungs, at L3 all of the belly.
@pytest.mark.parametrize(("text", "least"), [("axial:T8", 0.06), ("axial:L3", 0.15)])
def test_the_cavity_is_not_painted_as_fat(builtin: Atlas, text: str, least: float) -> None:
    owners = map_of(builtin, text)
    body = owners.coarse != OUTSIDE
    assert least < (owners.coarse == UNKNOWN).sum() / body.sum() < 0.6
    # The hollow lies in front of the spine, never at the skin.
    at = skin_of(builtin).vertices
    plane = find_cut(builtin, text).plane
    near = at[np.abs(at[:, 2] - plane.origin[2]) < 3.0]
    x, y = owners.window.pixels(plane.flat(near)).T.astype(int)
    inside = (x >= 0) & (y >= 0) & (x < owners.window.width) & (y < owners.window.height)
    assert not (owners.coarse[y[inside], x[inside]] == UNKNOWN).any()


def test_both_kidneys_lie_in_fat_as_far_as_the_wall_behind(builtin: Atlas) -> None:
    owners = map_of(builtin, "axial:L1")
    names = ["", "", *(item.structure.id for item in owners.slices)]
    rows, columns = np.mgrid[: owners.coarse.shape[0], : owners.coarse.shape[1]]
    for side in ("left", "right"):
        kidney = owners.coarse == names.index(f"kidney_{side}")
        behind = (rows > rows[kidney].max()) & (rows < rows[kidney].max() + 60)
        behind &= (columns > columns[kidney].min()) & (columns < columns[kidney].max())
        around = ndimage.binary_dilation(kidney, iterations=int(5.0 * owners.window.scale))
        assert not (owners.coarse[behind | around] == UNKNOWN).any(), side


@pytest.mark.reference
def test_plates_of_z_anatomy(za: Atlas) -> None:
    assert len(check_names(map_of(za, "axial:L1"), 700)) >= 20
