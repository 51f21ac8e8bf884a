"""Undo and redo over plain states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")

#: States kept; older ones are forgotten.
DEPTH = 1000


@dataclass(frozen=True)
class History(Generic[T]):
    """A state with those before it and those undone.

    Examples
    --------
    >>> history = History(1).then(2).then(3)
    >>> history.undone().undone().redone().now
    2
    """

    now: T
    before: tuple[T, ...] = ()
    after: tuple[T, ...] = ()

    def then(self, state: T) -> History[T]:
        """Return the history after a step to a new state; what was undone is forgotten."""
        return History(state, (*self.before, self.now)[-DEPTH:], ())

    def amended(self, state: T) -> History[T]:
        """Return the history with the present state replaced and no step taken."""
        return replace(self, now=state)

    def undone(self) -> History[T]:
        """Return the history one step back, or itself at the beginning."""
        if not self.before:
            return self
        return History(self.before[-1], self.before[:-1], (self.now, *self.after))

    def redone(self) -> History[T]:
        """Return the history one step forward, or itself at the end."""
        if not self.after:
            return self
        return History(self.after[0], (*self.before, self.now), self.after[1:])
