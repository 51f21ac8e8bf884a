"""Take from one bone what belongs to another, so that no two share a volume."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.bones.solid import Array

SLIVER_MM = 0.1
"""Splinters along a cut that are thinner than this are taken up by their neighbours."""

Shell = tuple[Array, NDArray[np.int64]]


def without(shell: Shell, others: Iterable[Shell]) -> Shell:
    """Return a closed surface less the volumes of others.

    Parameters
    ----------
    shell : (ndarray, shape (N, 3), ndarray, shape (M, 3))
        Vertices in mm and faces, closed.
    others : iterable of the same

    Returns
    -------
    (ndarray, ndarray)
        The largest piece that is left.
    """
    rest = _manifold(shell)
    for other in others:
        rest = rest - _manifold(other)
    piece = max(rest.decompose(), key=lambda part: float(part.volume()))
    mesh = piece.simplify(SLIVER_MM).to_mesh()
    vertices = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    return vertices, np.asarray(mesh.tri_verts, dtype=np.int64)


def _manifold(shell: Shell) -> Any:
    import manifold3d

    vertices, faces = shell
    return manifold3d.Manifold(
        manifold3d.Mesh(vertices.astype(np.float32), faces.astype(np.uint32))
    )
