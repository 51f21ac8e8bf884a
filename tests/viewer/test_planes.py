from __future__ import annotations

import numpy as np
import pytest

from viewer.export.planes import Planes, changed
from viewer.palette import BACKGROUND

DICE = np.random.default_rng(7)


def picture(width: int, height: int) -> np.ndarray:
    return DICE.integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_brightness_and_colour_are_those_of_bt709() -> None:
    colours = {  # full-range R, G, B: Y, Cb, Cr of ITU-R BT.709 in 8 bits
        (0, 0, 0): (16, 128, 128),
        (255, 255, 255): (235, 128, 128),
        (255, 0, 0): (63, 102, 240),
        (0, 255, 0): (173, 42, 26),
        (0, 0, 255): (32, 240, 118),
    }
    for colour, wanted in colours.items():
        frame = np.full((4, 6, 3), colour, dtype=np.uint8)
        seen = np.frombuffer(Planes((6, 4)).of(frame), dtype=np.uint8)
        assert seen.tolist() == [wanted[0]] * 24 + [wanted[1]] * 6 + [wanted[2]] * 6


@pytest.mark.parametrize("size", [(64, 36), (50, 20), (33, 17)])
def test_a_change_converted_alone_gives_what_the_whole_frame_gives(size: tuple[int, int]) -> None:
    planes = Planes(size)
    frame = picture(*size)
    for _ in range(12):
        x, y = int(DICE.integers(0, size[0])), int(DICE.integers(0, size[1]))
        frame = frame.copy()
        frame[y : y + 5, x : x + 9] = DICE.integers(0, 256, 3)
        assert bytes(planes.of(frame)) == bytes(Planes(size).of(frame))


def test_the_box_of_a_change_is_even_and_holds_it() -> None:
    before = picture(64, 36)
    frame = before.copy()
    assert changed(frame, before) is None
    frame[7, 21] ^= 1
    left, upper, right, lower = changed(frame, before) or (0, 0, 0, 0)
    assert left <= 21 < right <= left + 8
    assert (upper, lower) == (6, 8)
    assert left % 2 == right % 2 == 0


def test_an_odd_side_is_filled_with_background() -> None:
    planes = Planes((3, 3))
    seen = np.frombuffer(planes.of(np.zeros((3, 3, 3), np.uint8)), dtype=np.uint8)
    ground = Planes((2, 2)).of(np.full((2, 2, 3), BACKGROUND, np.uint8))[0]
    assert planes.size == (4, 4)
    assert seen[:16].reshape(4, 4)[3].tolist() == [ground] * 4
    assert seen[:16].reshape(4, 4)[0].tolist() == [16, 16, 16, ground]
