"""The exception tree: every error a person may cause or meet, and the exit code it ends with.

A message is one line that says what was required, what was received, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PalpateError(Exception):
    """Base of all errors that end the command with one line instead of a traceback."""

    exit_code = 2


class InputError(PalpateError):
    """What the user asked for cannot be used: an unknown id, a bad site, a broken file."""


class UnknownName(InputError):
    """A name that is not in the list of valid ones; the message suggests the nearest.

    Parameters
    ----------
    kind : str
        What was asked for, in the reader's words ("structure", "view", "technique").
    received : str
        The name as it was given.
    valid : iterable of str
        The names that would have been accepted.
    """

    def __init__(self, kind: str, received: str, valid: Iterable[str]) -> None:
        choices = sorted(set(valid))
        near = nearest_names(received, choices)
        hint = f"did you mean {' or '.join(near)}?" if near else _some_of(choices)
        super().__init__(f"unknown {kind} {received!r}: {hint}")
        self.kind = kind
        self.received = received
        self.suggestions = near


class ReadError(InputError):
    """A file could not be read as what it should be."""


class WriteError(PalpateError):
    """A file could not be written: folder not writable, disk full, encoder missing."""

    exit_code = 3


class MachineError(PalpateError):
    """This machine cannot do what was asked: no GL, no display, no encoder, disk full."""

    exit_code = 3


def nearest_names(received: str, valid: Iterable[str], most: int = 2) -> list[str]:
    """Return up to ``most`` valid names that resemble ``received``, best first.

    >>> nearest_names("trapezus_left", ["trapezius_left", "rib_1_left"])
    ['trapezius_left']
    """
    names = list(valid)
    by_key = {name.lower(): name for name in names}
    key = received.strip().lower().replace(" ", "_").replace("-", "_")
    close = difflib.get_close_matches(key, by_key, n=most, cutoff=0.6)
    return [by_key[match] for match in close]


def _some_of(choices: list[str]) -> str:
    if not choices:
        return "there are none to choose from"
    if len(choices) == 1:
        return f"did you mean {choices[0]}?"
    shown = ", ".join(choices[:12])
    more = f" and {len(choices) - 12} more" if len(choices) > 12 else ""
    return f"choose one of {shown}{more}"
