"""A timeline with one hand on each side, small enough for tests of exports."""

from __future__ import annotations

import numpy as np

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import CameraPose, Caption, Key, Mark, Passage, Timeline
from annotations.verdict import Verdict
from tests.phantom import phantom_atlas, skin_point
from viewer.camera import frame_of, pose_of

ATLAS = phantom_atlas()


def two_hands() -> Timeline:
    """One second: gliding palms up both sides, a turn, a peel to the muscles."""
    frame = frame_of(ATLAS)
    start = pose_of("posterior", frame)
    pair = (Technique.GLIDING, Pressure.LIGHT)
    return Timeline(
        2.0,
        camera=(Key(0.0, start), Key(2.0, CameraPose(30.0, 5.0, 1.2, frame.centre))),
        peel=(Key(0.0, 0.0), Key(1.0, 0.0), Key(2.0, 2.0)),
        caution=(Key(0.0, None), Key(0.5, pair)),
        captions=(Caption(0.2, 1.6, "Glide </script><!-- up"),),
        passages=(passage(70.0, "left"), passage(-70.0, "right")),
        marks=(Mark(0.2, "Glide"),),
        title="Two hands </title>",
    )


def passage(x: float, side: str) -> Passage:
    times = np.linspace(0.2, 1.6, 29)
    heights = np.linspace(120.0, 320.0, 29)
    points = np.array([skin_point(x, z) for z in heights])
    normals = np.array([skin_point(x, z) - skin_point(x, z, 10.0) for z in heights]) / 10.0
    return Passage(
        stroke="Glide",
        times=times,
        points=points,
        normals=normals,
        headings=np.tile([0.0, 0.0, 1.0], (29, 1)),
        force_n=np.full(29, 5.0),
        dent_mm=np.full(29, 2.0),
        roll_deg=np.zeros(29),
        verdict=np.full(29, int(Verdict.LIGHTEN), dtype=np.uint8),
        hand="palm",
        radius_mm=32.0,
        technique=Technique.GLIDING,
        pressure=Pressure.LIGHT,
        side=side,
    )
