"""Random walks over a real window with mouse and keys: no exception, and undo leads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.viewer.desk import Mouse, press
from viewer.history import History

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]

_PLACES = st.tuples(st.floats(0.25, 0.75), st.floats(0.1, 0.9))
_KEYS = (
    "1", "3", "7", "Home", "Plus", "Minus", "BracketRight", "BracketLeft", "C", "H", "I", "G",
    "Escape", "Delete", "Space", "N", "T", "Period", "Comma",
)  # fmt: skip
_ACTIONS = st.one_of(
    st.tuples(st.just("key"), st.sampled_from(_KEYS)),
    st.tuples(st.just("shift"), st.sampled_from(("1", "3", "7", "H", "I"))),
    st.tuples(st.just("ctrl"), st.sampled_from(("Z", "Y"))),
    st.tuples(st.just("click"), _PLACES),
    st.tuples(st.just("hover"), _PLACES),
    st.tuples(st.just("drag"), st.tuples(_PLACES, _PLACES)),
    st.tuples(st.just("wheel"), st.integers(-3, 3)),
    st.tuples(st.just("find"), st.sampled_from(("rhomb", "trap", "rib", "nothing"))),
    st.tuples(st.just("technique"), st.integers(0, 5)),
    st.tuples(st.just("surface"), st.integers(0, 5)),
    st.tuples(st.just("scrub"), st.integers(0, 10_000)),
)


def act(window: Window, qtbot: QtBot, mouse: Mouse, action: tuple[str, object]) -> None:
    """Do one thing as a user does it."""
    from PySide6.QtCore import Qt

    kind, what = action
    does: dict[str, Callable[..., object]] = {
        "key": lambda: press(qtbot, window, str(what)),
        "shift": lambda: press(qtbot, window, str(what), shift=True),
        "ctrl": lambda: press(qtbot, window, str(what), ctrl=True),
        "click": lambda: mouse.click(*what),
        "hover": lambda: mouse.hover(*what),
        "drag": lambda: mouse.drag(*what),
        "wheel": lambda: mouse.wheel(what),
        "technique": lambda: window.safety.technique.setCurrentIndex(what),
        "surface": lambda: window.safety.surface.setCurrentIndex(what),
        "scrub": lambda: window.playback.track.setValue(what),
    }
    if kind == "find":
        window.tree.field.setText(str(what))
        qtbot.keyClick(window.tree.field, Qt.Key.Key_Return)
    else:
        does[kind]()


@settings(
    max_examples=4, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(actions=st.lists(_ACTIONS, min_size=40, max_size=50))
def test_nothing_the_hands_do_is_an_error_and_undo_leads_back(
    window: Window, qtbot: QtBot, mouse: Mouse, actions: list[tuple[str, object]]
) -> None:
    session = window.session
    session.history = History(session.state)
    start = session.state
    for action in actions:
        act(window, qtbot, mouse, action)
    qtbot.waitUntil(lambda: not window.peel.gliding, timeout=5000)
    while session.history.before:
        session.undo()
    assert session.state.same_as(start)
    assert window.peel.peel == start.peel
