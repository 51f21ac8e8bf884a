"""The structures that ``--show``, ``--hide`` and ``--only`` choose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from meshes.errors import InputError

if TYPE_CHECKING:
    from meshes.atlas import Atlas


def ids_named(phrases: Iterable[str], atlas: Atlas) -> tuple[str, ...]:
    """Return the ids in an atlas that phrases name; a name without a side chooses both.

    Raises
    ------
    InputError
        If a phrase names nothing, something the atlas does not hold, or a part.
    """
    from annotations.short_names import structures_named, unknown

    chosen: list[str] = []
    for phrase in phrases:
        if phrase in atlas:
            chosen.append(phrase)
            continue
        named = structures_named(phrase)
        if not named:
            raise unknown(phrase, atlas)
        if "/" in named[0]:
            raise InputError(
                f"a whole structure required, as {named[0].partition('/')[0]!r}, received the "
                f"part {phrase!r}"
            )
        held = [name for name in named if name in atlas]
        if not held:
            raise InputError(f"{phrase!r} ({named[0]}) is not in {atlas.title}: see palpate list")
        chosen += held
    return tuple(dict.fromkeys(chosen))


def require_something(atlas: Atlas, only: Iterable[str], hide: Iterable[str]) -> None:
    """Make sure that something is left to draw.

    Raises
    ------
    InputError
        If everything that may be shown is hidden.
    """
    left = (set(only) or set(atlas)) - set(hide)
    if not left:
        raise InputError("--hide takes away everything that --only leaves: leave one of them out")
