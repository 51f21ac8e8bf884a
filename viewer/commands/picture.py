"""``palpate still``: a picture of an atlas."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from meshes.errors import InputError, UnknownName
from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import say

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from viewer.state import ViewState

Ids = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")]


def still(
    out: Path,
    /,
    *,
    view: str = "posterior",
    peel: float = 0.0,
    show: Ids = (),
    hide: Ids = (),
    only: Ids = (),
    caution: Annotated[str | None, Parameter(show_default=False)] = None,
    surface: Annotated[str | None, Parameter(show_default=False)] = None,
    size: str = "1000x1300",
    zoom: float = 1.0,
    levels: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Write a picture as PNG.

    Parameters
    ----------
    out : Path
        File to write, ending in .png.
    view : str
        posterior, anterior, left, right, superior, inferior, posterolateral_left or
        posterolateral_right.
    peel : float
        0 (skin) to 7 (organs).
    show : str
        Ids of structures to show even where the peel hides them.
    hide : str
        Ids of structures to leave out.
    only : str
        Ids of the only structures to show.
    caution : str
        TECHNIQUE:PRESSURE whose verdicts are shown on the skin (kneading:firm).
    surface : str
        Millimetres shown on the skin instead: padding (soft tissue over bone), kidney_window,
        kidney_margin or spinous_distance.
    size : str
        Width and height in pixels, WIDTHxHEIGHT.
    zoom : float
        2 shows half of the torso.
    levels : bool
        Name the vertebral levels beside the spine.
    """
    from annotations.pressure import parse_pair
    from annotations.skin_map import MAPS
    from viewer.camera import frame_of, pose_of, view_named
    from viewer.export.still import save_still
    from viewer.state import DEEPEST_PEEL, ViewState

    seen_from = view_named(view)
    width_height = size_of(size)
    if not 0.0 <= peel <= DEEPEST_PEEL:
        raise InputError(f"--peel 0 (skin) to 7 (organs) required, received {peel:g}")
    if zoom <= 0.0:
        raise InputError(f"--zoom above 0 required, received {zoom:g}")
    pair = None if caution is None else parse_pair(caution)
    if surface is not None and surface not in MAPS:
        raise UnknownName("surface", surface, MAPS)
    if pair is not None and surface is not None:
        raise InputError("one of --caution and --surface required, received both")
    if out.suffix.lower() != ".png":
        raise InputError(f"a file name ending in .png required, received {str(out)!r}")
    atlas = options.open()
    state = ViewState(
        peel=peel,
        camera=pose_of(seen_from, frame_of(atlas), zoom),
        caution=pair,
        surface=surface,
        levels=levels,
    )
    save_still(out, atlas, _with(state, atlas, show, hide, only), width_height)
    say(f"wrote {out}")
    return 0


def _with(
    state: ViewState,
    atlas: Atlas,
    show: tuple[str, ...],
    hide: tuple[str, ...],
    only: tuple[str, ...],
) -> ViewState:
    """Return the state with ids shown, hidden and isolated; an unknown id is an error."""
    for name in (*show, *hide, *only):
        _ = atlas[name]
    return replace(state, shown=frozenset(show), hidden=frozenset(hide), isolated=frozenset(only))


def size_of(text: str) -> tuple[int, int]:
    """Read ``WIDTHxHEIGHT``.

    >>> size_of("1280x720")
    (1280, 720)
    """
    found = re.fullmatch(r"\s*(\d{1,5})\s*[xX×]\s*(\d{1,5})\s*", text)
    if not found:
        raise InputError(f"--size WIDTHxHEIGHT in pixels required, received {text!r}")
    return int(found[1]), int(found[2])
