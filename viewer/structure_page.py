"""What is known of one structure as a page of HTML, with links to its neighbours."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from meshes.depth import FAT
from meshes.terminology import Provenance

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from meshes.relations import Relations, Share
    from meshes.structure import Structure

Translate = Callable[[str], str]

#: Scheme of a link to a structure.
SCHEME = "structure:"
#: Neighbours named on a page, and the least share of one, per cent.
MOST_NEIGHBOURS = 6
LEAST_PERCENT = 2.0
#: Phrases of the page, for the translators; :func:`page_of` gets them through ``translate``.
PHRASES = (
    "Part", "Origin", "Insertion", "Action", "Nerve", "Over it", "Under it",
    "Bones over", "Touches", "looking at its neighbours …", "Synonyms", "Layer", "Shape",
    "measured", "generated", "imported", "Facts", "nothing but fat and skin", "nothing found",
    "triangles",
)  # fmt: skip


def page_of(
    atlas: Atlas,
    structure_id: str,
    relations: Relations | None = None,
    translate: Translate = str,
    part: str | None = None,
) -> str:
    """Return the page of a structure.

    Parameters
    ----------
    atlas : Atlas
    structure_id : str
    relations : Relations, optional
        Its neighbours; without them the page says that they are being looked for.
    translate : callable
        From an English phrase of ``PHRASES`` to the user's language.
    part : str, optional
        The part of it that is meant.
    """
    structure = atlas[structure_id]
    entry = structure.entry
    rows = [
        ("Part", escape(part.replace("_", " ")) if part else ""),
        ("Origin", escape(entry.origin)),
        ("Insertion", escape(entry.insertion)),
        ("Action", escape(entry.action)),
        ("Nerve", escape(entry.nerve)),
        *_neighbours(atlas, relations, translate),
        ("Synonyms", escape(", ".join(entry.synonyms))),
        ("Layer", escape(translate(entry.layer.title))),
        ("Shape", _provenance(structure, translate)),
        ("Facts", escape(entry.source)),
    ]
    table = "".join(
        f"<tr><td class='k'>{escape(translate(key))}</td><td>{value}</td></tr>"
        for key, value in rows
        if value
    )
    latin = f"<div class='latin'>{escape(_capital(entry.latin))}</div>" if entry.latin else ""
    return (
        f"<div class='name'>{escape(_capital(entry.name))}</div>{latin}"
        f"<div class='ids'>{escape(_numbers(structure))}</div>"
        f"<table cellspacing='0' cellpadding='0'>{table}</table>"
    )


def _neighbours(
    atlas: Atlas, relations: Relations | None, translate: Translate
) -> list[tuple[str, str]]:
    if relations is None:
        waiting = f"<i>{escape(translate('looking at its neighbours …'))}</i>"
        return [("Over it", waiting)]
    rows = [
        ("Over it", _shares(atlas, relations.superficial)),
        ("Under it", _shares(atlas, relations.deep)),
        ("Bones over", _shares(atlas, relations.bones_over)),
        ("Touches", _shares(atlas, relations.touching)),
    ]
    if relations.sampled and not rows[0][1]:
        rows[0] = ("Over it", f"<i>{escape(translate('nothing but fat and skin'))}</i>")
    return rows


def _shares(atlas: Atlas, shares: tuple[Share, ...]) -> str:
    told = [item for item in shares if item.percent >= LEAST_PERCENT and item.structure in atlas]
    return "<br>".join(
        f"{_link(atlas, item.structure)}&nbsp;<span class='p'>{item.percent:.0f}&nbsp;%</span>"
        for item in told[:MOST_NEIGHBOURS]
    )


def _link(atlas: Atlas, structure_id: str) -> str:
    entry = atlas[structure_id].entry
    name = "fat" if structure_id == FAT else entry.name
    return f"<a href='{SCHEME}{escape(structure_id)}'>{escape(_capital(name))}</a>"


def _provenance(structure: Structure, translate: Translate) -> str:
    origin = structure.origin
    kind = Provenance(origin.kind).value
    told = f"{translate(kind)}: {origin.source}. {origin.licence}."
    count = f"{structure.surface.triangle_count:,} {translate('triangles')}"
    return f"{escape(told)} <span class='p'>{escape(count)}</span>"


def _numbers(structure: Structure) -> str:
    entry = structure.entry
    numbers = (("TA2", entry.ta2), ("FMA", entry.fma), ("", entry.uberon))
    told = [f"{title} {number}".strip() for title, number in numbers if number]
    return " · ".join([structure.id, *told])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
