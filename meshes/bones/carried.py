"""OpenSim bones carried onto the landmarks of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.bones.cut import kept
from meshes.bones.figures import figures, vector
from meshes.bones.opensim import bone, repaired, subdivided
from meshes.bones.solid import Array, lighter
from meshes.bones.warp import Warp


@cache
def warp_of(family: str) -> Warp:
    """Return the map from a file's frame to its place in the body."""
    pairs = figures("warped")[family]["pairs"]
    return Warp(
        vector([pair["source"] for pair in pairs]), vector([pair["target"] for pair in pairs])
    )


def target(family: str, name: str) -> Array:
    """Return a landmark of a carried bone, mm."""
    pairs = figures("warped")[family]["pairs"]
    return vector(next(pair["target"] for pair in pairs if pair["name"] == name))


def carried(family: str, file: str | None = None) -> tuple[Array, NDArray[np.int64]]:
    """Return a bone smoothed and carried to its place (left side)."""
    row = figures("warped")[family]
    vertices, faces = bone(file or row["file"], bool(row["mirrored"]))
    if file is None and "prune" in row:
        vertices, faces = _pruned(vertices, faces, row["prune"])
    if row["subdivide"]:
        vertices, faces = subdivided(vertices, faces, int(row["subdivide"]))
    return _lighter(warp_of(family)(vertices), faces, row)


def humerus() -> tuple[Array, NDArray[np.int64]]:
    """Return the left humerus hanging from the glenoid, a little abducted, its lower end cut off.

    The arm ends in one plane with its muscles and skin; the cut is closed.
    """
    row = figures("warped")["humerus"]
    vertices, faces = bone(row["file"], bool(row["mirrored"]))
    vertices, faces = subdivided(vertices, faces, int(row["subdivide"]))
    vertices = vertices - vector(row["head_source"])
    vertices *= float(row["length"]) / float(np.ptp(vertices[:, 2]))
    vertices, faces = repaired(*kept(vertices, faces, vertices[:, 2] + float(row["cut"])))
    turn, lift = np.radians(float(row["retroversion"])), np.radians(float(row["abduction"]))
    spin = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1.0]]
    )
    abduct = np.array(
        [[np.cos(lift), 0, -np.sin(lift)], [0, 1.0, 0], [np.sin(lift), 0, np.cos(lift)]]
    )
    return _lighter(vertices @ spin.T @ abduct.T + vector(row["head_target"]), faces, row)


def femur() -> tuple[Array, NDArray[np.int64]]:
    """Return the upper half of the left femur, closed where it is cut."""
    row = figures("warped")["femur"]
    vertices, faces = bone(row["file"], bool(row["mirrored"]))
    vertices, faces = subdivided(vertices, faces, int(row["subdivide"]))
    vertices = (vertices - vector(row["head_source"])) * float(row["scale"])
    lean = np.radians(float(row["extension"]))
    hang = np.array(
        [[1.0, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]]
    )
    vertices = vertices @ hang.T + vector(row["head_target"])
    return repaired(*kept(vertices, faces, vertices[:, 2] - float(row["cut"])))


def _pruned(
    vertices: Array, faces: NDArray[np.int64], limits: Mapping[str, Any]
) -> tuple[Array, NDArray[np.int64]]:
    """Drop the source's splinters: long faces behind and below a point, then mend."""
    corners = vertices[faces]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    middle = corners.mean(axis=1)
    splinter = (
        (longest > limits["longer"])
        & (middle[:, 1] > limits["behind"])
        & (middle[:, 2] < limits["below"])
    )
    return repaired(vertices, faces[~splinter])


def _lighter(
    vertices: Array, faces: NDArray[np.int64], row: Mapping[str, Any]
) -> tuple[Array, NDArray[np.int64]]:
    if "most" not in row:
        return vertices, faces
    fewer, triangles, _ = lighter(vertices, faces, vertices, int(row["most"]))
    return fewer, triangles
