"""``palpate atlas export``: an atlas as a mesh file of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from meshes.errors import InputError
from viewer.commands.choice import ids_named
from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import say


def export(
    out: Path,
    /,
    *,
    only: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")] = (),
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Write an atlas as a mesh file, with names, frame and licence in it.

    Parameters
    ----------
    out : Path
        File to write: .glb (metres, reduced), .obj, .ply, .stl or .vtp (mm, full detail).
    only : str
        The only structures to write: ids, or names ("QL", "left traps").
    """
    import json
    from dataclasses import replace

    from meshes.write import SUFFIXES, described, write_meshes
    from viewer.export.atomic import whole_file

    suffix = out.suffix.lower()
    if suffix not in (*SUFFIXES, ".glb"):
        valid = ", ".join((*SUFFIXES, ".glb"))
        raise InputError(f"a file name ending in {valid} required, received {str(out)!r}")
    atlas = options.open()
    if only:
        chosen = ids_named(only, atlas)
        atlas = replace(atlas, structures={name: atlas[name] for name in chosen})
    if suffix == ".glb":
        from viewer.export.glb import save_glb

        save_glb(out, atlas)
    else:
        with whole_file(out) as beside:
            write_meshes(beside, atlas)
    if suffix == ".stl":
        # STL holds no names: they lie beside it.
        page = json.dumps(described(atlas, list(atlas.structures.values())), indent=1)
        with whole_file(out.with_suffix(".stl.json")) as beside:
            beside.write_text(page, encoding="utf-8")
    say(f"wrote {out.resolve()}")
    return 0
