"""Cut a triangle surface by a plane and keep one side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.solid import Array


def kept(
    vertices: Array, faces: NDArray[np.int64], height: Array
) -> tuple[Array, NDArray[np.int64]]:
    """Return the part of a surface where ``height`` is not negative, open at the cut.

    Parameters
    ----------
    vertices : ndarray, shape (N, 3)
    faces : ndarray, shape (M, 3)
    height : ndarray, shape (N,)
        Signed distance of the vertices from the plane.
    """
    height = np.where(np.abs(height) < 1e-6, 0.0, height)
    above = height >= 0.0
    count = above[faces].sum(axis=1)
    whole = faces[count == 3]
    points = [vertices]
    found = [whole]
    crossing: dict[tuple[int, int], int] = {}

    def cut(a: int, b: int) -> int:
        key = (min(a, b), max(a, b))
        if key not in crossing:
            t = height[key[0]] / (height[key[0]] - height[key[1]])
            crossing[key] = len(vertices) + len(crossing)
            points.append((vertices[key[0]] + t * (vertices[key[1]] - vertices[key[0]]))[None])
        return crossing[key]

    added = []
    for face in faces[(count == 1) | (count == 2)]:
        for turn in range(3):
            a, b, c = (int(face[(turn + k) % 3]) for k in range(3))
            if above[a] and not above[b] and not above[c]:
                added.append((a, cut(a, b), cut(a, c)))
            elif above[a] and above[b] and not above[c]:
                p, q = cut(b, c), cut(a, c)
                added += [(a, b, p), (a, p, q)]
    if added:
        found.append(np.array(added, dtype=np.int64))
    return welded(np.vstack(points), np.vstack(found))


def welded(vertices: Array, faces: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """Merge vertices that coincide (to 1e-5 mm) and drop faces that collapse or are unused."""
    _, first, index = np.unique(
        np.round(vertices, 5), axis=0, return_index=True, return_inverse=True
    )
    faces = index.ravel()[faces]
    proper = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    )
    used, compact = np.unique(faces[proper], return_inverse=True)
    return vertices[first][used], compact.reshape(-1, 3).astype(np.int64)
