"""A frame of a film: a page, and the parts of it that something covers.

While the camera stands, one page serves many frames. Whoever takes frames on need not look at all
of them to see where they differ: outside their parts they are their page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from viewer.renderer import Box

Pixels = NDArray[np.uint8]
Parts = tuple[tuple[Box, Pixels], ...]


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame; neither its page nor its parts may be written to.

    Attributes
    ----------
    page : ndarray of uint8, shape (height, width, 3 or 4)
    parts : tuple of (Box, ndarray of uint8, shape (h, w, 3))
        What lies over the page, a later one over an earlier one. Edges are even, but for those
        of an odd picture.
    """

    page: Pixels
    parts: Parts = ()

    @cached_property
    def pixels(self) -> Pixels:
        """The whole frame."""
        if not self.parts:
            return self.page
        result = self.page.copy()
        for (left, upper, right, lower), part in self.parts:
            result[upper:lower, left:right] = part
        return result
