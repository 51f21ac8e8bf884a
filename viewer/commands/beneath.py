"""``palpate probe`` and ``palpate safety``: what lies beneath a site, and may one press there."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import console, print_json, table

Site = Annotated[str, Parameter(allow_leading_hyphen=True)]


def probe(
    site: Site,
    /,
    *,
    json: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """List what lies beneath a site, from the skin inward, in millimetres.

    Parameters
    ----------
    site : str
        "T4 3cm left", "GB20 left", "scapula_left/inferior_angle", or x,y,z in mm.
    json : bool
        Print one JSON document.
    """
    from annotations.site import find_site
    from meshes.depth import probe as probe_depth

    atlas = options.open()
    place = find_site(atlas, site)
    hits = probe_depth(atlas, place.point, place.direction)
    if json:
        print_json(
            {
                "atlas": atlas.name,
                "site": place.text,
                "skin_point_mm": place.point,
                "direction": place.direction,
                "hits": [hit.as_json() for hit in hits],
            }
        )
        return 0
    page = table(
        "from mm",
        "to mm",
        "thick mm",
        "structure",
        "Latin (TA2)",
        "layer",
        right=("from mm", "to mm", "thick mm"),
    )
    for hit in hits:
        entry = atlas[hit.structure].entry
        name = entry.name if not hit.part else f"{entry.name} ({hit.part.replace('_', ' ')})"
        page.add_row(
            f"{hit.enter_mm:.1f}",
            f"{hit.exit_mm:.1f}",
            f"{hit.thickness_mm:.1f}",
            name,
            entry.latin,
            f"{int(hit.layer)} {hit.layer.title}",
        )
    out = console()
    x, y, z = place.point
    out.print(f"Beneath {site} on {atlas.title} (skin at {x:.0f}, {y:.0f}, {z:.0f} mm)")
    out.print(page)
    return 0


def safety(
    site: Site,
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
        "T4 3cm left", "GB20 left", "scapula_left/inferior_angle", or x,y,z in mm.
    technique : str
        gliding, kneading, friction, sustained_press, vibration or percussion.
    pressure : str
        light, moderate, firm or deep.
    json : bool
        Print one JSON document.
    """
    from annotations.contraindication import prompt
    from annotations.pressure import pressure_named
    from annotations.rule import load_rules
    from annotations.safety import judge
    from annotations.site import find_site
    from annotations.technique import technique_named

    how, hard = technique_named(technique), pressure_named(pressure)
    atlas = options.open()
    judgement = judge(atlas, find_site(atlas, site), how, hard)
    if json:
        print_json(judgement.to_json())
        return 0
    out = console()
    out.print(f"[bold]{judgement.verdict.title}[/bold]")
    out.print(f"{how.label}, {hard.label}, at {site} on {atlas.title}")
    for fired in judgement.rules:
        measured = ", ".join(f"{name} {value:.0f}" for name, value in fired.measured.items())
        out.print(
            f"  {fired.verdict.word}: {fired.reason} "
            f"[dim]({fired.id}; {', '.join(fired.statements)}; {measured})[/dim]"
        )
    out.print(f"[dim]{load_rules().notice} {prompt()}[/dim]")
    return 0
