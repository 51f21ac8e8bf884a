"""How cut tissue looks: muscle in bundles, bone with its cortex, fat in lobules."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from meshes.catalogue import Entry
from meshes.depth import FAT, SKIN
from meshes.section import Section, Slice
from meshes.terminology import System
from viewer.palette import BONE, RGB, TENDON, tissue_colour
from viewer.section_raster import FINE, UNKNOWN, OwnerMap

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PAPER: RGB = (255, 255, 255)
SPACE: RGB = (233, 230, 226)
LOOSE: RGB = (246, 226, 166)
MARROW: RGB = (222, 186, 142)
CORTEX: RGB = (240, 229, 201)
_LINE = np.array((58.0, 30.0, 24.0))
#: Share of the tissue's colour in the line around it.
_INKED = 0.45
#: Thickness of a bone's cortex, mm.
_CORTEX_MM = 1.4
#: Width of a muscle's bundles, of the lobules of fat and of a lung's grain, mm.
_BUNDLE_MM, _LOBULE_MM, _ALVEOLI_MM = 2.6, 5.0, 1.9
#: Depth to which tendon on a muscle's surface reaches into it, mm: in part tendon, and all.
_APONEUROSIS_MM, _TENDON_MM = 1.2, 3.0
#: Spacing of points on a muscle's outline, mm.
_RIM_MM = 0.4


def paint(section: Section, owners: OwnerMap) -> NDArray[np.uint8]:
    """Return the cut in colour, shape (height, width, 3)."""
    colours = np.array(
        [PAPER, SPACE, *(flat_colour(item.structure.entry) for item in owners.slices)],
        dtype=np.float32,
    )
    height, width = owners.coarse.shape
    fine = owners.fine
    picture = colours[fine]
    edge = np.zeros(fine.shape, dtype=np.bool_)
    edge[:, 1:] |= fine[:, 1:] != fine[:, :-1]
    edge[1:] |= fine[1:] != fine[:-1]
    # A space without contents has no wall of its own.
    edge &= ~_beside_space(fine, owners)
    picture[edge] = _INKED * picture[edge] + (1.0 - _INKED) * _LINE.astype(np.float32)
    picture = picture.reshape(height, FINE, width, FINE, 3).mean(axis=(1, 3))
    base = colours[owners.coarse]
    shaded = _textured(section, owners, base.astype(np.float64))
    return np.clip(np.round(picture + (shaded - base)), 0, 255).astype(np.uint8)


def _beside_space(fine: NDArray[np.int16], owners: OwnerMap) -> Flags:
    """Pixels on the border between a space and the loose tissue around it."""
    loose = [k for k, item in enumerate(owners.slices) if item.structure.id in (SKIN, FAT)]
    kind = np.full(len(owners.slices) + 2, 0, dtype=np.int8)
    kind[UNKNOWN] = 1
    kind[[owners.number(k) for k in loose]] = 2
    kinds = kind[fine]
    beside = np.zeros(fine.shape, dtype=np.bool_)
    beside[:, 1:] |= kinds[:, 1:] + kinds[:, :-1] == 3
    beside[1:] |= kinds[1:] + kinds[:-1] == 3
    return beside


def flat_colour(entry: Entry) -> RGB:
    """Return the plain colour of a structure in a cut, RGB 0..255."""
    if entry.id == FAT:
        return LOOSE
    colour = tissue_colour(entry)
    return _own_shade(colour, entry) if entry.system is System.MUSCULAR else colour


def line_colour(colour: RGB) -> RGB:
    """Return the colour of the line around a tissue, RGB 0..255."""
    red, green, blue = (
        round(_INKED * one + (1.0 - _INKED) * float(ink))
        for one, ink in zip(colour, _LINE, strict=True)
    )
    return red, green, blue


def _own_shade(colour: RGB, entry: Entry) -> RGB:
    """Shift a muscle's colour a little, the same on both sides, so that neighbours differ."""
    seed = zlib.crc32(entry.base.encode())
    light = 0.88 + 0.20 * (seed % 97) / 96.0
    warm = 7.0 * ((seed // 97) % 89) / 88.0 - 3.5
    red, green, blue = (channel * light for channel in colour)
    return (
        round(min(red + warm, 255)),
        round(min(max(green + 2 * warm, 0), 255)),
        round(min(max(blue - warm, 0), 255)),
    )


def _textured(section: Section, owners: OwnerMap, picture: Floats) -> Floats:
    """Return the flat picture with each tissue's grain."""
    picture = picture.copy()
    bones = _of(owners, lambda entry: entry.system is System.SKELETAL and _is_bone(entry))
    _paint_bones(picture, owners, bones)
    for index, item in enumerate(owners.slices):
        entry = item.structure.entry
        rows, columns = np.nonzero(owners.mask(index))
        if len(rows) == 0:
            continue
        flat = owners.window.flat(np.stack([columns + 0.5, rows + 0.5], axis=1))
        if entry.system is System.MUSCULAR:
            picture[rows, columns] = _muscle(section, item, flat, picture[rows, columns])
        elif entry.id == FAT:
            line = _cell_borders(flat / _LOBULE_MM)
            picture[rows, columns] *= (1.0 - 0.05 * line)[:, None]
        elif entry.base == "lung":
            line = _cell_borders(flat / _ALVEOLI_MM)
            picture[rows, columns] *= (1.0 - 0.07 * line)[:, None]
    return picture


def _is_bone(entry: Entry) -> bool:
    return tissue_colour(entry) == BONE


def _of(owners: OwnerMap, wanted: object) -> list[int]:
    assert callable(wanted)
    return [k for k, item in enumerate(owners.slices) if wanted(item.structure.entry)]


def _paint_bones(picture: Floats, owners: OwnerMap, bones: Iterable[int]) -> None:
    """Give each bone a pale cortex and a marrow that darkens inward, with a fine grain."""
    from scipy import ndimage

    scale = owners.window.scale
    for index in bones:
        mask = owners.mask(index)
        if not mask.any():
            continue
        box = ndimage.find_objects(mask.astype(np.int8))[0]
        rows = slice(max(box[0].start - 2, 0), min(box[0].stop + 2, mask.shape[0]))
        columns = slice(max(box[1].start - 2, 0), min(box[1].stop + 2, mask.shape[1]))
        part = mask[rows, columns]
        inside = ndimage.distance_transform_edt(part) / scale
        share = np.clip((inside - _CORTEX_MM) / 0.6, 0.0, 1.0)[..., None]
        r, c = np.mgrid[rows, columns]
        flat = owners.window.flat(np.stack([c.ravel(), r.ravel()], axis=1))
        grain = _cell_borders(flat / 1.5).reshape(part.shape)[..., None]
        marrow = np.array(MARROW) + (np.array(CORTEX) - np.array(MARROW)) * 0.55 * grain
        colour = np.array(CORTEX) * (1.0 - share) + marrow * share
        patch = picture[rows, columns]
        patch[part] = colour[part]


def _muscle(section: Section, item: Slice, flat: Floats, colour: Floats) -> Floats:
    """Bundles across the fibres, streaks along them, pale where the muscle is tendon."""
    from scipy.spatial import cKDTree

    fibres = item.structure.surface.fibres
    if fibres is None:
        line = _cell_borders(flat / _BUNDLE_MM)
        return colour * (1.0 + 0.16 * line[:, None])
    points, lying, tendon = _rim(section, item)
    distance, near = cKDTree(points).query(flat)
    share = tendon[near]
    # One direction for the whole slice: a grain that turned from pixel to pixel would tear.
    spread = lying.T @ lying / len(lying)
    size, axes = np.linalg.eigh(spread)
    stretch = 1.0 + 7.0 * float(size[1]) ** 1.5
    grain = (flat @ axes) / _BUNDLE_MM / np.array([1.0, stretch])
    line = _cell_borders(grain)
    made = colour * (1.0 + 0.18 * line[:, None] - 0.02)
    # An aponeurosis lies on the muscle and is thicker where all of it is tendon; below is belly.
    all_of_it = float(np.clip((tendon.mean() - 0.85) / 0.1, 0.0, 1.0))
    deep = _APONEUROSIS_MM + (_TENDON_MM - _APONEUROSIS_MM) * all_of_it
    share = np.clip(share, 0.0, 1.0) * np.exp(-((distance / deep) ** 2))
    share = (share * share * (3.0 - 2.0 * share))[:, None]
    return made * (1.0 - share) + np.array(TENDON) * share


def _rim(section: Section, item: Slice) -> tuple[Floats, Floats, Floats]:
    """Return points close together on a muscle's outline, its fibres in the plane, its tendon."""
    plane, surface = section.plane, item.structure.surface
    assert surface.fibres is not None
    rows = []
    for line in item.outlines:
        at = plane.flat(line.ring)
        corner = surface.faces[line.faces[: len(at) - 1]]
        along = surface.fibres.direction[corner].astype(np.float64).mean(axis=1)
        lying = np.stack([along @ plane.right, along @ plane.up], axis=1)
        tendon = surface.fibres.tendon[corner].astype(np.float64).mean(axis=1)
        step = np.diff(at, axis=0)
        count = np.maximum(np.ceil(np.hypot(*step.T) / _RIM_MM).astype(int), 1)
        first = np.repeat(np.cumsum(count) - count, count)
        share = ((np.arange(count.sum()) - first) / np.repeat(count, count))[:, None]
        points = np.repeat(at[:-1], count, axis=0) + share * np.repeat(step, count, axis=0)
        rows.append((points, np.repeat(lying, count, axis=0), np.repeat(tendon, count)))
    points, lying, tendon = (np.concatenate(column) for column in zip(*rows, strict=True))
    return points, lying, tendon


def _cell_borders(at: Floats) -> Floats:
    """Return how near each point lies to the border between two cells of a random mosaic, 0..1.

    Always the same mosaic: one seed per square of side 1, moved at random within it.
    """
    square = np.floor(at).astype(np.int64)
    first = np.full(len(at), np.inf)
    second = np.full(len(at), np.inf)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            cell = square + (dx, dy)
            seed = cell + _random(cell)
            distance = np.hypot(*(seed - at).T)
            second = np.minimum(np.maximum(first, distance), second)
            first = np.minimum(first, distance)
    return np.clip(1.0 - (second - first) / 0.30, 0.0, 1.0)


def _random(cell: NDArray[np.int64]) -> Floats:
    """Return two numbers 0..1 for each pair of whole numbers, shape (N, 2)."""
    mixed = (cell[:, 0] * 73856093) ^ (cell[:, 1] * 19349663)
    first = ((mixed * 2654435761) >> 7) & 0xFFFF
    second = ((mixed * 40503 + 12345) * 2246822519 >> 9) & 0xFFFF
    return np.stack([first, second], axis=1) / 65536.0
