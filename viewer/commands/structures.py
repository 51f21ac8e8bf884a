"""``palpate list`` and ``palpate info``: what there is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import Parameter

from annotations.short_names import one_structure
from meshes.catalogue import Entry, load_catalogue
from meshes.errors import UnknownName
from meshes.terminology import Side, System, TissueLayer
from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import console, print_json, table

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from meshes.structure import Structure

Vocabulary = TypeVar("Vocabulary", System, Side)


def list_structures(
    *,
    system: Annotated[str | None, Parameter(show_default=False)] = None,
    layer: Annotated[str | None, Parameter(show_default=False)] = None,
    side: Annotated[str | None, Parameter(show_default=False)] = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """List the structures of an atlas, in its order.

    Parameters
    ----------
    system : str
        Only this system: muscular, skeletal, ...
    layer : str
        Only this peel layer, 0 (skin) to 7 (organs).
    side : str
        Only this side: left, right or midline.
    json : bool
        Print one JSON document.
    """
    wanted_system = None if system is None else _member(System, "system", system)
    wanted_layer = None if layer is None else _layer(layer)
    wanted_side = None if side is None else _member(Side, "side", side)
    atlas = options.open()
    found = atlas.select(system=wanted_system, layer=wanted_layer, side=wanted_side)
    if json:
        print_json({"atlas": atlas.name, "structures": [row(item) for item in found]})
        return 0
    page = table(
        "layer",
        "id",
        "English",
        "Latin (TA2)",
        "provenance",
        "triangles",
        right=("layer", "triangles"),
    )
    for item in found:
        page.add_row(
            str(int(item.layer)),
            item.id,
            item.entry.name,
            item.entry.latin,
            item.origin.kind.value,
            f"{item.surface.triangle_count:,}",
        )
    out = console()
    out.print(page)
    out.print(f"{len(found)} structures in {atlas.title}")
    return 0


def row(item: Structure) -> dict[str, Any]:
    """Return a structure's line in ``list --json``."""
    entry = item.entry
    return {
        "id": item.id,
        "english": entry.name,
        "latin": entry.latin,
        "system": entry.system,
        "layer": int(entry.layer),
        "side": entry.side,
        "parts": list(item.parts),
        "fma": entry.fma,
        "ta2": entry.ta2,
        "provenance": item.origin.kind,
        "triangles": item.surface.triangle_count,
    }


def info(
    structure: str,
    /,
    *,
    json: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Say what is known of a structure or of one of its parts.

    Parameters
    ----------
    structure : str
        Its id (trapezius_left), a part (trapezius_left/descending), or a name ("left
        trapezius", "QL left", "upper traps right").
    json : bool
        Print one JSON document.
    """
    atlas = options.open()
    entry, part = one_structure(structure, atlas)
    document = _described(entry, part, atlas)
    measured = None if part else _exposure(entry.id, atlas, options)
    if measured:
        document["exposure"] = measured
    if entry.id in atlas and "skin" in atlas:
        from meshes.relations import relations
        from viewer.commands.part_only import with_part_only

        found = relations(with_part_only(atlas, entry.id, part), entry.id)
        document["relations"] = found.as_json()
        if part:  # the other side's is whole
            document["relations"]["partner"] = None
    if json:
        print_json(document)
    else:
        _print_info(document)
    return 0


def _exposure(name: str, atlas: Atlas, options: AtlasOptions) -> dict[str, Any] | None:
    """Return how a muscle lies under its bone; in a pose, at rest too."""
    from meshes.exposure import exposure

    found = exposure(atlas, name)
    if found is None:
        return None
    document: dict[str, Any] = {"pose": atlas.pose, **found.to_json()}
    if atlas.pose != "rest":
        at_rest = exposure(replace(options, pose=None).open(), name)
        document["at_rest"] = None if at_rest is None else at_rest.to_json()
    return document


def _exposure_words(measured: dict[str, Any]) -> dict[str, str]:
    """Return the lines that ``info`` prints of it."""
    rest = measured.get("at_rest") or {}

    def against(now: float, before: float | None, unit: str) -> str:
        return f"{now:.0f} {unit}" + (f" (at rest {before:.0f})" if before else "")

    together = " + ".join(item.replace("_", " ") for item in measured["muscles"])
    bare = {"now": measured["exposed_mm2"] / 100.0, "rest": rest.get("exposed_mm2", 0.0) / 100.0}
    lengths = [
        f"{name.replace('_', ' ')} {against(mm, rest.get('fibre_mm', {}).get(name), 'mm')}"
        for name, mm in measured["fibre_mm"].items()
    ]
    border = [
        f"{place} {against(mm, rest.get('border_to_spine_mm', {}).get(place), 'mm')}"
        for place, mm in measured["border_to_spine_mm"].items()
    ]
    return {
        "pose": measured["pose"].replace("_", " "),
        "free of bone": f"{against(bare['now'], bare['rest'], 'cm2')} of {together}",
        "fibre length": ", ".join(lengths),
        "border to spine": ", ".join(border),
    }


def _relation_words(found: dict[str, Any]) -> dict[str, str]:
    """Return the lines that ``info`` prints of what lies over, under and beside it."""

    def words(name: str, most: int) -> str:
        rows = found[name]
        listed = [f"{row['structure']} {_percent(row['percent'])}" for row in rows[:most]]
        left = len(rows) - most
        return ", ".join(listed) + (f" and {left} more" if left > 0 else "")

    partner = found["partner"]
    beside = ""
    if partner:
        way = "higher" if partner["higher_by_mm"] > 0.0 else "lower"
        beside = f"{abs(partner['higher_by_mm']):.0f} mm {way} than {partner['structure']}"
    return {
        "next above": words("superficial", 6),
        "next below": words("deep", 6),
        "covered by": words("covered_by", 8),
        "bones over it": words("bones_over", 6),
        "touching": words("touching", 8),
        "lies": beside,
    }


def _percent(share: float) -> str:
    """Return a share as it is printed.

    >>> _percent(0.2), _percent(30.8)
    ('<1 %', '31 %')
    """
    return "<1 %" if share < 1.0 else f"{share:.0f} %"


def _described(entry: Entry, part: str, atlas: Atlas) -> dict[str, Any]:
    item = atlas.structures.get(entry.id)
    parts = {known.id: known for known in entry.parts}
    shaped = () if item is None else item.parts
    document: dict[str, Any] = {"atlas": atlas.name, "id": entry.id}
    if part:
        if part not in parts and part not in shaped:
            raise UnknownName(f"part of {entry.id}", part, {*parts, *shaped})
        known = parts.get(part)
        readable = part.replace("_", " ")
        document |= {
            "part": part,
            "part_english": known.english if known else readable,
            "part_latin": known.latin if known else "",
            "part_fma": known.fma if known else None,
            "part_ta2": known.ta2 if known else None,
        }
    document |= {
        "english": entry.name,
        "latin": entry.latin,
        "synonyms": list(entry.synonyms),
        "system": entry.system,
        "layer": int(entry.layer),
        "layer_title": entry.layer.title,
        "side": entry.side,
        "region": entry.region,
        "parts": list(dict.fromkeys([*parts, *shaped])),
        "fma": entry.fma,
        "ta2": entry.ta2,
        "uberon": entry.uberon or None,
        "origin": entry.origin,
        "insertion": entry.insertion,
        "action": entry.action,
        "nerve": entry.nerve,
        "source": entry.source,
        "in_atlas": item is not None,
    }
    if item is not None:
        points = item.surface.vertices
        if part and part in item.parts:
            points = points[item.surface.faces[item.part_faces(part)].ravel()]
        document |= {
            "provenance": item.origin.kind,
            "provenance_source": item.origin.source,
            "licence": item.origin.licence,
            "triangles": len(item.part_faces(part))
            if part in item.parts
            else item.surface.triangle_count,
            "bounds_mm": [points.min(axis=0), points.max(axis=0)],
        }
    return document


def _print_info(document: dict[str, Any]) -> None:
    out = console()
    title = document["english"]
    whole = ""
    if "part" in document:
        name = load_catalogue()[document["id"]].english
        own = document["part_english"].removesuffix(f" of {name}").removesuffix(f" of the {name}")
        title = f"{own} of {title}"
        whole = " of the whole"
    latin = document.get("part_latin") or document["latin"]
    out.print(f"[bold]{title}[/bold]" + (f"  [italic]{latin}[/italic]" if latin else ""))
    page = table("", "")
    page.show_header = False
    page.box = None
    own_ids = ("part_fma", "part_ta2") if whole else ("fma", "ta2")
    ids = (
        ("FMA", document[own_ids[0]]),
        ("TA2", document[own_ids[1]]),
        ("UBERON", "" if whole else (document["uberon"] or "").removeprefix("UBERON:")),
    )
    rows = {
        "id": "/".join(filter(None, (document["id"], document.get("part")))),
        "layer": f"{document['layer']}  {document['layer_title']}",
        "system": f"{document['system'].value}, {document['region']}",
        f"from{whole and ' (whole)'}": document["origin"],
        f"to{whole and ' (whole)'}": document["insertion"],
        f"action{whole and ' (whole)'}": document["action"],
        "nerve": document["nerve"],
        "parts": "" if whole else ", ".join(document["parts"]),
        "also called": "" if whole else ", ".join(document["synonyms"]),
        "ids": ", ".join(f"{kind} {value}" for kind, value in ids if value),
        "source": document["source"],
        "shape": "none in this atlas",
    }
    if document["in_atlas"]:
        rows["shape"] = (
            f"{document['provenance'].value}: {document['provenance_source']} "
            f"({document['licence']}), {document['triangles']:,} triangles"
        )
    if "exposure" in document:
        rows |= _exposure_words(document["exposure"])
    if "relations" in document:
        rows |= _relation_words(document["relations"])
    for name, text in rows.items():
        if text:
            page.add_row(f"[dim]{name}[/dim]", str(text))
    out.print(page)


def _layer(number: str) -> TissueLayer:
    try:
        return TissueLayer(int(number))
    except ValueError:
        raise UnknownName("layer", number, [str(int(item)) for item in TissueLayer]) from None


def _member(kind: type[Vocabulary], word: str, received: str) -> Vocabulary:
    try:
        return kind(received)
    except ValueError:
        raise UnknownName(word, received, [item.value for item in kind]) from None
