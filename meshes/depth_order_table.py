"""The rows of the depth-order table, read from ``depth_order.toml`` (anatomy facts, section 9)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from meshes.catalogue import load_catalogue
from meshes.errors import ReadError
from meshes.terminology import Side

_FILE = "depth_order.toml"


@dataclass(frozen=True)
class Layer:
    """One step of a row: any of some structures, by id without side."""

    any_of: tuple[str, ...]
    optional: bool
    title: str


@dataclass(frozen=True)
class ExpectedDepth:
    """The first of some structures begins between two depths (mm)."""

    any_of: tuple[str, ...]
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """One site of the table.

    Attributes
    ----------
    n : int
        Number in the facts.
    site : str
    layers : tuple of Layer
        Below skin and fat.
    depths : tuple of ExpectedDepth
    side : Side
    confidence : str
        ``high`` or ``medium``.
    landmarks : tuple of str
        Their mean is the starting point; empty where ``curve`` gives it.
    curve : str
    fraction : float
    offset : (float, float)
        x (outward) and z, mm at a stature of 175 cm.
    approach : str
        ``behind``, ``front``, or ``nearest``: from behind or the skin nearest to the landmark.
    target : str
        Structure down to which every held layer has to be met; the first bone if empty.
    """

    n: int
    site: str
    layers: tuple[Layer, ...]
    depths: tuple[ExpectedDepth, ...]
    side: Side
    confidence: str
    landmarks: tuple[str, ...] = ()
    curve: str = ""
    fraction: float = 0.0
    offset: tuple[float, float] = (0.0, 0.0)
    approach: str = "behind"
    target: str = ""


@lru_cache(maxsize=1)
def depth_order_rows() -> tuple[Row, ...]:
    """Return the rows of the table (read once per process)."""
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    page = tomllib.loads(text)
    return tuple(_read(row, page.get("alias", {})) for row in page["row"])


def _read(row: Mapping[str, Any], alias: Mapping[str, str]) -> Row:
    try:
        layers = tuple(_layer(text, row["side"] == "midline", alias) for text in row["layers"])
        depths = tuple(
            ExpectedDepth(_names(item["to"], alias), *map(float, item["mm"]))
            for item in row.get("depths", ())
        )
        offset = row.get("offset", (0.0, 0.0))
        return Row(
            n=row["n"],
            site=row["site"],
            layers=layers,
            depths=depths,
            side=Side(row["side"]),
            confidence=row["confidence"],
            landmarks=tuple(row.get("landmarks", ())),
            curve=row.get("curve", ""),
            fraction=float(row.get("fraction", 0.0)),
            offset=(float(offset[0]), float(offset[1])),
            approach=_approach(row.get("from", "behind")),
            target=row.get("target", ""),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ReadError(f"{_FILE}: row {row.get('n')!r}: {error}") from error


def _approach(word: str) -> str:
    if word not in ("behind", "front", "nearest"):
        raise ValueError(f"from: behind, front or nearest required, received {word!r}")
    return word


def _layer(text: str, midline: bool, alias: Mapping[str, str]) -> Layer:
    """Read one layer; a needle in the midline may pass between the muscles of both sides."""
    names = _names(text, alias)
    catalogue = load_catalogue()
    optional = all(word.endswith("?") for word in text.split("|")) or (
        midline and any(f"{name}_left" in catalogue for name in names)
    )
    return Layer(names, optional, text)


def _names(text: str, alias: Mapping[str, str]) -> tuple[str, ...]:
    words = [word.rstrip("?") for word in text.split("|")]
    return tuple(name for word in words for name in alias.get(word, word).split("|"))
