"""Draw the README's picture: run ``.venv/bin/python docs/make_gallery.py``.

Three views of the built-in torso side by side: hands kneading over the caution surface, the
superficial muscles, and the bones with the kidneys.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from annotations.compose import protocol_timeline
from annotations.protocol import open_protocol
from meshes.build import builtin
from viewer.camera import frame_of, pose_of
from viewer.export.still import still
from viewer.state import ViewState

OUT = Path(__file__).parent / "gallery"
SIZE = (620, 860)


def overview() -> Image.Image:
    """Return the picture at the top of the README."""
    atlas = builtin()
    frame = frame_of(atlas)
    timeline = protocol_timeline(atlas, open_protocol("trapezius_ridge"))
    middle = 0.5 * (timeline.passages[0].start_s + timeline.passages[0].end_s)
    kneading = replace(
        ViewState.at(timeline.sample(middle)), camera=pose_of("posterior", frame), caption=""
    )
    muscles = ViewState(peel=2.0, camera=pose_of("posterolateral_left", frame))
    bones = ViewState(peel=6.6, camera=pose_of("posterior", frame))
    pictures = [still(atlas, state, SIZE) for state in (kneading, muscles, bones)]
    return Image.fromarray(np.concatenate(pictures, axis=1))


def main() -> None:
    """Write every picture of the gallery."""
    OUT.mkdir(exist_ok=True)
    # 256 colours are a third of the size and look the same.
    overview().quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(
        OUT / "overview.png", optimize=True
    )


if __name__ == "__main__":
    main()
