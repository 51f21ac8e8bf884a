"""Random walks through a session: nothing the hands do is an error, and undo leads back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from annotations.pressure import Pressure
from annotations.skin_map import MAPS
from annotations.technique import Technique
from annotations.timeline import CameraPose
from tests.phantom import phantom_atlas
from viewer import steps
from viewer.camera import lens_of
from viewer.outline import bones, search
from viewer.resolve import resolve
from viewer.state import ViewState

ATLAS = phantom_atlas()
IDS = st.sampled_from(sorted(ATLAS))
SEVERAL = st.lists(IDS, min_size=1, max_size=4, unique=True)
SHARES = st.floats(-0.5, 0.5)
PLACES = st.tuples(st.floats(-150, 150), st.floats(-100, 100), st.floats(-200, 600))


class Walk(RuleBasedStateMachine):
    """What a user may do in any order, on a session without a window."""

    def __init__(self) -> None:
        super().__init__()
        from viewer.panels.session import Session

        self.session = Session()
        self.session._opened(ATLAS)
        self.start = self.session.state
        self.first_pair = self.session.pair

    @rule(x=SHARES, y=SHARES)
    def turn(self, x: float, y: float) -> None:
        self.session.change(steps.turned, x, y)

    @rule(x=SHARES, y=SHARES)
    def pan(self, x: float, y: float) -> None:
        frame = self.session.frame
        assert frame is not None
        lens = lens_of(steps.standing(self.session.state, frame), frame, 1.2)
        self.session.change(steps.panned, lens, x, y)

    @rule(factor=st.floats(0.2, 5.0))
    def zoom(self, factor: float) -> None:
        self.session.change(steps.zoomed, factor)

    @rule(view=st.sampled_from(["anterior", "posterior", "left", "right", "superior", "inferior"]))
    def look(self, view: str) -> None:
        self.session.change(steps.seen_from, view)

    @rule()
    def reset(self) -> None:
        self.session.change(steps.reset)

    @rule(depths=st.lists(st.floats(0.0, 7.0), min_size=1, max_size=4))
    def glide(self, depths: list[float]) -> None:
        """A glide is one step, however many pictures it shows."""
        before = len(self.session.history.before)
        for depth in depths:
            self.session.change(steps.peeled, depth, movement="peel")
        self.session.settle()
        assert len(self.session.history.before) <= before + 1

    @rule(ids=SEVERAL)
    def hide(self, ids: list[str]) -> None:
        self.session.change(steps.without, *ids)
        assert not self.picture().ids & set(ids)

    @rule(ids=SEVERAL)
    def reveal(self, ids: list[str]) -> None:
        self.session.change(steps.revealed, *ids)
        assert not self.session.state.hidden & set(ids)

    @rule(ids=SEVERAL)
    def only(self, ids: list[str]) -> None:
        self.session.change(steps.only, *ids)
        assert self.picture().ids == set(ids)

    @rule(ids=SEVERAL)
    def isolate(self, ids: list[str]) -> None:
        self.session.change(steps.isolated, bones(ATLAS), *ids)

    @rule(ids=SEVERAL)
    def ghost(self, ids: list[str]) -> None:
        self.session.change(steps.ghost, *ids)

    @rule()
    def everything(self) -> None:
        self.session.change(steps.everything)

    @rule(ids=SEVERAL)
    def select(self, ids: list[str]) -> None:
        self.session.change(steps.chosen, ids)

    @rule(text=st.sampled_from(["rhomb", "trap", "2226", "scap", "xyzzy", ""]))
    def find(self, text: str) -> None:
        ids = dict.fromkeys(key.partition("/")[0] for key in search(ATLAS, text))
        if ids:
            layer = min(float(ATLAS[name].layer) for name in ids)
            self.session.change(steps.gone_to, layer, *ids)
            assert self.session.state.highlighted == set(ids)

    @rule(place=PLACES)
    def needle(self, place: tuple[float, float, float]) -> None:
        self.session.change(steps.needled, place)

    @rule()
    def no_needle(self) -> None:
        self.session.change(steps.needled, None)

    @rule(name=IDS, text=st.text(max_size=8))
    def note(self, name: str, text: str) -> None:
        self.session.change(steps.noted, name, text)

    @rule(technique=st.sampled_from(Technique), pressure=st.sampled_from(Pressure))
    def pair(self, technique: Technique, pressure: Pressure) -> None:
        self.session.set_pair((technique, pressure))

    @rule(shown=st.booleans(), latin=st.booleans())
    def names(self, shown: bool, latin: bool) -> None:
        self.session.change(steps.named, shown)
        self.session.change(steps.in_latin, latin)
        assert (self.picture().leaders, self.picture().latin) == (shown, latin)

    @rule(name=st.sampled_from(["", "caution", *MAPS]))
    def surface(self, name: str) -> None:
        pair = self.session.pair if name == "caution" else None
        self.session.change(steps.surfaced, pair, name if name in MAPS else None)

    @rule()
    def undo(self) -> None:
        self.session.undo()

    @rule()
    def redo(self) -> None:
        self.session.redo()

    def picture(self) -> Any:
        return resolve(self.session.state, ATLAS)

    @invariant()
    def it_can_be_drawn(self) -> None:
        picture = self.picture()
        assert picture.ids <= set(ATLAS)
        assert all(0.0 < draw.opacity <= 1.0 for draw in picture.draws)
        assert np.isfinite(picture.camera.focus).all()

    @invariant()
    def the_pair_is_that_of_the_state(self) -> None:
        state = self.session.state
        assert self.session.pair == (state.caution or state.pair or self.first_pair)

    def teardown(self) -> None:
        """Undo everything, and do it again."""
        session = self.session
        for _ in session.history.after:
            session.redo()
        end = session.state
        count = 0
        while session.history.before:
            session.undo()
            count += 1
        assert session.state.same_as(self.start)
        assert session.pair == self.first_pair
        for _ in range(count):
            session.redo()
        assert session.state.same_as(end)
        session.close()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)


def test_a_state_is_told_from_another_by_every_field() -> None:
    """What undo restores is all of the state: no field is left out of the comparison."""
    start = ViewState()
    other = {
        "peel": 1.0, "camera": CameraPose(1.0, 2.0, 1.0, np.zeros(3)), "notes": ("note",),
        "needle": (1.0, 2.0, 3.0), "surface": "padding", "hidden": frozenset({"skin"}),
    }  # fmt: skip
    for name, value in other.items():
        assert not start.same_as(replace(start, **{name: value})), name
