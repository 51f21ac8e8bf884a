"""Things that are made once per atlas and live as long as it does."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from meshes.atlas import Atlas

T = TypeVar("T")


class PerAtlas(Generic[T]):
    """Keeps one value per atlas object, made when first asked for.

    An atlas is a mapping and so has no hash; its identity is the key, and the value goes when
    the atlas goes.

    Parameters
    ----------
    make : callable
        Makes the value from the atlas. It must not keep the atlas itself alive.
    """

    def __init__(self, make: Callable[[Atlas], T]) -> None:
        self._make = make
        self._held: dict[int, T] = {}

    def __call__(self, atlas: Atlas) -> T:
        """Return the value of this atlas."""
        key = id(atlas)
        if key not in self._held:
            self._held[key] = self._make(atlas)
            weakref.finalize(atlas, self._held.pop, key, None)
        return self._held[key]

    def held(self, atlas: Atlas) -> T | None:
        """Return the value of this atlas if it was made already."""
        return self._held.get(id(atlas))
