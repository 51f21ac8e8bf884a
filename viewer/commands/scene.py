"""``palpate scene``: a saved scene as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from meshes.errors import InputError
from viewer.commands.output import FIRST_TIME, say
from viewer.commands.picture import size_of
from viewer.progress_bar import told_if_long

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from viewer.scene_file import SavedScene


def scene(
    file: Path,
    out: Path,
    /,
    *,
    size: Annotated[str | None, Parameter(show_default=False)] = None,
) -> int:
    """Write a picture of a scene that was saved in the window.

    Parameters
    ----------
    file : Path
        A scene (.palpate.json).
    out : Path
        File to write, ending in .png.
    size : str
        Width and height in pixels, WIDTHxHEIGHT; 1000x1300 unless given.
    """
    from viewer.export.still import SIZE, save_still
    from viewer.scene_file import read_scene

    saved = read_scene(file)
    pixels = SIZE if size is None else size_of(size)
    if out.suffix.lower() != ".png":
        raise InputError(f"a file name ending in .png required, received {str(out)!r}")
    atlas = _open(saved)
    state = saved.state
    for name in (*state.shown, *state.hidden, *state.isolated, *state.ghosted):
        _ = atlas[name]  # an unknown id is an error that suggests the nearest
    with told_if_long(f"drawing {out.name}; {FIRST_TIME}"):
        save_still(out, atlas, state, pixels)
    say(f"wrote {out}")
    return 0


def _open(saved: SavedScene) -> Atlas:
    from meshes.build import open_atlas
    from viewer.progress_bar import ProgressBar

    with ProgressBar("building the torso") as progress:
        return open_atlas(saved.atlas, body=saved.body, pose=saved.pose, progress=progress)
