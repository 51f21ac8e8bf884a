"""Relations: what lies directly superficial and deep to a structure, and what it touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from meshes import relation_cache
from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN
from meshes.overlay import Overlay, overlay
from meshes.terminology import System, mirror_id
from meshes.touching import touching_shares

#: Shares below this are left out, per cent.
LEAST_SHARE = 0.5
#: A structure that lies this much higher or lower than its partner is said to, mm.
LEAST_OFFSET = 2.0


@dataclass(frozen=True)
class Share:
    """A neighbour, and the share of the structure's area over which it is one, per cent."""

    structure: str
    percent: float


@dataclass(frozen=True)
class Offset:
    """How much higher than its partner of the other side a structure lies, mm (negative lower)."""

    structure: str
    mm: float


@dataclass(frozen=True)
class Relations:
    """Neighbours of one structure, largest share first.

    Attributes
    ----------
    structure : str
    superficial, deep : tuple of Share
        The next structure outward and inward, from where it faces the skin.
        ``subcutaneous_fat`` stands for nothing else between it and the skin.
    covered_by : tuple of Share
        Everything that lies anywhere between it and the skin; shares add up to more than 100.
    bones_over : tuple of Share
        The bones among them.
    touching : tuple of Share
        Structures whose surface comes within ``meshes.touching.TOUCH``, with the share of all
        of its surface; skin and fat left out. Shares below 0.05 are kept as 0.0.
    partner : Offset or None
        Its partner of the other side, where that lies higher or lower.
    sampled : int
        Number of places looked from; with none the shares are empty.
    """

    structure: str
    superficial: tuple[Share, ...] = ()
    deep: tuple[Share, ...] = ()
    covered_by: tuple[Share, ...] = ()
    bones_over: tuple[Share, ...] = ()
    touching: tuple[Share, ...] = ()
    partner: Offset | None = None
    sampled: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``info --json`` holds under ``relations``."""
        page: dict[str, Any] = {
            name: [{"structure": item.structure, "percent": item.percent} for item in shares]
            for name, shares in self._groups()
        }
        partner = self.partner
        page["partner"] = (
            None
            if partner is None
            else {"structure": partner.structure, "higher_by_mm": partner.mm}
        )
        page["sampled"] = self.sampled
        return page

    @classmethod
    def from_json(cls, structure: str, page: Mapping[str, Any]) -> Relations:
        """Read back what ``as_json`` made.

        Raises
        ------
        KeyError, TypeError
            If it is no such object.
        """
        shares = {
            name: tuple(Share(row["structure"], float(row["percent"])) for row in page[name])
            for name, _ in cls(structure)._groups()
        }
        partner = page["partner"]
        offset = None if partner is None else Offset(partner["structure"], partner["higher_by_mm"])
        return cls(structure, **shares, partner=offset, sampled=int(page["sampled"]))

    def _groups(self) -> tuple[tuple[str, tuple[Share, ...]], ...]:
        return (
            ("superficial", self.superficial),
            ("deep", self.deep),
            ("covered_by", self.covered_by),
            ("bones_over", self.bones_over),
            ("touching", self.touching),
        )


def relations(atlas: Atlas, structure_id: str) -> Relations:
    """Return the neighbours of a structure, from the cache where they were worked out before.

    Parameters
    ----------
    atlas : Atlas
        With skin.
    structure_id : str

    Raises
    ------
    UnknownName
        If the atlas holds no such structure.
    InputError
        If the atlas has no skin.
    """
    _ = atlas[structure_id]
    row = relation_cache.kept(atlas, structure_id)
    if row is not None:
        try:
            return Relations.from_json(structure_id, row)
        except (KeyError, TypeError, ValueError):
            pass  # a damaged page is made anew
    made = compute_relations(atlas, structure_id)
    relation_cache.keep(atlas, structure_id, made.as_json())
    return made


def compute_relations(atlas: Atlas, structure_id: str) -> Relations:
    """Work the relations out without looking at the cache."""
    around = overlay(atlas, structure_id)
    above = around.above.mean(axis=0) if len(around) else np.zeros(0)
    covered = _shares({around.names[k]: 100.0 * float(above[k]) for k in np.flatnonzero(above)})
    return Relations(
        structure_id,
        superficial=_shares(_counted(around, around.over)),
        deep=_shares(_counted(around, around.under)),
        covered_by=covered,
        bones_over=tuple(
            item for item in covered if atlas[item.structure].system is System.SKELETAL
        ),
        touching=_shares(touching_shares(atlas, structure_id), least=0.0),
        partner=_partner(atlas, structure_id),
        sampled=len(around),
    )


def _counted(around: Overlay, index: np.ndarray[Any, np.dtype[np.intp]]) -> dict[str, float]:
    total = np.bincount(index, minlength=len(around.names)) * (100.0 / max(len(around), 1))
    return {around.names[k]: float(total[k]) for k in np.flatnonzero(total)}


def _shares(percent: Mapping[str, float], least: float = LEAST_SHARE) -> tuple[Share, ...]:
    shares: dict[str, float] = {}
    for name, value in percent.items():
        if name and value >= least:
            shares[name] = shares.get(name, 0.0) + value
    rows = [Share(name, round(value, 1)) for name, value in shares.items()]
    return tuple(sorted(rows, key=lambda item: (-item.percent, item.structure)))


def _partner(atlas: Atlas, structure_id: str) -> Offset | None:
    other = mirror_id(structure_id)
    if other == structure_id or other not in atlas or structure_id in (SKIN, FAT):
        return None
    here, there = (atlas[name].surface.centroid[2] for name in (structure_id, other))
    mm = round(float(here - there), 1)
    return Offset(other, mm) if abs(mm) >= LEAST_OFFSET else None
