"""What a cut takes away is gone at its edges too, where a pixel has several samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from annotations.timeline import CameraPose
from meshes.atlas import Atlas
from viewer.opening import Cut
from viewer.renderer import OffScreen
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState


def lone_pixels(pixels: NDArray[np.uint8]) -> int:
    """Return how many pixels or pairs of them stand alone on the background."""
    drawn = np.abs(pixels.astype(int) - pixels[2, 2]).max(axis=2) > 6
    pieces, count = ndimage.label(drawn, np.ones((3, 3)))
    return int((np.bincount(pieces.ravel(), minlength=count + 1)[1:] <= 2).sum())


@pytest.mark.reference
def test_nothing_of_what_was_cut_away_is_left_as_specks(builtin: Atlas) -> None:
    camera = CameraPose(45.0, 45.0, 2.2, np.array([0.0, 0.0, 230.0]))
    found = 0
    with OffScreen((830, 820), 1) as screen:
        window: Any = screen.plotter.render_window
        window.SetMultiSamples(4)  # as a window that stands still
        scene = Scene(screen.plotter)
        for peel, height in ((3.0, 250.0), (2.0, 240.0), (4.0, 240.0)):
            cut = Cut((0.0, 0.0, 1.0), height)
            scene.show(resolve(ViewState(peel=peel, cut=cut, camera=camera), builtin))
            found += lone_pixels(screen.picture())
    assert found <= 3  # 18 where the place of a sample is guessed from its triangle's plane
