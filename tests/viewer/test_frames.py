"""Frames drawn over a still picture, or from seen triangles alone, against frames drawn whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from annotations.compose import protocol_timeline
from annotations.protocol import open_protocol
from annotations.timeline import CameraPose, Key, Timeline
from meshes.atlas import Atlas
from viewer.camera import frame_of, lens_of
from viewer.export.encoder import Film
from viewer.export.frames import frames, picture_at, same, still
from viewer.fixed_view import FixedView, covering
from viewer.labels import marks_of
from viewer.lettering import Lettering
from viewer.renderer import OffScreen
from viewer.resolve import Picture, resolve
from viewer.scene import Scene
from viewer.state import ViewState
from viewer.static_anatomy import StaticAnatomy

FILM = Film(480, 270, 10.0)
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def strokes(builtin: Atlas) -> Timeline:
    return protocol_timeline(builtin, open_protocol("trapezius_ridge"))


@pytest.fixture(scope="module")
def screen() -> Iterator[OffScreen]:
    with OffScreen(FILM.size, 2) as made:
        yield made


def seen_from(timeline: Timeline, atlas: Atlas, azimuth: float, peel: float) -> Timeline:
    """The same strokes from a camera that stands."""
    pose = CameraPose(azimuth, 10.0, 1.3, frame_of(atlas).centre + np.array([0.0, 0.0, 150.0]))
    return replace(timeline, camera=(Key(0.0, pose),), peel=(Key(0.0, peel),))


def turning(atlas: Atlas, peel: float) -> Timeline:
    middle = frame_of(atlas).centre
    keys = tuple(Key(t, CameraPose(15.0 * t, 5.0, 1.0, middle)) for t in (0.0, 3.0))
    return Timeline(3.0, keys, (Key(0.0, peel),))


def whole(screen: OffScreen, atlas: Atlas, timeline: Timeline, index: int) -> Pixels:
    """The slow way: everything drawn, everything read."""
    picture = picture_at(atlas, timeline, index / FILM.fps, {})
    scene = Scene(screen.plotter)
    scene.show(picture)
    pixels = screen.picture()
    lens = lens_of(picture.camera, scene.frame, FILM.width / FILM.height)
    scene.close()
    return Lettering(FILM.size).over(pixels, marks_of(picture, lens, FILM.size))


def apart(one: Pixels, other: Pixels) -> NDArray[np.int64]:
    return np.asarray(np.abs(one.astype(np.int64) - other).max(axis=2))


@pytest.mark.parametrize(
    ("azimuth", "peel"), [(0.0, 0.0), (70.0, 0.0), (180.0, 0.0), (25.0, 2.0), (-150.0, 6.0)]
)
def test_a_hand_over_a_still_picture_is_the_hand_in_a_whole_one(
    builtin: Atlas, strokes: Timeline, screen: OffScreen, azimuth: float, peel: float
) -> None:
    timeline = seen_from(strokes, builtin, azimuth, peel)
    for first in (40, 75):
        quick = next(frames(builtin, timeline, FILM, first, first + 1)).pixels
        off = apart(quick, whole(screen, builtin, timeline, first))
        # In the folds of a hand, a pixel or two.
        assert (off > 0).sum() <= 8
        assert off.max() <= 12


def test_text_that_changes_is_that_of_a_whole_picture(
    builtin: Atlas, strokes: Timeline, screen: OffScreen
) -> None:
    """Captions and what lies beneath the hand, over one page and over the next."""
    timeline = seen_from(strokes, builtin, 0.0, 2.0)
    for first, last in ((30, 44), (70, 90)):
        *_, quick = frames(builtin, timeline, FILM, first, last + 1)
        off = apart(quick.pixels, whole(screen, builtin, timeline, last))
        assert (off > 0).sum() <= 4
        assert quick.parts
    turned = replace(turning(builtin, 2.0), captions=strokes.captions, passages=strokes.passages)
    *_, quick = frames(builtin, turned, FILM, 9, 16)
    assert (apart(quick.pixels, whole(screen, builtin, turned, 15)) > 16).mean() < 3e-4


def test_a_window_opens_under_the_hand_goes_with_it_and_closes(
    builtin: Atlas, screen: OffScreen
) -> None:
    plain = open_protocol("trapezius_ridge")
    timelines = [
        seen_from(protocol_timeline(builtin, protocol), builtin, 0.0, 0.0)
        for protocol in (plain, plain.with_window(3.0))
    ]
    passage = timelines[1].passages[0]
    first, last = round(passage.start_s * FILM.fps), round(passage.end_s * FILM.fps)
    for start, stop in ((first - 2, first + 11), (last - 8, last + 3)):
        films = [
            [frame.pixels for frame in frames(builtin, timeline, FILM, start, stop)]
            for timeline in timelines
        ]
        seen = [int((apart(*pair) > 40).sum()) for pair in zip(*films, strict=True)]
        wide = [first + 7 <= index <= last - 7 for index in range(start, stop)]
        assert all(count > 150 for count, there in zip(seen, wide, strict=True) if there), seen
        assert sum(wide) >= 2
        assert 0 in seen
        off = apart(films[1][-1], whole(screen, builtin, timelines[1], stop - 1))
        assert (off > 0).sum() <= 4


def test_a_fading_skin_gives_way_like_a_whole_one(
    builtin: Atlas, strokes: Timeline, screen: OffScreen
) -> None:
    timeline = seen_from(strokes, builtin, 0.0, 0.4)
    quick = next(frames(builtin, timeline, FILM, 60, 61)).pixels
    off = apart(quick, whole(screen, builtin, timeline, 60))
    assert (off > 3).sum() <= 4
    assert off.max() <= 6


def test_a_hand_behind_the_body_is_hidden_and_one_before_it_is_not(
    builtin: Atlas, screen: OffScreen
) -> None:
    low = protocol_timeline(builtin, open_protocol("upper_sacrum"))
    middle = low.passages[0].start_s + 1.0
    for azimuth, hidden in ((180.0, True), (0.0, False)):
        camera = (Key(0.0, CameraPose(azimuth, 0.0, 1.0, frame_of(builtin).centre)),)
        timeline = replace(low, camera=camera, peel=(Key(0.0, 2.0),))
        picture = picture_at(builtin, timeline, middle, {})
        scene = Scene(screen.plotter)
        fixed = FixedView(screen, scene, (StaticAnatomy(screen), StaticAnatomy(screen)), picture)
        changed = np.zeros(fixed.pixels.shape[:2], dtype=bool)
        for (left, upper, right, lower), part in fixed.parts(picture):
            before = fixed.pixels[upper:lower, left:right]
            changed[upper:lower, left:right] = apart(part, before) > 0
        lens = lens_of(picture.camera, scene.frame, FILM.width / FILM.height)
        scene.close()
        assert picture.contacts
        for contact in picture.contacts:
            x, y, _ = lens.project(contact.position, FILM.size)[0]
            assert changed[int(y), int(x)] != hidden


def test_a_whole_picture_after_one_over_a_still_one_is_as_any_other(
    builtin: Atlas, strokes: Timeline, screen: OffScreen
) -> None:
    """Hands drawn once, sorted for one camera, are drawn by depth again for the next."""
    before = picture_at(builtin, seen_from(strokes, builtin, 0.0, 0.0), 6.0, {})
    after = picture_at(builtin, seen_from(strokes, builtin, 180.0, 2.0), 6.0, {})
    after = replace(after, contacts=before.contacts, trails=before.trails)
    scene = Scene(screen.plotter)
    fixed = FixedView(screen, scene, (StaticAnatomy(screen), StaticAnatomy(screen)), before)
    assert fixed.parts(before)
    scene.show(after)
    again = screen.picture()
    scene.close()
    fresh = Scene(screen.plotter)
    fresh.show(after)
    assert np.array_equal(again, screen.picture())
    fresh.close()


def test_the_same_frames_come_twice_and_from_any_segment(builtin: Atlas, strokes: Timeline) -> None:
    """Camera at work, then standing with hands: the pieces are the whole."""

    def hashes(start: int, stop: int) -> list[str]:
        return [
            hashlib.sha256(frame.pixels.tobytes()).hexdigest()
            for frame in frames(builtin, strokes, FILM, start, stop)
        ]

    once = hashes(8, 26)
    assert hashes(8, 26) == once
    assert hashes(8, 15) + hashes(15, 19) + hashes(19, 26) == once
    assert len(set(once)) > 10


def test_a_frame_in_which_nothing_moves_is_the_one_before(builtin: Atlas) -> None:
    middle = frame_of(builtin).centre
    pose = CameraPose(0.0, 0.0, 1.0, middle)
    timeline = Timeline(1.0, (Key(0.0, pose), Key(1.0, pose)), (Key(0.0, 2.0),))
    shown = list(frames(builtin, timeline, FILM))
    assert len(shown) == 10
    assert all(frame is shown[0] for frame in shown)


@pytest.mark.parametrize("peel", [2.0, 6.0])
def test_what_is_left_out_while_the_camera_turns_is_not_seen(
    builtin: Atlas, screen: OffScreen, peel: float
) -> None:
    timeline = turning(builtin, peel)
    quick = list(frames(builtin, timeline, FILM, 5, 12))
    for index in (5, 8, 11):
        off = apart(quick[index - 5].pixels, whole(screen, builtin, timeline, index))
        # One pixel in three thousand may show something deeper.
        assert (off > 16).mean() < 3e-4


def test_depth_that_does_not_come_back_is_noticed(
    builtin: Atlas, screen: OffScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(screen.plotter)
    scene.show(resolve(ViewState(peel=2.0), builtin))
    screen.render()
    copy = StaticAnatomy(screen)
    copy.keep()
    assert copy.works()
    monkeypatch.setattr(StaticAnatomy, "restore", lambda self, box: None)
    assert not copy.works()
    scene.close()


def test_pictures_that_differ_in_a_hand_stand_still_but_are_not_the_same(
    builtin: Atlas, strokes: Timeline
) -> None:
    timeline = seen_from(strokes, builtin, 0.0, 0.0)
    one, other, again = (picture_at(builtin, timeline, t, {}) for t in (6.0, 6.1, 6.0))
    assert still(one, replace(other, caution=one.caution))
    assert not same(one, other)
    assert _same_but_fields(one, again)
    assert not still(one, replace(one, camera=replace(one.camera, zoom=1.31)))
    assert not still(one, replace(one, draws=one.draws[1:]))


def _same_but_fields(one: Picture, again: Picture) -> bool:
    return same(one, replace(again, caution=one.caution))


def test_boxes_become_one_where_that_is_less_to_draw() -> None:
    boxes = [
        (0, 0, 100, 100),
        (200, 0, 300, 100),
        (90, 0, 210, 100),
        (900, 0, 960, 5),
        (7, 7, 7, 9),
    ]
    assert sorted(covering(boxes)) == [(0, 0, 300, 100), (900, 0, 960, 5)]
    # Corner to corner, their common box would be twice as large.
    apart = [(0, 0, 300, 300), (290, 290, 600, 600)]
    assert sorted(covering(apart)) == apart
