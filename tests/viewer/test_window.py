"""The window, driven by real mouse and key events on a real display (Xvfb in CI)."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import Timeline
from meshes.depth import FAT
from meshes.errors import InputError, MachineError
from meshes.progress import Progress
from tests.phantom import phantom_atlas
from tests.viewer.desk import PATIENCE_MS, Mouse, command, pixels, press, scrub, shown, stroke

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from meshes.atlas import Atlas
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]

# ---------------------------------------------------------------- the picture


def test_the_torso_is_drawn_and_its_left_is_on_the_left_from_behind(window: Window) -> None:
    drawn = pixels(window)
    background = drawn[5, drawn.shape[1] // 2]
    seen = (np.abs(drawn - background).sum(axis=2) > 40).mean()
    assert 0.1 < seen < 0.9
    assert window.view.overlay.left_side.text() == "L"
    assert window.view.overlay.right_side.text() == "R"


def test_the_sides_are_told_from_wherever_one_looks(window: Window, qtbot: QtBot) -> None:
    seen = window.view.overlay
    for key, shift, sides in (("1", False, "RL"), ("3", False, "AP"), ("1", True, "LR")):
        press(qtbot, window, key, shift=shift)
        assert seen.left_side.isVisible()
        assert seen.left_side.text() + seen.right_side.text() == sides
    assert seen.left_side.accessibleName() == "Subject's left"


def test_the_notice_is_on_the_status_bar(window: Window) -> None:
    from PySide6.QtWidgets import QLabel

    texts = [label.text() for label in window.statusBar().findChildren(QLabel)]
    assert any("does not diagnose" in text for text in texts)


# ---------------------------------------------------------------- the camera


def test_left_drag_rotates(window: Window, mouse: Mouse) -> None:
    before = window.view.lens
    mouse.drag((0.5, 0.5), (0.7, 0.5))
    after = window.view.lens
    # Dragging to the right brings the subject's left into view.
    assert after.position[0] > before.position[0] + 100.0
    assert np.allclose(after.focus, before.focus)
    mouse.drag((0.5, 0.5), (0.5, 0.7))
    assert window.view.lens.position[2] > after.position[2] + 100.0


@pytest.mark.parametrize(("button", "shift"), [("middle", False), ("left", True)])
def test_middle_and_shift_drag_pan(window: Window, mouse: Mouse, button: str, shift: bool) -> None:
    size = (window.view.canvas.width(), window.view.canvas.height())
    focus = window.view.lens.focus
    before = window.view.lens.project(focus, size)[0]
    mouse.drag((0.5, 0.5), (0.6, 0.4), button, shift=shift)
    after = window.view.lens.project(focus, size)[0]
    # What was under the pointer stays under it.
    assert after[0] - before[0] == pytest.approx(0.1 * size[0], abs=3)
    assert after[1] - before[1] == pytest.approx(-0.1 * size[1], abs=3)


def test_wheel_and_right_drag_zoom(window: Window, mouse: Mouse) -> None:
    height = window.view.lens.height_mm
    mouse.wheel(2)
    assert window.view.lens.height_mm < 0.85 * height
    mouse.drag((0.5, 0.3), (0.5, 0.6), "right")
    assert window.view.lens.height_mm > 0.9 * height


@pytest.mark.parametrize(
    ("key", "shift", "outward"),
    [
        ("1", False, (0, -1, 0)),
        ("1", True, (0, 1, 0)),
        ("3", False, (1, 0, 0)),
        ("3", True, (-1, 0, 0)),
        ("7", False, (0, 0, 1)),
        ("7", True, (0, 0, -1)),
    ],
)
def test_view_keys(
    window: Window, qtbot: QtBot, key: str, shift: bool, outward: tuple[int, int, int]
) -> None:
    press(qtbot, window, "9")
    press(qtbot, window, key, shift=shift)
    lens = window.view.lens
    assert np.allclose(-lens.forward, outward, atol=0.01)


def test_home_resets_the_view(window: Window, mouse: Mouse, qtbot: QtBot) -> None:
    mouse.drag((0.5, 0.5), (0.7, 0.6))
    mouse.wheel(3)
    press(qtbot, window, "Home")
    assert np.allclose(-window.view.lens.forward, (0, 1, 0), atol=0.01)
    assert window.session.state.camera.zoom == 1.0


# ---------------------------------------------------------------- peeling


def test_peel_keys_glide_to_the_next_layer(window: Window, qtbot: QtBot) -> None:
    skin = pixels(window)
    faded = set()

    def arrived() -> bool:
        faded.update(draw.opacity for draw in window.view.picture.draws if draw.id in ("skin", FAT))
        return window.session.state.peel == 2.0

    press(qtbot, window, "BracketRight")
    press(qtbot, window, "BracketRight")
    qtbot.waitUntil(arrived, timeout=5000)
    assert any(0.1 < opacity < 0.9 for opacity in faded)  # it glides from layer to layer
    assert np.abs(pixels(window) - skin).mean() > 2.0
    press(qtbot, window, "BracketLeft")
    qtbot.waitUntil(lambda: window.session.state.peel == 1.0, timeout=5000)


def test_peel_slider_by_mouse_and_layer_names(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtWidgets import QSlider, QToolButton

    slider = window.peel.findChild(QSlider)
    bones = next(
        button for button in window.peel.findChildren(QToolButton) if button.text() == "Bones"
    )
    qtbot.mouseClick(bones, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.state.peel == 6.0, timeout=5000)
    assert bones.isChecked()
    start = QPoint(slider.width() // 2, int(slider.height() * 6 / 7))
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(slider, QPoint(start.x(), slider.height() // 3))
    qtbot.mouseRelease(
        slider, Qt.MouseButton.LeftButton, pos=QPoint(start.x(), slider.height() // 3)
    )
    assert window.session.state.peel < 6.0


# ---------------------------------------------------------------- pointing and selecting


def test_hover_names_the_structure_and_lists_what_lies_beneath(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    mouse.hover(0.5, 0.5)
    mouse.hover(0.54, 0.5)
    assert window.view.overlay.under_pointer.text().startswith("Skin")
    names = window.beneath.names
    assert names[0] == "Skin"
    assert len(names) >= 3
    press(qtbot, window, "BracketRight")
    press(qtbot, window, "BracketRight")
    qtbot.waitUntil(lambda: window.session.state.peel == 2.0, timeout=5000)
    # What has been peeled away is no longer said to be under the pointer, which has not moved.
    qtbot.waitUntil(
        lambda: not window.view.overlay.under_pointer.text().startswith("Skin"), timeout=5000
    )
    mouse.hover(0.45, 0.5)
    entry = window.session.atlas[window.view.pointer.picked.structure].entry
    assert entry.latin
    assert entry.latin in window.view.overlay.under_pointer.text()
    assert window.view.pointer.picked.structure.endswith("_left")
    mouse.hover(0.02, 0.02)
    assert not window.view.overlay.under_pointer.isVisible()


def test_a_click_selects_and_a_drag_does_not(window: Window, mouse: Mouse) -> None:
    mouse.drag((0.5, 0.5), (0.55, 0.5))
    assert not window.session.state.highlighted
    mouse.click(0.5, 0.5)
    assert window.session.state.highlighted == {"skin"}
    mouse.click(0.02, 0.02)
    assert not window.session.state.highlighted


def test_delete_hides_and_undo_brings_back(window: Window, mouse: Mouse, qtbot: QtBot) -> None:
    mouse.click(0.5, 0.5)
    press(qtbot, window, "Delete")
    assert window.session.state.hidden == {"skin"}
    press(qtbot, window, "Z", ctrl=True)
    assert not window.session.state.hidden
    assert window.session.state.highlighted == {"skin"}
    press(qtbot, window, "Y", ctrl=True)
    assert window.session.state.hidden == {"skin"}


def test_undo_takes_back_a_camera_movement_and_a_glide_in_one_step_each(
    window: Window, mouse: Mouse, qtbot: QtBot
) -> None:
    start = window.session.state
    press(qtbot, window, "BracketRight")
    qtbot.waitUntil(lambda: window.session.state.peel == 1.0, timeout=5000)
    qtbot.wait(100)
    mouse.drag((0.5, 0.5), (0.6, 0.5))
    mouse.drag((0.5, 0.5), (0.5, 0.6))
    mouse.wheel(1)
    press(qtbot, window, "Z", ctrl=True)
    assert window.session.state.camera is None
    assert window.session.state.peel == 1.0
    press(qtbot, window, "Z", ctrl=True)
    assert window.session.state.peel == 0.0
    assert window.peel.peel == 0.0
    assert window.session.state.same_as(start)
    press(qtbot, window, "Y", ctrl=True)
    press(qtbot, window, "Y", ctrl=True)
    assert window.session.state.peel == 1.0
    assert window.session.state.camera is not None


# ---------------------------------------------------------------- caution and strokes


def test_caution_key_shows_verdicts_on_the_skin(window: Window, qtbot: QtBot) -> None:
    plain = pixels(window)
    press(qtbot, window, "C")
    assert window.session.state.caution == (Technique.KNEADING, Pressure.MODERATE)
    shown = pixels(window)
    assert np.abs(shown - plain).mean() > 5.0
    press(qtbot, window, "C")
    assert window.session.state.caution is None
    assert np.abs(pixels(window) - plain).mean() < 1.0


def test_caution_follows_the_technique_chosen(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    press(qtbot, window, "C")
    technique = window.safety.technique
    technique.setFocus()
    qtbot.keyClick(technique, Qt.Key.Key_End)
    assert window.session.state.caution == (list(Technique)[-1], Pressure.MODERATE)


def test_space_plays_and_pauses_the_stroke(window: Window, qtbot: QtBot) -> None:
    press(qtbot, window, "Space")
    assert window.session.clock.playing
    qtbot.waitUntil(lambda: window.session.clock.t > 0.2, timeout=10_000)
    assert window.view.overlay.caption.text() == "Knead down the left side"
    press(qtbot, window, "Space")
    stood = window.session.clock.t
    qtbot.wait(120)
    assert window.session.clock.t == stood


def test_scrubbing_puts_the_hand_on_the_skin(window: Window, qtbot: QtBot) -> None:
    empty = pixels(window)
    scrub(qtbot, window, 5.0)
    assert window.session.clock.t == pytest.approx(5.0, abs=0.05)
    assert window.view.picture.contacts
    assert np.abs(pixels(window) - empty).mean() > 0.3


def test_a_protocol_of_the_menu_is_laid_and_replaces_the_stroke(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def laid(atlas: Atlas, protocol: Any, progress: Progress) -> Timeline:
        return replace(stroke(atlas, progress), title=protocol.title, duration_s=4.0)

    monkeypatch.setattr("viewer.panels.player.protocol_timeline", laid)
    command(qtbot, window, "stroke", "Trapezius ridge")
    qtbot.waitUntil(lambda: window.session.clock.duration_s == 4.0, timeout=10_000)
    assert "Trapezius ridge" in window.playback.title


def test_a_moving_picture_is_lighter_and_comes_back_in_full(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    qtbot.waitUntil(lambda: window.view.prepared, timeout=PATIENCE_MS)
    mouse.drag((0.5, 0.5), (0.6, 0.5))
    assert window.view.moving
    assert window.view.canvas.GetRenderWindow().GetMultiSamples() == 0
    qtbot.waitUntil(lambda: not window.view.moving, timeout=5000)
    assert window.view.canvas.GetRenderWindow().GetMultiSamples() > 0


# ---------------------------------------------------------------- building, failing, closing


def slow_atlas(progress: Progress) -> Atlas:
    for index in range(400):
        progress(index / 400, "waiting")
        time.sleep(0.01)
    return phantom_atlas()


def open_window(qtbot: QtBot, how: Callable[[Progress], Atlas]) -> Window:
    from viewer.window import Window

    made = Window(how)
    shown(qtbot, made)
    return made


def test_the_window_answers_while_the_atlas_is_built(qtbot: QtBot) -> None:
    made = open_window(qtbot, slow_atlas)
    longest, last = 0.0, time.perf_counter()
    for _ in range(25):
        qtbot.wait(5)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    assert made.session.atlas is None
    assert longest < 1.0
    press(qtbot, made, "BracketRight")
    made.close()
    qtbot.wait(30)


def test_closing_during_a_build_ends_it(qtbot: QtBot) -> None:
    from viewer.panels.background import Task

    made = open_window(qtbot, slow_atlas)
    qtbot.wait(50)
    made.close()
    qtbot.waitUntil(lambda: not Task._running, timeout=3000)


def test_closing_while_playing(window: Window, qtbot: QtBot) -> None:
    press(qtbot, window, "Space")
    qtbot.waitUntil(lambda: window.session.clock.t > 0.1, timeout=10_000)
    window.close()
    qtbot.wait(150)


def test_what_fails_in_the_background_is_told_in_the_window(qtbot: QtBot) -> None:
    def fail(progress: Progress) -> Atlas:
        raise InputError("no atlas here: import one")

    made = open_window(qtbot, fail)
    qtbot.waitUntil(lambda: "no atlas here" in made.statusBar().currentMessage(), timeout=5000)
    made.close()
    qtbot.wait(20)


def test_a_display_without_opengl_is_told_in_one_line(
    qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.panels import application

    application.require_context()
    monkeypatch.setattr(application.QOpenGLContext, "create", lambda self: False)
    with pytest.raises(MachineError, match="libgl1-mesa-dri"):
        application.require_context()


def test_ctrl_c_closes_the_window(qapp: Any) -> None:
    from PySide6.QtCore import QTimer

    from viewer.panels.application import run
    from viewer.panels.subject import Subject

    class Phantom(Subject):
        """Opens the phantom as anybody."""

        def open(self, progress: Progress) -> Atlas:
            return phantom_atlas()

    QTimer.singleShot(1500, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run(Phantom())


def test_two_windows_live_and_die_apart(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    other = open_window(qtbot, lambda progress: phantom_atlas())
    qtbot.waitUntil(lambda: other.session.ready, timeout=PATIENCE_MS)
    other.close()
    qtbot.wait(50)
    mouse.drag((0.5, 0.5), (0.6, 0.5))
    assert (np.abs(np.diff(pixels(window), axis=1)).sum() > 0).all()
    assert replace(window.session.state) is not window.session.state
