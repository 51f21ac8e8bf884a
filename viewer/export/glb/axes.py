"""Places, directions and colours as glTF has them: metres, +Y up, linear light."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.palette import RGB

Floats = NDArray[np.float64]

#: LPS millimetres to glTF metres (``frame.gltf_to_lps`` the other way round).
TO_GLTF = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
MM = 0.001


def placed(points: NDArray[Any]) -> Floats:
    """Return points given in mm, LPS, shape (N, 3), in glTF's metres."""
    return np.asarray(points, dtype=np.float64) @ TO_GLTF.T * MM


def turned(directions: NDArray[Any]) -> Floats:
    """Return directions given in LPS, shape (..., 3), in glTF's axes."""
    return np.asarray(directions, dtype=np.float64) @ TO_GLTF.T


def as_bytes(normals: NDArray[Any]) -> NDArray[np.int8]:
    """Return directions as unit vectors in signed bytes."""
    length = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return np.asarray(np.round(normals / length * 127.0), dtype=np.int8)


def linear(colour: RGB | NDArray[Any]) -> Floats:
    """Return an sRGB colour (0..255) as the linear 0..1 that glTF materials take."""
    share = np.asarray(colour, dtype=np.float64) / 255.0
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def quaternions(axes: Floats) -> Floats:
    """Return rotations as x, y, z, w; rows of ``axes`` are where x, y and z go, (K, 3, 3)."""
    from scipy.spatial.transform import Rotation

    found = Rotation.from_matrix(np.swapaxes(axes, 1, 2)).as_quat()
    # Neighbours on the same half of the sphere, or players take the long way round.
    sign = np.sign(np.einsum("ij,ij->i", found[1:], found[:-1]))
    sign = np.cumprod(np.concatenate([[1.0], np.where(sign == 0.0, 1.0, sign)]))
    return np.asarray(found * sign[:, None])
