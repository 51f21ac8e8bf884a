"""What is written in a picture: sides, scale, view, layer, caption, levels, credits.

The marks are plain data worked out from the picture and the lens, and are then painted with one
font wherever the picture goes. R and L, the scale with its unit and the credits are in every
picture, whatever else is switched off.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import CameraPose
from annotations.verdict import Verdict
from meshes.atlas import Atlas
from viewer.camera import VIEWS, Lens, View
from viewer.leaders import leader_marks
from viewer.lettering import shortened, width
from viewer.marks import Mark, Stroke, Swatch, Words
from viewer.probe_view import bands_of, column_of
from viewer.resolve import Picture
from viewer.scale_marks import scale_marks
from viewer.section_names import settled

NOTICE = "Palpate teaches; it does not diagnose."
#: Smaller letters cannot be read, pixels.
_LEAST_LETTER = 7.0
#: Height of a line of credits, in letters.
_CREDIT_LINE = 1.55
#: Of ordinary text, pixels.
_LEAST_BASE = 9.0
#: Of the skin, enough to tell where the body is seen.
_BODY_POINTS = 3000
#: Narrower pictures have no room for a legend beside the heading, pixels.
_NARROW = 420
#: Levels in the order in which they are named where there is not room for all.
_LEVELS_FIRST = (
    "C7", "T12", "L5", "T6", "C2", "L3", "T3", "T9", "L1", "C4", "T1", "T8", "L4", "T4", "T10",
    "T7", "L2", "T2", "T5", "T11", "C1", "C5", "C3", "C6",
)  # fmt: skip
_SCALES_MM = (500, 200, 100, 50, 20, 10, 5, 2, 1)


def marks_of(picture: Picture, lens: Lens, size: tuple[int, int]) -> tuple[Mark, ...]:
    """Return everything that is written in a picture.

    Parameters
    ----------
    picture : Picture
    lens : Lens
        The camera the picture is drawn with.
    size : tuple of int
        Width and height, pixels.
    """
    base = letter_size(size)
    marks = [*_sides(lens, size, base), *_scale(lens, size, base), *_credits(picture, size, base)]
    if picture.labels:
        marks += _heading(picture, size, base)
        marks += _caption(picture, size, base)
        if picture.chart is not None and "skin" in picture.ids:
            marks += scale_marks(picture.chart, size, base, _body(picture, lens, size))
        elif picture.caution is not None and "skin" in picture.ids:
            marks += _legend(picture, size, base)
        if picture.beneath and size[0] > 1.3 * size[1]:
            box = (0.755 * size[0], 0.36 * size[1], 0.235 * size[0], 0.54 * size[1])
            marks += column_of(bands_of(picture.atlas, picture.beneath), box, 0.74 * base)
    lines: list[Mark] = []
    if picture.leaders or picture.notes:
        lines = leader_marks(picture, lens, size, base)
    if picture.levels:
        marks += _levels(
            picture.atlas, lens, size, [one for one in lines if isinstance(one, Stroke)]
        )
    marks += lines
    return tuple(marks)


def letter_size(size: tuple[int, int]) -> float:
    """Return the body height of ordinary text for a picture, pixels."""
    return max(_LEAST_BASE, 0.0205 * float(np.sqrt(size[0] * size[1])))


def _body(picture: Picture, lens: Lens, size: tuple[int, int]) -> NDArray[np.floating] | None:
    """Return where some of the skin is seen in a small picture, shape (N, 2); else None.

    Letters stop shrinking with the picture, so that in a small one there is no room for all.
    """
    if letter_size(size) > _LEAST_BASE:
        return None
    points = picture.atlas["skin"].surface.vertices
    return lens.project(points[:: max(len(points) // _BODY_POINTS, 1)], size)[:, :2]


def view_of(picture: Picture) -> View | None:
    """Return the named view that the camera is near, if any (within 12 degrees)."""
    pose = picture.camera
    for view in VIEWS.values():
        turn = (pose.azimuth_deg - view.azimuth_deg + 180.0) % 360.0 - 180.0
        upright = abs(view.elevation_deg) < 80.0
        if abs(pose.elevation_deg - view.elevation_deg) < 12.0 and (
            abs(turn) < 12.0 or not upright
        ):
            return view
    return None


def credit_line(atlas: Atlas) -> str:
    """Return the notice and the atlas's licence as one line."""
    return f"{NOTICE}  {atlas.licence}".strip()


def _sides(lens: Lens, size: tuple[int, int], base: float) -> list[Mark]:
    """R and L at the picture's edges; from the side A and P; the larger component decides."""
    right = lens.right
    pairs = (("L", "R"), ("P", "A"), ("S", "I"))
    axis = int(np.argmax(np.abs(right)))
    towards, away = pairs[axis] if right[axis] > 0 else pairs[axis][::-1]
    width, height = size
    inset = 1.4 * base
    # In a wide picture text stands at both sides from the middle down.
    middle = (0.5 if width <= 1.3 * height else 0.30) * height
    marks: list[Mark] = [
        Words(away, inset, middle, 1.7 * base, "mm", bold=True),
        Words(towards, width - inset, middle, 1.7 * base, "mm", bold=True),
    ]
    if axis != 0:
        near = "left" if lens.forward[0] < 0 else "right"
        marks.append(
            Words(f"{near[0].upper()} (near)", width / 2.0, 0.6 * base, base, "mt", bold=True)
        )
    return marks


def _scale(lens: Lens, size: tuple[int, int], base: float) -> list[Mark]:
    pixels_per_mm = size[1] / lens.height_mm
    length = next((mm for mm in _SCALES_MM if mm * pixels_per_mm <= 0.22 * size[0]), 1)
    x, y = 1.2 * base, 5.4 * base
    end = x + length * pixels_per_mm
    thick = max(1.5, base * 0.10)
    tick = 0.28 * base
    return [
        Stroke(x, y, end, y, thick),
        Stroke(x, y - tick, x, y + tick, thick),
        Stroke(end, y - tick, end, y + tick, thick),
        Words(f"{length} mm", (x + end) / 2.0, y - 0.4 * base, 0.85 * base, "mb"),
    ]


def _credits(picture: Picture, size: tuple[int, int], base: float) -> list[Mark]:
    letter = max(0.58 * base, _LEAST_LETTER)
    most = 2 if letter > _LEAST_LETTER else 5
    room = int((size[0] - 2.0 * base) / (0.53 * letter))
    lines = wrapped(credit_line(picture.atlas), room)
    if len(lines) > most:  # the whole text is in the file's own words
        lines = [*lines[: most - 1], f"{lines[most - 1][: max(room - 1, 1)].rstrip()}…"]
    bottom = size[1] - 0.55 * base
    # So far apart that a line's plate does not lie on the descenders above it.
    tops = [bottom - row * _CREDIT_LINE * letter for row in reversed(range(len(lines)))]
    return [
        Words(line, size[0] / 2.0, y, letter, "mb", faint=True, plate=True)
        for line, y in zip(lines, tops, strict=True)
    ]


def _heading(picture: Picture, size: tuple[int, int], base: float) -> list[Mark]:
    view = view_of(picture)
    seen = view.title if view else seen_from(picture.camera)
    left, top = 1.1 * base, 1.0 * base
    room = size[0] - 2.0 * left
    letter = 0.78 * base
    # What does not fit goes: first the atlas, which the credits name too.
    below = next(
        (text for text in (f"{seen} · {picture.atlas.title}", seen) if width(text, letter) <= room),
        "",
    )
    large = 1.25 * base
    wide = width(picture.title, large, bold=True)
    if wide > room:
        large = max(large * room / wide, letter)
    title = shortened(picture.title, large, room, bold=True)
    return [
        Words(title, left, top, large, "lt", bold=True),
        Words(below, left, top + 1.65 * base, letter, "lt", faint=True),
    ]


def seen_from(pose: CameraPose) -> str:
    """Return in words where a camera stands that is near no named view.

    >>> middle = np.zeros(3)
    >>> seen_from(CameraPose(-30.0, 0.0, 1.0, middle))
    'Seen from the right and behind'
    >>> seen_from(CameraPose(60.0, 30.0, 1.0, middle))
    'Seen from the left, behind and above'
    """
    azimuth, elevation = np.radians(pose.azimuth_deg), np.radians(pose.elevation_deg)
    level = float(np.cos(elevation))
    ways = (
        (level * float(np.sin(azimuth)), "the left", "the right"),
        (level * float(np.cos(azimuth)), "behind", "the front"),
        (float(np.sin(elevation)), "above", "below"),
    )
    words = [one if value > 0.0 else other for value, one, other in ways if abs(value) > 0.26]
    return "Seen from " + (", ".join(words[:-1]) + " and " if len(words) > 1 else "") + words[-1]


def _caption(picture: Picture, size: tuple[int, int], base: float) -> list[Mark]:
    if not picture.caption:
        return []
    if size[0] > 1.3 * size[1]:
        # The torso is tall: in a wide picture the column beside it is free.
        letter = 1.05 * base
        lines = wrapped(picture.caption, int(0.255 * size[0] / (0.57 * letter)))
        top = 0.58 * size[1]
        return [
            Words(line, 1.1 * base, top + row * 1.35 * letter, letter, "lt", bold=True)
            for row, line in enumerate(lines)
        ]
    letter = 1.12 * base
    lines = wrapped(picture.caption, int(0.84 * size[0] / (0.56 * letter)))
    bottom = size[1] - 2.6 * base
    return [
        Words(line, size[0] / 2.0, bottom - (len(lines) - 1 - row) * 1.32 * letter, letter, "mb",
              bold=True)
        for row, line in enumerate(lines)
    ]  # fmt: skip


def _legend(picture: Picture, size: tuple[int, int], base: float) -> list[Mark]:
    assert picture.caution is not None
    field = picture.caution
    letter = 0.80 * base
    side, step = 1.25 * letter, 1.75 * letter
    longest = max(len(item.title.partition(":")[0]) for item in Verdict)
    pair = f"{field.technique.value.replace('_', ' ')}, {field.pressure.value}"
    room = max(longest * 0.6 * letter + side, len(pair) * 0.58 * letter)
    x, y = size[0] - 1.1 * base - room - 0.6 * letter, 1.0 * base
    if x < 0.5 * size[0] and size[0] < _NARROW:  # below heading and scale, which reach that far
        y = 6.6 * base
    marks: list[Mark] = [Words(pair, x, y, letter, "lt", bold=True)]
    for row, verdict in enumerate(Verdict):
        top = y + (row + 1) * step
        marks.append(Swatch(x, top, 1.6 * side, side, verdict))
        word = verdict.title.partition(":")[0].lower()
        marks.append(Words(word, x + 2.1 * side, top + side / 2.0, letter, "lm"))
    return marks


def _levels(
    atlas: Atlas, lens: Lens, size: tuple[int, int], leaders: Sequence[Stroke]
) -> list[Mark]:
    """Name the vertebral levels beside their tips; where they crowd, some of them, spread.

    On the other side of the tips, or not at all, where the line of another name runs.
    """
    # Seen from the front the processes are hidden, and so are their names.
    if lens.forward[1] > -0.3:
        return []
    base = letter_size(size)
    letter = max(0.72 * base, _LEAST_LETTER)
    tips: dict[str, tuple[float, float]] = {}
    for name, point in atlas.landmarks.points.items():
        bone, _, feature = name.partition("/")
        if feature != "spinous_process" or not bone.startswith("vertebra_"):
            continue
        x, y, _away = lens.project(point, size)[0]
        if 0.0 < y < size[1] and 0.0 < x < size[0]:
            tips[bone.removeprefix("vertebra_")] = float(x), float(y)
    if not tips:
        return []
    heights = [y for _, y in tips.values()]
    apart = 1.12 * letter
    low, high = min(heights) - apart, max(heights) + apart
    # As many as stand apart by a line and a half, or the lines to them would fan out.
    most = max(int((max(heights) - min(heights)) / (1.45 * letter)) + 1, 1)
    # The nearer to the neck's root, the chest's end and the sacrum, the more a level is asked for.
    rank = {name: number for number, name in enumerate(_LEVELS_FIRST)}
    kept = sorted(tips, key=lambda name: rank.get(name, len(rank)))[:most]
    named = sorted(kept, key=lambda name: tips[name][1])
    places = settled([tips[name][1] for name in named], apart, (low, high))
    marks: list[Mark] = []
    far = 1.1 * base
    columns = {
        1.0: max(x for x, _ in tips.values()) + far,
        -1.0: min(x for x, _ in tips.values()) - far,
    }
    for name, place in zip(named, places, strict=True):
        x, y = tips[name]
        # A spine that curves away in a view from the side keeps its names beside it.
        beside = len(named) == len(tips) and abs(place - y) < 1.0
        for way, column in columns.items():
            at = x + way * far if beside else column
            start, end = at + 0.15 * way * base, at + way * (0.15 * base + width(name, letter))
            box = (min(start, end), place - 0.6 * letter, max(start, end), place + 0.6 * letter)
            if any(meets(line, box) for line in leaders):
                continue
            marks.append(Stroke(x + 0.3 * way * base, y, at, place, max(1.0, 0.06 * base)))
            marks.append(Words(name, start, place, letter, "lm" if way > 0.0 else "rm"))
            break
    return marks


def meets(line: Stroke, box: tuple[float, float, float, float]) -> bool:
    """Whether a line runs through a box: left, top, right and bottom, pixels.

    >>> meets(Stroke(0.0, 0.0, 10.0, 10.0, 1.0), (4.0, 4.0, 6.0, 8.0))
    True
    >>> meets(Stroke(0.0, 0.0, 10.0, 10.0, 1.0), (6.0, 0.0, 9.0, 5.0))
    False
    """
    start, step = (line.x0, line.y0), (line.x1 - line.x0, line.y1 - line.y0)
    first, last = 0.0, 1.0
    for axis in (0, 1):
        low, high = box[axis] - start[axis], box[axis + 2] - start[axis]
        if abs(step[axis]) < 1e-9:
            if low > 0.0 or high < 0.0:
                return False
            continue
        one, other = sorted((low / step[axis], high / step[axis]))
        first, last = max(first, one), min(last, other)
    return first <= last


def wrapped(text: str, room: int) -> list[str]:
    """Break text into lines of at most ``room`` letters, at spaces, as even as they can be.

    >>> wrapped("knead along the ridge", 16)
    ['knead along', 'the ridge']
    """
    return list(_wrapped(text, room))


@lru_cache(maxsize=64)  # a film asks for the same few texts at every frame
def _wrapped(text: str, room: int) -> tuple[str, ...]:
    lines = _filled(text, room)
    for narrower in range(len(text) // max(len(lines), 1), room):
        even = _filled(text, narrower)
        if len(even) <= len(lines):
            return tuple(even)
    return tuple(lines)


def _filled(text: str, room: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= max(room, 8):
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
