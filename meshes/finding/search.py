"""What a rule can see while it searches: bones, landmarks found so far, regions, directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.errors import ReadError
from meshes.finding.bone import Array, Bone, unit
from meshes.finding.region import contains
from meshes.finding.rules import read_spans
from meshes.landmarks import resample
from meshes.structure import Structure

SIZES = (0.6, 1.4)
"""Sizes that a span is believed to tell."""

FLIP = np.array([-1.0, 1.0, 1.0])


class Missing(Exception):
    """A bone, or a landmark that a rule builds on, is not there: the rule is passed over."""


@dataclass
class Search:
    """The bones of a person and the landmarks found on them so far.

    With ``mirror`` everything is seen with x and -x exchanged, so that a rule written for the
    left finds the right, exactly mirrored.
    """

    structures: Mapping[str, Structure]
    points: dict[str, Array] = field(default_factory=dict)
    curves: dict[str, Array] = field(default_factory=dict)
    mirror: bool = False
    _bones: dict[tuple[str, bool], Bone] = field(default_factory=dict)

    def seen(self, mirror: bool) -> Search:
        """Return the same search, mirrored or not; both share what has been found."""
        if mirror == self.mirror:
            return self
        return Search(self.structures, self.points, self.curves, mirror, self._bones)

    @property
    def scale(self) -> float:
        """The person's size over that of the man of 1750 mm whom the rules' mm are given for.

        Told by the first span of the rules of which both ends have been found; 1 until then.
        """
        for start, end, length in read_spans():
            if start in self.points and end in self.points:
                found = float(np.linalg.norm(self.points[start] - self.points[end]))
                return float(np.clip(found / length, *SIZES))
        return 1.0

    def flipped(self, array: Array) -> Array:
        """Take points from the subject to what is seen, or back."""
        return array * FLIP if self.mirror else array

    def bone(self, names: str | list[str]) -> Bone:
        """Return the first bone present; ``a+b`` means the two together, or either alone."""
        for name in [names] if isinstance(names, str) else names:
            key = (name, self.mirror)
            if key not in self._bones:
                present = [
                    self.structures[one].surface
                    for one in name.split("+")
                    if one in self.structures and self.structures[one].surface.triangle_count
                ]
                if not present:
                    continue
                self._bones[key] = Bone.of(present, self.mirror)
            return self._bones[key]
        raise Missing(str(names))

    def point(self, where: Any) -> Array:
        """Return a point.

        Parameters
        ----------
        where : str or mapping
            ``a/b`` a point, ``a/b @ 0.3`` a place on a curve by its share of the length or
            ``a/b @ 30mm`` by the way from its start, or a table ``between`` (two
            places), ``at`` (share of the way, 0.5) and ``shift`` (mm).
        """
        if isinstance(where, str):
            name, _, share = (word.strip() for word in where.partition("@"))
            if share:
                return _along(self.curve(name), share, self.scale)
            if name not in self.points:
                raise Missing(name)
            return self.flipped(self.points[name])
        if not isinstance(where, Mapping) or not {"between", "of"} & set(where):
            raise ReadError(f"a place is a landmark, or a table with of or between: {where!r}")
        if "between" in where:
            start, end = (self.point(one) for one in where["between"])
            place = start + float(where.get("at", 0.5)) * (end - start)
        else:
            place = self.point(where["of"])
        shift = self.scale * np.array(where.get("shift", (0.0, 0.0, 0.0)), dtype=np.float64)
        return np.asarray(place + shift, dtype=np.float64)

    def curve(self, name: str) -> Array:
        """Return a curve found before, shape (K, 3)."""
        if name not in self.curves:
            raise Missing(name)
        return self.flipped(self.curves[name])

    def direction(self, way: Any) -> Array:
        """Return a unit vector.

        Parameters
        ----------
        way : list, str or mapping
            Three numbers; ``a -> b``; ``{of, across}``, the first made square to the second;
            ``{square}``, the vector product of two directions.
        """
        if isinstance(way, str):
            start, end = (self.point(one.strip()) for one in way.split("->"))
            return unit(end - start)
        if isinstance(way, Mapping) and "square" in way:
            first, second = (self.direction(one) for one in way["square"])
            return unit(np.cross(first, second))
        if isinstance(way, Mapping):
            vector, axis = self.direction(way["of"]), self.direction(way["across"])
            return unit(vector - (vector @ axis) * axis)
        return unit(np.array(way, dtype=np.float64))

    def inside(
        self, bone: Bone, points: Array, within: Mapping[str, Any], normals: Array | None = None
    ) -> NDArray[np.bool_]:
        """Tell which points lie in a region of a bone (see ``meshes.finding.region``)."""
        keep = np.ones(len(points), dtype=np.bool_)
        for key, value in within.items():
            keep &= contains(self, bone, (points, normals), key, value)
        return keep


def _along(curve: Array, where: str, scale: float) -> Array:
    share = where.removesuffix("mm")
    if share == where:
        return resample(curve, np.array([float(share)]))[0]
    length = float(np.linalg.norm(np.diff(curve, axis=0), axis=1).sum())
    return resample(curve, np.array([scale * float(share) / length]))[0]
