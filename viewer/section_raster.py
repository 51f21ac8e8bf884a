"""A cut as a map of owners: which structure each pixel of the picture belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meshes.depth import FAT, SKIN
from meshes.depth_field import KIDNEYS
from meshes.section import Section, Slice
from meshes.terminology import System

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Owners = NDArray[np.int16]

#: Pixels drawn per pixel and direction.
FINE = 3
#: Owner numbers below the slices'.
OUTSIDE, UNKNOWN = 0, 1
_FIRST = 2
#: Openings of the trunk's wall up to twice this are taken as closed, mm; what lies inside and in
#: no structure is a space whose contents the atlas does not hold (gut, heart).
_OPENING = 20.0
#: Such a space reaches deeper below the skin than this, mm.
_DEEP = 45.0
#: Narrower clefts, and what lies this close to a structure, are loose tissue, mm.
_CLEFT, _LINING = 12.0, 3.0
#: A kidney lies in fat: so far around it all is loose tissue, and up to the second figure also
#: what lies in openings up to twice the third, towards the wall behind and the psoas, mm.
_CAPSULE, _BED, _BED_OPENING = 7.0, 30.0, 18.0
#: A canal in bone (the spinal cord's) has gaps up to twice this in its wall, mm, and is wider
#: than the second figure.
_BONE_GAP, _CANAL = 5.0, 7.0
#: Smaller spaces than this share of the largest are loose tissue.
_SHARE = 0.25
#: A bone that reaches further in than this from its outline is a shell drawn solid (the skull of
#: an atlas without a cranial cavity), of this thickness, mm.
_SOLID, SHELL_MM = 32.0, 6.5
_SKIN_MM = 2.3
#: Pixels per mm at which spaces are looked for.
_ROUGH = 1.5


@dataclass(frozen=True)
class Window:
    """What a picture shows of a plane.

    Attributes
    ----------
    left, top : float
        In-plane coordinates of the upper left corner, mm (the plane's ``right`` and ``up``).
    scale : float
        Pixels per mm.
    width, height : int
        Pixels.
    """

    left: float
    top: float
    scale: float
    width: int
    height: int

    def pixels(self, flat: NDArray[np.floating]) -> Floats:
        """Return pixel coordinates (x right, y down) of in-plane points, shape (N, 2)."""
        at = np.asarray(flat, dtype=np.float64)
        return np.stack(
            [(at[..., 0] - self.left) * self.scale, (self.top - at[..., 1]) * self.scale], axis=-1
        )

    def flat(self, pixels: NDArray[np.floating]) -> Floats:
        """Return in-plane coordinates of pixels, shape (N, 2), mm."""
        at = np.asarray(pixels, dtype=np.float64)
        return np.stack(
            [self.left + at[..., 0] / self.scale, self.top - at[..., 1] / self.scale], axis=-1
        )


@dataclass(frozen=True, eq=False)
class OwnerMap:
    """Who owns each pixel.

    Attributes
    ----------
    window : Window
    slices : tuple of Slice
        Owner ``k + 2`` is ``slices[k]``; 0 is outside the body, 1 a space the atlas is silent on.
    fine : ndarray of int16, shape (times * height, times * width)
    times : int
        Fine pixels per pixel and direction.
    """

    window: Window
    slices: tuple[Slice, ...]
    fine: Owners
    times: int = FINE

    @cached_property
    def coarse(self) -> Owners:
        """Owners at the middle of each pixel of the picture."""
        middle, step = self.times // 2, self.times
        return self.fine[middle::step, middle::step]

    def mask(self, index: int) -> Flags:
        """Return the pixels of one slice, shape (height, width)."""
        return np.asarray(self.coarse == index + _FIRST)

    def number(self, index: int) -> int:
        """Return the owner number of a slice."""
        return index + _FIRST


def window_around(section: Section, box: tuple[int, int], margin: float = 8.0) -> Window:
    """Return the window that shows the trunk's part of a cut in a box of pixels."""
    low, high = trunk_bounds(section)
    low, high = low - margin, high + margin
    width, height = box
    scale = min(width / (high[0] - low[0]), height / (high[1] - low[1]))
    middle = (low + high) / 2.0
    return Window(
        float(middle[0] - width / scale / 2.0),
        float(middle[1] + height / scale / 2.0),
        float(scale),
        width,
        height,
    )


def trunk_bounds(section: Section) -> tuple[Floats, Floats]:
    """Return the lower and upper corner of the trunk's part of a cut, in the plane, mm."""
    skin = [item for item in section.slices if item.structure.id == SKIN]
    lines = [skin[0].outlines[0]] if skin else [x for i in section.slices for x in i.outlines]
    points = np.concatenate([section.plane.flat(line.points) for line in lines])
    return points.min(axis=0), points.max(axis=0)


def owner_map(section: Section, window: Window) -> OwnerMap:
    """Paint a cut, outermost layers first, and find the spaces between.

    The spaces are found on the whole of the trunk, so that a window on a part of it shows them
    where the whole picture does.
    """
    silent = silent_spaces(section)
    whole = silent.window
    fine = _painted(section, window, FINE)
    fine[~_carried(silent.body, whole, window)] = OUTSIDE
    space = _carried(silent.cavity, whole, window)
    fine[space & np.isin(fine, _loose(section.slices))] = UNKNOWN
    shells = np.any([np.zeros_like(silent.body), *silent.shells.values()], axis=0)
    fine[_carried(shells, whole, window) & (fine != OUTSIDE)] = UNKNOWN
    return OwnerMap(window, section.slices, fine)


@dataclass(frozen=True, eq=False)
class Silent:
    """Where a cut goes through what the atlas does not hold.

    Attributes
    ----------
    window : Window
        Of the masks: the whole of the trunk, coarse.
    body : ndarray of bool, shape (height, width)
        The trunk, without the arms.
    cavity : ndarray of bool, shape (height, width)
        Spaces within it: in no structure but those that enclose everything.
    shells : mapping of str to ndarray of bool, shape (height, width)
        The inside of bones whose outer surface alone is held, by structure id.
    """

    window: Window
    body: Flags
    cavity: Flags
    shells: Mapping[str, Flags]

    def held(self, flat: NDArray[np.floating]) -> Flags:
        """Whether the atlas holds what is at points of the plane, shape (N, 2), mm: (N,)."""
        x, y = np.floor(self.window.pixels(flat)).astype(np.int64).T
        high, wide = self.cavity.shape
        inside = (x >= 0) & (x < wide) & (y >= 0) & (y < high)
        silent = np.any([self.cavity, *self.shells.values()], axis=0)
        return np.asarray(~inside | ~silent[np.clip(y, 0, high - 1), np.clip(x, 0, wide - 1)])


def silent_spaces(section: Section) -> Silent:
    """Return the spaces in a cut of whose contents the atlas knows nothing."""
    low, high = trunk_bounds(section)
    across, tall = np.ceil((high - low + 16.0) * _ROUGH).astype(int)
    whole = Window(float(low[0] - 8.0), float(high[1] + 8.0), _ROUGH, int(across), int(tall))
    rough = OwnerMap(whole, section.slices, _painted(section, whole, 1), 1)
    return Silent(whole, _main_body(rough.fine), _spaces(rough), _inside_shells(rough))


def _painted(section: Section, window: Window, times: int) -> Owners:
    """Paint the slices of a cut one over the other, ``times`` pixels to a pixel."""
    from PIL import Image, ImageDraw

    sheet = Image.new("I;16", (window.width * times, window.height * times), OUTSIDE)
    pen = ImageDraw.Draw(sheet)
    for index, item in enumerate(section.slices):
        corners = times * window.pixels(section.plane.flat(item.points))
        for triangle in item.triangles:
            pen.polygon([tuple(corners[k]) for k in triangle], fill=index + _FIRST)
    for index, item in enumerate(section.slices):
        if len(item.triangles) == 0 and item.structure.id != SKIN:
            for line in item.outlines:
                at = times * window.pixels(section.plane.flat(line.ring))
                if len(at) > 1:
                    pen.line([tuple(p) for p in at], fill=index + _FIRST, width=times)
    return np.array(sheet, dtype=np.int16)


def _carried(mask: Flags, from_: Window, to: Window) -> Flags:
    """Return a mask of one window in the fine pixels of another, its border smooth."""
    from scipy import ndimage

    rows = (np.arange(to.height) + 0.5) / to.scale
    columns = (np.arange(to.width) + 0.5) / to.scale
    y = (from_.top - (to.top - rows)) * from_.scale - 0.5
    x = (to.left + columns - from_.left) * from_.scale - 0.5
    soft = ndimage.gaussian_filter(mask.astype(np.float32), 1.0)
    share = ndimage.map_coordinates(
        soft, np.meshgrid(y, x, indexing="ij"), order=1, mode="constant"
    )
    inside = share > 0.5
    return np.repeat(np.repeat(inside, FINE, axis=0), FINE, axis=1)


def _loose(slices: tuple[Slice, ...]) -> list[int]:
    """Owners that enclose everything: what they cover is theirs only if nobody else's."""
    return [index + _FIRST for index, item in enumerate(slices) if item.structure.id in (SKIN, FAT)]


def _main_body(coarse: Owners) -> Flags:
    """Pixels of the largest piece of the body and a pixel around it: arms aside are left out."""
    from scipy import ndimage

    pieces, count = ndimage.label(coarse != OUTSIDE)
    if count == 0:
        return np.zeros(coarse.shape, dtype=np.bool_)
    largest = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    return np.asarray(ndimage.binary_dilation(largest, iterations=2))


def _spaces(owners: OwnerMap) -> Flags:
    """Pixels of the body's cavity and of the spinal canal, which no structure owns."""
    from scipy import ndimage

    scale = owners.window.scale
    body = owners.coarse != OUTSIDE
    loose = np.isin(owners.coarse, _loose(owners.slices))
    below = ndimage.distance_transform_edt(np.pad(body, 1, constant_values=True))[1:-1, 1:-1]
    if FAT not in {item.structure.id for item in owners.slices}:
        return np.asarray(loose & (below > _SKIN_MM * scale))
    # What the lungs leave of the chest is part of its cavity, not a cleft of its own.
    lungs = np.isin(
        owners.coarse,
        [k + _FIRST for k, item in enumerate(owners.slices) if item.structure.entry.base == "lung"],
    )
    loose |= lungs
    held = body & ~loose
    inside = _filled(held, _OPENING * scale) | (below > _DEEP * scale)
    inside &= loose & ~_within(held, _LINING * scale) & ~_renal_bed(owners, held)
    cavity = _opened(inside, _CLEFT * scale / 2.0)
    cavity = (ndimage.gaussian_filter(cavity.astype(np.float32), _LINING * scale) > 0.5) & loose
    pieces, count = ndimage.label(cavity)
    if count:
        deepest = ndimage.maximum(below, pieces, np.arange(1, count + 1))
        area = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
        large = (deepest > _DEEP * scale) & (area > _SHARE * area.max())
        cavity = np.isin(pieces, 1 + np.flatnonzero(large))
    loose &= ~lungs
    cavity &= loose
    bones = np.isin(
        owners.coarse,
        [k + _FIRST for k, item in enumerate(owners.slices) if _is_bone(item)],
    )
    canal = _opened(loose & _filled(bones, _BONE_GAP * scale), _CANAL * scale / 2.0)
    return np.asarray(cavity | canal)


def _renal_bed(owners: OwnerMap, held: Flags) -> Flags:
    """Pixels of the fat around the kidneys, which no atlas holds as a structure."""
    scale = owners.window.scale
    kidneys = [k for k, item in enumerate(owners.slices) if item.structure.id in KIDNEYS]
    kidney = np.isin(owners.coarse, [k + _FIRST for k in kidneys])
    if not kidney.any():
        return kidney
    reach = _BED_OPENING * scale
    bed = ~_within(~_within(held, reach), reach) & _within(kidney, _BED * scale)
    return np.asarray(bed | _within(kidney, _CAPSULE * scale))


def _inside_shells(owners: OwnerMap) -> dict[str, Flags]:
    """Pixels inside bones that the atlas holds by their outer surface alone."""
    from scipy import ndimage

    scale = owners.window.scale
    inside: dict[str, Flags] = {}
    for index, item in enumerate(owners.slices):
        if _is_bone(item) and item.area_mm2 > np.pi * _SOLID**2:
            depth = ndimage.distance_transform_edt(owners.mask(index)) / scale
            if depth.max() > _SOLID:
                inside[item.structure.id] = np.asarray(depth > SHELL_MM)
    return inside


def _is_bone(item: Slice) -> bool:
    return item.structure.system is System.SKELETAL


def _filled(mask: Flags, gap: float) -> Flags:
    """Close gaps of up to twice a width and fill what is enclosed."""
    from scipy import ndimage

    near = ndimage.binary_fill_holes(_within(mask, gap))
    return np.asarray(~_within(~near, gap))


def _opened(mask: Flags, radius: float) -> Flags:
    """Leave out what is narrower than twice a radius."""
    core = ~_within(~mask, radius)
    return np.asarray(_within(core, radius + 1.0) & mask)


def _within(mask: Flags, distance: float) -> Flags:
    from scipy import ndimage

    if not mask.any():
        return mask
    return np.asarray(ndimage.distance_transform_edt(~mask) <= distance)
