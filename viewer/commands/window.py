"""``palpate`` and ``palpate view``: the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.machine import require_window

if TYPE_CHECKING:
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas
    from meshes.progress import Progress

#: Protocol of the library that the window plays unless told otherwise.
FIRST_PROTOCOL = "trapezius_ridge"


def view(
    *,
    protocol: Annotated[str, Parameter(show_default=False)] = FIRST_PROTOCOL,
    language: Annotated[str | None, Parameter(show_default=False)] = None,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Open the window on an atlas.

    Parameters
    ----------
    protocol : str
        A protocol file, or the name of one that comes with Palpate, to play.
    language : str
        en or de; the one chosen in the window before unless given.
    """
    # Whatever is wrong with the command line is said before a window opens, and before it is
    # said that this machine has none: the mistake is the same on every machine.
    from annotations.compose import protocol_timeline
    from annotations.protocol import open_protocol

    strokes = open_protocol(protocol)
    posed = options.for_protocol(strokes.pose)
    posed.check()
    require_window()
    from viewer.panels.application import run
    from viewer.panels.language import table_of
    from viewer.panels.subject import Subject

    if language is not None:
        table_of(language)

    def make_timeline(atlas: Atlas, progress: Progress) -> Timeline:
        return protocol_timeline(atlas, strokes, progress)

    return run(Subject(posed.atlas, posed.body(), posed.posed()), make_timeline, language)
