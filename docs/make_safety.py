"""Renew docs/safety.md's figures and its pictures: run ``.venv/bin/python docs/make_safety.py``.

The tables are written between the markers of the page; the pictures go to docs/gallery, each map
from behind and obliquely. Nothing here is typed in by hand: colours, margins and times are those
of the code as it stands.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import time
from pathlib import Path

import numpy as np
from PIL import Image

from annotations.caution import caution_field
from annotations.contraindication import by_action
from annotations.pressure import Pressure, parse_pair
from annotations.quantity import measure
from annotations.rule import load_rules
from annotations.safety import measured_skin
from annotations.skin_map import MAPS, skin_map
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.atlas import Atlas
from meshes.build import builtin
from meshes.depth_field import depth_field
from viewer import palette
from viewer.camera import frame_of, pose_of
from viewer.colour_scale import colour_at
from viewer.export.still import still
from viewer.eyesight import SIGHT, apart, lightness
from viewer.state import ViewState

PAGE = Path(__file__).with_name("safety.md")
OUT = Path(__file__).with_name("gallery")
PAIRS = ("gliding:light", "kneading:firm", "sustained_press:deep", "percussion:light")
SURFACES = ("padding", "kidney_window")
VIEWS = ("posterior", "posterolateral_left")
SIZE = (440, 600)
BEGIN, END = "<!-- figures: docs/make_safety.py -->", "<!-- end of figures -->"


def name_of(what: str) -> str:
    """Return the file name of a picture."""
    return f"safety_{what.replace(':', '_')}.png"


def picture(atlas: Atlas, what: str) -> Image.Image:
    """Return a map from behind and obliquely, side by side."""
    frame = frame_of(atlas)
    surface = what if what in MAPS else None
    pair = None if surface else parse_pair(what)
    cameras = [pose_of(view, frame) for view in VIEWS]
    views = [
        still(atlas, ViewState(camera=camera, surface=surface, caution=pair), SIZE)
        for camera in cameras
    ]
    return Image.fromarray(np.concatenate(views, axis=1))


def figures(atlas: Atlas) -> str:
    """Return what stands between the markers of the page."""
    parts = [_differences(), _greys(), _scale(), _maps(atlas), _who_asks(), _pictures()]
    return "\n\n".join(parts)


def _differences() -> str:
    rows = [
        "How different two verdicts' colours look (CIEDE2000; 2 is just seen), to full sight and "
        "to each kind of dichromacy (Machado 2009, severity 1):",
        "",
        "| verdicts | " + " | ".join(SIGHT) + " |",
        "|---|" + "---|" * len(SIGHT),
    ]
    least = np.inf
    for one, other in itertools.combinations(Verdict, 2):
        found = [
            apart(palette.verdict_colour(one), palette.verdict_colour(other), sight)
            for sight in SIGHT
        ]
        least = min(least, *found)
        cells = " | ".join(f"{value:.0f}" for value in found)
        rows.append(f"| {one.word} - {other.word} | {cells} |")
    against = min(
        apart(palette.verdict_colour(verdict), tissue, sight)
        for verdict in Verdict
        for tissue in (palette.SKIN, palette.BELLY)
        for sight in SIGHT
    )
    rows += ["", f"The least is {least:.0f}; from skin and muscle every verdict is at least "
             f"{against:.0f} apart."]  # fmt: skip
    return "\n".join(rows)


def _greys() -> str:
    rows = [
        "In a grey print (lightness L*, 0 black to 100 white) the pattern tells apart what grey "
        "does not:",
        "",
        "| verdict | L* | pattern |",
        "|---|---|---|",
    ]
    rows += [
        f"| {item.word} | {lightness(palette.verdict_colour(item)):.0f} | {item.pattern} |"
        for item in Verdict
    ]
    return "\n".join(rows)


def _scale() -> str:
    steps = np.linspace(0.0, 1.0, 17)
    rows = [
        "The scale of millimetres falls in lightness from "
        f"{lightness(colour_at(0.0)):.0f} to {lightness(colour_at(1.0)):.0f}; difference of "
        "neighbouring sixteenths (least - greatest):",
        "",
        "| " + " | ".join(SIGHT) + " |",
        "|" + "---|" * len(SIGHT),
    ]
    cells = []
    for sight in SIGHT:
        found = [
            apart(colour_at(one), colour_at(other), sight)
            for one, other in itertools.pairwise(steps)
        ]
        cells.append(f"{min(found):.1f} - {max(found):.1f}")
    return "\n".join([*rows, "| " + " | ".join(cells) + " |"])


def _maps(atlas: Atlas) -> str:
    depth = depth_field(atlas)
    quantities = load_rules().quantities
    measure(atlas, depth, quantities)  # imports and trees that any command needs are not counted
    start = time.process_time()
    measure(atlas, depth, quantities)
    took = time.process_time() - start
    measured_skin(atlas)
    start = time.process_time()
    fields = [caution_field(atlas, *pair) for pair in itertools.product(Technique, Pressure)]
    took += time.process_time() - start
    window = skin_map(atlas, "kidney_window")
    inside = np.isfinite(window.values)
    zone = np.isfinite(window.line) & (window.line <= 0.0) if window.line is not None else inside
    area = np.bincount(fields[0].verdict, minlength=len(Verdict))
    rows = [
        f"All {len(fields)} maps of the built-in torso ({len(depth):,} skin vertices, "
        f"{len(load_rules().rules)} rules) from its cached depth field: {took:.2f} s "
        f"of processor time ({platform.machine()}).",
        "",
        f"The kidney window covers {inside.sum():,} vertices, with its margin of "
        f"{window.line_mm:g} mm {zone.sum():,}; shallowest {np.nanmin(window.values):.0f} mm. "
        f"Under {PAIRS[0]} {area[0]:,} vertices may be worked.",
        "",
        "| verdict, share of the skin | " + " | ".join(PAIRS) + " |",
        "|---|" + "---|" * len(PAIRS),
    ]
    shown = [caution_field(atlas, *parse_pair(pair)) for pair in PAIRS]
    for verdict in Verdict:
        cells = " | ".join(f"{100.0 * field.share(verdict):.0f} %" for field in shown)
        rows.append(f"| {verdict.word} | {cells} |")
    return "\n".join(rows)


def _who_asks() -> str:
    rows = ["What no verdict can know about the person (`annotations/contraindications.toml`):", ""]
    for action, items in by_action().items():
        names = "; ".join(f"{item.title} ({item.source})" for item in items)
        rows.append(f"- **{action.label}:** {names}.")
    return "\n".join(rows)


def _pictures() -> str:
    rows = []
    for what in (*PAIRS, *SURFACES):
        title = MAPS[what].title if what in MAPS else what
        rows += [f"![{title}: from behind and obliquely](gallery/{name_of(what)})", ""]
    return "\n".join(rows).rstrip()


def main() -> None:
    """Write the page's figures, and the pictures unless ``--page`` says the page alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="only the page's figures")
    alone = parser.parse_args().page
    atlas = builtin()
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{figures(atlas)}\n\n{END}{after}", encoding="utf-8")
    if alone:
        return
    OUT.mkdir(exist_ok=True)
    for what in (*PAIRS, *SURFACES):
        # In full colours: in fewer, a verdict's would go to the skin that has most of the picture.
        picture(atlas, what).save(OUT / name_of(what), optimize=True)


if __name__ == "__main__":
    main()
