"""``palpate still``: a picture of an atlas."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from meshes.errors import InputError, UnknownName
from viewer.commands.choice import ids_named, require_something
from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import FIRST_TIME, say
from viewer.progress_bar import told_if_long

if TYPE_CHECKING:
    from annotations.pressure import Pressure
    from annotations.technique import Technique
    from meshes.atlas import Atlas
    from viewer.state import ViewState

LEAST_ZOOM, MOST_ZOOM = 0.1, 50.0
#: Smallest plates whose names can be read, pixels.
LEAST_PLATE, LEAST_CUT = (800, 560), (500, 400)
Ids = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")]


def still(
    out: Path,
    /,
    *,
    view: Annotated[str | None, Parameter(show_default=False)] = None,
    peel: float = 0.0,
    show: Ids = (),
    hide: Ids = (),
    only: Ids = (),
    caution: Annotated[str | None, Parameter(show_default=False)] = None,
    surface: Annotated[str | None, Parameter(show_default=False)] = None,
    probe: Annotated[str | None, Parameter(show_default=False, allow_leading_hyphen=True)] = None,
    cut: Annotated[str | None, Parameter(show_default=False)] = None,
    size: Annotated[str | None, Parameter(show_default=False)] = None,
    zoom: float = 1.0,
    levels: Annotated[bool, Parameter(negative="")] = False,
    labels: Annotated[bool, Parameter(negative="")] = False,
    latin: Annotated[bool, Parameter(negative="")] = False,
    transparent: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Write a picture as PNG.

    Parameters
    ----------
    out : Path
        File to write, ending in .png.
    view : str
        posterior, anterior, left, right, superior, inferior, posterolateral_left or
        posterolateral_right; posterior unless given, with --probe from beside the needle.
    peel : float
        0 (skin) to 7 (organs).
    show : str
        Structures to show even where the peel hides them: ids, or names ("QL", "left traps").
    hide : str
        Structures to leave out.
    only : str
        The only structures to show.
    caution : str
        TECHNIQUE:PRESSURE whose verdicts are shown on the skin (kneading:firm).
    surface : str
        Millimetres shown on the skin instead: padding (soft tissue over bone), kidney_window,
        kidney_margin or spinous_distance.
    probe : str
        A site ("T4 3cm left"): the torso with a needle in it, beside it the cut through the
        tissue and what the needle meets, named and in millimetres.
    cut : str
        A labelled cross-section instead of the torso: axial:L1, axial:120mm, sagittal:midline,
        sagittal:3cm left, coronal:SITE, oblique:SITE or oblique:SITE to SITE. --hide and --only
        choose what is cut.
    size : str
        Width and height in pixels, WIDTHxHEIGHT; 1000x1300 unless given, with --probe 1600x1150,
        with --cut 1500 and as high as it needs.
    zoom : float
        2 shows half of the torso.
    levels : bool
        Name the vertebral levels beside the spine.
    labels : bool
        Name what is seen in the margins, with a line to each structure.
    latin : bool
        Name it in Latin; means --labels.
    transparent : bool
        Leave the background out; not with --probe and --cut.
    """
    from annotations.pressure import parse_pair
    from annotations.skin_map import MAPS
    from viewer.camera import frame_of, pose_of, view_named
    from viewer.export.still import SIZE, save_picture, save_still
    from viewer.state import DEEPEST_PEEL, ViewState

    seen_from = None if view is None else view_named(view)
    width_height = None if size is None else size_of(size)
    if not 0.0 <= peel <= DEEPEST_PEEL:
        raise InputError(f"--peel 0 (skin) to 7 (organs) required, received {peel:g}")
    if not LEAST_ZOOM <= zoom <= MOST_ZOOM:
        raise InputError(f"--zoom {LEAST_ZOOM:g} to {MOST_ZOOM:g} required, received {zoom:g}")
    pair = None if caution is None else parse_pair(caution)
    if surface is not None and surface not in MAPS:
        raise UnknownName("surface", surface, MAPS)
    if pair is not None and surface is not None:
        raise InputError("one of --caution and --surface required, received both")
    if transparent and (probe is not None or cut is not None):
        raise InputError("one of --transparent, --probe and --cut required, received two")
    if out.suffix.lower() != ".png":
        raise InputError(f"a file name ending in .png required, received {str(out)!r}")
    if probe is not None:
        _refuse_small(width_height, LEAST_PLATE, "--probe")
    if cut is not None:
        _refuse_small(width_height, LEAST_CUT, "--cut")
        _refuse_beside_cut(
            probe,
            (view, caution, surface),
            (peel > 0.0, zoom != 1.0, levels, labels, latin),
            show,
        )
    atlas = options.open()
    if cut is not None:
        with told_if_long(f"drawing {out.name}"):
            _save_cut(out, atlas, cut, (hide, only), width_height)
        say(f"wrote {out}")
        return 0
    site = None
    if probe is not None:
        from annotations.site import find_site

        site = find_site(atlas, probe)
    beside = site is not None and seen_from is None
    frame = frame_of(atlas)
    state = ViewState(
        peel=peel,
        camera=None if beside else pose_of(seen_from or "posterior", frame, zoom),
        caution=pair,
        surface=surface,
        levels=levels,
        leaders=labels or latin,
        latin=latin,
        title=_title(pair, surface),
    )
    state = _with(state, atlas, show, hide, only)
    _require_skin(state)
    with told_if_long(f"drawing {out.name}; {FIRST_TIME}"):
        if site is None:
            save_still(out, atlas, state, width_height or SIZE, clear=transparent)
        else:
            from viewer.needle_view import PLATE, beside_needle, needle_plate

            place, pixels = site, width_height or PLATE
            shown = beside_needle(atlas, state, place, zoom) if beside else state
            save_picture(out, atlas, lambda: needle_plate(atlas, place, shown, pixels))
    say(f"wrote {out}")
    return 0


def _title(pair: tuple[Technique, Pressure] | None, surface: str | None) -> str:
    """Return what a picture of a map is called; empty where the layer's name says it."""
    if surface is not None:
        return f"{surface.replace('_', ' ').capitalize()} map"
    return "" if pair is None else "Caution map"


def _require_skin(state: ViewState) -> None:
    """Say so where a map is asked for and the skin that it is painted on is not shown."""
    option = "--caution" if state.caution is not None else "--surface"
    if state.caution is None and state.surface is None:
        return
    away = (
        "--hide skin" if "skin" in state.hidden
        else "--only" if state.isolated and "skin" not in state.isolated
        else f"--peel {state.peel:g}" if state.peel >= 1.0 and "skin" not in state.shown
        else ""
    )  # fmt: skip
    if away:
        raise InputError(
            f"{option} paints the skin, which {away} takes away: leave one of them out"
        )


def _refuse_small(size: tuple[int, int] | None, least: tuple[int, int], option: str) -> None:
    """Say so where a plate would have no room for its names."""
    if size is not None and (size[0] < least[0] or size[1] < least[1]):
        raise InputError(
            f"--size {least[0]}x{least[1]} or more required with {option}, for its names to be "
            f"read, received {size[0]}x{size[1]}"
        )


def _refuse_beside_cut(
    probe: str | None,
    texts: tuple[str | None, ...],
    flags: tuple[bool, ...],
    show: tuple[str, ...],
) -> None:
    """Say so where options of the torso are given with a cut, which would ignore them."""
    if probe is not None:
        raise InputError("one of --probe and --cut required, received both")
    names = (
        "--view",
        "--caution",
        "--surface",
        "--peel",
        "--zoom",
        "--levels",
        "--labels",
        "--latin",
        "--show",
    )
    given = (*(text is not None for text in texts), *flags, bool(show))
    wrong = [name for name, there in zip(names, given, strict=True) if there]
    if wrong:
        raise InputError(f"--cut takes no {', '.join(wrong)}: leave it out, or leave out --cut")


def _save_cut(
    out: Path,
    atlas: Atlas,
    text: str,
    choice: tuple[tuple[str, ...], tuple[str, ...]],
    size: tuple[int, int] | None,
) -> None:
    from annotations.cut import find_cut
    from viewer.export.still import save_picture
    from viewer.section_view import cut_view

    hide, only = (ids_named(phrases, atlas) for phrases in choice)
    require_something(atlas, only, hide)
    cut = find_cut(atlas, text)
    kept = {
        name: item
        for name, item in atlas.items()
        if name not in hide and (not only or name in only)
    }
    save_picture(out, atlas, lambda: cut_view(replace(atlas, structures=kept), cut, size))


def _with(
    state: ViewState,
    atlas: Atlas,
    show: tuple[str, ...],
    hide: tuple[str, ...],
    only: tuple[str, ...],
) -> ViewState:
    """Return the state with structures shown, hidden and isolated; an unknown one is an error."""
    shown, hidden, isolated = (ids_named(phrases, atlas) for phrases in (show, hide, only))
    both = sorted(set(shown) & set(hidden))
    if both:
        raise InputError(f"one of --show and --hide required, received both for {both[0]!r}")
    require_something(atlas, isolated, hidden)
    return replace(
        state, shown=frozenset(shown), hidden=frozenset(hidden), isolated=frozenset(isolated)
    )


def size_of(text: str) -> tuple[int, int]:
    """Read ``WIDTHxHEIGHT``.

    >>> size_of("1280x720")
    (1280, 720)
    """
    found = re.fullmatch(r"\s*(\d{1,5})\s*[xX×]\s*(\d{1,5})\s*", text)
    if not found:
        raise InputError(f"--size WIDTHxHEIGHT in pixels required, received {text!r}")
    return int(found[1]), int(found[2])
