"""The tissue beside a needle, as a picture: the needle goes straight down through its middle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.needle import needle_plane
from meshes.progress import Progress, silent
from meshes.section import section
from meshes.structure import Structure
from viewer.section_raster import OUTSIDE, OwnerMap, Window, owner_map
from viewer.section_tissue import paint


@dataclass(frozen=True, eq=False)
class NeedleCut:
    """A cut beside a needle.

    Attributes
    ----------
    picture : ndarray of uint8, shape (height, width, 4)
        RGBA; clear outside the body.
    owners : OwnerMap
        Which structure each pixel belongs to.
    way : ndarray, shape (3,)
        Unit vector to the right of the picture.
    """

    picture: NDArray[np.uint8]
    owners: OwnerMap
    way: NDArray[np.float64]


def needle_window(size: tuple[int, int], scale: float, above_mm: float) -> Window:
    """Return the window whose middle is the needle.

    Parameters
    ----------
    size : tuple of int
        Width and height, pixels.
    scale : float
        Pixels per mm.
    above_mm : float
        What is shown above the skin at the needle.
    """
    return Window(-size[0] / scale / 2.0, above_mm, scale, *size)


def needle_cut(
    structures: Mapping[str, Structure],
    point: NDArray[np.floating],
    direction: NDArray[np.floating],
    window: Window,
    told: Progress = silent,
) -> NeedleCut:
    """Cut the tissue beside a needle and paint it.

    Parameters
    ----------
    structures : mapping of str to Structure
        An ``Atlas``, or the part of it that is to be shown.
    point : ndarray, shape (3,)
        Where the needle meets the skin, mm, LPS.
    direction : ndarray, shape (3,)
        Into the body.
    window : Window
        From ``needle_window``.
    told : Progress
        Hears of each step; may end the work by an exception.
    """
    plane = needle_plane(point, direction)
    told(0.0, "cutting")
    made = section(structures, plane)
    told(0.3, "spaces")
    owners = owner_map(made, window)
    told(0.8, "painting")
    picture = np.empty((window.height, window.width, 4), dtype=np.uint8)
    picture[..., :3] = paint(made, owners)
    picture[..., 3] = np.where(owners.coarse == OUTSIDE, 0, 255)
    told(1.0, "painting")
    return NeedleCut(picture, owners, plane.right)
