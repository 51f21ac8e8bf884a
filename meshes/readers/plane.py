"""Cutting a mesh in two along a plane, the cut closed where the mesh is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meshes.readers.mend import Mesh, tidy, turn_outward, weld


class Plane(NamedTuple):
    """The points with ``normal . point == offset`` (mm)."""

    normal: tuple[float, float, float]
    offset: float


def cut(mesh: Mesh, plane: Plane) -> tuple[Mesh, Mesh]:
    """Return what lies on the side the normal points to, and the rest.

    Parameters
    ----------
    mesh : Mesh
        Welded. A closed mesh gives closed halves; an open one is cut and left open.
    plane : Plane
        Its normal has length 1.
    """
    import manifold3d

    mesh = turn_outward(mesh)
    body = manifold3d.Manifold(
        manifold3d.Mesh(
            mesh.vertices.astype(np.float32), np.ascontiguousarray(mesh.faces, dtype=np.uint32)
        )
    )
    if body.status() == manifold3d.Error.NoError and body.volume() > 0.0:
        there, here = body.split_by_plane(plane.normal, plane.offset)
        return _from_manifold(there.to_mesh()), _from_manifold(here.to_mesh())
    height = mesh.vertices @ np.asarray(plane.normal) - plane.offset
    return _clipped(mesh, height), _clipped(mesh, -height)


def _from_manifold(body: Any) -> Mesh:
    # Not welded: where the halves of a thin sheet touch, the cutter keeps them apart.
    vertices = np.asarray(body.vert_properties, dtype=np.float64)[:, :3]
    return Mesh(vertices, np.asarray(body.tri_verts, dtype=np.int64))


def _clipped(mesh: Mesh, height: NDArray[np.float64]) -> Mesh:
    """Return the part with ``height >= 0`` (per vertex); triangles across are cut."""
    inside = height[mesh.faces] >= 0.0
    count = inside.sum(axis=1)
    kept = [mesh.faces[count == 3]]
    points = [mesh.vertices]
    size = len(mesh.vertices)
    for number in (1, 2):
        chosen = count == number
        faces, within = mesh.faces[chosen], inside[chosen]
        # Roll the lone corner (the one inside, or the one outside) to the front.
        lone = np.argmax(within if number == 1 else ~within, axis=1)
        a, b, c = np.take_along_axis(faces, (lone[:, None] + np.arange(3)) % 3, axis=1).T
        ab, ac = _crossing(mesh.vertices, height, a, b), _crossing(mesh.vertices, height, a, c)
        on_ab, on_ac = size + np.arange(len(ab)), size + len(ab) + np.arange(len(ac))
        points += [ab, ac]
        size += len(ab) + len(ac)
        if number == 1:
            kept.append(np.stack([a, on_ab, on_ac], axis=1))
        else:
            kept += [np.stack([on_ab, b, c], axis=1), np.stack([on_ab, c, on_ac], axis=1)]
    return weld(tidy(Mesh(np.concatenate(points), np.concatenate(kept))))


def _crossing(
    vertices: NDArray[np.float64],
    height: NDArray[np.float64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
) -> NDArray[np.float64]:
    where = height[start] / (height[start] - height[end])
    return np.asarray(vertices[start] + where[:, None] * (vertices[end] - vertices[start]))
