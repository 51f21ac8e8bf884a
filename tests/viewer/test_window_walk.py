"""Random walks over a real window with mouse and keys: no exception, and undo leads back.

The suite takes a few; ``PALPATE_WALKS=200 pytest tests/viewer/test_window_walk.py`` takes more.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.viewer.desk import PATIENCE_MS, Mouse, choose, click, fill, press, scrub, shown, stroke
from viewer.history import History

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from meshes.atlas import Atlas
    from meshes.progress import Progress
    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]

WALKS = int(os.environ.get("PALPATE_WALKS", "4"))
STEPS = 50
#: How often what was done in all walks.
WALKED: Counter[str] = Counter()

_PLACES = st.tuples(st.floats(0.25, 0.75), st.floats(0.1, 0.9))
_KEYS = (
    "1", "3", "7", "Home", "Plus", "Minus", "BracketRight", "BracketLeft", "C", "H", "I", "G",
    "Escape", "Delete", "Space", "N", "T", "Period", "Comma", "L", "X", "E", "A", "Left", "Up",
)  # fmt: skip
_ACTIONS = st.one_of(
    st.tuples(st.just("key"), st.sampled_from(_KEYS)),
    st.tuples(st.just("shift"), st.sampled_from(("1", "3", "7", "H", "I", "X", "A", "Right"))),
    st.tuples(st.just("ctrl"), st.sampled_from(("Z", "Y", "Right", "Left"))),
    st.tuples(st.just("click"), _PLACES),
    st.tuples(st.just("double"), _PLACES),
    st.tuples(st.just("hover"), _PLACES),
    st.tuples(st.just("drag"), st.tuples(_PLACES, _PLACES)),
    st.tuples(st.just("pan"), st.tuples(_PLACES, _PLACES)),
    st.tuples(st.just("wheel"), st.integers(-3, 3)),
    st.tuples(st.just("find"), st.sampled_from(("rhomb", "trap", "rib", "TA2 2226", "nothing"))),
    st.tuples(st.just("eye"), st.sampled_from(("back", "thorax", "trapezius_left", "skin"))),
    st.tuples(st.just("technique"), st.integers(0, 5)),
    st.tuples(st.just("pressure"), st.integers(0, 3)),
    st.tuples(st.just("surface"), st.integers(0, 3)),
    st.tuples(st.just("half"), st.integers(0, 2)),
    st.tuples(st.just("cut"), st.integers(0, 4)),
    st.tuples(st.just("slide"), st.tuples(st.sampled_from(("lens_depth", "lens_size", "place",
                                                           "apart")),
                                          st.sampled_from(("Home", "End", "PageUp", "PageDown")))),
    st.tuples(st.just("peel"), st.sampled_from(("Home", "End", "PageUp", "PageDown", "Up"))),
    st.tuples(st.just("note"), st.sampled_from(("tender", "warm", ""))),
    st.tuples(st.just("speed"), st.integers(0, 3)),
    st.tuples(st.just("scrub"), st.floats(0.0, 10.0)),
    st.tuples(st.just("sex"), st.integers(0, 1)),
    st.tuples(st.just("quiz"), st.integers(0, 2)),
)  # fmt: skip


class Walker:
    """Hands that do one thing after the other as a user does it."""

    def __init__(self, window: Window, qtbot: QtBot, mouse: Mouse) -> None:
        self.window, self.qtbot, self.mouse = window, qtbot, mouse
        self.did: Counter[str] = Counter()
        for name in ("opening", "subject", "quiz", "structures", "notes", "structure"):
            window.show_panel(name)

    def act(self, action: tuple[str, Any]) -> None:
        """Do one thing."""
        kind, what = action
        window, qtbot, mouse = self.window, self.qtbot, self.mouse
        opening: Any = window.panel("opening").widget()
        does: dict[str, Callable[[], object]] = {
            "key": lambda: press(qtbot, window, what),
            "shift": lambda: press(qtbot, window, what, shift=True),
            "ctrl": lambda: press(qtbot, window, what, ctrl=True),
            "click": lambda: mouse.click(*what),
            "double": lambda: mouse.double(*what),
            "hover": lambda: mouse.hover(*what),
            "drag": lambda: mouse.drag(*what),
            "pan": lambda: mouse.drag(*what, button="middle"),
            "wheel": lambda: mouse.wheel(what),
            "find": lambda: fill(qtbot, window.tree.field, what),
            "eye": lambda: self._eye(what),
            "technique": lambda: choose(qtbot, window.safety.technique, what),
            "pressure": lambda: choose(qtbot, window.safety.pressure, what),
            "surface": lambda: choose(qtbot, window.safety.surface, what),
            "half": lambda: choose(qtbot, opening.side, what),
            "cut": lambda: choose(qtbot, opening.cut, what),
            "slide": lambda: self._slide(getattr(opening, what[0]), what[1]),
            "peel": lambda: self._slide(window.peel._slider, what),
            "note": lambda: self._note(what),
            "speed": lambda: choose(qtbot, window.playback._speed, what),
            "scrub": lambda: scrub(qtbot, window, what),
            "sex": lambda: self._sex(what),
            "quiz": lambda: self._quiz(what),
        }
        does[kind]()
        self.did[kind] += 1

    def _slide(self, slider: Any, key: str) -> None:
        from PySide6.QtCore import Qt

        if slider.isEnabled():
            slider.setFocus()
            self.qtbot.keyClick(slider, getattr(Qt.Key, f"Key_{key}"))

    def _eye(self, key: str) -> None:
        from PySide6.QtCore import Qt

        tree = self.window.tree.tree
        index = self.window.tree.model.index_of(key)
        if index.isValid():
            tree.setFocus()
            tree.setCurrentIndex(index)
            self.qtbot.keyClick(tree, Qt.Key.Key_Space)

    def _note(self, text: str) -> None:
        from PySide6.QtCore import Qt

        press(self.qtbot, self.window, "T")
        field = self.window.notes.text
        if field.isEnabled():
            fill(self.qtbot, field, text)
            self.qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def _sex(self, row: int) -> None:
        """Another body: wait until it lies there."""
        from viewer.panels.subject_panel import SETTLE_MS, SubjectPanel

        self.window.show_panel("subject")
        choose(self.qtbot, self.window.findChild(SubjectPanel).sex, row)
        self.qtbot.wait(SETTLE_MS + 50)
        self.settled()

    def _quiz(self, row: int) -> None:
        """A question and an answer; on one that is open, an end of the quiz."""
        quiz = self.window.quiz
        self.window.show_panel("quiz")
        if quiz.question is not None:
            click(self.qtbot, quiz.stop)
            return
        choose(self.qtbot, quiz.kind, row)
        click(self.qtbot, quiz.next)
        if quiz.answers[0].isVisible():
            click(self.qtbot, quiz.answers[0])

    def settled(self) -> None:
        """Wait for what has been begun."""
        window = self.window
        self.qtbot.waitUntil(
            lambda: window.session.ready and not window.peel.gliding, timeout=PATIENCE_MS
        )


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    """A window on the phantom as any body that is asked for."""
    from tests.phantom import phantom_atlas
    from viewer.panels.subject import Subject
    from viewer.window import Window

    class Phantom(Subject):
        """Opens the phantom as anybody."""

        def open(self, progress: Progress) -> Atlas:
            return phantom_atlas()

    subject = Phantom()
    made = Window(subject.open, stroke, subject)
    made.view.turner.animated = False
    shown(qtbot, made)
    qtbot.waitUntil(lambda: made.session.ready, timeout=PATIENCE_MS)
    yield made
    made.close()
    qtbot.wait(20)


@settings(
    max_examples=WALKS, deadline=None, print_blob=True,
    suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
@given(actions=st.lists(_ACTIONS, min_size=STEPS, max_size=STEPS))
def test_nothing_the_hands_do_is_an_error_and_undo_leads_back(
    window: Window, qtbot: QtBot, mouse: Mouse, actions: list[tuple[str, Any]]
) -> None:
    session = window.session
    session.past.history = History(session.history.now)
    start, lay = session.state, session.subject
    walker = Walker(window, qtbot, mouse)
    for action in actions:
        walker.act(action)
    walker.settled()
    window.quiz.end()
    while session.history.before:
        session.undo()
        walker.settled()
    assert session.state.same_as(start)
    assert session.subject == lay
    assert window.peel.peel == start.peel
    WALKED.update(walker.did)
