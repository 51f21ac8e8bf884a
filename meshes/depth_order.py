"""The depth-order table: the order in which a needle has to meet the structures.

Rows come from ``depth_order.toml`` (anatomy facts, section 9). A row is right when every layer
that the atlas holds is met, in order, down to the first bone (or the row's target); below it,
where a real needle would not go, only the order counts.

The facts speak of a needle perpendicular to the skin, but give x and z of what it strikes and
checked them with a ray from straight behind. Where the skin slopes these meet different
vertebrae. So a row is tried in the three ways its words can be read: perpendicular to the skin,
perpendicular within the transverse plane, and straight as ``palpate probe`` goes in at a level;
the first that is right counts, and the result says which it was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.catalogue import load_catalogue
from meshes.depth import FAT, SKIN, Hit, probe
from meshes.errors import ReadError
from meshes.skin_surface import SkinPoint, at_level, skin_of
from meshes.terminology import Side, System, split_side

Floats = NDArray[np.float64]

#: Two structures that begin this close are met together (mm); the facts used the same figure.
TOLERANCE = 2.5
_FILE = "depth_order.toml"
_REFERENCE_SPINE = 493.4 - 19.5  # C7 to L5 tips, facts section 1.1
_FAR = 900.0


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
    from_front : bool
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
    from_front: bool = False
    target: str = ""


@dataclass(frozen=True)
class RowResult:
    """How an atlas does on one row.

    Attributes
    ----------
    row : Row
    met : tuple of (str, float)
        Structures below skin and fat with the depth at which they begin, mm.
    matched : tuple of (str, str, float)
        Layer, structure and depth, in the row's order.
    missing : tuple of str
        Layers that the atlas holds and the needle did not meet.
    misplaced : tuple of str
        Layers that were met above one that should lie over them.
    not_held : tuple of str
        Layers of which the atlas holds nothing.
    depths : tuple of (ExpectedDepth, float or None)
        What was measured.
    skipped : str
        Why the row could not be tested, or empty.
    way : str
        ``perpendicular`` to the skin, the same ``in the plane``, or ``straight`` (see
        ``at_level``).
    """

    row: Row
    met: tuple[tuple[str, float], ...] = ()
    matched: tuple[tuple[str, str, float], ...] = ()
    missing: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()
    not_held: tuple[str, ...] = ()
    depths: tuple[tuple[ExpectedDepth, float | None], ...] = ()
    skipped: str = ""
    way: str = ""

    @property
    def right(self) -> bool:
        """Whether the order is right (a row that could not be tested is not)."""
        return not (self.missing or self.misplaced or self.skipped)

    @property
    def depths_within(self) -> bool:
        """Whether every depth that the facts give lies in their range."""
        return all(
            value is not None and expected.low <= value <= expected.high
            for expected, value in self.depths
        )

    def line(self) -> str:
        """Return the result in one line of a table."""
        mark = "skip" if self.skipped else ("ok" if self.right else "WRONG")
        way = " > ".join(f"{name} {depth:.0f}" for _, name, depth in self.matched)
        words = [f"{self.row.n:3d} {mark:5s} {self.row.site}: {self.skipped or way}"]
        if self.way in ("in the plane", "straight"):
            words.append(f"needle {self.way}")
        if self.missing:
            words.append(f"missing {', '.join(self.missing)}")
        if self.misplaced:
            words.append(f"misplaced {', '.join(self.misplaced)}")
        for expected, value in self.depths:
            measured = "not met" if value is None else f"{value:.0f}"
            words.append(f"{expected.any_of[0]} {measured} ({expected.low:g}-{expected.high:g})")
        return "; ".join(words)


@lru_cache(maxsize=1)
def depth_order_rows() -> tuple[Row, ...]:
    """Return the rows of the table (read once per process)."""
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    page = tomllib.loads(text)
    return tuple(_read(row, page.get("alias", {})) for row in page["row"])


def check_depth_order(atlas: Atlas, rows: Iterable[Row] | None = None) -> list[RowResult]:
    """Check an atlas row by row.

    Parameters
    ----------
    atlas : Atlas
        With skin and landmarks.
    rows : iterable of Row, optional
        All rows if not given.
    """
    return [check_row(atlas, row) for row in (depth_order_rows() if rows is None else rows)]


def check_row(atlas: Atlas, row: Row) -> RowResult:
    """Push a needle in at a row's site and compare what it meets.

    It goes in perpendicular to the skin; if the row is not right that way, perpendicular within
    the transverse plane, and at last straight as at a level.
    """
    start, reason = _start(atlas, row)
    if start is None:
        return RowResult(row, skipped=reason)
    flat = start.inward * [1.0, 1.0, 0.0]
    ways = (
        ("perpendicular", start.inward),
        ("in the plane", flat / max(float(np.linalg.norm(flat)), 1e-9)),
        ("straight", at_level(start.inward)),
    )
    tries = []
    for way, direction in ways:
        result = _compare(atlas, row, probe(atlas, start.position, direction), way)
        if result.right:
            return result
        tries.append(result)
    return min(tries, key=lambda item: len(item.missing) + 10 * len(item.misplaced))


def _compare(atlas: Atlas, row: Row, met: Sequence[Hit], way: str) -> RowResult:
    hits = [hit for hit in met if hit.structure not in (SKIN, FAT)]
    held = {split_side(name)[0] for name in atlas}
    not_held = tuple(layer.title for layer in row.layers if not held & set(layer.any_of))
    matched: list[tuple[str, str, float]] = []
    missing: list[str] = []
    misplaced: list[str] = []
    reached = 0.0
    goal = _goal(atlas, row)
    for number, layer in enumerate(row.layers):
        candidates = [hit for hit in hits if _is_of(hit, layer, row.side)]
        below = [hit for hit in candidates if hit.enter_mm >= reached - TOLERANCE]
        if below:
            matched.append((layer.title, below[0].structure, below[0].enter_mm))
            reached = max(reached, below[0].enter_mm)
        elif candidates:
            misplaced.append(layer.title)
        elif not layer.optional and layer.title not in not_held and number <= goal:
            missing.append(layer.title)
    return RowResult(
        row,
        tuple((hit.structure, hit.enter_mm) for hit in hits),
        tuple(matched),
        tuple(missing),
        tuple(misplaced),
        not_held,
        tuple((expected, _depth_of(hits, expected)) for expected in row.depths),
        way=way,
    )


def _goal(atlas: Atlas, row: Row) -> int:
    """Index of the last layer that has to be met."""
    bones = {
        item.entry.base for item in atlas.structures.values() if item.system is System.SKELETAL
    }
    for number, layer in enumerate(row.layers):
        wanted = {row.target} if row.target else bones
        if wanted & set(layer.any_of) and not layer.optional:
            return number
    return len(row.layers) - 1


def _is_of(hit: Hit, layer: Layer, side: Side) -> bool:
    base, hit_side = split_side(hit.structure)
    same_side = Side.MIDLINE in (side, hit_side) or hit_side is side
    return base in layer.any_of and same_side


def _depth_of(hits: Sequence[Hit], expected: ExpectedDepth) -> float | None:
    for hit in hits:
        if split_side(hit.structure)[0] in expected.any_of:
            return hit.enter_mm
    return None


def _start(atlas: Atlas, row: Row) -> tuple[SkinPoint | None, str]:
    marks = atlas.landmarks
    side = (Side.LEFT if row.side is Side.MIDLINE else row.side).value
    if row.curve:
        name = row.curve.replace("{side}", side)
        if name not in marks.curves:
            return None, f"no landmark curve {name}"
        at = marks.along(name, row.fraction)
    else:
        names = [name.replace("{side}", side) for name in row.landmarks]
        lost = [name for name in names if name not in marks.points]
        if lost:
            return None, f"no landmark {lost[0]}"
        at = np.mean([marks.points[name] for name in names], axis=0)
    scale = _scale(atlas)
    x = at[0] + row.offset[0] * scale * row.side.sign
    z = at[2] + row.offset[1] * scale
    way = 1.0 if row.from_front else -1.0
    entry = skin_of(atlas).enter(np.array([x, -way * _FAR, z]), np.array([0.0, way, 0.0]))
    return entry, "" if entry is not None else "no skin there"


def _scale(atlas: Atlas) -> float:
    """Return the length of the spine, C7 to L5, as a share of the facts' reference."""
    marks = atlas.landmarks.points
    ends = [marks.get(f"vertebra_{level}/spinous_process") for level in ("C7", "L5")]
    if ends[0] is None or ends[1] is None:
        return 1.0
    return float(ends[0][2] - ends[1][2]) / _REFERENCE_SPINE


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
            from_front=row.get("from") == "front",
            target=row.get("target", ""),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ReadError(f"{_FILE}: row {row.get('n')!r}: {error}") from error


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
