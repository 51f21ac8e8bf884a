"""What a needle at one skin point tells: what it meets, and whether one may press there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.pressure import Pressure
from annotations.safety import Judgement, judge
from annotations.site import Site, site_at
from annotations.technique import Technique
from meshes.depth import FAT, Hit, probe
from meshes.needle import needle_column
from meshes.skin_surface import skin_of
from viewer.palette import RGB
from viewer.section_tissue import LOOSE, flat_colour

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from meshes.catalogue import Entry

#: What begins deeper than this is not told, mm.
DEEPEST_MM = 110.0
#: Gaps up to this are loose tissue, mm; what fills a wider one the atlas does not know.
LOOSE_MM = 12.0
#: A synonym of at most so many letters stands for the name where a part follows.
_SHORT = 3
#: Thinner bands get no name, mm.
THINNEST_MM = 0.6


@dataclass(frozen=True, eq=False)
class Reading:
    """A needle's reading.

    Attributes
    ----------
    site : Site
        The skin point, probed as ``find_site`` probes its coordinates.
    hits : tuple of Hit
        From the skin inward.
    judgement : Judgement
        For the technique and pressure that were asked for.
    """

    site: Site
    hits: tuple[Hit, ...]
    judgement: Judgement


@dataclass(frozen=True)
class Band:
    """A stretch of the needle as it is drawn.

    Attributes
    ----------
    structure : str
        Id; empty in a gap.
    name : str
        Readable; empty where nothing is known.
    start_mm, end_mm : float
        From the skin.
    colour : tuple of int
        RGB 0..255.
    """

    structure: str
    name: str
    start_mm: float
    end_mm: float
    colour: RGB


def read_at(
    atlas: Atlas,
    point: NDArray[np.floating] | Sequence[float],
    pair: tuple[Technique, Pressure],
    name: str = "",
) -> Reading:
    """Return the reading at the skin point nearest to a point.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    point : array_like, shape (3,)
        mm, LPS.
    pair : (Technique, Pressure)
    name : str
        What the site is called.
    """
    skin = skin_of(atlas).nearest(np.asarray(point, dtype=np.float64))
    site = site_at(atlas, skin, name)
    hits = tuple(probe(atlas, site.point, site.direction))
    return Reading(site, hits, judge(atlas, site, *pair))


def bands(atlas: Atlas, hits: Sequence[Hit]) -> tuple[Band, ...]:
    """Return what is drawn of a needle: one name at each depth, gaps without a name."""
    made: list[Band] = []
    for band in needle_column(hits):
        if band.enter_mm >= DEEPEST_MM:
            break
        end = min(band.exit_mm, DEEPEST_MM)
        if band.hit is None:
            made.append(Band("", "", band.enter_mm, end, LOOSE))
            continue
        entry = atlas[band.hit.structure].entry
        name = name_of(entry, band.hit.part)
        if made and made[-1].name == name:
            made[-1] = Band(entry.id, name, made[-1].start_mm, end, made[-1].colour)
        else:
            made.append(Band(entry.id, name, band.enter_mm, end, flat_colour(entry)))
    return tuple(made)


def name_of(entry: Entry, part: str | None = None) -> str:
    """Return a structure's short English name, with the part: ``Trapezius, ascending part``."""
    name = "fat" if entry.id == FAT else entry.english
    if part:
        # "T3, spinous process" is read at a glance.
        name = next((word for word in entry.synonyms if len(word) <= _SHORT), name)
        known = {item.id: item.english for item in entry.parts}
        told = known.get(part, part.replace("_", " "))
        name = f"{name}, {told.removesuffix(f' of {entry.english}')}"
    return name[:1].upper() + name[1:]
