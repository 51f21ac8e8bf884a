"""Skull, mandible and hyoid bone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.carried import carried
from meshes.bones.cut import kept
from meshes.bones.figures import figures
from meshes.bones.shape import tube
from meshes.bones.solid import Array, Solid, lighter, mirror_weld

SKULL_TRIANGLES = 9000
MANDIBLE_TRIANGLES = 3000


def skull() -> tuple[Array, NDArray[np.int64]]:
    """Return the cranium with the face, mirror-symmetric."""
    vertices, faces = carried("skull")
    return symmetric(_evened(vertices, faces), faces, SKULL_TRIANGLES)


def mandible() -> tuple[Array, NDArray[np.int64]]:
    """Return the lower jaw, mirror-symmetric."""
    vertices, faces = carried("skull", "hat_jaw")
    vertices[:, 2] -= float(figures("warped")["skull"]["jaw_drop"])
    return symmetric(vertices, faces, MANDIBLE_TRIANGLES)


def _evened(vertices: Array, faces: NDArray[np.int64], rounds: int = 30) -> Array:
    """Smooth the vault, where the source is dented, and leave face, base and occiput alone."""
    from scipy.sparse import coo_matrix, diags

    a = faces[:, [0, 1, 2]].ravel()
    b = faces[:, [1, 2, 0]].ravel()
    count = len(vertices)
    link = coo_matrix((np.ones(len(a)), (a, b)), shape=(count, count)).tocsr()
    link = ((link + link.T) > 0).astype(np.float64)
    mean = diags(1.0 / np.maximum(np.asarray(link.sum(axis=1)).ravel(), 1.0)) @ link
    low = np.interp(vertices[:, 1], [-75.0, -45.0, 30.0, 80.0], [712.0, 668.0, 660.0, 648.0])
    share = np.clip((vertices[:, 2] - low) / 14.0, 0.0, 1.0)[:, None]
    moved = vertices.copy()
    for _ in range(rounds):
        # Taubin: a step in and a slightly longer step out, so that the vault keeps its size.
        for step in (0.55, -0.57):
            moved = moved + step * share * (mean @ moved - moved)
    return np.asarray(moved)


def hyoid(step: float = 1.2) -> tuple[Array, NDArray[np.int64], Array]:
    """Return the hyoid bone: body and greater and lesser horns."""
    solid = Solid((0.0, -66.0, 534.0), (32.0, -14.0, 570.0), step, half=True)
    horn = [
        (0.0, -56.0, 546.0),
        (9.0, -54.0, 546.5),
        (15.0, -46.0, 548.0),
        (19.5, -35.0, 552.0),
        (22.0, -23.0, 557.0),
    ]
    for piece in tube(horn, (5.0, 4.4, 2.8, 2.2, 2.4)):
        solid.add(piece, 2.0)
    for piece in tube([(12.0, -52.0, 549.0), (13.0, -48.0, 555.0)], (2.0, 1.4)):
        solid.add(piece, 1.5)
    return solid.surface(1600)


def symmetric(
    vertices: Array, faces: NDArray[np.int64], most: int
) -> tuple[Array, NDArray[np.int64]]:
    """Return the left half with its exact mirror image, joined along the median plane."""
    # The source has vertices in the median plane: cutting just beside it meets none of them.
    beside = 0.013
    points, triangles = kept(vertices, faces, vertices[:, 0] - beside)
    points[:, 0] = np.where(points[:, 0] < beside + 1e-4, 0.0, points[:, 0])
    points, triangles, _ = lighter(points, triangles, points, most // 2)
    points[:, 0] = np.where(np.abs(points[:, 0]) < 1e-4, 0.0, points[:, 0])
    whole, joined, _ = mirror_weld(points, triangles, np.zeros_like(points))
    return whole, joined
