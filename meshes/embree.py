"""Bare embree: a scene of meshes, and every crossing of rays with it.

Embree answers only "what is hit first", so a ray is restarted just past each hit until nothing
is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.crossings import Crossings, Floats

#: Step past a hit, mm. Coordinates reach 700 mm, where a float32 is good to 0.00006 mm; a ray
#: that meets the face it has just left steps on in doubling steps. Two surfaces closer than this
#: are found as two only because one of them does not close without its crossing.
STEP = 1e-4
_MOST_HITS = 400


def scene_of(meshes: Sequence[tuple[NDArray[np.floating], NDArray[np.integer]]]) -> Any:
    """Return embree's scene of some meshes, ready to be asked by several threads.

    Parameters
    ----------
    meshes : sequence of (vertices, faces)
        Of shape (N, 3), mm, and (M, 3).
    """
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene

    scene = EmbreeScene()
    if not meshes:
        return scene
    for vertices, faces in meshes:
        TriangleMesh(
            scene,
            np.ascontiguousarray(vertices, dtype=np.float32),
            np.ascontiguousarray(faces, dtype=np.int32),
        )
    # The first query builds the tree, which must not happen in two threads at once.
    scene.run(np.zeros((1, 3), np.float32), np.array([[0, 0, 1]], np.float32))
    return scene


def all_hits(scene: Any, origins: Floats, directions: Floats, length: float) -> Crossings:
    """Return every crossing of every ray with the meshes of a scene.

    Parameters
    ----------
    scene : EmbreeScene
        Of ``scene_of``; ``Crossings.structure`` counts its meshes.
    origins, directions : ndarray, shape (N, 3)
        mm, and unit vectors.
    length : float
        How far the rays reach, mm.

    Returns
    -------
    Crossings
        Those of a ray in order of depth; doubles on shared edges are still in it.
    """
    if len(origins) == 1:
        return _hits_of_one(scene, origins, directions, length)
    along32 = np.ascontiguousarray(directions, dtype=np.float32)
    live = np.arange(len(origins))
    start = np.zeros(len(origins))
    step = np.full(len(origins), STEP)
    last = np.full((2, len(origins)), -1, dtype=np.int64)
    rows: list[tuple[NDArray[Any], ...]] = []
    for _ in range(_MOST_HITS):
        if len(live) == 0:
            break
        at = start[live]
        from_here = (origins[live] + at[:, None] * directions[live]).astype(np.float32)
        reach = np.maximum(length - at, 0.0).astype(np.float32)
        along = along32[live]
        answer = scene.run(from_here, along, dists=reach, output=True)
        hit = np.flatnonzero(answer["primID"] >= 0)
        if len(hit) == 0:
            break
        live = live[hit]
        mesh = answer["geomID"][hit].astype(np.int64)
        face = answer["primID"][hit].astype(np.int64)
        depth = at[hit] + answer["tfar"][hit]
        again = (last[0, live] == mesh) & (last[1, live] == face)
        against = np.einsum("ij,ij->i", answer["Ng"][hit], along[hit]) < 0.0
        new = ~again
        rows.append((live[new], mesh[new], face[new], depth[new], against[new]))
        last[0, live], last[1, live] = mesh, face
        step[live] = np.where(again, step[live] * 2.0, STEP)
        start[live] = depth + step[live]
    if not rows:
        none = np.empty(0, dtype=np.int64)
        return Crossings(none, none, none, np.empty(0), np.empty(0, dtype=np.bool_))
    return Crossings(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def _hits_of_one(scene: Any, origin: Floats, direction: Floats, length: float) -> Crossings:
    """Return the crossings of a single ray: the same steps without arrays, in a third of the time.

    What lies under a moving pointer is asked for with one ray at a time.
    """
    along = np.ascontiguousarray(direction, dtype=np.float32)
    start, step, last = 0.0, STEP, (-1, -1)
    faces: list[tuple[int, int]] = []
    depths: list[float] = []
    against: list[bool] = []
    for _ in range(_MOST_HITS):
        answer = scene.run(
            (origin + start * direction).astype(np.float32),
            along,
            dists=np.array([max(length - start, 0.0)], dtype=np.float32),
            output=True,
        )
        face = int(answer["primID"][0])
        if face < 0:
            break
        here = (int(answer["geomID"][0]), face)
        depth = start + float(answer["tfar"][0])
        if here == last:
            step *= 2.0
        else:
            faces.append(here)
            depths.append(depth)
            against.append(float(np.einsum("ij,ij->i", answer["Ng"], along)[0]) < 0.0)
            step = STEP
        last = here
        start = depth + step
    met = np.array(faces, dtype=np.int64).reshape(-1, 2)
    return Crossings(
        np.zeros(len(met), dtype=np.int64),
        met[:, 0],
        met[:, 1],
        np.array(depths, dtype=np.float64),
        np.array(against, dtype=np.bool_),
    )
