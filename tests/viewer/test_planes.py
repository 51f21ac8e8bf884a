from __future__ import annotations

import numpy as np
import pytest

from viewer.export.frame import Frame
from viewer.export.planes import Planes
from viewer.palette import BACKGROUND
from viewer.renderer import evened

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
        seen = np.frombuffer(Planes((6, 4)).of(Frame(frame)), dtype=np.uint8)
        assert seen.tolist() == [wanted[0]] * 24 + [wanted[1]] * 6 + [wanted[2]] * 6


@pytest.mark.parametrize("size", [(64, 36), (50, 20), (33, 17)])
def test_parts_converted_alone_give_what_the_whole_frame_gives(size: tuple[int, int]) -> None:
    planes = Planes(size)
    page = picture(*size)
    for turn in range(12):
        if turn == 7:
            page = picture(*size)
        parts = []
        for _ in range(turn % 4):
            x, y = (2 * int(DICE.integers(0, side // 4)) for side in size)
            part = picture(2 * int(DICE.integers(1, 5)), 4)[: size[1] - y, : size[0] - x]
            parts.append(((x, y, x + part.shape[1], y + part.shape[0]), part))
        frame = Frame(page, tuple(parts))
        whole = page.copy()
        for (left, upper, right, lower), part in parts:
            whole[upper:lower, left:right] = part
        assert (frame.pixels == whole).all()
        assert bytes(planes.of(frame)) == bytes(Planes(size).of(Frame(whole)))


@pytest.mark.parametrize("size", [(64, 36), (33, 17)])
def test_edges_are_made_even_and_stay_in_the_picture(size: tuple[int, int]) -> None:
    for x in range(size[0] - 5, size[0]):
        left, upper, right, lower = evened((x - 3, 3, x, size[1]), size)
        assert left <= x - 3
        assert upper == 2
        assert x <= right <= size[0]
        assert lower == size[1]
        assert left % 2 == 0
        assert right % 2 == 0 or right == size[0]


def test_an_odd_side_is_filled_with_background() -> None:
    planes = Planes((3, 3))
    seen = np.frombuffer(planes.of(Frame(np.zeros((3, 3, 3), np.uint8))), dtype=np.uint8)
    ground = Planes((2, 2)).of(Frame(np.full((2, 2, 3), BACKGROUND, np.uint8)))[0]
    assert planes.size == (4, 4)
    assert seen[:16].reshape(4, 4)[3].tolist() == [ground] * 4
    assert seen[:16].reshape(4, 4)[0].tolist() == [16, 16, 16, ground]
