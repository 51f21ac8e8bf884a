"""What somebody may have meant whose site does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from meshes.errors import nearest_names

_MOST = 6
_STEM = 4


def suggested_sites(
    text: str, levels: Sequence[str], named: Sequence[str], others: Iterable[str]
) -> list[str]:
    """Return the valid sites from which an error message should suggest.

    A level among the words comes first, then named points that share two words, then whatever is
    spelt alike, then what shares one word; at last levels and named points, not every landmark.

    Parameters
    ----------
    text : str
        As it was typed.
    levels, named : sequence of str
        Levels, and named points with their sides.
    others : iterable of str
        Landmarks and structures.

    Examples
    --------
    >>> suggested_sites("scapular angle left", ["T4"], ["inferior_angle left", "PSIS left"], [])
    ['inferior_angle left']
    >>> suggested_sites("sacrum S2", ["S2"], ["PSIS left"], ["sacrum"])
    ['S2']
    """
    every = [*levels, *named, *others]
    words = re.findall(r"[a-z0-9]+", text.lower())
    level = [word.upper() for word in words if word.upper() in levels]
    if level:
        return level
    side = {"left", "right"} & set(words)
    stems = {word[:_STEM] for word in words if len(word) >= _STEM} - {"left", "righ"}
    shared: dict[str, int] = {}
    for name in named:
        own = re.findall(r"[a-z0-9]+", name.lower())
        if side and not side & set(own) and {"left", "right"} & set(own):
            continue
        shared[name] = len(stems & {word[:_STEM] for word in own})
    most = max(shared.values(), default=0)
    alike = [name for name, count in shared.items() if count == most][:_MOST]
    if most > 1:
        return alike
    if nearest_names(text, every):
        return every
    return alike if most > 0 else [*levels, *named]
