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
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Open the window on an atlas.

    Parameters
    ----------
    protocol : str
        A protocol file, or the name of one that comes with Palpate, to play.
    """
    # Whatever is wrong with the command line is said before a window opens.
    require_window()
    from annotations.compose import protocol_timeline
    from annotations.protocol import open_protocol
    from viewer.panels.application import run

    strokes = open_protocol(protocol)
    posed = options.for_protocol(strokes.pose)
    posed.check()

    def open_atlas(progress: Progress) -> Atlas:
        return posed.open(progress)

    def make_timeline(atlas: Atlas, progress: Progress) -> Timeline:
        return protocol_timeline(atlas, strokes, progress)

    return run(open_atlas, make_timeline)
