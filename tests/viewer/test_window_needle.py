"""The needle of a click: its mark, and the tissue beside it in the column; and idle frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.viewer.desk import PATIENCE_MS, Mouse, press
from viewer.section_tissue import flat_colour

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from pytestqt.qtbot import QtBot

    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]

PLACE = (0.45, 0.5)


def rgba(image: QImage) -> Any:
    """Pixels, shape (H, W, 4)."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).astype(int)


def click_and_wait(qtbot: QtBot, window: Window, mouse: Mouse) -> Any:
    """Click beside the spine and return what the picture of the tissue is."""
    mouse.hover(*PLACE)
    assert window.beneath.column.cut_place() is None  # the pointer's own column has no picture
    mouse.click(*PLACE)
    column = window.beneath.column
    qtbot.waitUntil(lambda: column.cut is not None, timeout=PATIENCE_MS)
    assert column.cut is not None
    return column.cut


def test_a_click_shows_the_tissue_beside_the_needle_at_its_depth(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    cut = click_and_wait(qtbot, window, mouse)
    column = window.beneath.column
    assert "Needle" in window.beneath.name  # the pointer still stands where it has clicked
    assert window.needle.mark.isVisible()
    assert {cut.left, cut.right} <= set("LRAPSI") | {"LP", "PL", "RP", "PR", "LA", "RA"}
    place = column.cut_place()
    assert place is not None
    assert (cut.image.width(), cut.image.height()) == place.size
    # Down the needle the picture has each muscle where the column has its band.
    pixels = rgba(cut.image)
    middle = pixels[:, pixels.shape[1] // 2]
    above = len(middle) - column.reach_mm * place.scale
    muscle = next(row for row in column.rows if row.name.startswith("Trapezius"))
    depth = 0.5 * (muscle.start_mm + muscle.end_mm)
    there = middle[round(above + depth * place.scale)]
    assert window.session.atlas is not None
    entry = window.session.atlas[muscle.structure].entry
    assert np.abs(there[:3] - flat_colour(entry)).max() < 45
    assert there[3] == 255
    assert middle[: int(above) - 1, 3].max() == 0  # above the skin is nothing
    assert middle[round(above) + 2, 3] == 255


def test_the_drawn_panel_has_cut_column_and_scale(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    click_and_wait(qtbot, window, mouse)
    column = window.beneath.column
    from PySide6.QtGui import QImage

    drawn = rgba(column.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888))
    red = (drawn[..., 0] > 140) & (drawn[..., 1] < 110) & (drawn[..., 2] < 110)
    across = np.flatnonzero(red.any(axis=0))
    assert np.ptp(across) > 0.3 * drawn.shape[1]  # the cut and, right of it, the column
    before = red.sum()
    mouse.hover(0.52, 0.3)  # away from the needle: the pointer's column, wide and alone
    assert column.cut_place() is None
    alone = rgba(column.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888))
    red = (alone[..., 0] > 140) & (alone[..., 1] < 110) & (alone[..., 2] < 110)
    assert np.ptp(np.flatnonzero(red.any(axis=0))) < 0.3 * drawn.shape[1]
    mouse.hover(*PLACE)  # and back at the needle its picture, at once
    assert column.cut is not None
    assert column.cut_place() is not None
    again = rgba(column.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888))
    red = (again[..., 0] > 140) & (again[..., 1] < 110) & (again[..., 2] < 110)
    assert red.sum() == before


def test_another_needle_has_another_picture_and_none_has_none(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    first = click_and_wait(qtbot, window, mouse)
    mouse.hover(0.53, 0.35)
    mouse.click(0.53, 0.35)
    assert window.beneath.column.cut is None  # never the old one beside the new column
    qtbot.waitUntil(lambda: window.beneath.column.cut is not None, timeout=PATIENCE_MS)
    second = window.beneath.column.cut
    assert second is not first
    press(qtbot, window, "N")
    assert window.session.state.needle is None
    assert window.beneath.column.cut is None
    press(qtbot, window, "Z", ctrl=True)
    qtbot.waitUntil(lambda: window.beneath.column.cut is not None, timeout=PATIENCE_MS)


def test_a_larger_panel_has_a_sharper_picture(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    cut = click_and_wait(qtbot, window, mouse)
    height = cut.image.height()
    window.panel("beneath").setFloating(True)
    window.panel("beneath").resize(500, 700)
    column: Any = window.beneath.column
    qtbot.waitUntil(lambda: column.cut.image.height() > 1.5 * height, timeout=PATIENCE_MS)
    assert column.cut.image.width() > 1.2 * cut.image.width()


def test_closing_while_the_picture_is_made(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    mouse.hover(*PLACE)
    mouse.click(*PLACE)
    assert window.needle_picture.busy
    window.close()  # what is left over the fixture finds


def test_names_over_the_picture_do_not_draw_it_again(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    qtbot.waitUntil(lambda: not window.view.moving and window.view.prepared, timeout=PATIENCE_MS)
    qtbot.wait(300)
    drawn: list[str] = []
    window.view.canvas.GetRenderWindow().AddObserver("EndEvent", lambda *_: drawn.append(""))
    names = set()
    for x in (0.45, 0.5, 0.55):
        mouse.hover(x, 0.5)
        names.add(window.view.overlay.under_pointer.text())
    assert len(names) > 1
    assert not drawn
    shown = window.view.canvas.grabFramebuffer()
    assert not drawn
    press(qtbot, window, "1")
    qtbot.waitUntil(lambda: bool(drawn), timeout=PATIENCE_MS)
    qtbot.wait(50)
    assert window.view.canvas.grabFramebuffer() != shown
