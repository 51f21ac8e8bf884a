"""The four verdicts of safety, mildest first."""

from __future__ import annotations

from enum import IntEnum

from meshes.errors import UnknownName


class Verdict(IntEnum):
    """What may be done at a skin point with a technique at a pressure."""

    WORK = 0
    LIGHTEN = 1
    AVOID = 2
    NEVER = 3

    @property
    def word(self) -> str:
        """Lower-case word, as it stands in JSON and in rule files."""
        return self.name.lower()

    @property
    def title(self) -> str:
        """What it tells the hands to do, for legends."""
        return _TITLES[self]

    @property
    def pattern(self) -> str:
        """Pattern that tells the verdicts apart without colour: plain, dots, hatch, cross."""
        return _PATTERNS[self]


_TITLES = {
    Verdict.WORK: "Work: this pressure suits what lies beneath",
    Verdict.LIGHTEN: "Lighten: ease off here",
    Verdict.AVOID: "Avoid: leave this out at this pressure",
    Verdict.NEVER: "Never: do not press here",
}

_PATTERNS = {
    Verdict.WORK: "plain",
    Verdict.LIGHTEN: "dots",
    Verdict.AVOID: "hatch",
    Verdict.NEVER: "cross",
}


def verdict_named(word: str) -> Verdict:
    """Return the verdict with this word.

    Raises
    ------
    UnknownName
        If there is no such verdict.

    Examples
    --------
    >>> verdict_named("avoid").title
    'Avoid: leave this out at this pressure'
    """
    try:
        return Verdict[word.upper()]
    except KeyError:
        raise UnknownName("verdict", word, [item.word for item in Verdict]) from None
