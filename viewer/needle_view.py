"""The needle view: the cut through the tissue beside a needle, and the column of what it meets.

Cut and column share one scale of depth, so that each name stands level with its tissue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotations.site import Site
from annotations.timeline import CameraPose
from meshes.atlas import Atlas
from meshes.depth import NEEDLE, Hit, probe
from meshes.needle import LOOSE_GAP, Band, needle_column, solid
from viewer.camera import frame_of, lens_of
from viewer.export.still import still
from viewer.labels import letter_size
from viewer.lettering import Lettering, shortened
from viewer.marks import Block, Mark, Stroke, Words
from viewer.needle_cut import needle_cut, needle_window
from viewer.palette import RGB
from viewer.section_names import readable, settled
from viewer.section_raster import SHELL_MM, UNKNOWN
from viewer.section_tissue import LOOSE, PAPER, SPACE, flat_colour
from viewer.section_view import direction_letters
from viewer.state import ViewState

Floats = NDArray[np.float64]
Row = tuple[Band, str, RGB]

#: Size of a panel and of a whole plate, pixels.
PANEL, PLATE = (760, 860), (1600, 1150)
#: What begins deeper than the first is not drawn, mm; nor is the picture deeper than the second
#: (the needle's length: a kidney ends at 125) and shallower than the third.
_BEGINS_MM, DEEPEST_MM, SHALLOWEST_MM = 95.0, NEEDLE, 40.0
#: So much is drawn of a bone that the atlas holds as a solid, mm.
_OF_SOLID = 25.0
#: Room above the skin, mm, where the needle comes in.
_ABOVE = 9.0
#: Thinner bands get no name, mm.
_LEAST_NAMED = 0.6
#: Share of the torso's picture in a plate, and how far beside the needle the camera stands.
_TORSO, _ASIDE_DEG, _RAISED_DEG = 0.42, 42.0, 14.0
#: Length of the needle outside the body, mm.
_SHAFT = 120.0


@dataclass(frozen=True)
class Layout:
    """Where things stand in a panel, pixels.

    Attributes
    ----------
    cut : tuple of int
        Left, top, width and height of the picture of the tissue.
    scale : float
        Pixels per mm of depth.
    skin : float
        Height at which the needle enters the skin.
    bar : float
        Left edge of the column.
    base : float
        Body height of ordinary text.
    """

    cut: tuple[int, int, int, int]
    scale: float
    skin: float
    bar: float
    base: float


def needle_view(
    atlas: Atlas,
    point: NDArray[np.floating],
    direction: NDArray[np.floating],
    size: tuple[int, int] = PANEL,
    title: str = "",
) -> NDArray[np.uint8]:
    """Return the cut beside a needle and the labelled column, shape (height, width, 3).

    It neither draws in 3D nor needs a screen; a window draws the same cut in its own column.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    point : ndarray, shape (3,)
        On the skin, mm, LPS.
    direction : ndarray, shape (3,)
        Into the body; ``skin_of(atlas).nearest(point).inward`` is straight in, and a ``Site``
        has its own.
    size : tuple of int
        Width and height, pixels, at least 360 x 300.
    title : str
        What stands over it; nothing if empty.
    """
    hits = probe(atlas, point, direction)
    deep = reach_of(hits)
    plan = _layout(size, deep)
    left, top, width, height = plan.cut
    window = needle_window((width, height), plan.scale, (plan.skin - top) / plan.scale)
    cut = needle_cut(atlas, point, direction, window)
    canvas = np.full((size[1], size[0], 3), PAPER, dtype=np.uint8)
    canvas[top : top + height, left : left + width] = cut.picture[..., :3]
    down = cut.owners.coarse[:, width // 2]
    rows: list[Row] = []
    for band in needle_column([_as_shell(hit) for hit in hits], deep):
        middle = plan.skin - top + (band.enter_mm + band.exit_mm) / 2.0 * plan.scale
        rows.append((band, *_of_band(atlas, band, down[min(int(middle), height - 1)] == UNKNOWN)))
    marks: list[Mark] = []
    if title:
        marks.append(Words(title, left, 0.7 * plan.base, 1.2 * plan.base, "lt", bold=True))
    marks += [
        *_needle(plan, deep),
        *_ruler(plan, deep),
        *_column(rows, plan, size),
        Words(direction_letters(-cut.way), left + 0.4 * plan.base, top + height
              - 0.3 * plan.base, 1.2 * plan.base, "lb", bold=True),
        Words(direction_letters(cut.way), left + width - 0.4 * plan.base, top + height
              - 0.3 * plan.base, 1.2 * plan.base, "rb", bold=True),
    ]  # fmt: skip
    return Lettering(size).over(canvas, tuple(marks))


def needle_plate(
    atlas: Atlas, site: Site, state: ViewState, size: tuple[int, int] = PLATE
) -> NDArray[np.uint8]:
    """Return a torso with the needle in it beside its needle view, shape (height, width, 3).

    Parameters
    ----------
    atlas : Atlas
    site : Site
        From ``annotations.site.find_site``.
    state : ViewState
        How the torso is shown; without a camera it is seen from beside the needle.
    size : tuple of int
        Width and height, pixels.

    Raises
    ------
    MachineError
        If this machine cannot draw.
    """
    width = round(_TORSO * size[0])
    shown = state if state.camera is not None else beside_needle(atlas, state, site)
    torso = still(atlas, shown, (width, size[1]))
    lens = lens_of(shown.camera, frame_of(atlas), width / size[1])  # type: ignore[arg-type]
    base = letter_size((width, size[1]))
    reach = reach_of(probe(atlas, site.point, site.direction))
    ends = [site.point - _SHAFT * site.direction, site.point, site.point + reach * site.direction]
    knob, skin, tip = lens.project(np.array(ends), (width, size[1]))[:, :2]
    thick = max(2.0, 0.16 * base)
    marks: list[Mark] = [_line(knob, skin, thick)]
    for share in np.arange(0.0, 1.0, 0.2):
        a, b = skin + share * (tip - skin), skin + (share + 0.1) * (tip - skin)
        marks.append(_line(a, b, max(1.0, 0.5 * thick)))
    side = 0.7 * base
    marks.append(Block(knob[0] - side / 2, knob[1] - side / 2, side, side, (52, 56, 62)))
    torso = Lettering((width, size[1])).over(torso, tuple(marks))
    panel = needle_view(
        atlas, site.point, site.direction, (size[0] - width, size[1]), f"Needle at {site.text}"
    )
    return np.concatenate([torso, panel], axis=1)


def _line(a: Floats, b: Floats, width: float) -> Stroke:
    return Stroke(float(a[0]), float(a[1]), float(b[0]), float(b[1]), width)


def reach_of(hits: Sequence[Hit]) -> float:
    """Return down to which depth a needle is drawn, mm: past the deepest thing it meets."""
    ends = [
        hit.enter_mm + _OF_SOLID if solid(hit) else hit.exit_mm
        for hit in hits
        if hit.enter_mm < _BEGINS_MM
    ]
    deepest = max(ends, default=0.0) + 6.0
    return float(min(max(deepest, SHALLOWEST_MM), DEEPEST_MM))


def beside_needle(atlas: Atlas, state: ViewState, site: Site, zoom: float = 1.0) -> ViewState:
    """Return the state seen from beside a needle, so that it does not point at the viewer."""
    outward = -site.direction
    azimuth = float(np.degrees(np.arctan2(outward[0], outward[1])))
    aside = _ASIDE_DEG if site.point[0] >= 0.0 else -_ASIDE_DEG
    if outward[1] < 0.0:  # from the front the camera goes round the other way to the same flank
        aside = -aside
    centre = frame_of(atlas).centre
    focus = centre if zoom <= 1.0 else np.asarray(site.point, dtype=np.float64)
    return replace(state, camera=CameraPose(azimuth + aside, _RAISED_DEG, zoom, focus))


def _layout(size: tuple[int, int], deep: float) -> Layout:
    width, height = size
    base = letter_size(size)
    top, foot = round(3.0 * base), round(1.6 * base)
    inner = height - top - foot
    scale = inner / (deep + _ABOVE)
    left = round(1.0 * base)
    across = round(min(0.44 * width, 150.0 * scale))
    bar = left + across + 3.4 * base
    return Layout((left, top, across, inner), scale, top + _ABOVE * scale, bar, base)


def _needle(plan: Layout, deep: float) -> list[Mark]:
    """Draw the needle through the middle of the cut, with a tick every 10 mm."""
    left, top, width, _ = plan.cut
    x, tip = left + width / 2.0, plan.skin + deep * plan.scale
    tick = 0.35 * plan.base
    marks: list[Mark] = [Stroke(x, top, x, tip, max(2.0, 0.13 * plan.base))]
    for mm in range(0, int(deep) + 1, 10):
        y = plan.skin + mm * plan.scale
        marks.append(Stroke(x - tick, y, x + tick, y, 1.0))
    return marks


def _ruler(plan: Layout, deep: float) -> list[Mark]:
    letter = 0.62 * plan.base
    marks: list[Mark] = []
    for mm in range(0, int(deep) + 1, 5):
        y = plan.skin + mm * plan.scale
        whole = mm % 10 == 0
        marks.append(Stroke(plan.bar - (0.5 if whole else 0.28) * plan.base, y, plan.bar, y, 1.0))
        if whole:
            text = f"{mm} mm" if mm == 0 else str(mm)
            marks.append(Words(text, plan.bar - 0.65 * plan.base, y, letter, "rm"))
    return marks


def _column(rows: Sequence[Row], plan: Layout, size: tuple[int, int]) -> list[Mark]:
    """Draw the bands to scale, with names and millimetres beside them."""
    thick = 1.5 * plan.base
    marks: list[Mark] = []
    named: list[tuple[str, float]] = []
    for band, text, colour in rows:
        y = plan.skin + band.enter_mm * plan.scale
        high = (band.exit_mm - band.enter_mm) * plan.scale
        marks.append(Block(plan.bar, y, thick, max(high, 1.0), colour))
        marks.append(Stroke(plan.bar, y, plan.bar + thick, y, 1.0))
        if text and band.exit_mm - band.enter_mm >= _LEAST_NAMED:
            named.append((text, y + high / 2.0))
    end = plan.skin + (rows[-1][0].exit_mm if rows else 0.0) * plan.scale
    marks += [Stroke(x, plan.skin, x, end, 1.0) for x in (plan.bar, plan.bar + thick)]
    letter = 0.66 * plan.base
    names = plan.bar + thick + 1.5 * plan.base
    top, high = plan.cut[1], plan.cut[3]
    room = size[0] - names - 0.5 * plan.base
    heights = settled([y for _, y in named], 2.55 * letter, (top + letter, top + high - letter))
    for (text, at), y in zip(named, heights, strict=True):
        name, _, mm = text.rpartition("|")
        marks += [
            Stroke(plan.bar + thick, at, names - 0.3 * plan.base, y, 1.0),
            Words(shortened(name, letter, room), names, y - 0.48 * letter, letter, "lm"),
            Words(mm, names, y + 0.58 * letter, 0.86 * letter, "lm", faint=True),
        ]
    return marks


def _of_band(atlas: Atlas, band: Band, silent: bool) -> tuple[str, RGB]:
    """Name and millimetres of a band (empty for a narrow gap), and its colour.

    ``silent`` says that the cut shows a space there of which the atlas knows nothing.
    """
    mm = f"{band.enter_mm:.0f} to {band.exit_mm:.0f} mm"
    if band.hit is not None and solid(band.hit):
        mm = f"from {band.enter_mm:.0f} mm, thickness not known"
    if band.hit is None:
        if band.exit_mm - band.enter_mm <= LOOSE_GAP:
            return "", LOOSE
        if silent:
            return f"Not in this atlas|{mm}", SPACE
        return f"Loose tissue, or not in this atlas|{mm}", LOOSE
    entry = atlas[band.hit.structure].entry
    name = readable(entry.english)
    if band.hit.part:
        part = band.hit.part
        known = {item.id: item.english for item in entry.parts}
        name += f", {known.get(part, part.replace('_', ' '))}"
    return f"{name}|{mm}", flat_colour(entry)


def _as_shell(hit: Hit) -> Hit:
    """Return a bone that is met as a solid with the wall that the cut draws it with."""
    return replace(hit, exit_mm=hit.enter_mm + SHELL_MM) if solid(hit) else hit
