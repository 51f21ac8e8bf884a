"""Where a point meets the skin, and which way is straight in.

The needle's direction is the inward normal of the skin averaged over a hand's breadth: it follows
the shape of the body and not the furrow beside the spine. (Averaged over 8 mm, a needle 3 cm from
the midline leans outward by 15 degrees and leaves the transverse processes to its side; over
25 mm more rows of the depth-order table come out right on both atlases.) Everything that asks
"what is beneath" takes it from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.crossings import Crossings
from meshes.errors import InputError
from meshes.kept_page import keep_page, page_path
from meshes.per_atlas import PerAtlas
from meshes.rays import THROUGH, SurfaceCaster
from meshes.smooth_normals import spread_normals
from meshes.surface import Surface
from meshes.triangle import closest_weights

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

#: Spread (standard deviation, mm) over which the skin's normal is averaged.
NORMAL_WIDTH = 25.0
#: Directions that other code averaged are not read.
_MADE_BY = ("skin_surface", "smooth_normals")
#: Angle in degrees by which a needle at a level may lean from the skin's perpendicular.
MOST_LEAN = 30.0


@dataclass(frozen=True, eq=False)
class SkinPoint:
    """A point on the skin.

    Attributes
    ----------
    position : ndarray, shape (3,)
        mm, LPS.
    inward : ndarray, shape (3,)
        Unit vector straight in: the needle's direction.
    face : int
        Face of the skin surface the point lies on.
    barycentric : ndarray, shape (3,)
        Weights of that face's corners.
    """

    position: Floats
    inward: Floats
    face: int
    barycentric: Floats

    @property
    def normal(self) -> Floats:
        """Smoothed outward normal, unit vector."""
        return -self.inward


class SkinSurface:
    """Queries on the skin of one atlas; get it with ``skin_of``.

    Parameters
    ----------
    surface : Surface
    page : Path, optional
        Where the directions straight in are kept on disk.
    """

    def __init__(self, surface: Surface, page: Path | None = None) -> None:
        self.surface = surface
        self._page = page
        self.vertices: Floats = surface.vertices.astype(np.float64)
        self.faces = np.asarray(surface.faces)

    @cached_property
    def tree(self) -> cKDTree:
        """KD-tree over the vertices."""
        from scipy.spatial import cKDTree

        return cKDTree(self.vertices)

    @cached_property
    def corners(self) -> Floats:
        """Corners of the faces, shape (M, 3, 3), mm."""
        return self.vertices[self.faces]

    @cached_property
    def vertex_area(self) -> Floats:
        """A third of the area of the faces around each vertex, shape (N,), mm^2."""
        edge = self.corners[:, 1:] - self.corners[:, :1]
        area = np.linalg.norm(np.cross(edge[:, 0], edge[:, 1]), axis=1) / 6.0
        corners = self.faces.ravel()
        return np.bincount(
            corners, weights=np.repeat(area, 3), minlength=len(self.vertices)
        ).astype(np.float64)

    @cached_property
    def _faces_of_vertex(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        order = np.argsort(self.faces.ravel(), kind="stable")
        first = np.searchsorted(
            self.faces.ravel()[order], np.arange(len(self.vertices) + 1), side="left"
        )
        return order // 3, first

    @cached_property
    def spacing(self) -> float:
        """Median edge length, mm."""
        edge = self.corners[:, 1] - self.corners[:, 0]
        return float(np.median(np.linalg.norm(edge, axis=1)))

    @cached_property
    def vertex_inward(self) -> Floats:
        """Direction straight in at every vertex, shape (N, 3), unit vectors."""
        kept = None if self._page is None else _kept_directions(self._page, len(self.vertices))
        if kept is not None:
            return kept
        made = -spread_normals(self.corners, self.faces, len(self.vertices), NORMAL_WIDTH)
        if self._page is not None:
            # They are whole float32 numbers: what is read back is the same to the last bit.
            keep_page(self._page, lambda file: np.save(file, made.astype(np.float32)))
        return made

    def inward(self, points: NDArray[np.floating]) -> Floats:
        """Return the direction straight in at points on the skin, shape (N, 3), unit vectors.

        Parameters
        ----------
        points : ndarray, shape (N, 3)
            mm, LPS.
        """
        distance, near = self.tree.query(np.asarray(points, dtype=np.float64), k=4)
        weight = 1.0 / (distance**2 + 1e-9)
        mixed = np.einsum("nk,nkj->nj", weight, self.vertex_inward[near])
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))

    def nearest(self, point: NDArray[np.floating]) -> SkinPoint:
        """Return the point of the skin nearest to a point, shape (3,), mm.

        Parameters
        ----------
        point : ndarray, shape (3,)
            mm, LPS.
        """
        target = np.asarray(point, dtype=np.float64)
        distance = float(self.tree.query(target)[0])
        reach = distance + 2.0 * self.spacing
        near = self.tree.query_ball_point(target, reach)
        if len(near) > 400 or len(near) < 3:
            near = self.tree.query(target, k=min(60, len(self.vertices)))[1].tolist()
        owner, first = self._faces_of_vertex
        faces = np.unique(np.concatenate([owner[first[v] : first[v + 1]] for v in near]))
        weights = closest_weights(self.corners[faces], target)
        at = np.einsum("fk,fkj->fj", weights, self.corners[faces])
        best = int(np.argmin(np.linalg.norm(at - target, axis=1)))
        return self._point(at[best], int(faces[best]), weights[best])

    def at(self, face: int, position: NDArray[np.floating]) -> SkinPoint:
        """Return the skin point at a position that lies on a face.

        Parameters
        ----------
        face : int
        position : ndarray, shape (3,)
            mm, LPS.
        """
        target = np.asarray(position, dtype=np.float64)
        weights = closest_weights(self.corners[face], target)
        return self._point(weights @ self.corners[face], face, weights)

    def _point(self, position: Floats, face: int, weights: Floats) -> SkinPoint:
        mixed = weights @ self.vertex_inward[self.faces[face]]
        return SkinPoint(position, mixed / np.linalg.norm(mixed), face, weights)

    def leave(self, points: NDArray[np.floating], directions: NDArray[np.floating]) -> Floats:
        """Return where rays from inside the body leave through the skin, shape (N, 3), mm.

        The first crossing outward counts. Rows are NaN where a ray meets no skin, which happens
        only for a point that does not lie inside.

        Parameters
        ----------
        points : ndarray, shape (N, 3)
            mm, LPS.
        directions : ndarray, shape (N, 3)
            Unit vectors.
        """
        starts = np.asarray(points, dtype=np.float64)
        along = np.asarray(directions, dtype=np.float64)
        found = self._outward(starts, along)
        result = np.full(starts.shape, np.nan)
        result[found.ray] = starts[found.ray] + found.depth[:, None] * along[found.ray]
        return result

    def way_out(
        self, point: NDArray[np.floating], direction: NDArray[np.floating]
    ) -> SkinPoint | None:
        """Return where one ray from inside the body leaves through the skin, or None.

        Parameters
        ----------
        point : ndarray, shape (3,)
            mm, LPS.
        direction : ndarray, shape (3,)
            Unit vector.
        """
        start = np.asarray(point, dtype=np.float64)
        along = np.asarray(direction, dtype=np.float64)
        found = self._outward(start[None], along[None])
        if len(found) == 0:
            return None
        return self.at(int(found.face[0]), start + found.depth[0] * along)

    def _outward(self, starts: Floats, along: Floats) -> Crossings:
        """First way out of each ray that has one.

        Cast from far outside, so that what goes in before and comes out after shows whether all
        was met: a ray that begins inside could not be told from one that missed a wall.
        """
        found = self._caster.cast(starts - THROUGH * along, along, 2.0 * THROUGH)
        found = replace(found, depth=found.depth - THROUGH)
        found = found.keep(~found.entering & (found.depth >= 0.0))
        return found.keep(np.diff(found.ray, prepend=-1) > 0)

    def enter(
        self, point: NDArray[np.floating], direction: NDArray[np.floating]
    ) -> SkinPoint | None:
        """Return where one ray from outside first enters through the skin, or None.

        Parameters
        ----------
        point : ndarray, shape (3,)
            mm, LPS.
        direction : ndarray, shape (3,)
            Unit vector.
        """
        start = np.asarray(point, dtype=np.float64)
        along = np.asarray(direction, dtype=np.float64)
        found = self._caster.cast(start[None], along[None], 2.0 * THROUGH)
        inward = np.flatnonzero(found.entering)
        if len(inward) == 0:
            return None
        first = inward[0]
        return self.at(int(found.face[first]), start + found.depth[first] * along)

    @cached_property
    def _caster(self) -> SurfaceCaster:
        return SurfaceCaster([self.surface])

    def project(self, points: NDArray[np.floating]) -> Floats:
        """Return the nearest point of the skin for each point, shape (N, 3), mm.

        Parameters
        ----------
        points : ndarray, shape (N, 3)
            mm, LPS.
        """
        return np.array([self.nearest(point).position for point in points]).reshape(-1, 3)


def at_level(inward: Floats) -> Floats:
    """Return the needle's direction at a spinal level, unit vector.

    A level is a height, and anatomy gives what lies there as seen from straight behind; the
    client lies prone and the hand presses straight down. So the needle stays in the transverse
    plane and goes straight forward (from the front: straight back), except that on the flank it
    leans no more than ``MOST_LEAN`` from the skin's own perpendicular.

    Parameters
    ----------
    inward : ndarray, shape (3,)
        Straight into the skin. One that runs along the body stays as it is.
    """
    length = float(np.hypot(inward[0], inward[1]))
    if length < 0.5:
        return np.asarray(inward)
    way = 1.0 if inward[1] > 0.0 else -1.0
    lean = float(np.arctan2(inward[0], way * inward[1]))
    left = np.sign(lean) * max(abs(lean) - np.radians(MOST_LEAN), 0.0)
    return np.array([np.sin(left), way * np.cos(left), 0.0])


def skin_of(atlas: Atlas) -> SkinSurface:
    """Return the skin queries of an atlas (made once per atlas).

    Raises
    ------
    InputError
        If the atlas has no skin.
    """
    return _SKINS(atlas)


def _make_skin(atlas: Atlas) -> SkinSurface:
    if "skin" not in atlas:
        raise InputError(
            f"a structure 'skin' is required to start from, atlas {atlas.name!r} has none; "
            "import it again so that one is generated"
        )
    return SkinSurface(atlas["skin"].surface, page_path(atlas, "inward.npy", _MADE_BY))


def _kept_directions(page: Path, count: int) -> Floats | None:
    """Read what was kept; a file that is no such thing is as good as absent."""
    try:
        kept = np.load(page)
    except (OSError, ValueError, EOFError):
        return None
    return kept.astype(np.float64) if kept.shape == (count, 3) else None


_SKINS: PerAtlas[SkinSurface] = PerAtlas(_make_skin)
