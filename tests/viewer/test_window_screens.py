"""Screens that are not like the others: twice as many pixels, and none that draws."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.window
ROOT = Path(__file__).resolve().parents[2]

_TWICE = """
import time

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.phantom import phantom_atlas
from viewer.panels.background import Task
from viewer.window import Window



def until(true, seconds):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        QTest.qWait(10)
    return true()


app = QApplication(["palpate"])
window = Window(lambda progress: phantom_atlas())
window.resize(900, 640)
window.show()
assert until(lambda: window.session.measured, 60)
canvas = window.view.canvas
assert canvas.devicePixelRatioF() == 2.0
assert tuple(canvas.GetRenderWindow().GetSize()) == (2 * canvas.width(), 2 * canvas.height())
QTest.mouseMove(canvas, QPoint(canvas.width() // 2, canvas.height() // 2))
assert until(lambda: window.view.pointer.picked is not None, 5)
assert window.view.pointer.picked.structure == "skin"
QTest.mouseMove(canvas, QPoint(4, canvas.height() - 60))
assert until(lambda: window.view.pointer.picked is None, 5)
QTest.mouseClick(
    canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() // 2, canvas.height() // 2)
)
x, y = window.needle.mark.geometry().center().toTuple()
assert abs(x - canvas.width() / 2) < 60 and abs(y - canvas.height() / 2) < 60, (x, y)
image = canvas.grabFramebuffer()
assert image.width() == 2 * canvas.width()
# Edges are as sharp as the screen: not every pixel is there twice.
image = image.convertToFormat(image.Format.Format_RGB888)
rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)[:1200, :1000]
assert (pixels[:, 0::2] != pixels[:, 1::2]).any(axis=2).mean() > 0.02
window.close()
QTest.qWait(50)
Task.finish_all()
print("all is well")
"""


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=os.environ | environment, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("qapp")
def test_a_screen_with_twice_the_pixels_is_drawn_sharp_and_pointed_at_right() -> None:
    done = _run("-c", _TWICE, QT_SCALE_FACTOR="2")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "all is well" in done.stdout


@pytest.mark.usefixtures("qapp", "builtin")
def test_a_display_without_gl_is_told_in_one_line() -> None:
    """The real program on a real display whose GL Qt is not allowed to use."""
    done = _run("-m", "viewer.cli", "view", QT_XCB_GL_INTEGRATION="none")
    assert done.returncode not in (0, -6, -11), done.stderr
    assert "needs OpenGL" in done.stderr
    assert "Traceback" not in done.stderr
