"""``palpate probe`` and ``palpate safety``: what lies beneath a site, and may one press there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import FIRST_TIME, console, print_json, table
from viewer.progress_bar import told_if_long

if TYPE_CHECKING:
    from annotations.site import Site
    from meshes.atlas import Atlas
    from meshes.depth import Hit

SiteText = Annotated[str, Parameter(allow_leading_hyphen=True)]
#: Cosine of the angle between the press and the needle from which it is told that they differ.
LEANS = 0.9998
#: Said of a bone that is met as a solid (``meshes.needle.solid``).
SOLID = "the atlas holds this bone's outer surface only: how thick it is here is not known"


def probe(
    site: SiteText,
    /,
    *,
    json: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """List what lies beneath a site, from the skin inward, in millimetres.

    Parameters
    ----------
    site : str
        "T4 3cm left", "GB20 left", "scapula_left/inferior_angle", x,y,z in mm, or
        "x,y,z along i,j,k" with the needle's direction.
    json : bool
        Print one JSON document.
    """
    from annotations.site import find_site
    from meshes.depth import probe as probe_depth

    atlas = options.open()
    place = find_site(atlas, site)
    hits = probe_depth(atlas, place.point, place.direction)
    if json:
        print_json(_probe_document(atlas, place, hits))
    else:
        _print_probe(atlas, place, hits)
    return 0


def _probe_document(atlas: Atlas, place: Site, hits: Sequence[Hit]) -> dict[str, Any]:
    from meshes.needle import gaps, solid

    rows = []
    for hit in hits:
        row = hit.as_json()
        if solid(hit):
            row["note"] = SOLID
        rows.append(row)
    return {
        "atlas": atlas.name,
        "site": place.text,
        "skin_point_mm": place.point,
        "direction": place.direction,
        "given_off_skin_mm": place.off_mm,
        "same_needle": place.coordinates,
        "hits": rows,
        "gaps": [gap.as_json() for gap in gaps(hits)],
    }


def _print_probe(atlas: Atlas, place: Site, hits: Sequence[Hit]) -> None:
    from meshes.depth import NEEDLE
    from meshes.needle import LOOSE, gaps, solid

    numbers = ("from mm", "to mm", "thick mm")
    page = table(*numbers, "structure", "Latin (TA2)", "layer", right=numbers)
    rows = [(hit.enter_mm, _hit_row(atlas, hit, solid(hit))) for hit in hits]
    for gap in gaps(hits):
        what = "loose tissue" if gap.kind == LOOSE else "loose tissue, or not in this atlas"
        span = (gap.enter_mm, gap.exit_mm, gap.exit_mm - gap.enter_mm)
        cells = [*(f"{value:.1f}" for value in span), what, "", ""]
        rows.append((gap.enter_mm, [f"[dim]{cell}[/dim]" if cell else "" for cell in cells]))
    for _, cells in sorted(rows, key=lambda row: row[0]):
        page.add_row(*cells)
    out = console()
    out.print(f"Beneath {place.text} on {atlas.title}")
    if place.off_mm >= 1.0:
        out.print(f"The point given lies {place.off_mm:.0f} mm from the skin; its nearest place:")
    out.print(f"[dim]The needle enters at {place.coordinates} (mm, +x left, +y back, +z up)[/dim]")
    out.print(page)
    deepest = max((hit.exit_mm for hit in hits), default=0.0)
    if any(solid(hit) for hit in hits):
        out.print(f"[dim]* {SOLID}[/dim]")
    elif deepest < NEEDLE - 1.0:
        out.print(f"[dim]What lies deeper than {deepest:.0f} mm is not in this atlas.[/dim]")


def _hit_row(atlas: Atlas, hit: Hit, is_solid: bool) -> list[str]:
    entry = atlas[hit.structure].entry
    name = entry.name if not hit.part else f"{entry.name} ({hit.part.replace('_', ' ')})"
    ends = ["*", "*"] if is_solid else [f"{hit.exit_mm:.1f}", f"{hit.thickness_mm:.1f}"]
    layer = f"{int(hit.layer)} {hit.layer.title}"
    return [f"{hit.enter_mm:.1f}", *ends, name, entry.latin, layer]


def safety(
    site: SiteText,
    /,
    *,
    technique: str,
    pressure: str,
    json: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Say whether a technique may press at a site, with the rule and the millimetres behind it.

    Parameters
    ----------
    site : str
        "T4 3cm left", "GB20 left", "scapula_left/inferior_angle", x,y,z in mm, or
        "x,y,z along i,j,k" with the needle's direction.
    technique : str
        gliding, kneading, friction, sustained_press, vibration or percussion.
    pressure : str
        light, moderate, firm or deep.
    json : bool
        Print one JSON document.
    """
    from dataclasses import replace

    from annotations.contraindication import prompt
    from annotations.pressure import pressure_named
    from annotations.rule import load_rules
    from annotations.safety import judge
    from annotations.site import find_site
    from annotations.technique import technique_named

    how, hard = technique_named(technique), pressure_named(pressure)
    atlas = options.open()
    place = find_site(atlas, site)
    with told_if_long(f"measuring what lies beneath the skin; {FIRST_TIME}"):
        judgement = judge(atlas, place, how, hard)
    if json:
        along = {"atlas": atlas.name, "measured_along": -place.normal}
        print_json({**judgement.to_json(), **along})
        return 0
    out = console()
    out.print(f"[bold]{judgement.verdict.title}[/bold]")
    force = f"{hard.label} {hard.place}".strip()
    out.print(f"{how.label}, {force}, at {site} on {atlas.title}")
    for fired in judgement.rules:
        measured = ", ".join(f"{name} {value:.0f}" for name, value in fired.measured.items())
        out.print(
            f"  {fired.verdict.word}: {fired.reason} "
            f"[dim]({fired.id}; {', '.join(fired.statements)}; {measured})[/dim]"
        )
    if float(-place.normal @ place.direction) < LEANS:
        pressed = replace(place, direction=-place.normal).coordinates
        out.print(
            "[dim]Depths are straight into the skin, as a hand presses, and not straight from "
            f'behind as palpate probe goes at a level: palpate probe "{pressed}" shows them.[/dim]'
        )
    out.print(f"[dim]{load_rules().notice} {prompt()}[/dim]")
    return 0
