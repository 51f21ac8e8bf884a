"""Cross-sections: the outline of every structure in a plane, and the filled areas inside.

An outline is made by walking from face to face across shared edges, so it comes out in order,
closed where the surface is closed and open where it is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meshes.errors import InputError, UnknownName
from meshes.structure import Structure
from meshes.surface import Surface

Floats = NDArray[np.float64]

#: Vertices closer to the plane than this are moved off it, mm, so that no edge lies in it.
_OFF_PLANE = 1e-6


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane with axes of its own.

    Attributes
    ----------
    origin : ndarray, shape (3,)
        mm, LPS.
    right, up : ndarray, shape (3,)
        Unit vectors that span the plane; the picture's axes.
    """

    origin: Floats
    right: Floats
    up: Floats

    @property
    def normal(self) -> Floats:
        """Unit vector across the plane, shape (3,)."""
        return np.cross(self.right, self.up)

    def flat(self, points: NDArray[np.floating]) -> Floats:
        """Return in-plane coordinates of points, shape (N, 2), mm.

        Parameters
        ----------
        points : ndarray, shape (N, 3)
            mm, LPS.
        """
        offset = np.asarray(points, dtype=np.float64) - self.origin
        return np.stack([offset @ self.right, offset @ self.up], axis=-1)

    def solid(self, flat: NDArray[np.floating]) -> Floats:
        """Return the points in space of in-plane coordinates, shape (N, 3), mm.

        Parameters
        ----------
        flat : ndarray, shape (N, 2)
            To the right and up, mm.
        """
        at = np.asarray(flat, dtype=np.float64)
        return np.asarray(self.origin + at[:, :1] * self.right + at[:, 1:] * self.up)


def principal_plane(kind: str, at: NDArray[np.floating]) -> Plane:
    """Return an axial, sagittal or coronal plane through a point.

    The axes follow the books: axial seen from below (subject's left on the reader's right,
    back of the body at the foot of the picture), sagittal from the subject's left, coronal from
    behind (subject's left on the reader's left).

    Parameters
    ----------
    kind : str
        ``axial``, ``sagittal`` or ``coronal``.
    at : ndarray, shape (3,)
        mm, LPS.

    Raises
    ------
    UnknownName
        If there is no such kind.
    """
    axes = {
        "axial": ([1.0, 0.0, 0.0], [0.0, -1.0, 0.0]),
        "sagittal": ([0.0, 1.0, 0.0], [0.0, 0.0, 1.0]),
        "coronal": ([-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
    }
    if kind not in axes:
        raise UnknownName("cut", kind, axes)
    right, up = axes[kind]
    return Plane(np.asarray(at, dtype=np.float64), np.array(right), np.array(up))


def oblique_plane(
    at: NDArray[np.floating], into: NDArray[np.floating], along: NDArray[np.floating]
) -> Plane:
    """Return the plane that holds a needle: ``into`` points down, ``along`` to the right.

    Parameters
    ----------
    at : ndarray, shape (3,)
        The needle's start, mm.
    into : ndarray, shape (3,)
        Its direction.
    along : ndarray, shape (3,)
        A direction in the plane that is not the needle's.

    Raises
    ------
    InputError
        If both directions are the same.
    """
    up = -np.asarray(into, dtype=np.float64)
    up = up / np.linalg.norm(up)
    right = np.asarray(along, dtype=np.float64)
    right = right - (right @ up) * up
    length = float(np.linalg.norm(right))
    if length < 1e-9:
        raise InputError("the plane of a cut needs two directions, received one twice")
    return Plane(np.asarray(at, dtype=np.float64), right / length, up)


@dataclass(frozen=True, eq=False)
class Outline:
    """One line along which a plane cuts a surface.

    Attributes
    ----------
    points : ndarray, shape (K, 3)
        mm, in order; the first point is not repeated at the end.
    faces : ndarray of int, shape (K,)
        Face crossed between point k and k + 1 (the last entry of an open line repeats).
    closed : bool
    """

    points: Floats
    faces: NDArray[np.intp]
    closed: bool

    @cached_property
    def length(self) -> float:
        """Length in mm, closing stretch included."""
        return float(np.linalg.norm(np.diff(self.ring, axis=0), axis=1).sum())

    @property
    def ring(self) -> Floats:
        """The points, mm, with the first repeated at the end if closed: shape (K or K + 1, 3)."""
        return np.concatenate([self.points, self.points[:1]]) if self.closed else self.points


def cut_surface(surface: Surface, plane: Plane) -> list[Outline]:
    """Return the lines along which a plane cuts a surface, longest first."""
    normal = plane.normal
    low, high = surface.bounds
    centre, half = (low + high) / 2.0, (high - low) / 2.0
    if abs((centre - plane.origin) @ normal) > np.abs(normal) @ half:
        return []
    vertices = surface.vertices.astype(np.float64)
    height = (vertices - plane.origin) @ normal
    height[np.abs(height) < _OFF_PLANE] = _OFF_PLANE
    above = height > 0.0
    corner_above = above[surface.faces]
    crossed = np.flatnonzero(corner_above.any(axis=1) & ~corner_above.all(axis=1))
    if len(crossed) == 0:
        return []
    faces = surface.faces[crossed].astype(np.int64)
    starts, ends = faces, faces[:, [1, 2, 0]]
    cuts = above[starts] != above[ends]
    edge = np.sort(np.stack([starts[cuts], ends[cuts]], axis=1), axis=1)
    key = edge[:, 0] * len(vertices) + edge[:, 1]
    _, first, node = np.unique(key, return_index=True, return_inverse=True)
    a, b = edge[first, 0], edge[first, 1]
    share = height[a] / (height[a] - height[b])
    points = vertices[a] + share[:, None] * (vertices[b] - vertices[a])
    # Readers may leave vertices double along seams: points in one place are one node.
    place, merged = np.unique(np.round(points, 5), axis=0, return_inverse=True)
    at = np.empty_like(place)
    at[merged.ravel()] = points
    links = merged.ravel()[node].reshape(-1, 2)
    distinct = links[:, 0] != links[:, 1]
    return _walk(at, links[distinct], crossed[distinct], len(place))


def _walk(
    points: Floats, links: NDArray[np.int64], faces: NDArray[np.intp], count: int
) -> list[Outline]:
    """Chain segments (pairs of points, one per face) into lines."""
    at_node: list[list[int]] = [[] for _ in range(count)]
    for segment, (a, b) in enumerate(links.tolist()):
        at_node[a].append(segment)
        at_node[b].append(segment)
    ends = links.tolist()
    used = [False] * len(ends)
    outlines = []
    loose = [node for node, segments in enumerate(at_node) if len(segments) == 1]
    for start in [*loose, *range(count)]:
        for segment in at_node[start]:
            if used[segment]:
                continue
            nodes, through = [start], []
            here: int | None = segment
            while here is not None:
                used[here] = True
                through.append(here)
                a, b = ends[here]
                nodes.append(b if a == nodes[-1] else a)
                here = next((s for s in at_node[nodes[-1]] if not used[s]), None)
            closed = nodes[0] == nodes[-1] and len(nodes) > 3
            kept = nodes[:-1] if closed else nodes
            crossed = faces[through]
            if not closed:
                crossed = np.append(crossed, crossed[-1])
            outlines.append(Outline(points[kept], crossed, closed))
    return sorted(outlines, key=lambda line: -line.length)


@dataclass(frozen=True, eq=False)
class Slice:
    """One structure in a cut.

    Attributes
    ----------
    structure : Structure
    outlines : tuple of Outline
        Longest first.
    points : ndarray, shape (P, 3)
        Corners of the filled area, mm, in the plane.
    triangles : ndarray of int, shape (T, 3)
        The filled area (holes left open); empty where the structure is an open sheet.
    area_mm2 : float
        Of the filled area.
    """

    structure: Structure
    outlines: tuple[Outline, ...]
    points: Floats
    triangles: NDArray[np.int32]
    area_mm2: float


@dataclass(frozen=True, eq=False)
class Section:
    """A cut through many structures, the largest areas first (paint in this order)."""

    plane: Plane
    slices: tuple[Slice, ...]

    def __getitem__(self, structure_id: str) -> Slice:
        """Return one structure's part of the cut."""
        for item in self.slices:
            if item.structure.id == structure_id:
                return item
        raise UnknownName(
            "structure in this cut", structure_id, [item.structure.id for item in self.slices]
        )


def section(structures: Mapping[str, Structure], plane: Plane) -> Section:
    """Cut structures with a plane and fill what is cut.

    Parameters
    ----------
    structures : mapping of str to Structure
        An ``Atlas``, or the part of it that is to be shown.
    plane : Plane

    Returns
    -------
    Section
        Only structures that the plane meets, from outermost layer to innermost, so that
        painting them in order leaves the deeper ones visible.
    """
    slices = []
    for structure in structures.values():
        outlines = cut_surface(structure.surface, plane)
        if outlines:
            points, triangles, area = _fill(outlines, plane)
            slices.append(Slice(structure, tuple(outlines), points, triangles, area))
    slices.sort(key=lambda item: (int(item.structure.layer), -item.area_mm2))
    return Section(plane, tuple(slices))


def _fill(outlines: list[Outline], plane: Plane) -> tuple[Floats, NDArray[np.int32], float]:
    from manifold3d import CrossSection, FillRule, triangulate

    rings = [plane.flat(line.points) for line in outlines if line.closed]
    area = CrossSection(rings, FillRule.EvenOdd) if rings else None
    polygons = [] if area is None else [np.asarray(ring) for ring in area.to_polygons()]
    polygons = [ring for ring in polygons if len(ring) >= 3]
    if area is None or not polygons:
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int32), 0.0
    triangles = np.asarray(triangulate(polygons), dtype=np.int32)
    return plane.solid(np.concatenate(polygons)), triangles.reshape(-1, 3), float(area.area())
