"""Millimetres on the skin that a viewer may colour: padding, kidney window and so on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    """

    title: str
    quantity: str
    low: float
    high: float


MAPS: Mapping[str, Scale] = MappingProxyType(
    {
        "padding": Scale("Soft tissue over bone", "padding_mm", 0.0, 60.0),
        "kidney_window": Scale("Depth of the kidney below the skin", "kidney_mm", 40.0, 110.0),
        "kidney_margin": Scale("Distance from the kidney's outline", "kidney_margin_mm", 0.0, 60.0),
        "spinous_distance": Scale("Distance from the spinous line", "spinous_mm", 0.0, 120.0),
    }
)


@dataclass(frozen=True, eq=False)
class SkinMap:
    """A quantity at every skin vertex.

    Attributes
    ----------
    name : str
    scale : Scale
    values : ndarray, shape (N,), float32
        mm; NaN where there is nothing to measure (no bone, no kidney below).
    """

    name: str
    scale: Scale
    values: NDArray[np.float32]


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
    values = measured_skin(atlas).values[scale.quantity]
    return SkinMap(name, scale, np.where(np.isfinite(values), values, np.float32(np.nan)))
