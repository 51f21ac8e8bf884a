"""The needle's column: what it meets as bands that neither overlap nor leave gaps.

A probe lists structures, and real meshes overlap. A drawn column has one name at each depth: the
structure entered last. Stretches of which nothing is known are bands without a structure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.depth import Hit
from meshes.frame import SUPERIOR
from meshes.section import Plane, Section, oblique_plane, section
from meshes.structure import Structure
from meshes.terminology import System

Floats = NDArray[np.float64]

#: Bands thinner than this are left to the one above (mm).
LEAST_BAND = 0.2
#: Gaps up to this are the loose tissue between two sheets, mm; of what fills a wider one the
#: atlas says nothing.
LOOSE_GAP = 12.0
LOOSE, NOT_MODELLED = "loose_tissue", "not_modelled"
#: Narrower gaps are rounding, mm.
_LEAST_GAP = 0.05
#: No bone of the trunk is thicker than this where a hand presses (facts section 2: a vertebral
#: body is 35 mm deep); a "bone" that is thicker is a solid whose inside is not modelled.
_THICKEST_BONE = 70.0


@dataclass(frozen=True)
class Band:
    """A stretch of the needle.

    Attributes
    ----------
    enter_mm, exit_mm : float
        From the skin.
    hit : Hit or None
        The structure; None where the atlas knows of none.
    """

    enter_mm: float
    exit_mm: float
    hit: Hit | None


@dataclass(frozen=True)
class Gap:
    """A stretch between two structures.

    Attributes
    ----------
    enter_mm, exit_mm : float
        From the skin.
    kind : str
        ``loose_tissue``, or ``not_modelled`` where the atlas knows nothing.
    """

    enter_mm: float
    exit_mm: float
    kind: str

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``probe --json`` lists."""
        return {
            "kind": self.kind,
            "enter_mm": round(self.enter_mm, 2),
            "exit_mm": round(self.exit_mm, 2),
            "thickness_mm": round(self.exit_mm - self.enter_mm, 2),
        }


def gaps(hits: Sequence[Hit]) -> tuple[Gap, ...]:
    """Return the stretches of a probe that no structure fills, from the skin inward.

    Together with the hits they cover the needle from the skin to the deepest hit's end.
    """
    found: list[Gap] = []
    reached = 0.0
    for hit in sorted(hits, key=lambda item: item.enter_mm):
        wide = hit.enter_mm - reached
        if wide > _LEAST_GAP:
            kind = LOOSE if wide <= LOOSE_GAP else NOT_MODELLED
            found.append(Gap(reached, hit.enter_mm, kind))
        reached = max(reached, hit.exit_mm)
    return tuple(found)


def solid(hit: Hit) -> bool:
    """Whether a bone is met as a solid whose inside the atlas does not know, as the skull is."""
    return hit.system is System.SKELETAL and hit.thickness_mm > _THICKEST_BONE


def needle_column(hits: Sequence[Hit], to_mm: float | None = None) -> tuple[Band, ...]:
    """Return the bands of a probe, from the skin inward.

    Parameters
    ----------
    hits : sequence of Hit
        From ``probe``.
    to_mm : float, optional
        Where the column ends; by default where the deepest structure ends.
    """
    end = max((hit.exit_mm for hit in hits), default=0.0) if to_mm is None else to_mm
    edges = {0.0, end}
    for hit in hits:
        edges |= {value for value in (hit.enter_mm, hit.exit_mm) if 0.0 <= value <= end}
    bands: list[Band] = []
    marks = sorted(edges)
    for low, high in pairwise(marks):
        middle = (low + high) / 2.0
        inside = [hit for hit in hits if hit.enter_mm <= middle <= hit.exit_mm]
        owner = max(inside, key=lambda hit: hit.enter_mm, default=None)
        if bands and (bands[-1].hit is owner or high - low < LEAST_BAND):
            bands[-1] = Band(bands[-1].enter_mm, high, bands[-1].hit)
        else:
            bands.append(Band(low, high, owner))
    return tuple(bands)


def needle_plane(
    point: NDArray[np.floating], direction: NDArray[np.floating], *, lengthwise: bool = False
) -> Plane:
    """Return a plane that holds the needle, its skin end at the origin, inward pointing down.

    Parameters
    ----------
    point : ndarray, shape (3,)
        On the skin, mm.
    direction : ndarray, shape (3,)
        Into the body.
    lengthwise : bool
        Along the body instead of across it.
    """
    into = np.asarray(direction, dtype=np.float64)
    across = np.cross(into, SUPERIOR)
    if np.linalg.norm(across) < 0.2:  # straight down from the shoulder: cut from front to back
        across = np.array([0.0, 1.0, 0.0])
    along = np.cross(across, into) if lengthwise else across
    return oblique_plane(point, into, along)


def needle_section(
    structures: Mapping[str, Structure],
    point: NDArray[np.floating],
    direction: NDArray[np.floating],
    *,
    lengthwise: bool = False,
) -> Section:
    """Return the cut through all tissue beside a needle (see ``needle_plane``).

    Parameters
    ----------
    structures : mapping of str to Structure
        An ``Atlas`` is one.
    point : ndarray, shape (3,)
        Where the needle enters, mm, LPS.
    direction : ndarray, shape (3,)
        Unit vector into the body.
    lengthwise : bool
        Along the body instead of across.
    """
    return section(structures, needle_plane(point, direction, lengthwise=lengthwise))
