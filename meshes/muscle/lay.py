"""Lay muscles over a skeleton: each rests on what is already there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

from meshes.atlas import Body
from meshes.catalogue import load_catalogue
from meshes.front_wall import front_wall
from meshes.landmarks import Landmarks
from meshes.muscle.drape import CLEARANCE_MM, drape, pressed, settled
from meshes.muscle.ground import NOTHING, Ground, ground_of
from meshes.muscle.recipe import Recipe, load_recipes
from meshes.muscle.sheet import Grid, RestSheet, extent, rest_sheet, trimmed, unit
from meshes.muscle.simpler import TOLERANCE_MM, simpler
from meshes.muscle.solid import LEAST_MM, Sides, border, filling, solid, thickness
from meshes.muscle.unfold import even, uncrossed, unfolded
from meshes.piercing import piercing_edges
from meshes.progress import Progress, silent
from meshes.recast import recast
from meshes.relax import relaxed
from meshes.structure import Origin, Structure
from meshes.surface import Fibres, Surface
from meshes.terminology import Provenance, Side, mirror_id

_ORIGIN = Origin(
    Provenance.GENERATED, "laid over the skeleton from attachment data (muscles.toml)", "Apache-2.0"
)
_MARGIN_MM = 45.0
_SHALLOW_MM = 6.0
#: A round belly hides the ridges of what it lies on: it is evened over this share of its size.
_EVEN = 0.04
#: Edges through triangles that are worth relaxing; of more a muscle is recast.
_FEW = 60
#: How often a muscle is lifted again off what mending it has brought it into.
_LIFTS = 3


@dataclass(frozen=True, eq=False)
class Layer:
    """What a muscle may rest on: a surface and the names of its parts."""

    surface: Surface
    parts: tuple[str, ...] = ()

    def split(self, names: Collection[str]) -> tuple[Surface, Surface]:
        """Return the faces of the named parts and all other faces, as two surfaces."""
        surface = self.surface
        if surface.part is None:
            chosen = np.zeros(len(surface.faces), dtype=bool)
        else:
            wanted = [self.parts.index(name) for name in names if name in self.parts]
            chosen = np.isin(surface.part, wanted)
        return tuple(  # type: ignore[return-value]
            Surface(surface.vertices, surface.faces[mask], surface.normals)
            for mask in (chosen, ~chosen)
        )


def lay_muscles(
    structures: Mapping[str, Structure],
    landmarks: Landmarks,
    body: Body,
    progress: Progress = silent,
    *,
    only: Collection[str] | None = None,
) -> dict[str, Structure]:
    """Generate the muscles that ``structures`` lacks, both sides.

    Parameters
    ----------
    structures : mapping of str to Structure
        What is already there: bones at least.
    landmarks : Landmarks
    body : Body
        Sets scale and thickness.
    progress : Progress
    only : collection of str, optional
        Ids to generate; others are left out.

    Returns
    -------
    dict of str to Structure
        New structures. Where the skeleton is symmetric the right is the exact mirror image.
    """
    recipes = load_recipes()
    landmarks = landmarks.merged(front_wall(landmarks, body))
    symmetric = _is_symmetric(landmarks)
    laid: dict[str, Structure] = {}
    sides = (Side.LEFT,) if symmetric else (Side.LEFT, Side.RIGHT)
    for turn, side in enumerate(sides):
        beneath = _layers_of(structures, side)
        marks = landmarks if side is Side.LEFT else mirrored_landmarks(landmarks)
        for number, recipe in enumerate(recipes):
            name = _name(recipe, side)
            if name in structures or (only is not None and name not in only):
                continue
            progress((turn + number / len(recipes)) / len(sides), f"laying {name}")
            surface = lay_one(recipe, beneath, marks, body)
            if surface is None:
                continue
            beneath[f"{recipe.id}_left"] = Layer(surface)
            for final in (Side.LEFT, Side.RIGHT) if symmetric else (side,):
                placed = surface if final is Side.LEFT else surface.mirrored()
                made = _name(recipe, final)
                if made in laid:  # the other half of an unpaired muscle
                    placed = joined([laid[made].surface, placed])
                laid[made] = _structure(recipe, made, placed)
    return laid


def lay_one(
    recipe: Recipe, beneath: Mapping[str, Layer], landmarks: Landmarks, body: Body
) -> Surface | None:
    """Lay one muscle of the left side; None where its landmarks are not there."""
    scale = body.stature_cm / 175.0
    factor = body.muscularity * scale * (recipe.female if body.sex == "female" else 1.0)
    sheets = [
        rest_sheet(item.fibres, recipe, landmarks, scale)
        for item in recipe.sheets
        if all(_known(place, landmarks) for line in item.fibres for place in line.places)
    ]
    if not sheets:
        return None
    terrain = _terrain(sheets, recipe, beneath)
    pieces = [_piece(sheet, recipe, terrain, factor) for sheet in sheets]
    return pieces[0] if len(pieces) == 1 else joined(pieces)


def _piece(sheet: RestSheet, recipe: Recipe, terrain: Terrain, factor: float) -> Surface:
    cut, sides = _draped(sheet, recipe, terrain, factor)
    sides, sound = _sound(cut, sides, terrain.ground)
    full = solid(cut, sides, recipe)
    if not sound:
        few = len(piercing_edges(full.vertices, full.faces)[0]) <= _FEW
        settled = relaxed(full.vertices, full.faces) if few else None
        if settled is None:
            return recast(full)
        full = replace(full, vertices=settled)
    return simpler(full, TOLERANCE_MM * max(factor, 1.0))  # the large need no finer grain


def _sound(sheet: RestSheet, sides: Sides, ground: Ground) -> tuple[Sides, bool]:
    """Return sides that do not cross each other, lifted off what that has brought them into."""
    now = Sides(_off_midline(sides.under), _off_midline(sides.outer))
    for _ in range(_LIFTS):
        under, outer, sound = uncrossed(now.under, now.outer)
        if not sound or under is now.under:
            return Sides(under, outer), sound
        now = _cleared(sheet, Sides(under, outer), ground)
    return Sides(under, outer), True


def _off_midline(points: Grid) -> Grid:
    """Keep the left muscle on the left: the two sides meet without sharing volume."""
    kept = points.copy()
    kept[..., 0] = np.maximum(kept[..., 0], 0.3)
    return kept


@dataclass(frozen=True, eq=False)
class Terrain:
    """What one muscle rests on, and what lies over it (None: nothing does)."""

    ground: Ground
    roof: Ground | None


def _terrain(sheets: list[RestSheet], recipe: Recipe, beneath: Mapping[str, Layer]) -> Terrain:
    points = np.concatenate([sheet.points.reshape(-1, 3) for sheet in sheets])
    lower, upper = points.min(axis=0) - _MARGIN_MM, points.max(axis=0) + _MARGIN_MM
    below, above = _sorted_out(beneath, recipe)
    return Terrain(
        ground_of(below, lower, upper), ground_of(above, lower, upper) if above else None
    )


def _draped(
    sheet: RestSheet, recipe: Recipe, terrain: Terrain, factor: float
) -> tuple[RestSheet, Sides]:
    """Drape a rest sheet and give it thickness; digitations are cut after draping."""
    sheet = replace(sheet, points=even(sheet.points, sheet.outward))
    heights = terrain.ground.heights(sheet.points, sheet.outward, recipe.reach)
    heights = np.where(heights < -recipe.reach, NOTHING, heights)
    taut = drape(heights, sheet.points, sheet.outward, recipe.sag)
    taut = pressed(taut, heights, sheet.points, sheet.sink)
    under = settled(heights, taut, filling(recipe, factor, heights.shape[1]))
    if recipe.notch > 0.0:
        span = extent(recipe, sheet.points.shape[1])
        taut, under = trimmed(taut, *span), trimmed(under, *span)
        sheet = replace(
            sheet,
            points=trimmed(sheet.points, *span),
            outward=unit(trimmed(sheet.outward, *span)),
        )
    outer = taut + thickness(sheet, recipe, factor)
    if recipe.rounded:
        evened = gaussian_filter(outer, [_EVEN * count for count in outer.shape])
        outer += border(recipe, outer.shape[1]) * (evened - outer)
    if terrain.roof is not None:
        base = sheet.points + under[..., None] * sheet.outward
        room = terrain.roof.clearances(base, sheet.outward, 200.0)
        outer = np.minimum(outer, under + np.maximum(room - CLEARANCE_MM, LEAST_MM))
    outer = np.maximum(outer, under + LEAST_MM)
    sides = unfolded(
        sheet.points + under[..., None] * sheet.outward,
        sheet.points + outer[..., None] * sheet.outward,
        sheet.outward,
    )
    return sheet, _cleared(sheet, Sides(*sides), terrain.ground)


def _cleared(sheet: RestSheet, sides: Sides, ground: Ground) -> Sides:
    """Lift both sides off what unfolding has brought them into."""
    sunk = np.maximum(ground.heights(sides.under, sheet.outward, _SHALLOW_MM) + CLEARANCE_MM, 0.0)
    sunk = np.where(sunk < _SHALLOW_MM, sunk, 0.0)
    spread = gaussian_filter(maximum_filter(sunk, size=3), 0.8)
    up = np.maximum(sunk, spread)[..., None] * sheet.outward
    along = ((sides.outer - sides.under) * sheet.outward).sum(axis=2)
    over = np.maximum(np.linalg.norm(up, axis=2) + LEAST_MM - along, 0.0)
    return Sides(sides.under + up, sides.outer + over[..., None] * sheet.outward)


def _sorted_out(
    beneath: Mapping[str, Layer], recipe: Recipe
) -> tuple[list[Surface], list[Surface]]:
    """Return what the muscle rests on and what lies over it."""
    below, above = [], []
    for name, layer in beneath.items():
        if any(fnmatchcase(name, pattern) for pattern in recipe.without):
            above.append(layer.surface)
            continue
        over = {p.partition("/")[2] for p in recipe.without if p.partition("/")[0] == name} - {""}
        if over:
            roof, rest = layer.split(over)
            above.append(roof)
            below.append(rest)
        elif not recipe.on or name in recipe.on:
            below.append(layer.surface)
    return below, above


def _known(place: str, landmarks: Landmarks) -> bool:
    head = place.split("+ (", maxsplit=1)[0]
    names = [piece.split("@")[0].strip() for piece in head.split("~")]
    return all(name in landmarks.points or name in landmarks.curves for name in names)


def _layers_of(structures: Mapping[str, Structure], side: Side) -> dict[str, Layer]:
    """Return surfaces as seen from the left side: mirrored for the right, ids exchanged."""
    if side is Side.LEFT:
        return {name: Layer(item.surface, item.parts) for name, item in structures.items()}
    return {
        mirror_id(name): Layer(item.surface.mirrored(), item.parts)
        for name, item in structures.items()
    }


def mirrored_landmarks(landmarks: Landmarks) -> Landmarks:
    """Return landmarks mirrored across the median plane, names exchanged."""
    flip = np.array([-1.0, 1.0, 1.0])
    return Landmarks(
        {mirror_id(name): at * flip for name, at in landmarks.points.items()},
        {mirror_id(name): line * flip for name, line in landmarks.curves.items()},
        {mirror_id(name): turn * np.outer(flip, flip) for name, turn in landmarks.turns.items()},
    )


def _is_symmetric(landmarks: Landmarks, tolerance: float = 0.75) -> bool:
    other = mirrored_landmarks(landmarks)
    return all(
        name in other.points and bool(np.abs(other.points[name] - at).max() < tolerance)
        for name, at in landmarks.points.items()
    )


def _name(recipe: Recipe, side: Side) -> str:
    return recipe.id if recipe.midline else f"{recipe.id}_{side.value}"


def _structure(recipe: Recipe, name: str, surface: Surface) -> Structure:
    return Structure(
        load_catalogue()[name], surface, _ORIGIN, tuple(name for name, _ in recipe.parts)
    )


def joined(pieces: list[Surface]) -> Surface:
    """Return several surfaces as one, fibre coordinates kept."""
    offsets = np.cumsum([0, *(len(piece.vertices) for piece in pieces[:-1])])
    lines = [piece.fibres for piece in pieces if piece.fibres is not None]
    fibres = None
    if len(lines) == len(pieces):
        fibres = Fibres(
            np.concatenate([line.u for line in lines]),
            np.concatenate([line.v for line in lines]),
            np.concatenate([line.direction for line in lines]),
            np.concatenate([line.tendon for line in lines]),
        )
    return Surface(
        np.concatenate([piece.vertices for piece in pieces]),
        np.concatenate(
            [piece.faces + offset for piece, offset in zip(pieces, offsets, strict=True)]
        ).astype(np.int32),
        np.concatenate([piece.normals for piece in pieces]),
        None,
        fibres,
    )
