"""Draw the pictures of ``docs/gallery``: run ``.venv/bin/python docs/make_gallery.py [NAME ...]``.

``overview`` is the README's picture, ``levels_VIEW`` every peel level from one side,
the rest close-ups; what they show is written in ``docs/gallery.toml``.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from annotations.compose import protocol_timeline
from annotations.protocol import open_protocol
from meshes.atlas import Atlas
from meshes.build import builtin
from viewer.camera import frame_of, pose_of
from viewer.export.still import still
from viewer.state import ViewState

HERE = Path(__file__).parent
OUT = HERE / "gallery"
SIZE = (620, 860)
OVERVIEW = "overview"
CLOSE = (760, 640)


def overview(atlas: Atlas) -> Image.Image:
    """Hands kneading over the caution surface, the superficial muscles, bones with kidneys."""
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


def levels(atlas: Atlas, view: str, spec: dict[str, Any]) -> Image.Image:
    """Every peel level from one side, four in a row."""
    frame = frame_of(atlas)
    # Drawn larger than shown, so that the lettering stays in proportion.
    size = (2 * spec["width"], int(2.6 * spec["width"]))
    pictures = [
        still(atlas, ViewState(peel=float(peel), camera=pose_of(view, frame)), size)
        for peel in spec["peels"]
    ]
    half = len(pictures) // 2
    rows = [np.concatenate(pictures[:half], axis=1), np.concatenate(pictures[half:], axis=1)]
    page = Image.fromarray(np.concatenate(rows, axis=0))
    return page.resize((page.width // 2, page.height // 2), Image.Resampling.LANCZOS)


def close_up(atlas: Atlas, spec: dict[str, Any]) -> Image.Image:
    """One region, near."""
    focus = atlas.landmarks.point(spec["focus"]) + np.array(spec["shift"], dtype=float)
    camera = pose_of(spec["view"], frame_of(atlas), spec["zoom"], focus)
    state = ViewState(
        peel=spec["peel"],
        camera=camera,
        shown=frozenset(spec.get("shown", ())),
        title=spec["title"],
    )
    return Image.fromarray(still(atlas, state, CLOSE))


def pictures() -> Iterator[tuple[str, Callable[[Atlas], Image.Image]]]:
    """Yield each picture's name and what draws it."""
    spec = tomllib.loads((HERE / "gallery.toml").read_text())
    yield OVERVIEW, overview
    for view in spec["levels"]["views"]:
        yield f"levels_{view}", partial(levels, view=view, spec=spec["levels"])
    for one in spec["close_up"]:
        yield one["name"], partial(close_up, spec=one)


def main() -> None:
    """Write the pictures that were asked for, or all of them."""
    OUT.mkdir(exist_ok=True)
    asked = sys.argv[1:]
    atlas = builtin()
    for name, draw in pictures():
        if not asked or name in asked:
            picture = draw(atlas)
            if name != OVERVIEW:
                # 256 colours are a third of the size and look the same, but for a legend's.
                picture = picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
            picture.save(OUT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
