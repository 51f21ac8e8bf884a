"""Names of structures in the margins of a picture, each with a line to a place that is seen.

Boundary labelling with straight leaders: two columns, the places shared out by a vertical line,
heights settled in the order of the places, and lines that cross exchanged until none do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.structure import Structure
from meshes.terminology import Side
from viewer.camera import Lens
from viewer.lettering import shortened, width
from viewer.marks import Block, Mark, Stroke, Words
from viewer.palette import INK
from viewer.resolve import Picture
from viewer.section_names import Named, readable, without_crossings
from viewer.section_tissue import PAPER
from viewer.seen_grid import SeenGrid, seen_grid

#: Names of their own accord, at most; and cells of the grid that one has to be seen in.
MOST_NAMES, LEAST_CELLS = 22, 5
#: So many names are shared out to both columns, wherever the torso stands.
_MANY = 6
#: Where more of what is seen than this share lies in one margin, no names stand there.
_MARGINAL = 0.4
#: A column is no wider than this share of the picture.
_WIDEST = 0.26
_SIDES = {Side.LEFT: "sin.", Side.RIGHT: "dex."}


@dataclass(frozen=True)
class Site(Named):
    """A text and the place in the picture that its line ends on.

    Attributes
    ----------
    name : str
        The text.
    x, y : float
        Pixels.
    structure : str
        Structure id.
    note : bool
        Whether the user has written it.
    """

    structure: str = ""
    note: bool = False


@dataclass(frozen=True)
class Column:
    """A column of texts.

    Attributes
    ----------
    edge : float
        Where the texts end and the lines begin, pixels.
    top, bottom : float
        Middles of its first and last line, pixels.
    """

    edge: float
    top: float
    bottom: float

    def room(self, apart: float) -> int:
        """Return how many lines it holds."""
        return max(int((self.bottom - self.top) / apart) + 1, 0) if self.bottom > self.top else 0


@dataclass(frozen=True)
class Leader:
    """A text in a column and the line from it.

    Attributes
    ----------
    site : Site
    x, y : float
        Where the line begins, pixels.
    left : bool
        Whether it stands in the left column.
    """

    site: Site
    x: float
    y: float
    left: bool


def name_of(structure: Structure, *, latin: bool = False, sided: bool = True) -> str:
    """Return what a structure is called in a picture.

    Parameters
    ----------
    structure : Structure
    latin : bool
        The Latin name, if it has one.
    sided : bool
        Whether the side is said.
    """
    entry = structure.entry
    if latin and entry.latin:
        side = _SIDES.get(structure.side) if sided else None
        return readable(entry.latin) + (f" {side}" if side else "")
    return readable(entry.name if sided else entry.english)


def laid_out(sites: Sequence[Site], left: Column, right: Column, apart: float) -> list[Leader]:
    """Return where each text stands; what there is no room for is left out, from the end.

    Parameters
    ----------
    sites : sequence of Site
        The most important first.
    left, right : Column
    apart : float
        Distance between two lines of a column, pixels.
    """
    room = left.room(apart), right.room(apart)
    kept = sorted(sites[: sum(room)], key=lambda site: (site.x, site.y))
    middle = (left.edge + right.edge) / 2.0
    wanted = sum(site.x < middle for site in kept)
    if len(kept) >= _MANY:
        wanted = min(max(wanted, len(kept) // 3), len(kept) - len(kept) // 3)
    # Shared out by a vertical line, lines of one column never meet those of the other.
    split = min(max(wanted, len(kept) - room[1]), room[0])
    leaders = []
    for column, part in ((left, kept[:split]), (right, kept[split:])):
        inside = (column.top, column.bottom)
        for site, y in without_crossings(part, column.edge, apart, inside):
            leaders.append(Leader(site, column.edge, y, column is left))
    return leaders


def sites_of(picture: Picture, grid: SeenGrid, band: tuple[float, float]) -> list[Site]:
    """Return what is named and where it is seen: notes, then the selected, else the largest.

    What has a note is named by that; no structure has two lines.

    Parameters
    ----------
    picture : Picture
    grid : SeenGrid
        Of this picture.
    band : tuple of float
        Lines end between these, x in pixels.
    """
    owner = np.where((grid.x > band[0]) & (grid.x < band[1]), grid.owner, -1)
    cells = dict(zip(*np.unique(owner[owner >= 0], return_counts=True), strict=True))
    area = {grid.names[int(index)]: int(count) for index, count in cells.items()}

    def site(structure_id: str, text: str, *, note: bool = False) -> Site:
        x, y = _middle(grid, owner == grid.names.index(structure_id))
        return Site(text, x, y, structure_id, note)

    atlas, latin = picture.atlas, picture.latin
    found, noted = [], set()
    for note in picture.notes:
        if note.structure in area:
            text = f"“{' '.join(note.text.split())}”"
            if picture.leaders:
                # The name comes last: where there is no room for both the note is read.
                name = name_of(atlas[note.structure], latin=latin, sided=False)
                text = f"{text} · {name}"
            found.append(site(note.structure, text, note=True))
            noted.add(note.structure)
    if not picture.leaders:
        return found
    selected = [draw.id for draw in picture.draws if draw.emphasis > 0.0 and draw.id in area]
    if selected:
        selected.sort(key=lambda name: -area[name])
        rest = [name for name in selected if name not in noted]
        return found + [site(name, name_of(atlas[name], latin=latin)) for name in rest]
    groups: dict[str, list[str]] = {}
    for name in sorted(area, key=lambda name: (-area[name], name)):
        if area[name] >= LEAST_CELLS:
            text = name_of(atlas[name], latin=latin, sided=False)
            groups.setdefault(text, []).append(name)
    # The other of a pair goes unnamed then, as it does beside a name.
    groups = {text: names for text, names in groups.items() if noted.isdisjoint(names[:2])}
    chosen = dict(list(groups.items())[:MOST_NAMES])
    return found + _balanced(
        [[site(name, text) for name in names[:2]] for text, names in chosen.items()],
        (band[0] + band[1]) / 2.0,
    )


def _balanced(groups: list[list[Site]], middle: float) -> list[Site]:
    """Name each pair once, on the side that has fewer names so far going down the picture."""
    chosen: dict[int, Site] = {}
    balance = sum(1 if pair[0].x < middle else -1 for pair in groups if len(pair) == 1)
    lone = [index for index, pair in enumerate(groups) if len(pair) == 1]
    for index in lone:
        chosen[index] = groups[index][0]
    pairs = [index for index, pair in enumerate(groups) if len(pair) > 1]
    for index in sorted(pairs, key=lambda index: groups[index][0].y):
        first, last = sorted(groups[index], key=lambda site: site.x)
        chosen[index] = first if balance <= 0 else last
        balance += 1 if chosen[index].x < middle else -1
    return [chosen[index] for index in range(len(groups))]


def _middle(grid: SeenGrid, mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the middle of the cell farthest from the mask's border, pixels."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return float(grid.x[column]), float(grid.y[row])


def leaders_of(
    picture: Picture, lens: Lens, size: tuple[int, int], base: float
) -> tuple[list[Leader], float]:
    """Return the leaders of a picture and the size of their letters, pixels.

    Parameters
    ----------
    picture : Picture
    lens : Lens
        The camera it is drawn with.
    size : tuple of int
        Width and height, pixels.
    base : float
        Body height of ordinary text, pixels.
    """
    letter = max(0.74 * base, 7.0)
    grid = seen_grid(picture, lens, size)
    column, sites = 0.0, sites_of(picture, grid, (0.0, float(size[0])))
    while sites:
        wide = max(width(site.name, letter, bold=site.note) for site in sites)
        column = max(column, min(wide, _WIDEST * size[0]))
        left, right = _columns(picture, grid, size, (base, letter, column))
        # Lines end between the columns, where other names may then come first.
        sites = sites_of(picture, grid, (left.edge + letter, right.edge - letter))
        longest = max((width(site.name, letter, bold=site.note) for site in sites), default=0.0)
        if longest <= column or column >= _WIDEST * size[0]:
            return laid_out(sites, left, right, 1.55 * letter), letter
    return [], letter


def _columns(
    picture: Picture, grid: SeenGrid, size: tuple[int, int], lengths: tuple[float, float, float]
) -> tuple[Column, Column]:
    """Return the columns: in the margins, but no farther from the torso than need be."""
    base, letter, column = lengths
    # The letters of the sides stand at the margin.
    outside = 2.7 * base + column + 0.5 * letter
    seen = grid.x[(grid.owner >= 0).any(axis=0)]
    near = 4.0 * letter
    left = Column(
        max(outside, float(seen[0]) - near), 7.6 * base, _bottom(picture, size, base, left=True)
    )
    right = Column(
        min(_right_end(picture, size) - outside, float(seen[-1]) + near),
        _right_top(picture, base),
        _bottom(picture, size, base, left=False),
    )
    # What stands in one margin is named from the other.
    cells = (grid.owner >= 0).sum(axis=0)
    if cells[grid.x < left.edge].sum() > _MARGINAL * cells.sum():
        left = Column(0.0, 1.0, 0.0)
    elif cells[grid.x > right.edge].sum() > _MARGINAL * cells.sum():
        right = Column(_right_end(picture, size), 1.0, 0.0)
    return left, right


def _right_end(picture: Picture, size: tuple[int, int]) -> float:
    """Return where the right column ends: before the column of what lies beneath."""
    wide = size[0] > 1.3 * size[1]
    return 0.75 * size[0] if picture.beneath and picture.labels and wide else float(size[0])


def _right_top(picture: Picture, base: float) -> float:
    legend = picture.labels and (picture.caution is not None or picture.chart is not None)
    return (13.0 if legend else 7.6) * base


def _bottom(picture: Picture, size: tuple[int, int], base: float, *, left: bool) -> float:
    caption = bool(picture.caption) and picture.labels
    if caption and size[0] > 1.3 * size[1]:
        return 0.56 * size[1] if left else size[1] - 3.4 * base
    return size[1] - (7.0 if caption else 3.4) * base


def leader_marks(picture: Picture, lens: Lens, size: tuple[int, int], base: float) -> list[Mark]:
    """Return the names of a picture and their lines as marks."""
    leaders, letter = leaders_of(picture, lens, size, base)
    if not leaders:
        return []
    thick, dot = max(1.0, 0.055 * base), max(2.0, 0.13 * base)
    column = max(width(one.site.name, letter, bold=one.site.note) for one in leaders)
    column = min(column, _WIDEST * size[0])
    lines: list[Mark] = []
    words: list[Mark] = []
    for leader in leaders:
        site, way = leader.site, 1.0 if leader.left else -1.0
        text = shortened(site.name, letter, column, bold=site.note)
        lines.append(Stroke(leader.x + 0.1 * way * letter, leader.y, site.x, site.y, thick))
        lines.append(Block(site.x - dot - 1, site.y - dot - 1, 2 * dot + 2, 2 * dot + 2, PAPER))
        lines.append(Block(site.x - dot, site.y - dot, 2 * dot, 2 * dot, INK))
        words.append(
            Words(text, leader.x - 0.3 * way * letter, leader.y, letter,
                  "rm" if leader.left else "lm", bold=site.note, plate=site.note)
        )  # fmt: skip
    return lines + words
