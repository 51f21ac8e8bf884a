"""Splitting a mesh that holds both sides of the body into left, right and what is neither."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from meshes.readers.mend import Mesh, components, face_areas, pick, rim
from meshes.readers.plane import Plane, cut
from meshes.terminology import Side

_MEDIAN = Plane((1.0, 0.0, 0.0), 0.0)
_CRUMB_FACES = 24
_SHEET_SHARE = 0.05  # open edges per face: a closed muscle has none, a fascia sheet 8 to 25 %
_ON_MIDLINE = 0.9  # a piece with less than this share of its area on one side is cut
_PARTNER_MM = 6.0
_PARTNER_AREA = 0.1
_TWIN_MM = 2.0
_TWIN_AREA = 0.06


@dataclass(frozen=True, eq=False)
class Piece:
    """One connected piece of a mesh with what tells muscle from sheet and crumb.

    Attributes
    ----------
    mesh : Mesh
    area : float
        mm^2.
    centre : ndarray, shape (3,)
        Area-weighted centre, mm.
    left_share : float
        Share of the area at x > 0.
    open_share : float
        Open edges per face.
    drawn : int
        Number of the piece in the source; both halves of a piece that was cut keep it.
    """

    mesh: Mesh
    area: float
    centre: NDArray[np.float64]
    left_share: float
    open_share: float
    drawn: int = 0

    @property
    def is_crumb(self) -> bool:
        """A handful of triangles that the artist left behind."""
        return len(self.mesh.faces) <= _CRUMB_FACES

    @property
    def is_sheet(self) -> bool:
        """An open sheet rather than a closed body."""
        return self.open_share >= _SHEET_SHARE

    @property
    def crosses(self) -> bool:
        """Whether it spans the median plane."""
        return 1.0 - _ON_MIDLINE < self.left_share < _ON_MIDLINE

    @property
    def side(self) -> Side:
        """The side that most of its area lies on."""
        return Side.LEFT if self.left_share > 0.5 else Side.RIGHT

    def has_partner(self, others: list[Piece]) -> bool:
        """Whether one of ``others`` is its mirror image in place and size."""
        mirrored = self.centre * np.array([-1.0, 1.0, 1.0])
        return any(other.lies_at(mirrored, self.area, _PARTNER_MM) for other in others)

    def lies_at(self, centre: NDArray[np.float64], area: float, reach_mm: float) -> bool:
        """Whether it has this centre and nearly this area."""
        away = float(np.linalg.norm(self.centre - centre))
        share = _PARTNER_AREA if reach_mm > _TWIN_MM else _TWIN_AREA
        return away < reach_mm and abs(self.area - area) < share * area

    def described(self) -> str:
        """Size and place, for a report."""
        at = ", ".join(f"{value:.0f}" for value in self.centre)
        return f"{len(self.mesh.faces)} triangles at ({at})"


@dataclass(frozen=True, eq=False)
class Sides:
    """Pieces by side, and what was left out with the reason.

    Attributes
    ----------
    pieces : dict of Side to list of Piece
    left_out : list of str
        One clause per piece that is no part of the muscle.
    """

    pieces: dict[Side, list[Piece]]
    left_out: list[str] = field(default_factory=list)


def pieces_of(mesh: Mesh) -> list[Piece]:
    """Return the connected pieces of a mesh, largest first."""
    label = components(mesh)
    count = int(label.max()) + 1 if len(label) else 0
    found = [_measured(pick(mesh, label == number), number) for number in range(count)]
    return sorted(found, key=lambda piece: -piece.area)


def _measured(mesh: Mesh, drawn: int) -> Piece:
    areas = face_areas(mesh)
    centres = mesh.vertices[mesh.faces].mean(axis=1)
    total = float(areas.sum())
    weight = areas / total if total > 0.0 else np.full(len(areas), 1.0 / len(areas))
    return Piece(
        mesh,
        total,
        weight @ centres,
        float(weight[centres[:, 0] > 0.0].sum()),
        len(rim(mesh)) / len(mesh.faces),
        drawn,
    )


def split_sides(mesh: Mesh, *, keep_sheets: bool = False, keep_single: bool = False) -> Sides:
    """Split a mesh at the median plane x = 0.

    Pieces that lie on one side go there; pieces that span the plane are cut and capped. Open
    sheets, crumbs, and pieces without a counterpart on the other side (fascia drawn once to show
    it, strays of another part of the body) are left out and named.

    Parameters
    ----------
    mesh : Mesh
        Welded, mm, LPS.
    keep_sheets, keep_single : bool
        Keep open sheets, or pieces that only one side has.
    """
    found = pieces_of(mesh)
    sides = Sides({Side.LEFT: [], Side.RIGHT: []})
    for piece in found:
        if piece.is_crumb:
            sides.left_out.append(f"crumb, {piece.described()}")
        elif piece.is_sheet and not keep_sheets:
            sides.left_out.append(f"open fascia sheet, {piece.described()}")
        elif piece.crosses:
            for side, half in zip((Side.LEFT, Side.RIGHT), cut(piece.mesh, _MEDIAN), strict=True):
                sides.pieces[side].append(_measured(half, piece.drawn))
        elif not keep_single and not piece.has_partner(found):
            sides.left_out.append(f"stray without a counterpart, {piece.described()}")
        else:
            _add(sides, piece)
    return sides


def _add(sides: Sides, piece: Piece) -> None:
    """Add a piece to its side; of two drawings of one shape the finer stays."""
    mine = sides.pieces[piece.side]
    for index, other in enumerate(mine):
        if other.lies_at(piece.centre, piece.area, _TWIN_MM):
            finer, coarser = sorted((piece, other), key=lambda one: -len(one.mesh.faces))
            mine[index] = finer
            sides.left_out.append(f"second, coarser drawing of the same, {coarser.described()}")
            return
    mine.append(piece)
