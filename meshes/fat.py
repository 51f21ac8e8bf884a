"""Thickness of dermis and subcutaneous fat over the body, from the site table ``fat.toml``."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Body
from meshes.outline import LevelMap, body_measure, outline_data

TURN = 2.0 * math.pi  # how much longer a girth is per mm that it lies further out
_REACH_MM = 26.0  # below this distance sites blend instead of one of them ruling alone


@lru_cache(maxsize=1)
def fat_data() -> dict[str, Any]:
    """Return what ``fat.toml`` holds (read once per process)."""
    text = (files("meshes") / "fat.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, eq=False)
class FatSites:
    """Fat thickness at sites of one atlas, interpolated in between.

    Attributes
    ----------
    names : tuple of str
    places : ndarray, shape (S, 3)
        mm, atlas frame, left side (x >= 0).
    thickness : ndarray, shape (S,)
        mm.
    limb : ndarray of bool, shape (S,)
        Whether the site lies on the arm.
    """

    names: tuple[str, ...]
    places: NDArray[np.float64]
    thickness: NDArray[np.float64]
    limb: NDArray[np.bool_]

    @property
    def thickest(self) -> float:
        """The greatest thickness of dermis and fat together, mm."""
        return float(self.thickness.max()) + 4.0

    @classmethod
    def of(cls, levels: LevelMap, body: Body) -> FatSites:
        """Return the sites of ``fat.toml`` for a body, carried to an atlas."""
        sites = fat_data()["site"]
        return cls(
            tuple(site["name"] for site in sites),
            levels.place(np.array([site["at"] for site in sites])),
            np.array([site_thickness(site["name"], body) for site in sites]),
            np.array([site.get("limb", False) for site in sites]),
        )

    def only(self, limb: bool) -> FatSites:
        """Return the sites of the arm, or those of the trunk."""
        keep = np.flatnonzero(self.limb == limb)
        names = tuple(self.names[index] for index in keep)
        return FatSites(names, self.places[keep], self.thickness[keep], self.limb[keep])

    def fitted(
        self,
        trunk: NDArray[np.floating],
        arms: NDArray[np.floating],
        levels: LevelMap,
        body: Body,
    ) -> FatSites:
        """Return sites thinned or thickened so that the outline comes near to ANSUR II.

        Parameters
        ----------
        trunk, arms : ndarray, shape (N, 3)
            Points on the muscles and bones, mm.
        levels : LevelMap
        body : Body
        """
        fit = fat_data()["fit"]
        thickness = self.thickness.copy()
        for kind in ("breadth", "depth"):
            for measure, names in fit[kind].items():
                points = arms if measure == "bideltoidbreadth" else trunk
                z = float(levels.height(outline_data()["measure"][measure]["z"]))
                slab = points[np.abs(points[:, 2] - z) < 15.0]
                if len(slab) == 0:
                    continue
                room = body_measure(measure, body) - 2.0 * float(dermis_at(np.array(z), levels))
                if kind == "breadth":
                    room = 0.5 * room - float(np.abs(slab[:, 0]).max())
                else:
                    middle = slab[np.abs(slab[:, 0]) < 120.0 * levels.scale]
                    if len(middle) == 0:
                        continue
                    behind = middle[middle[:, 1].argmax()]
                    room -= float(np.ptp(middle[:, 1])) + float(self.at(behind[None])[0])
                for name in names:
                    self._fit(thickness, name, room)
        for measure, names in fit["girth"].items():
            dermis = float(
                dermis_at(levels.height(outline_data()["measure"][measure]["z"]), levels)
            )
            girth = hull_girth(trunk, measure, levels)
            for name in names if girth > 0.0 else ():
                self._fit(thickness, name, (body_measure(measure, body) - girth) / TURN - dermis)
        return replace(self, thickness=thickness)

    def _fit(self, thickness: NDArray[np.float64], name: str, room: float) -> None:
        """Set a site's thickness to the room there is, as far as the site's range allows."""
        index = self.names.index(name)
        low, high = (share * self.thickness[index] for share in fat_data()["fit"]["range"])
        thickness[index] = np.clip(room, low, high)

    def at(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the thickness at points, shape (N,), mm; left and right alike.

        Inverse-distance weights (fourth power) over all sites.
        """
        folded = np.array(points, dtype=np.float32)
        folded[:, 0] = np.abs(folded[:, 0])
        total = np.zeros(len(folded), dtype=np.float32)
        weighted = np.zeros(len(folded), dtype=np.float32)
        for place, thickness in zip(self.places, self.thickness, strict=True):
            gap = folded - place.astype(np.float32)
            square = np.einsum("ij,ij->i", gap, gap) + np.float32(_REACH_MM**2)
            weight = 1.0 / (square * square)
            total += weight
            weighted += weight * np.float32(thickness)
        return np.asarray(weighted / total, dtype=np.float64)


def hull_girth(points: NDArray[np.floating], measure: str, levels: LevelMap) -> float:
    """Return the girth of points where a measure of ``outline.toml`` is taken, mm; 0 for none.

    A tape bridges hollows: it is the girth of their convex hull within 6 mm of the plane.
    """
    from scipy.spatial import ConvexHull

    row = outline_data()["measure"][measure]
    at = levels.place(np.array([0.0, row.get("y", 0.0), row["z"]]))
    lean = math.radians(row.get("tilt", 0.0))
    offset = points - at
    near = np.abs(offset[:, 2] * math.cos(lean) - offset[:, 1] * math.sin(lean)) < 6.0
    if near.sum() < 8:
        return 0.0
    flat = np.stack(
        [offset[near, 0], offset[near, 1] * math.cos(lean) + offset[near, 2] * math.sin(lean)],
        axis=1,
    )
    return float(ConvexHull(flat).area)


def site_thickness(name: str, body: Body) -> float:
    """Return the fat thickness (mm) at a named site of ``fat.toml`` for a body.

    Examples
    --------
    >>> site_thickness("L3 paraspinal", Body())
    10.0
    """
    data = fat_data()
    site = next(row for row in data["site"] if row["name"] == name)
    growth = data["growth"][site["growth"]]
    excess = body.bmi - data["reference_bmi"][body.sex]
    return float(site[body.sex] * math.exp(growth * excess))


def dermis_at(z: NDArray[np.floating], levels: LevelMap) -> NDArray[np.float64]:
    """Return the thickness of the dermis (mm) at heights of an atlas."""
    dermis = fat_data()["dermis"]
    low, high = levels.height(np.array([dermis["lower_below_z"], dermis["upper_above_z"]]))
    share = np.clip((np.asarray(z) - low) / (high - low), 0.0, 1.0)
    return np.asarray(dermis["lower"] + share * (dermis["upper"] - dermis["lower"]))


def least_fat() -> float:
    """Return the least thickness of fat between skin and muscle or bone, mm."""
    return float(fat_data()["least"])
