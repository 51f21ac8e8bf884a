"""Progress of long work, told to whoever is listening; geometry never prints."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called as work goes on.

    Parameters
    ----------
    done : float
        Share of the work that is done, 0..1.
    what : str
        What is being done now, in a few words.
    """

    def __call__(self, done: float, what: str) -> None:
        """Take note."""


def silent(done: float, what: str) -> None:
    """Listen to nothing."""


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress that maps 0..1 onto ``start..end`` of another."""

    def inner(done: float, what: str) -> None:
        progress(start + (end - start) * done, what)

    return inner
