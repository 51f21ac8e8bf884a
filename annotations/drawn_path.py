"""What a line drawn on the skin is in anatomical words, so that it fits other bodies too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.anatomical_line import COLUMNS, fibre_line, named_line
from annotations.path import lay
from annotations.path_spec import PathSpec
from annotations.point_words import STEP_MM, lateral_mm, level_of, side_of, words_of
from annotations.skin_curve import even, onto_skin
from meshes.depth import probe
from meshes.errors import InputError, UnknownName
from meshes.landmarks import resample
from meshes.terminology import Side, System, split_side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

Floats = NDArray[np.float64]

#: A line shorter than this is a place to hold, mm.
HOLD_MM = 15.0
#: Farthest mean distance at which a line still goes by an anatomical name, mm.
NEAR_MM = 9.0
#: How much a looser way of saying it must be nearer to be preferred, mm.
_COST = {"parallel_cm": 0.0, "along": 0.5, "fibres": 2.0, "between": 4.0}
_SPACING = 5.0
#: Sites that a line by way of sites is told with, at most.
_MOST_STOPS = 6
#: Muscles under the middle of the line that it may follow the fibres of.
_MUSCLES_DEEP = 3


@dataclass(frozen=True)
class Described:
    """A drawn line in anatomical words.

    Attributes
    ----------
    path : PathSpec
        As a protocol writes it; names without side.
    side : Side
        The stroke's side.
    words : str
        For people.
    apart_mm : float
        Mean distance between the drawn line and the path as it is laid on this body.
    """

    path: PathSpec
    side: Side
    words: str
    apart_mm: float


def describe(atlas: Atlas, points: NDArray[np.floating]) -> Described:
    """Return the anatomical path that comes nearest to a drawn line.

    Every candidate is laid by the same means as a protocol's path, and the distance is measured
    to that: a hold, a line beside the spine, a named border or crest, the fibres of a muscle
    beneath, or the way through sites.

    Parameters
    ----------
    atlas : Atlas
    points : ndarray, shape (K, 3)
        On or near the skin, in the order drawn, mm.

    Raises
    ------
    InputError
        If there is no point.
    """
    line = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    if len(line) == 0:
        raise InputError("a drawn path needs a point on the skin, received none")
    line = onto_skin(atlas, line).on(atlas)
    if len(line) == 1 or _length(line) < HOLD_MM:
        return _hold(atlas, line.mean(axis=0))
    line = even(line, _SPACING)
    side = _side(line)
    found = [
        Described(spec, side, _in_words(spec, side), apart)
        for spec in _candidates(atlas, line, side)
        if (apart := _apart(atlas, spec, side, line)) is not None
    ]
    near = [one for one in found if one.apart_mm <= NEAR_MM or one.path.between is not None]
    if not near:
        raise InputError(
            "a path on the skin with a name near it is required; draw nearer to the back"
        )
    return min(near, key=lambda one: one.apart_mm + _COST[_kind(one.path)])


def _hold(atlas: Atlas, point: Floats) -> Described:
    words = words_of(atlas, point)
    side = side_of(point)
    spec = PathSpec(hold=_sideless(words))
    return Described(
        spec,
        side,
        f"hold at {words}",
        float(np.linalg.norm(lay(atlas, spec, side).on(atlas)[0] - point)),
    )


def _candidates(atlas: Atlas, line: Floats, side: Side) -> Iterator[PathSpec]:
    yield from _beside_spine(atlas, line, side)
    yield from _named(atlas, line, side)
    yield from _fibres(atlas, line, side)
    yield _between(atlas, line, side)


def _beside_spine(atlas: Atlas, line: Floats, side: Side) -> Iterator[PathSpec]:
    start, end = level_of(atlas, line[0]), level_of(atlas, line[-1])
    if side is Side.MIDLINE or start == end:
        return
    some = line[np.linspace(0, len(line) - 1, 5).round().astype(int)]
    apart = [lateral_mm(atlas, point, level_of(atlas, point)) for point in some]
    if max(apart) - min(apart) <= 3 * STEP_MM:
        middle = STEP_MM * round(float(np.mean(apart)) / STEP_MM)
        yield PathSpec.model_validate({"parallel_cm": middle / 10.0, "from": start, "to": end})


def _named(atlas: Atlas, line: Floats, side: Side) -> Iterator[PathSpec]:
    """Landmark curves and columns of processes that run where the line does."""
    names = {_sideless_name(name) for name in atlas.landmarks.curves} | set(COLUMNS)
    for name in sorted(names):
        try:
            curve = named_line(atlas, name, side)
        except UnknownName:
            continue
        yield from _stretch(atlas, curve, line, {"along": name})


def _fibres(atlas: Atlas, line: Floats, side: Side) -> Iterator[PathSpec]:
    """Fibres of the outer muscles under the line's middle."""
    seen: list[str] = []
    for hit in probe(atlas, line[len(line) // 2]):
        if hit.system is System.MUSCULAR and hit.structure not in seen:
            seen.append(hit.structure)
    for muscle in seen[:_MUSCLES_DEEP]:
        base = split_side(muscle)[0]
        for across in np.arange(0.1, 0.95, 0.1).round(2):
            curve = fibre_line(atlas, base, float(across), side)
            yield from _stretch(atlas, curve, line, {"fibres": base, "across": float(across)})


def _stretch(
    atlas: Atlas, curve: Floats, line: Floats, fields: dict[str, object]
) -> Iterator[PathSpec]:
    """Yield a path along the stretch of a curve that the line follows."""
    from scipy.spatial import cKDTree  # half a second that opening a window does not wait for

    on_skin = onto_skin(atlas, resample(curve, np.linspace(0.0, 1.0, 120))).on(atlas)
    gaps, nearest = cKDTree(on_skin).query(line)
    if float(gaps.mean()) > NEAR_MM:
        return
    begin, stop = int(nearest[0]), int(nearest[-1])
    low, high = min(begin, stop), max(begin, stop)
    if high == low:
        return
    ends = {"from": low, "to": high}
    # A stretch that reaches the curve's ends needs no sites to bound it.
    if low <= 6:
        del ends["from"]
    if high >= len(on_skin) - 7:
        del ends["to"]
    sites = {key: _sideless(words_of(atlas, on_skin[index])) for key, index in ends.items()}
    yield PathSpec.model_validate({**fields, **sites, "reverse": begin > stop})


def _between(atlas: Atlas, line: Floats, side: Side) -> PathSpec:
    """Return the way through sites, few enough to be read."""
    stops = _corners(line, NEAR_MM)
    if len(stops) > _MOST_STOPS:
        stops = list(np.linspace(0, len(line) - 1, _MOST_STOPS).round().astype(int))
    words: list[str] = []
    for index in stops:
        text = words_of(atlas, line[index])
        own = side_of(line[index])
        text = _sideless(text) if own is side else text
        if not words or words[-1] != text:
            words.append(text)
    if len(words) < 2:
        # Too near for two names: half centimetres and levels are coarser than the line.
        x, y, z = line[-1]
        words.append(f"{x:.0f},{y:.0f},{z:.0f}")
    return PathSpec(between=words)


def _corners(line: Floats, tolerance: float) -> list[int]:
    """Return the indices that keep a line within a tolerance (Douglas and Peucker 1973)."""
    start, end = line[0], line[-1]
    chord = end - start
    length = np.linalg.norm(chord)
    along = chord / length if length > 0.0 else chord
    offset = line - start
    gap = np.linalg.norm(offset - np.outer(offset @ along, along), axis=1)
    worst = int(np.argmax(gap))
    if gap[worst] <= tolerance or worst in (0, len(line) - 1):
        return [0, len(line) - 1]
    first = _corners(line[: worst + 1], tolerance)
    return [*first[:-1], *(worst + index for index in _corners(line[worst:], tolerance))]


def _apart(atlas: Atlas, spec: PathSpec, side: Side, line: Floats) -> float | None:
    """Mean distance between a line and a path on the skin, both ways; None if it can't be laid."""
    from scipy.spatial import cKDTree

    try:
        laid = lay(atlas, spec, side).on(atlas)
    except (InputError, UnknownName):
        return None
    if len(laid) < 2:
        return None
    there, back = cKDTree(laid).query(line)[0], cKDTree(line).query(laid)[0]
    return float(0.5 * (there.mean() + back.mean()))


def _in_words(spec: PathSpec, side: Side) -> str:
    where = "" if side is Side.MIDLINE else f", {side.value}"
    start, end = (spec.end, spec.start) if spec.reverse else (spec.start, spec.end)
    reach = (f" from {start}" if start else "") + (f" to {end}" if end else "")
    backward = " backward" if spec.reverse and not reach else ""
    if spec.parallel_cm is not None:
        return f"{spec.parallel_cm:g} cm beside the spine{where}{reach}"
    if spec.along is not None:
        bone, _, feature = spec.along.partition("/")
        name = f"{_plain(feature)} of the {_plain(bone)}" if feature else _plain(bone)
        return f"along the {name}{where}{reach}{backward}"
    if spec.fibres is not None:
        return f"along the fibres of {_plain(spec.fibres)}{where}{reach}{backward}"
    return f"by way of {', '.join(spec.between or ())}{where}"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _kind(spec: PathSpec) -> str:
    return next(kind for kind in _COST if getattr(spec, kind) is not None)


def _length(line: Floats) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _side(line: Floats) -> Side:
    sides = [side_of(point) for point in line]
    return max((Side.LEFT, Side.RIGHT, Side.MIDLINE), key=sides.count)


def _sideless(words: str) -> str:
    """Return a site's words without the side at their end: the stroke has it."""
    head, _, last = words.rpartition(" ")
    return head if last in ("left", "right") else words


def _sideless_name(name: str) -> str:
    head, slash, tail = name.partition("/")
    base = split_side(tail)[0] if slash else tail
    return f"{split_side(head)[0]}{slash}{base}"
