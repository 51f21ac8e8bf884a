"""The window's speed, in one table: dragging and peeling against an empty window, opening, rest.

Run: ``python tests/benchmarks/bench_window.py [--size 1280x720] [--frames 40] [--no-opening]``
on any display (``xvfb-run -s "-screen 0 1600x1000x24"`` without one). Frames are drawn by real
mouse events, one after the other, as fast as they come; blocks of ours and of an empty PyVista
window without multisampling alternate, so that what else the machine does meets both alike.
The last ratio is that of the processor's time for a frame, of all threads: it says the same on a
machine that has other work, where what the clock says is chance.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from meshes.terminology import TissueLayer

WARM_UP = 6
#: Longest that a machine may take to get everything ready, s.
PATIENCE_S = 600.0

#: Opens an empty PyVista window in a process of its own and prints the seconds until it is drawn.
EMPTY = """
import time, sys; start = time.perf_counter()
from PySide6.QtWidgets import QApplication, QMainWindow
from pyvistaqt import QtInteractor
application = QApplication([]); window = QMainWindow(); window.resize(1400, 900)
plotter = QtInteractor(window); window.setCentralWidget(plotter)
drawn = []
plotter.GetRenderWindow().AddObserver("EndEvent", lambda *_: drawn.append(1))
window.show()
while not drawn: application.processEvents()
application.processEvents()
print(time.perf_counter() - start, flush=True)
import os; os._exit(0)
"""

#: The same for ``palpate``: until the torso is drawn.
OURS = """
import time, sys; start = time.perf_counter()
from viewer.panels import application as it
def look(window):
    if window.view.picture is None or not window.view.frames: return False
    print(time.perf_counter() - start, flush=True)
    import os; os._exit(0)
from viewer.commands.window import view
from PySide6.QtCore import QTimer
first = it.Window.show
def show(window):
    first(window)
    timer = QTimer(window); timer.setInterval(0)
    timer.timeout.connect(lambda: look(window)); timer.start()
it.Window.show = show
view()
"""


class Frames:
    """Counts what a render window has drawn, and waits for the next frame."""

    def __init__(self, application: Any, window: Any) -> None:
        self._application = application
        self.count = 0
        window.AddObserver("EndEvent", self._drawn)

    def _drawn(self, *_: object) -> None:
        self.count += 1

    def wait(self, since: int) -> None:
        end = time.perf_counter() + 20.0
        while self.count <= since and time.perf_counter() < end:
            self._application.processEvents()

    def time(self, act: Callable[[int], None], count: int) -> list[tuple[float, float]]:
        """Return how long each of some frames took, and how much of all processors' time, s."""
        times = []
        for index in range(count):
            before, start, worked = self.count, time.perf_counter(), time.process_time()
            act(index)
            self.wait(before)
            times.append((time.perf_counter() - start, time.process_time() - worked))
        return times


class Empty:
    """An empty PyVista window as large as ours, without multisampling, that turns its camera."""

    def __init__(self, application: Any, size: tuple[int, int], outer: Any) -> None:
        from PySide6.QtWidgets import QMainWindow
        from pyvistaqt import QtInteractor

        self.window = QMainWindow()
        self.plotter = QtInteractor(self.window, auto_update=False, multi_samples=0)
        self.window.setCentralWidget(self.plotter)
        self.plotter.setFixedSize(*size)
        self.window.setFixedSize(outer)
        self.window.show()
        self.frames = Frames(application, self.plotter.GetRenderWindow())

    def act(self, index: int) -> None:
        self.plotter.renderer.GetActiveCamera().Azimuth(1.5)
        self.plotter.update()


class Ours:
    """The window on the built-in torso."""

    def __init__(self, application: Any, size: tuple[int, int]) -> None:
        from meshes.build import open_atlas
        from viewer.window import Window

        self._application = application
        self.window = Window(lambda progress: open_atlas(progress=progress))
        self.window.show()
        self.canvas = self.window.view.canvas
        self.until(lambda: self.window.session.atlas is not None)
        self.canvas.setFixedSize(*size)
        self.frames = Frames(application, self.canvas.GetRenderWindow())
        self.until(lambda: self.window.view.prepared)

    def until(self, what: Callable[[], bool]) -> float:
        """Wait for something and return how long it took, s."""
        start = time.perf_counter()
        while not what():
            self._application.processEvents()
            if time.perf_counter() - start > PATIENCE_S:
                raise SystemExit("the window did not get ready in time")
        return time.perf_counter() - start

    def mouse(self, kind: str, x: float, y: float) -> None:
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        cause = none if kind == "Move" else left
        held = none if kind == "Release" else left
        what = {
            "Press": QEvent.Type.MouseButtonPress,
            "Move": QEvent.Type.MouseMove,
            "Release": QEvent.Type.MouseButtonRelease,
        }[kind]
        at = QPointF(x, y)
        event = QMouseEvent(
            what, at, QPointF(self.canvas.mapToGlobal(at.toPoint())), cause, held,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    @contextmanager
    def dragging(self) -> Iterator[Callable[[int], None]]:
        """Hold the left button; what is given moves the pointer on, to and fro."""
        width, height = self.canvas.width(), self.canvas.height()
        self.mouse("Press", width / 2, height / 2)

        def act(index: int) -> None:
            x = width / 2 + 0.45 * width * np.sin(index * 0.07)
            self.mouse("Move", x, height / 2 + 30.0 * np.sin(index * 0.05) + 12.0)

        act(1)
        yield act
        self.mouse("Release", width / 2, height / 2)

    def peel(self, depth: float) -> None:
        from viewer import steps

        self.window.session.change(steps.peeled, depth, movement="bench")

    def rest(self) -> float:
        """Return how long it takes until the full picture is there, s."""
        start = time.perf_counter()
        self.until(lambda: not self.window.view.moving)
        self.frames.wait(self.frames.count - 1)
        self._application.processEvents()
        return time.perf_counter() - start

    def point(self, index: int) -> float:
        """Move the pointer, and return how long the answer took, s."""
        told: list[float] = []
        heard = self.window.session.pointed.connect(lambda _: told.append(time.perf_counter()))
        width, height = self.canvas.width(), self.canvas.height()
        x, y = width * (0.5 + 0.08 * np.sin(index)), height * (0.4 + 0.01 * index)
        start = time.perf_counter()
        self.mouse("Move", x, y)  # not the cursor itself: the other window lies over this one
        self.until(lambda: bool(told))
        self._application.processEvents()  # the column is painted
        end = time.perf_counter()
        self.window.session.pointed.disconnect(heard)
        return end - start


def rates(empty: Empty, ours: Ours, frames: int, act: Callable[[int], None]) -> list[float]:
    """Return the empty window's rate, ours, their ratio, and that of work; blocks alternate."""
    one: list[tuple[float, float]] = []
    two: list[tuple[float, float]] = []
    for block in range(4):
        first = block * frames
        empty.frames.time(lambda index, first=first: empty.act(first + index), WARM_UP)
        one += empty.frames.time(lambda index, first=first: empty.act(first + index), frames)
        ours.frames.time(lambda index, first=first: act(first + index), WARM_UP)
        two += ours.frames.time(lambda index, first=first: act(first + WARM_UP + index), frames)
    floor, mine = (1.0 / statistics.median(took for took, _ in times) for times in (one, two))
    least, work = (statistics.median(worked for _, worked in times) for times in (one, two))
    return [floor, mine, mine / floor, least / work]


def _told(what: str, row: list[float], back: float) -> str:
    floor, mine, ratio, work = row
    return f"  {what:<45}{floor:6.1f}{mine:8.1f}{ratio:7.2f}{work:7.2f}{back:7.2f}"


def depth_query(ours: Ours) -> float:
    """Return the median time that what lies beneath a skin point takes, s."""
    from meshes.depth import probe

    atlas = ours.window.session.atlas
    times = []
    for index in range(60):
        ours.point(index % 40)
        now = ours.window.readings.now
        if now is not None:
            site = now.reading.site
            start = time.perf_counter()
            probe(atlas, site.point, site.direction)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def opening() -> None:
    """Print how long both windows take to open in fresh processes, alternating."""
    taken: dict[str, list[float]] = {"empty PyVista window": [], "palpate, torso drawn": []}
    for _ in range(5):
        for name, code in zip(taken, (EMPTY, OURS), strict=True):
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
            taken[name].append(float(done.stdout.split()[-1]))
    print("\nopening, fresh process, s (median of 5, and all)")
    for name, values in taken.items():
        listed = " ".join(f"{value:.2f}" for value in values)
        print(f"  {name:<24}{statistics.median(values):6.2f}   {listed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--no-opening", action="store_true")
    options = parser.parse_args()
    if not options.no_opening:
        opening()
    width, height = (int(side) for side in options.size.split("x"))
    from PySide6.QtWidgets import QApplication

    application = QApplication(["palpate"])
    ours = Ours(application, (width, height))
    empty = Empty(application, (width, height), ours.window.size())
    empty.frames.time(empty.act, WARM_UP)
    print(
        f"\nredraws per second at {width}x{height}: empty window, ours, ratio, ratio of the "
        "processor's time, s to full picture"
    )
    from viewer import steps

    for layer in TissueLayer:
        ours.peel(float(layer))
        ours.until(lambda: not ours.window.view.moving)
        with ours.dragging() as act:
            row = rates(empty, ours, options.frames, act)
        back = ours.rest()
        print(_told(f"drag {layer.title}", row, back), flush=True)
    ours.window.session.change(steps.reset)

    def glide(index: int) -> None:
        ours.peel(3.5 + 3.4 * np.sin(index * 0.06))

    row = rates(empty, ours, options.frames, glide)
    back = ours.rest()
    print(_told("peel slider, all layers", row, back), flush=True)
    ours.peel(2.0)
    ours.rest()
    times = [ours.point(index) for index in range(40)][5:]
    print(
        f"\npointer to column: median {1e3 * statistics.median(times):.1f} ms, "
        f"worst {1e3 * max(times):.1f} ms; "
        f"depth query: median {1e3 * depth_query(ours):.2f} ms"
    )
    empty.window.close()
    ours.window.close()


if __name__ == "__main__":
    main()
