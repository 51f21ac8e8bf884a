"""The built-in skeleton and its landmarks, built once for all tests that need no soft tissue."""

from __future__ import annotations

from functools import lru_cache

from meshes.atlas import Body
from meshes.landmark_finder import find_landmarks
from meshes.landmarks import Landmarks
from meshes.skeleton import build_skeleton
from meshes.structure import Structure


@lru_cache(maxsize=1)
def skeleton() -> dict[str, Structure]:
    """Return the bones of the built-in torso; treat them as read-only."""
    return build_skeleton(Body())


@lru_cache(maxsize=1)
def skeleton_landmarks() -> Landmarks:
    """Return the landmarks found on those bones."""
    return find_landmarks(skeleton())
