"""Pictures without a background, for laying over slides.

Each is drawn twice, over black and over white. What differs between the two is what lets the
ground through, so opacity and colour are exact for smoothed edges, fading layers and lettering
alike, whatever drew them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from annotations.caution import CautionField
from annotations.timeline import Pair, Timeline
from meshes.atlas import Atlas
from viewer.camera import lens_of
from viewer.export.encoder import Film
from viewer.export.frame import Frame
from viewer.export.frames import oversampling_of, picture_at
from viewer.labels import marks_of
from viewer.lettering import Lettering
from viewer.renderer import OffScreen
from viewer.resolve import Picture
from viewer.scene import Scene

Pixels = NDArray[np.uint8]
_GROUNDS = (0.0, 1.0)


def clear_frames(
    atlas: Atlas, timeline: Timeline, film: Film, start: int, stop: int
) -> Iterator[Frame]:
    """Yield frames without a background.

    Parameters
    ----------
    atlas : Atlas
    timeline : Timeline
    film : Film
    start, stop : int
        Numbers of the first frame and of the one after the last.

    Yields
    ------
    Frame
        Its pixels are red, green, blue and opacity.

    Raises
    ------
    MachineError
        If this machine cannot draw.
    """
    fields: dict[Pair, CautionField] = {}
    with OffScreen(film.size, oversampling_of(film)) as screen:
        scene = Scene(screen.plotter)
        for index in range(start, stop):
            picture = picture_at(atlas, timeline, index / film.fps, fields)
            yield Frame(clear_picture(screen, scene, picture))
        scene.close()


def clear_picture(screen: OffScreen, scene: Scene, picture: Picture) -> Pixels:
    """Return a picture with its lettering and without a background, shape (height, width, 4)."""
    scene.show(picture)
    lens = lens_of(picture.camera, scene.frame, screen.size[0] / screen.size[1])
    lettering = Lettering(screen.size)
    marks = marks_of(picture, lens, screen.size)
    renderer = screen.plotter.renderer
    before = renderer.GetBackground()
    seen = []
    try:
        for ground in _GROUNDS:
            renderer.SetBackground(ground, ground, ground)
            seen.append(lettering.over(screen.picture(), marks))
    finally:
        renderer.SetBackground(*before)
    return without_ground(*seen)


def without_ground(over_black: Pixels, over_white: Pixels) -> Pixels:
    """Return colour and opacity of what was drawn over black and over white.

    >>> grey = np.full((1, 1, 3), 60, np.uint8), np.full((1, 1, 3), 188, np.uint8)
    >>> without_ground(*grey)[0, 0].tolist()
    [120, 120, 120, 127]
    """
    black, white = over_black.astype(np.float64), over_white.astype(np.float64)
    # One opacity for all three channels: the ground is grey, so they agree but for rounding.
    opacity = np.clip(1.0 - (white - black).mean(axis=2, keepdims=True) / 255.0, 0.0, 1.0)
    colour = black / np.maximum(opacity, 1.0 / 255.0)
    pixels = np.concatenate([colour, 255.0 * opacity], axis=2)
    return np.asarray(np.clip(np.round(pixels), 0.0, 255.0), dtype=np.uint8)
