"""Millimetres on the skin that a viewer may colour: padding, kidney window and so on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.rule import load_rules
from annotations.safety import measured_skin
from meshes.errors import UnknownName

if TYPE_CHECKING:
    from meshes.atlas import Atlas


@dataclass(frozen=True)
class Scale:
    """How a map is named and coloured.

    Attributes
    ----------
    title : str
    quantity : str
        Name in ``rules.toml``.
    low, high : float
        Ends of the colour scale, mm.
    step : float
        A line is drawn at every multiple of this, mm.
    rule : str
        Rule of ``rules.toml`` whose margin is drawn as the map's own line, and outside whose
        region the map says nothing; empty: none.
    """

    title: str
    quantity: str
    low: float
    high: float
    step: float
    rule: str = ""


MAPS: Mapping[str, Scale] = MappingProxyType(
    {
        "padding": Scale("Soft tissue over bone", "padding_mm", 0.0, 60.0, 10.0),
        "kidney_window": Scale("Kidney below the skin", "kidney_mm", 40.0, 100.0, 10.0,
                               "kidney_zone"),
        "kidney_margin": Scale("Distance from the kidney's outline", "kidney_margin_mm", 0.0, 60.0,
                               10.0, "kidney_zone"),
        "spinous_distance": Scale("Distance from the spinous line", "spinous_mm", 0.0, 120.0, 20.0,
                                  "spinous_line"),
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class SkinMap:
    """A quantity at every skin vertex.

    Attributes
    ----------
    name : str
    scale : Scale
    values : ndarray, shape (N,), float32
        mm; NaN where there is nothing to measure (no bone, no kidney below).
    line : ndarray, shape (N,), float32, or None
        mm beyond the margin of the map's rule: 0 on it, negative inside.
    line_mm : float
        That margin.
    """

    name: str
    scale: Scale
    values: NDArray[np.float32]
    line: NDArray[np.float32] | None = None
    line_mm: float = 0.0


def skin_map(atlas: Atlas, name: str) -> SkinMap:
    """Return a map of an atlas's skin.

    Raises
    ------
    UnknownName
        If there is no such map.
    """
    if name not in MAPS:
        raise UnknownName("map", name, MAPS)
    scale = MAPS[name]
    measured = measured_skin(atlas)
    values = measured.values[scale.quantity]
    values = np.where(np.isfinite(values), values, np.float32(np.nan))
    if not scale.rule:
        return SkinMap(name, scale, values)
    # The margin is the bound that the rule itself puts on a distance; its other conditions say
    # where on the body it speaks at all.
    bound, *rest = load_rules()[scale.rule].any_of[0]
    line = measured.values[bound.name] - np.float32(bound.low)
    for clause in rest:
        spoken = clause.holds(measured)
        values = np.where(spoken, values, np.float32(np.nan))
        line = np.where(spoken, line, np.float32(np.nan))
    return SkinMap(name, scale, values, line.astype(np.float32), bound.low)
