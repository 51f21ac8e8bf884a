"""The lungs: what the pleural wall encloses, beside the mediastinum and above the diaphragm."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.catalogue import load_catalogue
from meshes.field.blend import smooth_max, smooth_min, tapered_capsule
from meshes.field.extract import evened, level_surface, one_body, settled
from meshes.field.grid import Field, Grid
from meshes.finding.search import FLIP
from meshes.landmarks import Landmarks
from meshes.muscle.simpler import simpler
from meshes.outline import LevelMap
from meshes.pleura import LEAN, Wall, costal_walls, pleura_data
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance, Side

Array = NDArray[np.float64]

_GRID_MM = 6.0
_FAR = np.float32(40.0)  # a bound that does not apply
_ORIGIN = Origin(
    Provenance.GENERATED,
    "generated inside the pleura, above its lower edge and beside a mediastinum of textbook size",
    "Apache-2.0",
)
_PARTS = ("apex",)


@lru_cache(maxsize=1)
def lung_data() -> Mapping[str, Any]:
    """Return ``lung.toml`` (read once per process)."""
    return tomllib.loads(files("meshes").joinpath("lung.toml").read_text(encoding="utf-8"))


def generate_lungs(
    structures: Mapping[str, Structure],
    landmarks: Landmarks,
    scale: float = 1.0,
    walls: Mapping[Side, Wall] | None = None,
) -> dict[str, Structure]:
    """Return ``lung_left`` and ``lung_right`` where the ribs allow and there is none yet.

    Parameters
    ----------
    structures : mapping of str to Structure
        Ribs, costal cartilages, thoracic vertebrae and sternum, and the diaphragm if there is
        one, mm, LPS.
    landmarks : Landmarks
        Ribs 1 to 12, bodies of the thoracic vertebrae, sternum.
    scale : float
        Stature / 1750 mm.
    walls : mapping of Side to Wall, optional
        What :func:`meshes.pleura.costal_walls` found, if that has been asked already.

    Returns
    -------
    dict of str to Structure
        Closed solids with the part ``apex`` (above the first rib). A side that lacks a landmark
        is left out.
    """
    if walls is None:
        walls = costal_walls(structures, landmarks, scale)
    made = {}
    for side, wall in walls.items():
        name = f"lung_{side.value}"
        if name not in structures:
            lung = _Place(wall, LevelMap.of(landmarks), side, scale).lung(structures)
            made[name] = Structure(load_catalogue()[name], lung, _ORIGIN, _PARTS)
    return made


@dataclass(frozen=True, eq=False)
class _Place:
    """One side's lung, worked out as if it were the left: the right one is seen in a mirror."""

    wall: Wall
    levels: LevelMap
    side: Side
    scale: float

    def lung(self, structures: Mapping[str, Structure]) -> Surface:
        """Return the closed surface in the subject's own frame."""
        cage, data = self.wall.cage, lung_data()
        reach = float(self.wall.distance.max()) + 10.0
        cupula = self.scale * float(pleura_data()["cupula"])
        low = np.array([0.0, cage.axis[:, 1].min() - reach, self.wall.lung.min() - 10.0])
        high = np.array(
            [
                cage.axis[:, 0].max() + reach,
                cage.axis[:, 1].max() + reach,
                float(self.wall.top.max()) + cupula + 10.0,
            ]
        )
        grid = Grid.around(low, high, _GRID_MM)
        edge = float(data["edge"]) * self.scale
        costal, base = self._costal_and_base(grid, cupula)
        base = np.maximum(base, self._over_diaphragm(grid, structures))
        field = smooth_max(smooth_max(costal, self._mediastinum(grid), edge), base, edge)
        field = _rounded(one_body(field), grid.spacing, float(data["thinnest"]) * self.scale)
        points, triangles, _ = level_surface(one_body(field), grid, mirrored=False)
        points = settled(evened(points, triangles, field, grid), triangles)
        surface = simpler(Surface.of(points, triangles), float(data["tolerance"]))
        part = self._parts(surface)
        surface = Surface.of(surface.vertices, surface.faces, part=part)
        if self.side is Side.LEFT:
            return surface
        flipped = surface.mirrored()
        return Surface.of(flipped.vertices, flipped.faces, part=part)

    def _costal_and_base(self, grid: Grid, cupula: float) -> tuple[Field, Field]:
        """Return how far nodes lie outside the pleural wall, and below the lung's lower edge."""
        wall, cage, data = self.wall, self.wall.cage, lung_data()
        x, y, z = np.broadcast_arrays(*grid.axes())
        points = np.stack([x, y, z], axis=-1, dtype=np.float64).reshape(-1, 3)
        u, height, distance = cage.coordinates(points)
        # Over the first rib the wall rounds off, levels out and leans back, as the cupula does.
        over = self._over_rib(u, height, cupula)
        points[:, 1] -= LEAN * cupula * over * np.clip(u, 0.0, 1.0)
        u, height, distance = cage.coordinates(points)
        limit = wall.radius(u, height)
        inset = float(pleura_data()["thickness"]) + float(data["gap"])
        over = self._over_rib(u, height, cupula - inset)
        limit *= np.sqrt(np.clip(1.0 - over**2, 0.0, 1.0))
        inside = (u >= 0.0) & (u <= 1.0)
        costal = np.where(inside, distance - limit + inset * self.scale, -float(_FAR))
        costal = np.where(over >= 1.0, np.maximum(costal, (over - 1.0) * cupula), costal)
        edge = _at(wall.columns, wall.lung, u)
        summit = float(self.levels.height(float(data["dome"]["summit"][self.side.value])))
        share = np.clip(distance / np.maximum(limit, 1.0), 0.0, 1.0) ** 3
        floor = edge * share + np.maximum(summit, edge) * (1.0 - share)
        shape = grid.shape
        return (
            costal.reshape(shape).astype(np.float32),
            (floor - height).reshape(shape).astype(np.float32),
        )

    def _over_rib(self, u: Array, height: Array, cupula: float) -> Array:
        """Return heights over the first rib as shares of the cupula's."""
        top, middle = _at(self.wall.columns, self.wall.top, u), float(self.wall.top.mean())
        over = np.zeros_like(u)
        for _ in range(3):
            level = top + (middle - top) * np.clip(over, 0.0, 1.0) ** 2
            over = np.maximum(height - level, 0.0) / cupula
        return over

    def _mediastinum(self, grid: Grid) -> Field:
        """Return how far nodes lie within the mediastinum."""
        data = lung_data()
        axes = grid.axes()
        x, y, _ = axes
        column = data["column"]
        width = np.interp(
            grid.axis(2),
            self.levels.height(np.array(column["levels"][::-1], dtype=np.float64)),
            self.scale * np.array(column["half_width"][::-1], dtype=np.float64),
        ).astype(np.float32)
        # In front it narrows to where the pleura turns back behind the sternum.
        behind = np.interp(grid.axis(2), self.wall.cage.levels, self.wall.cage.behind[:, 1])
        front = np.interp(grid.axis(2), self.wall.cage.levels, self.wall.cage.front[:, 1])
        narrow = np.float32(self.wall.cage.front[0, 0] + 2.0)
        share = np.clip((y - front) / np.maximum(behind - front, 1.0) / 0.35, 0.0, 1.0)
        inside = x - (narrow + (width - narrow) * share)
        solids = np.asarray(np.broadcast_to(inside, grid.shape), dtype=np.float32)
        heart = data["heart"]
        centre = self._seen(heart["centre"])
        axis = np.array(heart["axis"], dtype=np.float64)
        if self.side is Side.RIGHT:
            axis = axis * FLIP
        solids = smooth_min(solids, self._spindle(axes, centre, axis), 12.0)
        if self.side is Side.LEFT:
            aorta = data["aorta"]
            radius = self.scale * float(aorta["radius"])
            rod = tapered_capsule(
                axes, self._seen(aorta["from"]), self._seen(aorta["to"]), (radius, radius)
            )
            solids = smooth_min(solids, rod, 8.0)
        return np.asarray(-solids, dtype=np.float32)

    def _spindle(self, axes: tuple[Field, Field, Field], centre: Array, axis: Array) -> Field:
        """Return an approximate distance to an ellipsoid of revolution along ``axis``."""
        along_mm, across_mm = (self.scale * float(one) for one in lung_data()["heart"]["radii"])
        unit = (axis / np.linalg.norm(axis)).astype(np.float32)
        x, y, z = (axes[i] - np.float32(centre[i]) for i in range(3))
        along = x * unit[0] + y * unit[1] + z * unit[2]
        across = np.sqrt(np.maximum(x**2 + y**2 + z**2 - along**2, 0.0))
        reach = np.hypot(along / along_mm, across / across_mm)
        slope = np.hypot(along / along_mm**2, across / across_mm**2)
        return np.asarray(reach * (reach - 1.0) / np.maximum(slope, 1e-6), dtype=np.float32)

    def _over_diaphragm(self, grid: Grid, structures: Mapping[str, Structure]) -> Field:
        """Return how far nodes lie below the top of the diaphragm; far above where it is not."""
        from scipy.ndimage import maximum_filter

        below = np.full(grid.shape[:2], -1e3)
        if "diaphragm" in structures:
            surface = structures["diaphragm"].surface
            corners = surface.vertices[surface.faces].astype(np.float64)
            if self.side is Side.RIGHT:
                corners = corners * FLIP
            for share in ((1, 1, 1), (4, 1, 1), (1, 4, 1), (1, 1, 4), (0, 1, 1), (1, 0, 1)):
                places = np.einsum("k,fkd->fd", np.array(share) / sum(share), corners)
                cell = np.rint((places[:, :2] - grid.origin[:2]) / grid.spacing).astype(int)
                held = ((cell >= 0) & (cell < below.shape)).all(axis=1)
                np.maximum.at(below, tuple(cell[held].T), places[held, 2])
            below = maximum_filter(below, 3)
        clear = self.scale * float(lung_data()["dome"]["clearance"])
        lack = below[:, :, None] + clear - grid.axis(2)
        return np.asarray(np.maximum(lack, -_FAR), dtype=np.float32)

    def _seen(self, place: list[float]) -> Array:
        """Return a place of the facts' frame as seen from this side."""
        found = self.levels.place(np.array(place, dtype=np.float64))
        return found * FLIP if self.side is Side.RIGHT else found

    def _parts(self, surface: Surface) -> NDArray[np.int16]:
        middle = surface.vertices[surface.faces].mean(axis=1, dtype=np.float64)
        u, height, _ = self.wall.cage.coordinates(middle)
        return np.where(height > _at(self.wall.columns, self.wall.top, u), 0, -1).astype(np.int16)


def _rounded(field: Field, spacing: float, thinnest: float) -> Field:
    """Return the field without wedges thinner than twice ``thinnest`` mm."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    depth = distance_transform_edt(field < 0.0, sampling=spacing) - 0.5 * spacing
    away = distance_transform_edt(depth < thinnest, sampling=spacing) - 0.5 * spacing
    # Whole nodes stand at their distance to within half a step: what is not a wedge stays.
    spare = thinnest + 0.5 * spacing
    opened = gaussian_filter((away - spare).astype(np.float32), 0.8)
    return np.maximum(field, np.minimum(opened, _FAR))


def _at(columns: Array, values: Array, u: Array) -> Array:
    return np.asarray(np.interp(np.clip(u, 0.0, 1.0), columns, values))
