"""The soft-tissue generator: muscles laid over a skeleton, from deep to superficial."""

from __future__ import annotations

from meshes.muscle.lay import lay_muscles

__all__ = ["lay_muscles"]
