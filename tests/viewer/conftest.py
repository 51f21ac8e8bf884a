"""Visual baselines: small pictures drawn by software GL, compared with the ones beside the tests.

``pytest tests/viewer --rewrite-baselines`` writes them anew; look at them before committing.
Where a picture differs, it and the difference are kept in ``test-differences/`` (or in
``PALPATE_DIFFERENCES``).
"""

from __future__ import annotations

import gc
import os
import time
import weakref
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pytest
import shiboken6
from numpy.typing import NDArray
from PIL import Image

from tests.phantom import phantom_atlas
from tests.viewer.desk import PATIENCE_MS, Mouse, shown, stroke
from viewer.renderer import OffScreen

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.window import Window

BASELINES = Path(__file__).parent / "baselines"
ROOT = Path(__file__).resolve().parents[2]

#: Mean difference per channel, and the value that 99 of 100 pixels stay below, of 255.
MEAN_TOLERANCE = 1.5
PIXEL_TOLERANCE = 24.0


class Check(Protocol):
    def __call__(
        self,
        name: str,
        pixels: NDArray[np.uint8],
        mean: float = MEAN_TOLERANCE,
        most: float = PIXEL_TOLERANCE,
    ) -> None: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-baselines", action="store_true", help="write the visual baselines anew"
    )


@pytest.fixture(scope="session")
def software_gl() -> str:
    """Name of the software renderer; skips where a GPU draws, for its pixels are its own."""
    with OffScreen((64, 64), 1) as screen:
        name = screen.renderer_name
    if "llvmpipe" not in name.lower():
        pytest.skip(f"visual baselines are drawn by llvmpipe, this machine has {name}")
    return name


@pytest.fixture
def baseline(request: pytest.FixtureRequest, software_gl: str) -> Check:
    """Compare a picture with its baseline."""
    rewrite = request.config.getoption("--rewrite-baselines", default=False)

    def check(
        name: str,
        pixels: NDArray[np.uint8],
        mean: float = MEAN_TOLERANCE,
        most: float = PIXEL_TOLERANCE,
    ) -> None:
        path = BASELINES / f"{name}.png"
        if rewrite:
            Image.fromarray(pixels).save(path, optimize=True)
            return
        assert path.exists(), f"no baseline {path}: run pytest tests/viewer --rewrite-baselines"
        wanted = np.asarray(Image.open(path).convert("RGB"))
        assert wanted.shape == pixels.shape
        apart = np.abs(wanted.astype(float) - pixels.astype(float))
        found = float(apart.mean())
        worst = float(np.percentile(apart.max(axis=2), 99.0))
        if found > mean or worst > most:
            folder = Path(os.environ.get("PALPATE_DIFFERENCES", ROOT / "test-differences"))
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{name}-received.png")
            Image.fromarray(np.clip(apart * 4.0, 0, 255).astype(np.uint8)).save(
                folder / f"{name}-difference.png"
            )
            pytest.fail(
                f"{name} differs from its baseline: mean {found:.2f} (at most {mean:g}), "
                f"99th percentile {worst:.0f} (at most {most:.0f}); see {folder}"
            )

    return check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember on a test whether it failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report


@pytest.fixture
def nothing_left(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test after which a window, its plotter, a ticking timer or a thread is left."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from pyvista.plotting.plotter import _ALL_PLOTTERS

    from viewer.panels.background import Task
    from viewer.window import Window

    made: list[weakref.ref[Any]] = []
    begin = Window.__init__

    def remembered(self: Window, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        made.extend(weakref.ref(part) for part in (self, self.session, self.view, self.view.canvas))

    monkeypatch.setattr(Window, "__init__", remembered)
    yield
    for _ in range(200):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
        if not Task._running:
            break
        time.sleep(0.05)
    request.node.funcargs.clear()  # pytest itself would keep the window
    gc.collect()
    left = [part() for part in made]
    alive = [part for part in left if part is not None and shiboken6.isValid(part)]
    assert not alive, f"left after the window was closed: {alive}"
    kept = [type(part).__name__ for part in left if part is not None]
    del left, alive
    failed = getattr(request.node, "failed", False)  # then its traceback keeps them
    assert failed or not kept, f"still referred to after the window was closed: {kept}"
    open_plotters = [item for item in _ALL_PLOTTERS.values() if not item._closed]
    assert not open_plotters, f"plotters left open: {open_plotters}"
    ticking = [
        f"{item.interval()} ms of {item.parent()}"
        for item in gc.get_objects()
        if isinstance(item, QTimer) and shiboken6.isValid(item) and item.isActive()
    ]
    assert not ticking, f"timers still tick: {ticking}"
    assert not Task._running, f"threads still run: {Task._running}"


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    """A window on the phantom, ready to be used; closed afterwards."""
    from viewer.window import Window

    made = Window(lambda progress: phantom_atlas(), stroke)
    made.view.turner.animated = False
    shown(qtbot, made)
    qtbot.waitUntil(lambda: made.session.ready, timeout=PATIENCE_MS)
    yield made
    if shiboken6.isValid(made):
        made.close()
    qtbot.wait(20)


@pytest.fixture
def mouse(window: Window, qtbot: QtBot) -> Mouse:
    return Mouse(window, qtbot)
