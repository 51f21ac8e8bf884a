"""One picture as a PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotations.caution import caution_field
from annotations.contraindication import prompt
from annotations.skin_map import skin_map
from meshes.atlas import Atlas
from meshes.errors import InputError
from viewer.camera import lens_of
from viewer.export.atomic import whole_file
from viewer.export.transparent import clear_picture
from viewer.labels import credit_line, marks_of
from viewer.lettering import Lettering
from viewer.renderer import OffScreen
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState

SIZE = (1000, 1300)
_SIDE_RANGE = (64, 8192)
#: Pixels drawn per picture; beyond this the oversampling is reduced.
_MOST_DRAWN = 34_000_000


def save_still(
    path: Path,
    atlas: Atlas,
    state: ViewState,
    size: tuple[int, int] = SIZE,
    *,
    clear: bool = False,
) -> None:
    """Draw a state and write it as PNG; the file appears when it is whole.

    Parameters
    ----------
    path : Path
        Ending in ``.png``.
    atlas : Atlas
    state : ViewState
    size : tuple of int
        Width and height, pixels, each 64..8192.
    clear : bool
        Without a background.

    Raises
    ------
    InputError
        If the name does not end in ``.png`` or the size is out of range.
    MachineError
        If this machine cannot draw.
    WriteError
        If the file cannot be written.
    """
    save_picture(path, atlas, lambda: still(atlas, state, size, clear=clear))


def save_picture(path: Path, atlas: Atlas, draw: Callable[[], NDArray[np.uint8]]) -> None:
    """Write any picture of an atlas as PNG, with its credits in the file; whole or not at all.

    Parameters
    ----------
    path : Path
        Ending in ``.png``.
    atlas : Atlas
    draw : callable
        Makes the pixels, shape (height, width, 3), once it is sure that they can be written.
    """
    from PIL import Image, PngImagePlugin

    path = Path(path)
    if path.suffix.lower() != ".png":
        raise InputError(f"a still is a PNG: a name ending in .png is required, received {path}")
    with whole_file(path) as beside:
        pixels = draw()
        about = PngImagePlugin.PngInfo()
        about.add_text("Software", "Palpate")
        about.add_text("Copyright", credit_line(atlas))
        about.add_text("Warning", prompt())
        Image.fromarray(pixels).save(beside, format="PNG", pnginfo=about)


def still(
    atlas: Atlas, state: ViewState, size: tuple[int, int] = SIZE, *, clear: bool = False
) -> NDArray[np.uint8]:
    """Return a state as a picture with its lettering, shape (height, width, 3).

    Without a background (``clear``) it has a fourth channel, the opacity.
    """
    low, high = _SIDE_RANGE
    if not all(low <= side <= high for side in size):
        raise InputError(
            f"a picture's sides must lie in {low}..{high} pixels, received {size[0]}x{size[1]}"
        )
    caution = None if state.caution is None else caution_field(atlas, *state.caution)
    chart = None if state.surface is None else skin_map(atlas, state.surface)
    picture = resolve(state, atlas, caution, chart)
    with OffScreen(size, oversampling_for(size)) as screen:
        scene = Scene(screen.plotter)
        if clear:
            pixels = clear_picture(screen, scene, picture)
            scene.close()
            return pixels
        scene.show(picture)
        pixels = screen.picture()
        lens = lens_of(picture.camera, scene.frame, size[0] / size[1])
        scene.close()
    return Lettering(size).over(pixels, marks_of(picture, lens, size))


def oversampling_for(size: tuple[int, int]) -> int:
    """Return how many pixels to draw per pixel and direction: three, or less for large pictures.

    >>> oversampling_for((1000, 1300)), oversampling_for((3840, 2160))
    (3, 2)
    """
    for factor in (3, 2):
        if size[0] * size[1] * factor * factor <= _MOST_DRAWN:
            return factor
    return 1
