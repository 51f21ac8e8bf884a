"""Speed of films: a plain PyVista loop, a camera that stands, one that orbits, in one run.

Run: ``python tests/benchmarks/bench_video.py [--atlas za] [--frames 200]``. *Plain* is
``open_movie`` and ``write_frame`` over one actor per structure in full detail with PyVista's
defaults, and the hands. *Fixed* and *orbit* are what ``palpate export`` writes: smoothed, lettered
MP4. Encoding is in every figure. Other work on the machine slows all of them, but not evenly, so
plain is timed before and after each of ours and their mean is what ours is divided by; CPU seconds
(this process with the software renderer in it, and its encoder) are beside.
"""

from __future__ import annotations

import argparse
import importlib
import os
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from annotations.compose import protocol_timeline
from annotations.protocol import open_protocol
from annotations.timeline import CameraPose, Key, Timeline
from meshes.atlas import Atlas
from viewer.camera import frame_of
from viewer.export.encoder import Film, encode
from viewer.export.frame import Frame
from viewer.export.frames import frames
from viewer.hand_on_skin import place_hand
from viewer.palette import tissue_colour, unit

PLAIN_FRAMES = 4
LEVELS = ((0.0, "skin"), (2.0, "superficial muscles"), (4.0, "erector spinae"), (6.0, "bones"))


@dataclass(frozen=True)
class Timing:
    """Seconds per frame, of the clock and of all cores, and where the clock's went."""

    wall: float
    cpu: float
    drawing: float

    @property
    def rate(self) -> float:
        return 1.0 / self.wall


class Plain:
    """The loop a PyVista user would write."""

    def __init__(self, atlas: Atlas, film: Film, folder: Path) -> None:
        pyvista: Any = importlib.import_module("pyvista")
        if not os.environ.get("DISPLAY"):
            os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
        self._skin = atlas["skin"].surface
        self._plotter: Any = pyvista.Plotter(off_screen=True, window_size=list(film.size))
        for item in atlas.structures.values():
            mesh = pyvista.PolyData.from_regular_faces(
                np.array(item.surface.vertices), np.array(item.surface.faces)
            )
            self._plotter.add_mesh(mesh, color=unit(tissue_colour(item.entry)))
        self._hands: list[Any] = []
        self._plotter.view_xz(negative=True)
        self._plotter.open_movie(str(folder / "plain.mp4"), framerate=int(film.fps))

    def put_hands(self, contacts: Iterable[Any]) -> None:
        pyvista: Any = importlib.import_module("pyvista")
        for index, contact in enumerate(contacts):
            hand = place_hand(contact, self._skin.vertices, self._skin.normals)
            if index < len(self._hands):
                self._hands[index].points = hand.vertices
            else:
                mesh = pyvista.PolyData.from_regular_faces(hand.vertices, hand.faces)
                self._hands.append(mesh)
                self._plotter.add_mesh(mesh, color="white", opacity=0.5)

    def timed(self, turn_deg: float, contacts: list[tuple[Any, ...]]) -> Timing:
        start, busy = time.perf_counter(), _cpu()
        for hands in contacts:
            self.put_hands(hands)
            self._plotter.camera.azimuth += turn_deg
            self._plotter.write_frame()
        count = len(contacts)
        wall = (time.perf_counter() - start) / count
        return Timing(wall, (_cpu() - busy) / count, wall)

    def close(self) -> None:
        self._plotter.close()


def _cpu() -> float:
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def timed(
    atlas: Atlas, timeline: Timeline, film: Film, part: tuple[int, int], folder: Path
) -> Timing:
    """Time frames ``part`` of a film, drawn and encoded; setting up the scene is not counted."""
    drawn: Any = frames(atlas, timeline, film, part[0] - 1, part[1])
    first = next(drawn)
    spent = 0.0

    def watched() -> Iterator[Frame]:
        nonlocal spent
        yield first
        for _ in range(part[0], part[1]):
            at = time.perf_counter()
            frame = next(drawn)
            spent += time.perf_counter() - at
            yield frame

    count = part[1] - part[0]
    start, busy = time.perf_counter(), _cpu()
    encode(folder / "ours.mp4", watched(), film)
    wall, cpu = time.perf_counter() - start, _cpu() - busy
    drawn.close()
    return Timing(wall / count, cpu / count, spent / count)


def orbit(atlas: Atlas, peel: float) -> Timeline:
    """One turn in twelve seconds."""
    middle = frame_of(atlas).centre
    poses = (CameraPose(0.0, 0.0, 1.0, middle), CameraPose(360.0, 8.0, 1.0, middle))
    camera = (Key(0.0, poses[0]), Key(12.0, poses[1]))
    return Timeline(12.0, camera, (Key(0.0, peel), Key(12.0, peel)))


def standing(timeline: Timeline, peel: float) -> Timeline:
    """The same strokes with the camera and the layers standing still."""
    key = timeline.camera_at(timeline.duration_s / 2.0)
    caution = timeline.caution if peel == 0.0 else ()
    return replace(timeline, camera=(Key(0.0, key),), peel=(Key(0.0, peel),), caution=caution)


def row(name: str, ours: Timing, plain: Timing) -> str:
    return (
        f"{name:34s} {ours.rate:7.1f} {1e3 * ours.wall:8.1f} {1e3 * ours.drawing:8.1f} "
        f"{1e3 * ours.cpu:8.1f} {plain.wall / ours.wall:8.1f} {plain.cpu / ours.cpu:8.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--protocol", default="trapezius_ridge")
    parser.add_argument(
        "--atlas", default="builtin", help="or the name of an imported one (palpate atlas import)"
    )
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    film = Film(width, height, 30.0)
    from meshes.build import open_atlas

    atlas = open_atlas(options.atlas)
    strokes = protocol_timeline(atlas, open_protocol(options.protocol))
    # Hands on the skin all the time: from touch-down to lift-off.
    ends = [end for item in strokes.passages for end in (item.start_s, item.end_s)]
    middle = int((min(ends) + max(ends)) / 2.0 * film.fps)
    part = (middle - options.frames // 2, middle + options.frames // 2)
    touch = [strokes.sample(index / film.fps).contacts for index in range(*part)]
    print(f"{atlas.title}: {len(atlas)} structures, {_triangles(atlas)} triangles, {options.size}")
    print(f"{'':34s} frames/s  ms each  drawing   CPU ms  x plain  x in CPU")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = Plain(atlas, film, folder)
        plain.timed(0.0, touch[:2])
        before = plain.timed(0.0, touch[:PLAIN_FRAMES])
        print(row("plain, camera stands", before, before))
        for peel, level in LEVELS[:2]:
            ours = timed(atlas, standing(strokes, peel), film, part, folder)
            after = plain.timed(0.0, touch[:PLAIN_FRAMES])
            print(row(f"camera stands, {level}", ours, _mean(before, after)), flush=True)
            before = after
        before = plain.timed(2.0, touch[:PLAIN_FRAMES])
        print(row("plain, orbit", before, before))
        for peel, level in LEVELS:
            ours = timed(atlas, orbit(atlas, peel), film, (120, 120 + options.frames), folder)
            after = plain.timed(2.0, touch[:PLAIN_FRAMES])
            print(row(f"orbit, {level}", ours, _mean(before, after)), flush=True)
            before = after
        plain.close()


def _mean(one: Timing, other: Timing) -> Timing:
    return Timing(
        (one.wall + other.wall) / 2.0,
        (one.cpu + other.cpu) / 2.0,
        (one.drawing + other.drawing) / 2.0,
    )


def _triangles(atlas: Atlas) -> int:
    return sum(len(item.surface.faces) for item in atlas.structures.values())


if __name__ == "__main__":
    main()
