"""The vertebral column's frame: endplates, canal, facet joints and process tips of every level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from meshes.bones.figures import figures, median, vector
from meshes.bones.solid import Array

LEVELS = tuple(
    [f"C{i}" for i in range(1, 8)]
    + [f"T{i}" for i in range(1, 13)]
    + [f"L{i}" for i in range(1, 6)]
)


@dataclass(frozen=True, eq=False)
class Plate:
    """An endplate or disc face: centre, outward normal, posterior direction, half sizes (mm)."""

    centre: Array
    normal: Array
    posterior: Array
    half_width: float
    half_depth: float


@dataclass(frozen=True, eq=False)
class Joint:
    """The left facet joint below a level; ``facing`` is the lower bone's facet normal."""

    centre: Array
    facing: Array
    half_width: float
    half_height: float


@dataclass(frozen=True, eq=False)
class Level:
    """All that a vertebra is built from, at the reference stature.

    Attributes
    ----------
    name : str
        C1..L5.
    body : ndarray, shape (3,)
        Centre of the vertebral body.
    upper, lower : Plate
        Endplates.
    spine_root, spine_tip : ndarray, shape (3,)
        From the spinolaminar line to the tip.
    transverse_tip : ndarray, shape (3,)
        Left tip.
    above, below : Joint
        Left facet joints.
    shape : mapping of str to float
        Sizes between the anchors of ``vertebrae.toml``.
    """

    name: str
    body: Array
    upper: Plate
    lower: Plate
    spine_root: Array
    spine_tip: Array
    transverse_tip: Array
    above: Joint
    below: Joint
    shape: dict[str, float]

    @property
    def up(self) -> Array:
        """Unit axis of the body, from the lower to the upper endplate."""
        axis = self.upper.centre - self.lower.centre
        return np.asarray(axis / np.linalg.norm(axis))

    @property
    def back(self) -> Array:
        """Unit posterior direction of the body."""
        x = np.array([1.0, 0.0, 0.0])
        return np.asarray(np.cross(self.up, x))

    def wall(self) -> Array:
        """Return the middle of the body's back wall (front of the canal)."""
        depth = 0.5 * (self.upper.half_depth + self.lower.half_depth)
        return np.asarray(self.body + self.back * depth * 0.93)


@dataclass(frozen=True, eq=False)
class Disc:
    """An intervertebral disc: its faces touch the endplates."""

    name: str
    lower: Plate
    upper: Plate
    height: float


@lru_cache(maxsize=1)
def discs() -> tuple[Disc, ...]:
    """Return the discs from C2/3 to L5/S1, faces as the vertebrae see them."""
    found = []
    for row in figures("vertebrae")["disc"]:
        above, below = row["between"].split("/")
        region = above[0]
        below = below if below[0] in "TLS" else region + below
        tilt = np.radians(row["tilt"])
        up = np.array([0.0, np.sin(tilt), np.cos(tilt)])
        back = np.array([0.0, np.cos(tilt), -np.sin(tilt)])
        centre, height = median(row["centre"]), float(row["height"])
        top = _size(above)[2:]
        bottom = _size(below)[:2] if below != "S1" else (_size("L5")[2], _size("L5")[3])
        half = 0.5 * _wedge(height, float(row.get("front_to_back", 1.0)), bottom[1])
        low_turn, top_turn = _leaning(half), _leaning(-half)
        found.append(
            Disc(
                f"{above}_{below}",
                Plate(
                    centre - up * height / 2,
                    low_turn @ up,
                    low_turn @ back,
                    bottom[0] / 2,
                    bottom[1] / 2,
                ),
                Plate(
                    centre + up * height / 2,
                    -(top_turn @ up),
                    top_turn @ back,
                    top[0] / 2,
                    top[1] / 2,
                ),
                height,
            )
        )
    return tuple(found)


def _wedge(height: float, front_to_back: float, depth: float) -> float:
    """Return the angle (rad) between a disc's faces from its height and its front over its back."""
    rise = 2.0 * height * (front_to_back - 1.0) / (front_to_back + 1.0)
    return float(np.arctan2(rise, depth))


def _leaning(angle: float) -> Array:
    """Return the turn (rad) in the median plane that leans what points up forward."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def disc_below(name: str) -> Disc:
    """Return the disc under a vertebra."""
    return next(disc for disc in discs() if disc.name.split("_")[0] == name)


@lru_cache(maxsize=1)
def column() -> dict[str, Level]:
    """Return every level of the column."""
    return {name: _level(name) for name in LEVELS}


def _size(name: str) -> tuple[float, float, float, float]:
    raw = figures("vertebrae")["level"][name]["endplates"]
    scale = _between("shape", "plate_scale", name)
    upper_width, upper_depth, lower_width, lower_depth = (float(v) * scale for v in raw)
    return upper_width, upper_depth, lower_width, lower_depth


def _between(table: str, key: str, name: str) -> float:
    rows = figures("vertebrae")[table]
    anchors = [LEVELS.index(level) for level in rows["level"]]
    return float(np.interp(LEVELS.index(name), anchors, vector(rows[key])))


def spine_root(name: str) -> Array:
    """Return the spinolaminar point: the canal's back wall in the midline."""
    row = figures("vertebrae")["level"][name]
    dip = np.radians(row["spine_dip"])
    along = np.array([0.0, np.cos(dip), -np.sin(dip)])
    return np.asarray(median(row["spine_tip"]) - float(row["spine_length"]) * along)


def joint_below(name: str) -> Joint:
    """Return the left facet joint between a level and the next one below."""
    row = figures("vertebrae")["joint"][name]
    facing = vector(row["facing"])
    return Joint(vector(row["centre"]), facing / np.linalg.norm(facing), *map(float, row["half"]))


def _level(name: str) -> Level:
    row = figures("vertebrae")["level"][name]
    index = LEVELS.index(name)
    shape = {
        key: _between("shape", key, name) for key in figures("vertebrae")["shape"] if key != "level"
    }
    body = median(row["body"])
    vertical = np.array([0.0, 0.0, 1.0])
    level_back = np.array([0.0, 1.0, 0.0])
    if index >= 1:
        below = disc_below(name)
        lower = Plate(
            below.upper.centre,
            below.upper.normal,
            below.upper.posterior,
            below.upper.half_width,
            below.upper.half_depth,
        )
    else:
        lower = Plate(body, -vertical, level_back, 8.0, 6.0)
    if index >= 2:
        over = disc_below(LEVELS[index - 1])
        upper = Plate(
            over.lower.centre,
            over.lower.normal,
            over.lower.posterior,
            over.lower.half_width,
            over.lower.half_depth,
        )
    else:
        upper = Plate(body + vertical * 8.0, vertical, level_back, 8.0, 7.5)
    joint_over = joint_below(LEVELS[index - 1]) if index >= 1 else joint_below(name)
    return Level(
        name,
        body,
        upper,
        lower,
        spine_root(name),
        median(row["spine_tip"]),
        vector(row["transverse_tip"]),
        joint_over,
        joint_below(name),
        shape,
    )
