"""What opens the torso besides peeling it as a whole: a lens, a cut, layers drawn apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from meshes.errors import InputError, UnknownName
from meshes.section import Plane, principal_plane

Place = tuple[float, float, float]

#: Smallest and largest lens, mm.
LENS_MM = (10.0, 200.0)
#: Share of the lens's radius in which it fades into its surroundings.
LENS_SOFT = 0.16
#: Most that neighbouring layers are drawn apart, mm.
SPREAD_MM = 320.0


class Follow(StrEnum):
    """What a lens stays on."""

    POINTER = "pointer"
    HAND = "hand"


@dataclass(frozen=True)
class PeelLens:
    """A round window with soft edges through which a deeper layer is seen.

    It is round in the picture, whatever the surface below: all that lies along the line of
    sight through the disc is peeled.

    Attributes
    ----------
    peel : float
        Peel depth inside, 0 (skin) to 7 (organs).
    radius_mm : float
        At the depth of its centre.
    follows : Follow
    centre : tuple of float, or None
        mm, LPS. None is no lens at the moment: the pointer is elsewhere, no hand is down.
    """

    peel: float = 3.0
    radius_mm: float = 45.0
    follows: Follow = Follow.POINTER
    centre: Place | None = None

    def at(self, place: NDArray[np.floating] | Place | None) -> PeelLens:
        """Return the lens somewhere else, or nowhere."""
        if place is None:
            return replace(self, centre=None)
        x, y, z = (float(value) for value in place)
        return replace(self, centre=(x, y, z))


#: Direction that is taken away by a cut of each kind: above, the subject's left, behind.
CUTS: Mapping[str, Place] = MappingProxyType(
    {"axial": (0.0, 0.0, 1.0), "sagittal": (1.0, 0.0, 0.0), "coronal": (0.0, 1.0, 0.0)}
)


@dataclass(frozen=True)
class Cut:
    """A plane through the torso; what lies beyond it is taken away.

    Attributes
    ----------
    normal : tuple of float
        Unit vector towards what is taken away.
    offset_mm : float
        Distance of the plane from the origin along the normal.
    """

    normal: Place
    offset_mm: float

    def beyond(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how far points lie on the side that is taken away, mm, shape (N,)."""
        at = np.atleast_2d(np.asarray(points, dtype=np.float64))
        return np.asarray(at @ np.asarray(self.normal) - self.offset_mm)

    def turned_over(self) -> Cut:
        """Return the same plane with the other side taken away."""
        x, y, z = self.normal
        return Cut((-x, -y, -z), -self.offset_mm)

    @property
    def kind(self) -> str:
        """Axial, sagittal or coronal, or oblique for any other direction."""
        for name, direction in CUTS.items():
            if abs(abs(float(np.dot(direction, self.normal))) - 1.0) < 1e-6:
                return name
        return "oblique"

    def plane(self) -> Plane:
        """Return the plane with axes of its own."""
        normal = np.asarray(self.normal, dtype=np.float64)
        at = self.offset_mm * normal
        if self.kind != "oblique":
            return principal_plane(self.kind, at)
        level = np.cross([0.0, 0.0, 1.0], normal)
        if float(np.linalg.norm(level)) < 1e-6:
            level = np.array([1.0, 0.0, 0.0])
        right = level / np.linalg.norm(level)
        return Plane(at, right, np.cross(normal, right))


def cut_through(kind: str, place: NDArray[np.floating] | Place) -> Cut:
    """Return an axial, sagittal or coronal cut through a point."""
    if kind not in CUTS:
        raise UnknownName("cut", kind, CUTS)
    return oblique_cut(CUTS[kind], place)


def oblique_cut(normal: NDArray[np.floating] | Place, place: NDArray[np.floating] | Place) -> Cut:
    """Return a cut through a point, across any direction.

    Raises
    ------
    InputError
        If the direction has no length.
    """
    direction = np.asarray(normal, dtype=np.float64)
    length = float(np.linalg.norm(direction))
    if not length > 1e-9:
        raise InputError("a cut needs a direction, received one without length")
    x, y, z = (float(value) for value in direction / length)
    return Cut((x, y, z), float(np.dot((x, y, z), np.asarray(place, dtype=np.float64))))


def shift_of(layer: int, spread_mm: float) -> NDArray[np.float64]:
    """Return where a layer goes when layers are drawn apart, mm, shape (3,).

    The skin stays with the hands; deeper layers go forward, so that from the side the layers
    stand in a row, skin last.
    """
    return np.array([0.0, -spread_mm * layer, 0.0])
