"""Which part of a picture is not background, known before anything is read back."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from viewer.camera import Lens
from viewer.renderer import Box, evened
from viewer.resolve import Picture

Floats = NDArray[np.float64]

#: A dent has a rim; smoothed edges reach over by a pixel.
_MARGIN_MM, _MARGIN = 5.0, 2
#: Nearer to the camera than this nothing is foretold.
_NEAREST_MM = 20.0


class Extent:
    """Boxes that hold all that is drawn.

    Parameters
    ----------
    atlas : Atlas
    """

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._corners: dict[str, Floats] = {}

    def box(
        self,
        picture: Picture,
        touched: Iterable[NDArray[np.floating]],
        lens: Lens,
        size: tuple[int, int],
    ) -> Box:
        """Return a part of the picture, with even edges, outside which there is background.

        Parameters
        ----------
        picture : Picture
        touched : iterable of ndarray, shape (N, 3)
            Vertices of hands and trails, mm.
        lens : Lens
        size : tuple of int
            Width and height of the picture, pixels.
        """
        points = [*(self._of(draw.id) for draw in picture.draws), *touched]
        if not points:
            return 0, 0, min(2, size[0]), min(2, size[1])
        at = lens.project(np.concatenate(points), size)
        if picture.opened or at[:, 2].min() < _NEAREST_MM:
            return 0, 0, *size
        low = np.floor(at[:, :2].min(axis=0)).astype(int) - _MARGIN
        high = np.ceil(at[:, :2].max(axis=0)).astype(int) + _MARGIN
        # At least two pixels, also of what lies beside the picture.
        low = np.clip(low, 0, np.array(size) - 2)
        high = np.clip(high, low + 2, np.array(size))
        return evened((int(low[0]), int(low[1]), int(high[0]), int(high[1])), size)

    def _of(self, structure_id: str) -> Floats:
        if structure_id not in self._corners:
            low, high = self._atlas[structure_id].surface.bounds
            ends = np.stack([low - _MARGIN_MM, high + _MARGIN_MM], axis=1)
            self._corners[structure_id] = np.array(list(product(*ends)), dtype=np.float64)
        return self._corners[structure_id]
