"""The body's outline: ANSUR measures, and the map from the facts' frame onto an atlas."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Body
from meshes.errors import InputError
from meshes.landmarks import Landmarks
from meshes.surface import Surface

if TYPE_CHECKING:
    import trimesh

REFERENCE = Body()
_REFERENCE_STATURE_MM = 1750.0
_REFERENCE_BMI = 24.0


@lru_cache(maxsize=1)
def outline_data() -> dict[str, Any]:
    """Return what ``outline.toml`` holds (read once per process)."""
    text = (files("meshes") / "outline.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def body_measure(name: str, body: Body = REFERENCE) -> float:
    """Return a body measure in mm from the ANSUR II regressions.

    Parameters
    ----------
    name : str
        A ``[measure.NAME]`` of ``outline.toml``, for example ``chestbreadth``.
    body : Body

    Examples
    --------
    >>> round(body_measure("chestbreadth"), 1)
    278.5
    """
    at, per_stature, per_bmi = outline_data()["measure"][name][body.sex]
    taller = body.stature_cm * 10.0 - _REFERENCE_STATURE_MM
    return float(at + per_stature * taller + per_bmi * (body.bmi - _REFERENCE_BMI))


@dataclass(frozen=True, eq=False)
class LevelMap:
    """Carries heights and places of the facts' frame onto an atlas, vertebra by vertebra.

    Attributes
    ----------
    facts_z, facts_y : ndarray, shape (K,)
        Body centres in the facts' frame, from below to above, mm.
    atlas_z, atlas_y : ndarray, shape (K,)
        The same vertebrae in the atlas, mm.
    scale : float
        Length of the atlas's spine over that of the facts.
    """

    facts_z: NDArray[np.float64]
    facts_y: NDArray[np.float64]
    atlas_z: NDArray[np.float64]
    atlas_y: NDArray[np.float64]
    scale: float

    @classmethod
    def of(cls, landmarks: Landmarks) -> LevelMap:
        """Return the map for the vertebrae that an atlas has.

        Raises
        ------
        InputError
            If fewer than three vertebral bodies are among the landmarks.
        """
        pairs = []
        for level, (y, z) in outline_data()["levels"].items():
            at = landmarks.points.get(f"vertebra_{level}/body")
            if at is not None:
                pairs.append((z, y, float(at[2]), float(at[1])))
        if len(pairs) < 3:
            raise InputError(
                "an outline needs the body centres of at least three vertebrae, received "
                f"{len(pairs)}: give the atlas its vertebrae first"
            )
        table = np.array(sorted(pairs))
        scale = float((table[-1, 2] - table[0, 2]) / (table[-1, 0] - table[0, 0]))
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3], scale)

    def height(self, z: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """Return the atlas's z for the facts' z; beyond the spine the scale goes on."""
        return _extended(np.asarray(z, dtype=np.float64), self.facts_z, self.atlas_z, self.scale)

    def place(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return atlas positions of places in the facts' frame, shape (..., 3)."""
        given = np.asarray(points, dtype=np.float64)
        before = np.interp(given[..., 2], self.facts_z, self.facts_y)
        behind = np.interp(given[..., 2], self.facts_z, self.atlas_y)
        return np.stack(
            [
                given[..., 0] * self.scale,
                behind + (given[..., 1] - before) * self.scale,
                self.height(given[..., 2]),
            ],
            axis=-1,
        )


def _extended(
    z: NDArray[np.float64],
    source: NDArray[np.float64],
    target: NDArray[np.float64],
    scale: float,
) -> NDArray[np.float64]:
    inside = np.interp(z, source, target)
    below = target[0] + (z - source[0]) * scale
    above = target[-1] + (z - source[-1]) * scale
    return np.asarray(np.where(z < source[0], below, np.where(z > source[-1], above, inside)))


def measured_outline(skin: Surface, levels: LevelMap) -> dict[str, float]:
    """Return the body measures of ``outline.toml`` taken on a skin, mm.

    Breadth and depth are the extents of the trunk's (head's) horizontal outline, the arms
    left out, the greatest within 15 mm (`within`) of the height of the measure;
    the neck's girth is the least length there of its outline across the neck's lean (`tilt`);
    the bideltoid breadth is the greatest across both arms. The chest's breadth is left out
    where the arms touch it.

    Parameters
    ----------
    skin : Surface
        Closed, mm, LPS.
    levels : LevelMap
        From the atlas's landmarks.
    """
    mesh = skin.to_trimesh()
    widest = float(np.ptp(skin.vertices[:, 0]))
    found = {}
    for name, row in outline_data()["measure"].items():
        values = []
        within = row.get("within", 15.0)
        for offset in (-within, 0.0, within):
            girth = name.endswith("circumference")
            at = levels.place(np.array([0.0, row.get("y", 0.0), row["z"] + offset]))
            loops = _loops(mesh, at, row.get("tilt", 0.0))
            middle = min(loops, key=lambda loop: float(np.abs(loop[:, 0]).min()), default=None)
            if middle is None:
                continue
            if name == "bideltoidbreadth":
                middle = np.concatenate(loops)
            extent = np.ptp(middle, axis=0)
            if name == "chestbreadth" and extent[0] > 0.75 * widest:
                continue  # the arms touch the trunk here
            if girth:
                steps = np.diff(middle, axis=0, append=middle[:1])
                values.append(-float(np.linalg.norm(steps, axis=1).sum()))
            elif name.endswith("breadth"):
                values.append(float(extent[0]))
            else:
                values.append(float(extent[1]))
        if values:
            found[name] = abs(max(values))
    return found


def _loops(
    mesh: trimesh.Trimesh, at: NDArray[np.float64], tilt: float
) -> list[NDArray[np.float64]]:
    """Return the outlines in a plane through ``at`` that falls by ``tilt`` degrees forward."""
    lean = np.radians(tilt)
    normal = np.array([0.0, -np.sin(lean), np.cos(lean)])
    section = mesh.section(plane_origin=at, plane_normal=normal)
    if section is None:
        return []
    forward = np.array([0.0, np.cos(lean), np.sin(lean)])
    return [
        np.stack([loop[:, 0], (np.asarray(loop) - at) @ forward], axis=1)
        for loop in section.discrete
    ]
