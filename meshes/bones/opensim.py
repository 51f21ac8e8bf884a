"""Bone geometry from OpenSim as packaged on PyPI by ``myo-sim``: reading and repair.

The files are read through the package's metadata; ``myo_sim`` itself (which would load MuJoCo) is
never imported.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, files, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meshes.bones.solid import Array, largest_piece
from meshes.errors import MachineError

PACKAGE = "myo-sim"
# OpenSim axes are X anterior, Y up, Z to the right; metres.
TO_LPS = 1000.0 * np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@lru_cache(maxsize=1)
def source_label() -> str:
    """Return the words that say where this geometry came from."""
    return f"OpenSim geometry via {PACKAGE} {_version()}, re-posed to facts"


@cache
def bone(name: str, mirrored: bool = False) -> tuple[Array, NDArray[np.int64]]:
    """Return a repaired bone in mm and LPS axes (its own origin), largest piece only.

    Parameters
    ----------
    name : str
        File stem (``scapula``).
    mirrored : bool
        Turn a right bone into a left one.

    Raises
    ------
    MachineError
        If the package or the file is missing, or the file is not a binary STL.
    """
    vertices, faces = _read(_path(name))
    vertices = vertices @ TO_LPS.T
    if mirrored:
        vertices[:, 0] *= -1.0
        faces = faces[:, ::-1]
    return repaired(vertices, faces)


def repaired(vertices: Array, faces: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """Drop stray pieces and faces beyond two on an edge, close holes, turn the winding outward."""
    import trimesh

    faces = largest_piece(len(vertices), _at_most_two(faces))
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    mesh.remove_unreferenced_vertices()
    trimesh.repair.fix_winding(mesh)
    vertices, faces = _closed(np.asarray(mesh.vertices), np.asarray(mesh.faces, dtype=np.int64))
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    if float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) < 0.0:
        faces = faces[:, ::-1]
    return vertices, faces


def subdivided(
    vertices: Array, faces: NDArray[np.int64], times: int
) -> tuple[Array, NDArray[np.int64]]:
    """Return the Loop subdivision surface after ``times`` rounds."""
    import trimesh

    smooth = trimesh.remesh.subdivide_loop(vertices, faces, iterations=times)
    return np.asarray(smooth[0]), np.asarray(smooth[1], dtype=np.int64)


def _version() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        raise MachineError(
            f"the built-in skeleton needs the package {PACKAGE}, which is not installed: "
            f"run pip install {PACKAGE}"
        ) from None


def _path(name: str) -> Path:
    _version()
    wanted = f"models/meshes/{name}.stl"
    for item in files(PACKAGE) or ():
        if str(item).replace("\\", "/").endswith(wanted):
            path = Path(str(item.locate()))
            if path.is_file():
                return path
    raise MachineError(
        f"{PACKAGE} {_version()} has no {wanted}, which the built-in skeleton needs: "
        f"reinstall it with pip install --force-reinstall {PACKAGE}"
    )


def _read(path: Path) -> tuple[Array, NDArray[np.int64]]:
    raw = path.read_bytes()
    count = int.from_bytes(raw[80:84], "little") if len(raw) >= 84 else -1
    if len(raw) != 84 + 50 * count:
        raise MachineError(
            f"{path} should be a binary STL, received {len(raw)} bytes of another kind"
        )
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("extra", "<u2")])
    corners = np.frombuffer(raw, record, count, 84)["corners"].reshape(-1, 3).astype(np.float64)
    _, first, index = np.unique(
        np.round(corners, 6), axis=0, return_index=True, return_inverse=True
    )
    faces = index.reshape(-1, 3).astype(np.int64)
    proper = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    )
    _, unique = np.unique(np.sort(faces[proper], axis=1), axis=0, return_index=True)
    return corners[first], faces[proper][np.sort(unique)]


def _edges(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)


def _at_most_two(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Drop the faces with the most crowded edges until no edge carries more than two."""
    while True:
        _, inverse, count = np.unique(
            _edges(faces), axis=0, return_inverse=True, return_counts=True
        )
        crowded = (count[inverse.ravel()] > 2).reshape(-1, 3).sum(axis=1)
        if not crowded.any():
            return faces
        lone = (count[inverse.ravel()] < 2).reshape(-1, 3).sum(axis=1)
        score = crowded * 10 + lone
        faces = np.delete(faces, int(np.argmax(score)), axis=0)


def _closed(vertices: Array, faces: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """Fill every hole with a fan from its middle."""
    points, added = [vertices], [faces]
    count = len(vertices)
    for loop in _boundary_loops(faces):
        if len(loop) == 3:
            added.append(np.array([loop], dtype=np.int64))
            continue
        points.append(vertices[loop].mean(axis=0)[None])
        ring = np.array(loop, dtype=np.int64)
        fan = np.stack([np.full(len(ring), count), ring, np.roll(ring, -1)], axis=1)
        added.append(fan)
        count += 1
    return np.vstack(points), np.vstack(added)


def _boundary_loops(faces: NDArray[np.int64]) -> list[list[int]]:
    """Return the simple loops of open edges, in the winding that closes them."""
    directed = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    present = {(int(a), int(b)) for a, b in directed}
    following: dict[int, list[int]] = {}
    for a, b in sorted(present):
        if (b, a) not in present:
            following.setdefault(b, []).append(a)
    loops: list[list[int]] = []
    while following:
        path = [min(following)]
        while True:
            here = path[-1]
            if here not in following:
                break
            after = following[here].pop(0)
            if not following[here]:
                del following[here]
            if after in path:
                # The path met itself: what lies between is one simple loop.
                start = path.index(after)
                loops.append(path[start:])
                path = path[: start + 1]
                if start == 0 and after not in following:
                    break
            else:
                path.append(after)
    return [loop for loop in loops if len(loop) > 2]
