"""The depth-order table: the order in which a needle has to meet the structures.

Rows come from ``depth_order.toml`` (anatomy facts, section 9). A row is right when every layer
that the atlas holds is met, in order, down to the first bone (or the row's target); below it,
where a real needle would not go, only the order counts.

The facts speak of a needle perpendicular to the skin, but give x and z of what it strikes and
checked them with a ray from straight behind. Where the skin slopes these meet different
vertebrae. So a row is tried in the three ways its words can be read: perpendicular to the skin,
perpendicular within the transverse plane, and straight as ``palpate probe`` goes in at a level;
the first that is right counts, and the result says which it was.

An imported atlas is one person as he is, and his muscles may not reach a site that the table has
them at. There a layer whose imported shape lies beside the needle is not missing but "not there";
needles 3 mm to every side are tried first, because a site on another body is no more exact.
A row of which too little is there is not judged, and says so. What Palpate itself laid or placed
(kidneys, skin; on the built-in torso everything) has to be met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import FAT, NEEDLE, SKIN, Hit, probe
from meshes.depth_order_table import ExpectedDepth, Layer, Row, depth_order_rows
from meshes.skin_surface import SkinPoint, at_level, skin_of
from meshes.terminology import Provenance, Side, System, split_side

Floats = NDArray[np.float64]

#: Two structures that begin this close are met together (mm); the facts used the same figure.
TOLERANCE = 2.5
#: How far aside a needle is tried on an imported atlas, mm.
ASIDE = 3.0
#: Layers in order that make a row worth judging.
_LEAST_MATCHED = 2
_REFERENCE_SPINE = 493.4 - 19.5  # C7 to L5 tips, facts section 1.1
_FAR = 900.0


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
    not_there : tuple of str
        Layers whose imported shape lies beside the needle, with the distance.
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
    not_there: tuple[str, ...] = ()
    depths: tuple[tuple[ExpectedDepth, float | None], ...] = ()
    skipped: str = ""
    way: str = ""

    @property
    def right(self) -> bool:
        """Whether the order is right (a row that was not judged is not)."""
        return self.judged and not (self.missing or self.misplaced)

    @property
    def judged(self) -> bool:
        """Whether enough of the row is there to be judged."""
        few = len(self.matched) < _LEAST_MATCHED and bool(self.not_there)
        return not self.skipped and not (few and not self.misplaced and not self.missing)

    @property
    def depths_within(self) -> bool:
        """Whether every depth that the facts give lies in their range."""
        return all(
            value is not None and expected.low <= value <= expected.high
            for expected, value in self.depths
        )

    def line(self) -> str:
        """Return the result in one line of a table."""
        judged = "ok" if self.right else "WRONG"
        mark = "skip" if self.skipped else (judged if self.judged else "none")
        way = " > ".join(f"{name} {depth:.0f}" for _, name, depth in self.matched)
        words = [f"{self.row.n:3d} {mark:5s} {self.row.site}: {self.skipped or way}"]
        if self.way not in ("", "perpendicular"):
            words.append(f"needle {self.way}")
        if self.not_there:
            words.append(f"not there: {', '.join(self.not_there)}")
        if self.not_held:
            words.append(f"not held: {', '.join(self.not_held)}")
        if self.missing:
            words.append(f"missing {', '.join(self.missing)}")
        if self.misplaced:
            words.append(f"misplaced {', '.join(self.misplaced)}")
        for expected, value in self.depths:
            measured = "not met" if value is None else f"{value:.0f}"
            words.append(f"{expected.any_of[0]} {measured} ({expected.low:g}-{expected.high:g})")
        return "; ".join(words)


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
    the transverse plane, and at last straight as at a level. On an imported atlas needles a few
    millimetres aside are tried too; the one that finds most of the row counts.
    """
    shifts = _SHIFTS if atlas.body is None else _SHIFTS[:1]
    approaches = ("behind", "nearest") if row.approach == "nearest" else (row.approach,)
    best: RowResult | None = None
    for shift, approach in product(shifts, approaches):
        start, reason = _start(atlas, row, approach, shift)
        if start is None:
            found = RowResult(row, skipped=reason)
        else:
            found = _best_way(atlas, row, start, shift)
        if best is None or _faults(found) < _faults(best):
            best = found
        if best.skipped or (best.right and not best.not_there):
            break
    assert best is not None
    return best


#: Needles tried on an imported atlas: the site, then around it (outward, up; in ``ASIDE``).
_SHIFTS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


def _faults(result: RowResult) -> tuple[int, int]:
    """Count what is wrong with a result, worst first."""
    return 10 * len(result.misplaced) + len(result.missing), len(result.not_there)


def _best_way(atlas: Atlas, row: Row, start: SkinPoint, shift: tuple[int, int]) -> RowResult:
    flat = start.inward * [1.0, 1.0, 0.0]
    ways = (
        ("perpendicular", start.inward),
        ("in the plane", flat / max(float(np.linalg.norm(flat)), 1e-9)),
        ("straight", at_level(start.inward)),
    )
    aside = f", {ASIDE:g} mm aside" if any(shift) else ""
    tries = []
    for way, direction in ways:
        met = probe(atlas, start.position, direction)
        result = _compare(atlas, row, met, (start.position, direction))
        result = replace(result, way=way + aside)
        if result.right and not result.not_there:
            return result
        tries.append(result)
    return min(tries, key=_faults)


def _compare(
    atlas: Atlas, row: Row, met: Sequence[Hit], needle: tuple[Floats, Floats]
) -> RowResult:
    hits = [hit for hit in met if hit.structure not in (SKIN, FAT)]
    held = {split_side(name)[0] for name in atlas}
    not_held = tuple(layer.title for layer in row.layers if not held & set(layer.any_of))
    matched: list[tuple[str, str, float]] = []
    missing: list[str] = []
    misplaced: list[str] = []
    not_there: list[str] = []
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
            away = _aside(atlas, row, layer, needle)
            if away is not None:
                not_there.append(f"{layer.title} ({away:.0f} mm aside)")
            else:
                missing.append(layer.title)
    return RowResult(
        row,
        tuple((hit.structure, hit.enter_mm) for hit in hits),
        tuple(matched),
        tuple(missing),
        tuple(misplaced),
        not_held,
        tuple(not_there),
        tuple((expected, _depth_of(hits, expected)) for expected in row.depths),
    )


def _aside(atlas: Atlas, row: Row, layer: Layer, needle: tuple[Floats, Floats]) -> float | None:
    """Return how far the nearest of a layer lies beside the needle, mm.

    None where one of its shapes is Palpate's own and so has to be met, or on the built-in torso.
    """
    start, direction = needle
    nearest = np.inf
    for name, item in atlas.items():
        base, side = split_side(name)
        if base not in layer.any_of or not (Side.MIDLINE in (row.side, side) or side is row.side):
            continue
        if atlas.body is not None or item.origin.kind is not Provenance.IMPORTED:
            return None
        offset = item.surface.vertices.astype(np.float64) - start
        depth = offset @ direction
        along = (depth > 0.0) & (depth < NEEDLE)
        if along.any():
            beside = offset[along] - depth[along, None] * direction
            nearest = min(nearest, float(np.linalg.norm(beside, axis=1).min()))
    return nearest


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


def _start(
    atlas: Atlas, row: Row, approach: str, shift: tuple[int, int]
) -> tuple[SkinPoint | None, str]:
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
    outward = Side.LEFT.sign if row.side is Side.MIDLINE else row.side.sign
    x = at[0] + row.offset[0] * scale * row.side.sign + ASIDE * shift[0] * outward
    z = at[2] + row.offset[1] * scale + ASIDE * shift[1]
    skin = skin_of(atlas)
    if approach == "nearest":
        aim = np.array([x, at[1], z])
        point = skin.nearest(aim)
        into = aim - point.position
        return replace(point, inward=into / max(float(np.linalg.norm(into)), 1e-9)), ""
    way = 1.0 if approach == "front" else -1.0
    entry = skin.enter(np.array([x, -way * _FAR, z]), np.array([0.0, way, 0.0]))
    return entry, "" if entry is not None else "no skin there"


def _scale(atlas: Atlas) -> float:
    """Return the length of the spine, C7 to L5, as a share of the facts' reference."""
    marks = atlas.landmarks.points
    ends = [marks.get(f"vertebra_{level}/spinous_process") for level in ("C7", "L5")]
    if ends[0] is None or ends[1] is None:
        return 1.0
    return float(ends[0][2] - ends[1][2]) / _REFERENCE_SPINE
