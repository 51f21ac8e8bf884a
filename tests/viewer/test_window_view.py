"""The 3D view under real mouse and key events: turns, cube, scale, lens, halves, cuts, layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meshes.terminology import Side
from tests.viewer.desk import PATIENCE_MS, Mouse, pixels, press
from viewer.opening import Follow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.panels.opening_panel import OpeningPanel
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]


def panel_of(window: Window) -> OpeningPanel:
    window.show_panel("opening")
    widget: Any = window.panel("opening").widget()
    return widget


def rested(window: Window, qtbot: QtBot) -> np.ndarray:
    qtbot.waitUntil(lambda: not window.view.moving, timeout=PATIENCE_MS)
    qtbot.wait(20)
    return pixels(window)


# ---------------------------------------------------------------- turning


def test_a_turn_can_be_followed_and_ends_where_it_should(window: Window, qtbot: QtBot) -> None:
    window.view.turner.animated = True
    press(qtbot, window, "3")
    seen = []
    qtbot.waitUntil(
        lambda: seen.append(window.view.lens.position[0]) or not window.view.turner.turning,
        timeout=5000,
    )
    assert np.allclose(-window.view.lens.forward, (1, 0, 0), atol=0.01)
    assert len({round(float(x)) for x in seen}) > 2  # it was somewhere between, too
    press(qtbot, window, "Z", ctrl=True)
    assert window.session.state.camera is None  # a whole turn is one step


def test_a_drag_ends_a_turn(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    window.view.turner.animated = True
    press(qtbot, window, "7")
    assert window.view.turner.turning
    mouse.drag((0.5, 0.5), (0.55, 0.5))
    assert not window.view.turner.turning
    stood = window.view.lens.position
    qtbot.wait(150)
    assert np.allclose(window.view.lens.position, stood)


@pytest.mark.parametrize(
    ("view", "outward"),
    [("posterior", (0, 1, 0)), ("left", (1, 0, 0)), ("superior", (0, 0, 1))],
)
def test_a_click_on_the_cube_looks_at_that_face(
    window: Window, qtbot: QtBot, mouse: Mouse, view: str, outward: tuple[int, int, int]
) -> None:
    from PySide6.QtCore import Qt

    mouse.drag((0.5, 0.5), (0.62, 0.62))  # three faces are turned to the viewer
    cube = window.view.overlay.cube
    place = cube.place_of(view)
    assert place is not None
    qtbot.mouseClick(cube, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert np.allclose(-window.view.lens.forward, outward, atol=0.01)
    assert not window.session.state.highlighted  # nothing behind the cube was clicked


def test_the_scale_follows_the_zoom(window: Window, mouse: Mouse) -> None:
    scale, canvas = window.view.overlay.scale, window.view.canvas
    lengths = [scale.length_mm]
    for _ in range(3):
        mouse.wheel(4)
        lengths.append(scale.length_mm)
        wanted = scale.length_mm * canvas.height() / window.view.lens.height_mm
        assert scale.pixels == pytest.approx(wanted)
        assert 20.0 < scale.pixels <= 180.0
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] < lengths[0]


def test_a_double_click_centres(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    from PySide6.QtCore import Qt

    at = mouse.at(0.45, 0.35)
    qtbot.mouseDClick(window.view.canvas, Qt.MouseButton.LeftButton, pos=at)
    picked = window.view.lens.focus
    size = (window.view.canvas.width(), window.view.canvas.height())
    middle = window.view.lens.project(picked, size)[0]
    assert middle[:2] == pytest.approx((size[0] / 2, size[1] / 2), abs=1.0)
    assert abs(float(picked[0])) > 5.0


# ---------------------------------------------------------------- opening


def test_the_lens_follows_the_pointer(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    whole = rested(window, qtbot)
    press(qtbot, window, "L")
    mouse.hover(0.46, 0.5)
    there = rested(window, qtbot)
    mouse.hover(0.54, 0.5)
    elsewhere = rested(window, qtbot)
    width = whole.shape[1]
    for picture, share in ((there, 0.46), (elsewhere, 0.54)):
        columns = np.nonzero(np.abs(picture - whole).max(axis=2) > 40)[1]
        assert len(columns) > 200
        assert columns.mean() == pytest.approx(share * width, abs=0.02 * width)
    # What is seen in the lens is what the pointer finds.
    assert window.view.pointer.picked.structure != "skin"
    mouse.hover(0.5, 0.28)
    assert window.session.state.lens is not None
    press(qtbot, window, "L")
    assert np.abs(rested(window, qtbot) - whole).mean() < 1.0
    press(qtbot, window, "Z", ctrl=True)
    assert window.session.state.lens is not None


def test_the_lens_has_depth_and_size_and_may_follow_the_hand(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QSlider

    panel = panel_of(window)
    qtbot.keyClick(panel.lens, Qt.Key.Key_Space)
    panel.lens_depth.setFocus()
    qtbot.keyClick(panel.lens_depth, Qt.Key.Key_End)
    qtbot.keyClick(panel.lens_size, Qt.Key.Key_End)
    panel.follows.setFocus()
    qtbot.keyClick(panel.follows, Qt.Key.Key_Down)
    lens = window.session.state.lens
    assert (lens.peel, lens.radius_mm, lens.follows) == (7.0, 200.0, Follow.HAND)
    assert window.view.picture.lens is None  # no hand is down
    window.playback.findChild(QSlider).setValue(5000)
    touched = window.view.picture
    assert touched.lens is not None
    assert touched.lens.centre == pytest.approx(tuple(touched.contacts[0].position))


def test_one_half_is_peeled(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    panel = panel_of(window)
    skin = rested(window, qtbot)
    panel.side.setFocus()
    qtbot.keyClick(panel.side, Qt.Key.Key_Down)
    assert window.session.state.peel_side is Side.LEFT
    for _ in range(3):
        press(qtbot, window, "BracketRight")
    qtbot.waitUntil(lambda: window.session.state.peel == 3.0, timeout=5000)
    changed = np.abs(rested(window, qtbot) - skin).max(axis=2) > 40
    middle = changed.shape[1] // 2
    left, right = changed[:, : middle - 60].sum(), changed[:, middle + 60 : -110].sum()
    assert left > 20 * max(right, 1)  # from behind the subject's left is on the left


def test_a_cut_is_filled_moved_and_turned_over(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    from PySide6.QtCore import Qt

    panel = panel_of(window)
    press(qtbot, window, "7")
    skin = rested(window, qtbot)
    press(qtbot, window, "X")
    plane = window.session.state.cut
    assert plane.kind == "axial"
    filled = rested(window, qtbot)
    assert (np.abs(filled - skin).max(axis=2) > 40).mean() > 0.02
    # Of what the skin had hidden, the pointer finds something else than skin.
    mouse.hover(0.5, 0.5)
    assert window.view.pointer.picked.structure != "skin"
    panel.place.setFocus()
    qtbot.keyClick(panel.place, Qt.Key.Key_PageUp)
    assert window.session.state.cut.offset_mm > plane.offset_mm
    qtbot.mouseClick(panel.over, Qt.MouseButton.LeftButton)
    assert window.session.state.cut.normal == (0.0, 0.0, -1.0)
    press(qtbot, window, "X")
    assert window.session.state.cut is None
    assert np.abs(rested(window, qtbot) - skin).mean() < 1.5


def test_a_space_in_a_cut_is_pale_and_not_called_fat(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from viewer.cut_spaces import laid_open
    from viewer.section_tissue import SPACE

    press(qtbot, window, "7")
    press(qtbot, window, "X")
    picture = rested(window, qtbot)
    atlas, plane = window.session.atlas, window.session.state.cut
    points, triangles = laid_open(atlas, plane).cavity
    corners = points[triangles]
    widest = int(
        np.argmax(
            np.linalg.norm(
                np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
            )
        )
    )
    middle = corners[widest].mean(axis=0)
    size = (window.view.canvas.width(), window.view.canvas.height())
    x, y, _ = window.view.lens.project(middle, size)[0]
    assert np.abs(picture[int(y), int(x)] - SPACE).max() < 12
    mouse.hover(float(x) / size[0], float(y) / size[1])
    assert not window.view.pointer.picked.held
    assert window.view.overlay.under_pointer.text() == "Not in this atlas"
    assert "Not in this atlas" in window.beneath.name
    mouse.click(float(x) / size[0], float(y) / size[1])
    assert not window.session.state.highlighted  # nothing is there to be chosen


@pytest.mark.parametrize("kind", ["axial", "sagittal", "coronal", "oblique"])
def test_every_kind_of_cut_goes_through_what_is_looked_at(
    window: Window, qtbot: QtBot, mouse: Mouse, kind: str
) -> None:
    mouse.drag((0.5, 0.5), (0.58, 0.55))
    panel = panel_of(window)
    panel.choose_cut(kind)
    plane = window.session.state.cut
    assert plane.kind == kind
    assert plane.beyond(window.view.lens.focus)[0] == pytest.approx(0.0, abs=1e-6)
    if kind == "oblique":
        assert np.allclose(plane.normal, -window.view.lens.forward)


def test_layers_come_apart_and_together(window: Window, qtbot: QtBot) -> None:
    press(qtbot, window, "3")
    together = rested(window, qtbot)
    press(qtbot, window, "E")
    assert window.session.state.spread_mm == 160.0
    wide = np.nonzero((np.abs(rested(window, qtbot) - together).max(axis=2) > 40).any(axis=0))[0]
    assert wide.size > 100
    press(qtbot, window, "E")
    assert np.abs(rested(window, qtbot) - together).mean() < 1.0


# ---------------------------------------------------------------- motion


def test_the_camera_alone_resolves_nothing(
    window: Window, qtbot: QtBot, mouse: Mouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.panels import view

    qtbot.waitUntil(lambda: window.view.prepared, timeout=PATIENCE_MS)
    calls = []
    resolve = view.resolve
    monkeypatch.setattr(view, "resolve", lambda *a: calls.append(1) or resolve(*a))
    mouse.drag((0.5, 0.5), (0.7, 0.5))
    assert len(calls) <= 1  # the change to fewer triangles
    before = pixels(window)
    rested(window, qtbot)
    assert window.view.picture.camera is window.session.state.camera
    assert np.abs(pixels(window) - before).mean() < 12.0
