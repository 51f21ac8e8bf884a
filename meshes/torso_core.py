"""The body where no muscle is modelled: lofted trunk, neck and head, and rods for the limbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from meshes.atlas import Body
from meshes.field.blend import (
    ellipsoid,
    smooth_max,
    smooth_min,
    superellipse_loft,
    tapered_capsule,
)
from meshes.field.grid import Field, Grid
from meshes.landmarks import Landmarks
from meshes.outline import LevelMap, body_measure, outline_data
from meshes.structure import Structure


@dataclass(frozen=True, eq=False)
class Limb:
    """A rod along a limb's bone, with the plane that ends the skin there.

    Attributes
    ----------
    start, end : ndarray, shape (3,)
        Axis, mm; the skin ends at ``end`` in a cap across the axis.
    radii : tuple of float
        At start and end, mm.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    radii: tuple[float, float]

    def field(self, points: tuple[Field, Field, Field]) -> Field:
        """Return the distance to the rod, going on beyond its end."""
        axis = self.end - self.start
        share = 1.0 + 60.0 / float(np.linalg.norm(axis))
        narrower = self.radii[0] + share * (self.radii[1] - self.radii[0])
        return tapered_capsule(
            points, self.start, self.start + share * axis, (self.radii[0], narrower)
        )

    def beyond(self, points: tuple[Field, Field, Field]) -> Field:
        """Return the signed distance past the end plane, positive outside."""
        axis = self.end - self.start
        unit = (axis / np.linalg.norm(axis)).astype(np.float32)
        parts = [(points[i] - np.float32(self.end[i])) * unit[i] for i in range(3)]
        return np.asarray(parts[0] + parts[1] + parts[2], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class TorsoCore:
    """Solids of the outline for one body on one atlas.

    Attributes
    ----------
    levels : LevelMap
    body : Body
    arm : Limb or None
        Left upper arm; None without a left humerus.
    psis : ndarray, shape (3,), or None
        Left posterior superior iliac spine, mm, where the landmarks have it.
    """

    levels: LevelMap
    body: Body
    arm: Limb | None
    psis: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls,
        structures: Mapping[str, Structure],
        landmarks: Landmarks,
        levels: LevelMap,
        body: Body,
    ) -> TorsoCore:
        """Return the core for an atlas."""
        psis = landmarks.points.get("hip_bone_left/psis")
        return cls(levels, body, _arm(structures, landmarks, levels), psis)

    def height(self, name: str, key: str) -> float:
        """Return a height of ``outline.toml`` (``[name] key``) in the atlas, mm."""
        return float(self.levels.height(outline_data()[name][key]))

    def box(self) -> NDArray[np.float64]:
        """Return lower and upper corner of a box that holds all of the solids, (2, 3), mm."""
        data = outline_data()
        wide = 0.5 * max(body_measure(name, self.body) for name in ("hipbreadth", "waistbreadth"))
        deep = max(body_measure(name, self.body) for name in ("chestdepth", "waistdepth"))
        top = np.array(data["cranium"]["centre"]) + [0.0, 0.0, data["cranium"]["height"]]
        back = self.levels.place(np.array([0.0, 120.0, 300.0]))[1]
        low = np.array([-wide, back - 1.05 * deep - 60.0, self.height("thigh", "cut_z")])
        high = np.array([wide, back, float(self.levels.place(top)[2])])
        if self.arm is not None:
            high[0] = max(high[0], float(self.arm.end[0]) + self.arm.radii[0])
            low[0] = -high[0]
        return np.stack([low, high])

    def trunk(self, grid: Grid, back: NDArray[np.float64]) -> Field:
        """Return the trunk's distance field; ``back`` is the hindmost skin y for each z."""
        rows = outline_data()["trunk"]
        half = self._profile(rows, grid, lambda row: 0.5 * self._share(row["breadth"]))
        depth = self._profile(rows, grid, lambda row: self._share(row["depth"]))
        inset = self._profile(rows, grid, lambda row: row["inset"] * self.levels.scale)
        power = self._profile(rows, grid, lambda row: row["power"])
        hindmost = back.astype(np.float32)
        front = hindmost - depth
        field = superellipse_loft(grid.axes(), half, front, hindmost - inset, power)
        return self._between(field, rows, grid, roundness=24.0)

    def neck_and_head(self, grid: Grid) -> Field:
        """Return the distance field of throat, nape, face and cranium."""
        points = grid.axes()
        girth = body_measure("neckcircumference", self.body) / body_measure("neckcircumference")
        neck = self._loft("neck", grid, girth)
        breadth = body_measure("headbreadth", self.body) / body_measure("headbreadth")
        face = self._loft("face", grid, breadth)
        cranium = outline_data()["cranium"]
        # 4 mm less: joining it with the face and the skull's own offset swells it by as much
        radii = np.array(
            [
                0.5 * body_measure("headbreadth", self.body) - 4.0,
                0.5 * body_measure("headlength", self.body) - 4.0,
                cranium["height"] * self.levels.scale,
            ]
        )
        skull = ellipsoid(points, self.levels.place(np.array(cranium["centre"])), radii)
        return smooth_min(smooth_min(skull, face, 24.0), neck, 22.0)

    def buttock(self, grid: Grid) -> Field:
        """Return the distance field of the gluteal mass (left and right)."""
        data = outline_data()["buttock"]
        wide = body_measure("hipbreadth", self.body) / body_measure("hipbreadth")
        x, y, z = grid.axes()
        centre = self.levels.place(np.array(data["centre"]))
        centre[0] = data["centre"][0] * wide
        radii = np.array(data["radii"]) * np.array([wide, wide, self.levels.scale])
        return ellipsoid((np.abs(x), y, z), centre, radii)

    def thigh(self, grid: Grid) -> Field:
        """Return the distance field of both thighs, parted below the crotch."""
        data = outline_data()["thigh"]
        wide = body_measure("hipbreadth", self.body) / body_measure("hipbreadth")
        x, y, z = grid.axes()
        sideways = np.array([wide / self.levels.scale, 1.0, 1.0])
        start, end = (self.levels.place(np.array(data[key]) * sideways) for key in ("start", "end"))
        radii = (data["radii"][0] * wide, data["radii"][1] * wide)
        return tapered_capsule((np.abs(x), y, z), start, end, radii)

    def _share(self, pair: Sequence[Any]) -> float:
        return float(body_measure(pair[0], self.body) * pair[1])

    def _loft(self, name: str, grid: Grid, wide: float) -> Field:
        rows = outline_data()[name]
        scale = self.levels.scale
        profiles = {
            key: self._profile(rows, grid, lambda row, key=key: row[key])
            for key in ("half_breadth", "front", "back", "power")
        }
        middle = np.array([[0.0, 0.0, row["z"]] for row in rows])
        offset = self.levels.place(middle)[:, 1]
        shift = np.interp(grid.axis(2), self.levels.height(middle[:, 2]), offset)
        centre = 0.5 * (profiles["front"] + profiles["back"]) * scale + shift
        depth = 0.5 * (profiles["back"] - profiles["front"]) * scale * wide
        field = superellipse_loft(
            grid.axes(),
            profiles["half_breadth"] * wide * scale,
            centre - depth,
            centre + depth,
            profiles["power"],
        )
        return self._between(field, rows, grid, roundness=20.0)

    def _profile(self, rows: Sequence[Mapping[str, Any]], grid: Grid, value: Any) -> Field:
        heights = self.levels.height(np.array([row["z"] for row in rows], dtype=np.float64))
        values = np.array([value(row) for row in rows], dtype=np.float64)
        order = np.argsort(heights)
        curve = PchipInterpolator(heights[order], values[order])
        within = np.clip(grid.axis(2), heights.min(), heights.max())
        return np.asarray(curve(within), dtype=np.float32)

    def _between(
        self, field: Field, rows: Sequence[Mapping[str, Any]], grid: Grid, roundness: float
    ) -> Field:
        heights = self.levels.height(np.array([row["z"] for row in rows], dtype=np.float64))
        z = grid.axes()[2]
        past = np.maximum(np.float32(heights.min()) - z, z - np.float32(heights.max()))
        return smooth_max(field, np.broadcast_to(past, field.shape), roundness)


def _arm(
    structures: Mapping[str, Structure], landmarks: Landmarks, levels: LevelMap
) -> Limb | None:
    bone = structures.get("humerus_left")
    head = landmarks.points.get("humerus_left/head")
    if bone is None or head is None:
        return None
    data = outline_data()["arm"]
    vertices = np.asarray(bone.surface.vertices, dtype=np.float64)
    far = np.linalg.norm(vertices - head, axis=1)
    axis = vertices[far > far.max() - 18.0 * levels.scale].mean(axis=0) - head
    axis /= np.linalg.norm(axis)
    length = float(((vertices - head) @ axis).max()) + data["overhang"]
    radii = (data["radii"][0] * levels.scale, data["radii"][1] * levels.scale)
    return Limb(np.asarray(head, dtype=np.float64), head + length * axis, radii)
