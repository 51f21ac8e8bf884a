"""``palpate atlas``: which atlases there are, where they came from, importing more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from meshes.errors import PalpateError
from viewer.commands.options import BUILTIN, DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import console, print_json, say, table

if TYPE_CHECKING:
    from meshes.atlas import Atlas


def list_atlases(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """List the atlases that --atlas takes by name.

    Parameters
    ----------
    json : bool
        Print one JSON document.
    """
    from meshes.build import atlas_names
    from meshes.store import data_folder, load_atlas

    rows: list[dict[str, Any]] = [
        {"name": BUILTIN, "title": "Built-in torso", "structures": None, "folder": None}
    ]
    for name in atlas_names()[1:]:
        folder = data_folder() / name
        try:
            atlas = load_atlas(folder)
        except PalpateError as error:
            say(f"palpate: {error}")
            continue
        rows.append(
            {
                "name": name,
                "title": atlas.title,
                "structures": len(atlas),
                "folder": folder,
            }
        )
    if json:
        print_json({"atlases": rows})
        return 0
    shown = table("name", "title", "structures", "folder", right=("structures",))
    for item in rows:
        count = "" if item["structures"] is None else str(item["structures"])
        shown.add_row(item["name"], item["title"], count, str(item["folder"] or ""))
    console().print(shown)
    return 0


def info(name: str = BUILTIN, /, *, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Say where an atlas came from, its licence, and every source mesh that was set aside.

    Parameters
    ----------
    name : str
        Name of an atlas, or its folder.
    json : bool
        Print one JSON document.
    """
    atlas = AtlasOptions(atlas=name).open()
    if json:
        print_json(_described(atlas))
    else:
        _print_info(atlas)
    return 0


def import_(
    reader: str,
    folder: Path,
    /,
    *,
    name: str,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Read an atlas from its source files and keep it under a name.

    Parameters
    ----------
    reader : str
        Kind of source: z-anatomy, bodyparts3d, ...
    folder : Path
        Folder with the source files.
    name : str
        Name to keep it under, for --atlas.
    json : bool
        Print one JSON document.
    """
    from meshes.build import import_atlas
    from viewer.progress_bar import ProgressBar

    with ProgressBar(f"importing {reader}") as progress:
        atlas = import_atlas(reader, folder, name, progress)
    if json:
        print_json(_described(atlas))
    else:
        out = console()
        out.print(f"[bold]{name}[/bold]: {_counted(atlas)}")
        out.print(
            f"{len(atlas.set_aside)} source meshes were set aside or mended: "
            f"palpate atlas info {name} says which and why"
        )
        out.print(f"[dim]{atlas.licence}[/dim]")
    return 0


def build(*, options: AtlasOptions = DEFAULT_ATLAS) -> int:
    """Build the built-in torso, so that the first use does not have to wait for it."""
    atlas = options.open()
    console().print(f"{atlas.title}: {_counted(atlas)}")
    return 0


def _counted(atlas: Atlas) -> str:
    kinds = Counter(item.origin.kind.value for item in atlas.structures.values())
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"{len(atlas)} structures ({told}), {atlas.triangle_count:,} triangles"


def _described(atlas: Atlas) -> dict[str, Any]:
    kinds = Counter(item.origin.kind.value for item in atlas.structures.values())
    sources = Counter(
        (item.origin.source, item.origin.licence) for item in atlas.structures.values()
    )
    return {
        "atlas": atlas.name,
        "title": atlas.title,
        "licence": atlas.licence,
        "pose": atlas.pose,
        "structures": len(atlas),
        "triangles": atlas.triangle_count,
        "provenance": dict(kinds),
        "sources": [
            {"source": source, "licence": licence, "structures": count}
            for (source, licence), count in sources.most_common()
        ],
        "landmarks": {
            "points": len(atlas.landmarks.points),
            "curves": len(atlas.landmarks.curves),
        },
        "notes": list(atlas.notes),
        "set_aside": [{"source": item.source, "reason": item.reason} for item in atlas.set_aside],
    }


def _print_info(atlas: Atlas) -> None:
    out = console()
    out.print(f"[bold]{atlas.title}[/bold] ({atlas.name})")
    out.print(atlas.licence)
    out.print(_counted(atlas))
    for note in atlas.notes:
        out.print(f"- {note}")
    if not atlas.set_aside:
        out.print("nothing was set aside")
        return
    page = table("set aside or mended", "why")
    for item in atlas.set_aside:
        page.add_row(item.source, item.reason)
    out.print(page)
