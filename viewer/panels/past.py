"""What the user has done in a window, step by step: what was looked at, and on whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from viewer.history import History
from viewer.state import ViewState

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from viewer.panels.subject import Subject

#: Fields of a state that name structures.
_NAMING = ("shown", "hidden", "isolated", "ghosted", "highlighted")


@dataclass(frozen=True)
class Standing:
    """Where a step leads to.

    Attributes
    ----------
    state : ViewState
        What the user wants to see.
    subject : Subject or None
        Who lies there, in which pose; None where that cannot be changed.
    """

    state: ViewState
    subject: Subject | None = None


class Past:
    """The steps of one window; movements are one step each.

    Parameters
    ----------
    subject : Subject or None

    Attributes
    ----------
    history : History of Standing
    """

    def __init__(self, subject: Subject | None) -> None:
        self.history: History[Standing] = History(Standing(ViewState(), subject))
        self._movement = ""
        self._ids: frozenset[str] | None = None
        self._known: tuple[Standing, ViewState] | None = None

    @property
    def state(self) -> ViewState:
        """What the user wants to see now, of what the atlas has."""
        standing = self.history.now
        if self._known is None or self._known[0] is not standing:
            self._known = standing, known(standing.state, self._ids)
        return self._known[1]

    @property
    def subject(self) -> Subject | None:
        """Who lies there now, or will as soon as the body is built."""
        return self.history.now.subject

    def take(self, state: ViewState, movement: str = "") -> None:
        """Take a step to a state.

        Parameters
        ----------
        state : ViewState
        movement : str
            Name of the continuous movement that it belongs to: it then goes on with the last
            step, if that was of the same name.
        """
        standing = replace(self.history.now, state=state)
        going_on = bool(movement) and movement == self._movement
        self.history = self.history.amended(standing) if going_on else self.history.then(standing)
        self._movement = movement

    def lay(self, subject: Subject, state: ViewState | None = None) -> None:
        """Take a step to another body or pose, and to a state that goes with it."""
        if subject == self.subject and state is None:
            return
        self.history = self.history.then(Standing(state or self.state, subject))
        self._movement = ""

    def settle(self) -> None:
        """End a movement: what comes next is a step of its own."""
        moved, self._movement = bool(self._movement), ""
        past = self.history.before
        if moved and past and past[-1].state.same_as(self.state):  # there and back again
            self.history = replace(self.history, before=past[:-1])

    def undo(self) -> None:
        """Go a step back, if there is one."""
        self.history, self._movement = self.history.undone(), ""

    def redo(self) -> None:
        """Go a step forward again, if there is one."""
        self.history, self._movement = self.history.redone(), ""

    def look_at(self, atlas: Atlas) -> None:
        """Leave out of the state what an atlas lacks; undone to another, it is there again."""
        self._ids, self._known = frozenset(atlas), None


def known(state: ViewState, ids: frozenset[str] | None) -> ViewState:
    """Return the state with nothing but known structures; itself where all of them are."""
    if ids is None:
        return state
    named = {name: getattr(state, name) for name in _NAMING}
    if all(names <= ids for names in named.values()):
        return state
    return replace(state, **{name: names & ids for name, names in named.items()})
