"""Compare the built-in torso with Z-Anatomy: ``.venv/bin/python docs/make_yardstick.py FOLDER``.

FOLDER holds Z-Anatomy's files (see ``palpate atlas import``). Writes ``docs/yardstick.md``; with
``--outlines DIR`` also a picture per muscle of both outlines seen from behind.
"""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from meshes.atlas import Atlas
from meshes.build import builtin
from meshes.checks.yardstick import Alignment, align, outline_overlap, surface_distance
from meshes.readers import reader
from meshes.surface import Surface

HERE = Path(__file__).parent
SIDES = ("left", "right")

HEAD = """# The built-in torso against Z-Anatomy

Written by `python docs/make_yardstick.py FOLDER`; do not edit. The list of muscles and landmarks
is `docs/yardstick.toml`.

Z-Anatomy is one man's body, drawn by hand from sections; the built-in torso is built from published
measurements. Neither is the truth, and two people differ as well. Z-Anatomy is laid on the
built-in torso by {count} landmarks of spine and scapulae: turned, moved and scaled by {scale:.3f}
(after which those landmarks lie {residual:.1f} mm apart, root mean square), then bent by a
thin-plate spline through them. *Dice* is the overlap of the outlines seen from behind (1 = the
same), *unbent* the same without the spline, *distance* the mean distance between the surfaces;
means of both sides.

Median Dice **{median:.2f}**, lowest **{lowest:.2f}** ({worst}).

| muscle | Dice | unbent | distance, mm |
| --- | ---: | ---: | ---: |
"""

FOOT = """
Where Z-Anatomy itself is off (facts, section 12): its muscles of the back are too thin, its discs
too thick, its cage 15 to 20 mm too wide, its shoulder girdle 15 to 25 mm too narrow on each side.
Distances carry about half a millimetre of the sampling.
"""


@dataclass(frozen=True)
class Row:
    """What one muscle's comparison gave, mean of both sides."""

    muscle: str
    dice: float
    unbent: float
    distance_mm: float


def compared(muscle: str, source: Atlas, target: Atlas, laid: Alignment) -> Row:
    """Return one row of the table."""
    figures = []
    for side in SIDES:
        one = source.get(f"{muscle}_{side}").surface
        other = target.get(f"{muscle}_{side}").surface
        bent, unbent = laid(one.vertices), laid.rigidly(one.vertices)
        figures.append(
            (
                outline_overlap(bent, one.faces, other.vertices, other.faces),
                outline_overlap(unbent, one.faces, other.vertices, other.faces),
                surface_distance(replace(one, vertices=bent.astype(np.float32)), other),
            )
        )
    dice, unbent_dice, distance = np.mean(figures, axis=0)
    return Row(muscle, float(dice), float(unbent_dice), float(distance))


def outlines(one: Surface, laid: Alignment, other: Surface) -> Image.Image:
    """Draw Z-Anatomy orange and the built-in torso blue, grey where both are, from behind."""
    bent = laid(one.vertices)
    both = np.concatenate([bent, other.vertices])
    low, high = both.min(axis=0), both.max(axis=0)
    size = (int(high[0] - low[0]) + 20, int(high[2] - low[2]) + 20)
    shades = []
    for points, faces in ((bent, one.faces), (other.vertices, other.faces)):
        page = Image.new("L", size, 255)
        flat = np.stack([points[:, 0] - low[0] + 10, high[2] - points[:, 2] + 10], axis=1)
        # Seen from behind, the subject's left (+x) is at the viewer's left.
        flat[:, 0] = size[0] - flat[:, 0]
        pen = ImageDraw.Draw(page)
        for corners in flat[faces].reshape(len(faces), 6).tolist():
            pen.polygon(corners, fill=110)
        shades.append(page)
    # Each outline darkens the channels that the other one does not.
    return Image.merge("RGB", (shades[1], Image.blend(*shades, 0.5), shades[0]))


def main() -> None:
    """Write the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--outlines", type=Path)
    given = asked.parse_args()
    spec = tomllib.loads((HERE / "yardstick.toml").read_text())
    source = reader("z-anatomy").read(given.folder, "za", lambda *_: None)
    target = builtin()
    laid = align(source.landmarks, target.landmarks, spec["landmarks"])
    rows = [compared(muscle, source, target, laid) for muscle in spec["muscles"]]
    if given.outlines is not None:
        given.outlines.mkdir(parents=True, exist_ok=True)
        for muscle in spec["muscles"]:
            name = f"{muscle}_left"
            picture = outlines(source.get(name).surface, laid, target.get(name).surface)
            picture.save(given.outlines / f"{muscle}.png")
    worst = min(rows, key=lambda row: row.dice)
    text = HEAD.format(
        count=len(laid.names),
        scale=laid.scale,
        residual=laid.similarity_residual_mm,
        median=float(np.median([row.dice for row in rows])),
        lowest=worst.dice,
        worst=worst.muscle.replace("_", " "),
    )
    for row in rows:
        label = row.muscle.replace("_", " ")
        text += f"| {label} | {row.dice:.2f} | {row.unbent:.2f} | {row.distance_mm:.1f} |\n"
    (HERE / "yardstick.md").write_text(text + FOOT)
    print(f"median Dice {np.median([row.dice for row in rows]):.3f}, lowest {worst}")


if __name__ == "__main__":
    main()
