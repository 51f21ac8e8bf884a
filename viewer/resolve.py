"""From a state and an atlas to a picture: what is drawn and how, without drawing it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from annotations.timeline import CameraPose, Contact, Trail
from meshes.atlas import Atlas
from meshes.depth import SKIN, Hit
from meshes.errors import UnknownName
from meshes.per_atlas import PerAtlas
from meshes.structure import Structure
from meshes.terminology import Side, System, TissueLayer
from viewer.camera import frame_of, pose_of
from viewer.opening import Cut, Follow, PeelLens
from viewer.peel import COVERINGS, GHOST_OPACITY, opacity_at, outermost_layer, peels_as
from viewer.state import Note, ViewState

if TYPE_CHECKING:
    from annotations.caution import CautionField
    from annotations.skin_map import SkinMap
    from meshes.catalogue import Entry

#: Below this a structure is not drawn at all.
LEAST_OPACITY = 0.02


class Look(IntEnum):
    """What a structure's surface is made to look like."""

    PLAIN = 0
    MUSCLE = 1
    BONE = 2
    FASCIA = 3
    FAT = 4
    SKIN = 5
    ORGAN = 6


@dataclass(frozen=True)
class Draw:
    """One structure in a picture.

    Attributes
    ----------
    id : str
    look : Look
    opacity : float
        Above 0, at most 1.
    emphasis : float
        0 as it is, 1 highlighted.
    layer : int
        Peel layer; inner layers are drawn before outer ones that let them through.
    kept : float
        Opacity in the half that is not peeled; the same where both are.
    lensed : float
        Opacity inside the lens; the same where there is none.
    """

    id: str
    look: Look
    opacity: float
    emphasis: float
    layer: int
    kept: float
    lensed: float

    @property
    def most(self) -> float:
        """The greatest of its opacities."""
        return max(self.opacity, self.kept, self.lensed)


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything a scene needs to draw one frame.

    Attributes
    ----------
    atlas : Atlas
    draws : tuple of Draw
        In atlas order.
    camera : CameraPose
    caution : CautionField or None
        Verdict per skin vertex, shown where the skin is drawn.
    chart : SkinMap or None
        Millimetres per skin vertex, shown instead of the verdicts.
    caution_share : float
        How far it has come up, 0..1.
    contacts, trails
        Hands and the paths behind them.
    beneath : tuple of Hit
        What lies under the hand.
    title, caption : str
    labels, levels : bool
    peel_side : Side or None
        The half that is peeled, if only one is.
    lens : PeelLens or None
        With a centre.
    cut : Cut or None
    cut_open : tuple of Draw
        What the cut lays open: also what an opaque skin covers everywhere else.
    spread_mm : float
    leaders, latin : bool
        Whether structures are named with a line to each; whether in Latin.
    notes : tuple of Note
        What the user has pinned to structures.
    peel : float or None
        The depth, if it alone says what is drawn; nothing is hidden, isolated or added.
    """

    atlas: Atlas
    draws: tuple[Draw, ...]
    camera: CameraPose
    caution: CautionField | None
    caution_share: float
    contacts: tuple[Contact, ...]
    trails: tuple[Trail, ...]
    beneath: tuple[Hit, ...]
    title: str
    caption: str
    labels: bool
    levels: bool
    chart: SkinMap | None = None
    peel_side: Side | None = None
    lens: PeelLens | None = None
    cut: Cut | None = None
    cut_open: tuple[Draw, ...] = ()
    spread_mm: float = 0.0
    leaders: bool = False
    latin: bool = False
    notes: tuple[Note, ...] = ()
    peel: float | None = None

    @property
    def ids(self) -> frozenset[str]:
        """Ids of everything that is drawn."""
        return frozenset(draw.id for draw in self.draws)

    @property
    def opened(self) -> bool:
        """Whether not all of a structure looks alike, or lies where it belongs."""
        return bool(self.peel_side or self.lens or self.cut or self.spread_mm)


def resolve(
    state: ViewState,
    atlas: Atlas,
    caution: CautionField | None = None,
    chart: SkinMap | None = None,
) -> Picture:
    """Return the picture of a state.

    Parameters
    ----------
    state : ViewState
    atlas : Atlas
    caution : CautionField, optional
        The field of ``state.caution``, computed by the caller.
    chart : SkinMap, optional
        The map of ``state.surface``, likewise; it takes the place of the caution field.

    Raises
    ------
    UnknownName
        If the state names a structure that the atlas lacks.
    """
    for group in (state.shown, state.hidden, state.isolated, state.ghosted, state.highlighted):
        for structure_id in group:
            if structure_id not in atlas:
                raise UnknownName(f"structure in atlas {atlas.name!r}", structure_id, atlas)
    lens = _lens(state)
    camera = state.camera or pose_of("posterior", frame_of(atlas))
    title = state.title or outermost_layer(state.peel).title
    return Picture(
        atlas=atlas,
        draws=_draws(state, atlas, lens, covered=True),
        camera=camera,
        caution=caution if state.caution is not None and state.surface is None else None,
        chart=chart if state.surface is not None else None,
        caution_share=state.caution_share,
        contacts=state.contacts,
        trails=state.trails,
        beneath=state.beneath,
        title=title,
        caption=state.caption,
        labels=state.labels,
        levels=state.levels,
        peel_side=_half(state),
        lens=lens,
        cut=state.cut,
        cut_open=() if state.cut is None else _draws(state, atlas, lens, covered=False),
        spread_mm=state.spread_mm,
        leaders=state.leaders,
        latin=state.latin,
        notes=state.notes,
        peel=None if state.chosen else state.peel,
    )


def _emphasis(state: ViewState, structure_id: str) -> float:
    """1 for what is highlighted; a tint over verdicts or millimetres would change their colours."""
    if structure_id == SKIN and (state.caution is not None or state.surface is not None):
        return 0.0
    return 1.0 if structure_id in state.highlighted else 0.0


def look_of(structure: Structure) -> Look:
    """Return the look of a structure from its system and layer."""
    if structure.system is System.INTEGUMENTARY:
        return Look.SKIN if structure.layer is TissueLayer.SKIN else Look.FAT
    if structure.system is System.MUSCULAR:
        return Look.MUSCLE
    if structure.system is System.FASCIAL or structure.entry.base.endswith("ligament"):
        return Look.FASCIA
    if structure.system in (System.SKELETAL, System.ARTICULAR):
        return Look.BONE
    return Look.ORGAN if structure.system is System.VISCERAL else Look.PLAIN


def _half(state: ViewState) -> Side | None:
    """Return the half that is peeled alone; there is none in the middle."""
    return None if state.peel_side is Side.MIDLINE else state.peel_side


def _lens(state: ViewState) -> PeelLens | None:
    """Return the lens where it is now; one that follows the hand is on the first contact."""
    lens = state.lens
    if lens is not None and lens.follows is Follow.HAND:
        lens = lens.at(state.contacts[0].position if state.contacts else None)
    return None if lens is None or lens.centre is None else lens


def _draws(
    state: ViewState, atlas: Atlas, lens: PeelLens | None, *, covered: bool
) -> tuple[Draw, ...]:
    """Return what is drawn, with or without regard to what an opaque skin hides."""
    roster = _ROSTERS(atlas)

    def at(peel: float) -> dict[str, float]:
        # On the face of a cut pleura hides nothing: it is a line there.
        by_kind = [
            1.0 if not covered and entry.base in COVERINGS else opacity_at(entry, peel)
            for entry in roster.kinds
        ]
        if state.chosen:
            result = {row.id: _opacity(state, row.id, by_kind[row.kind]) for row in roster.rows}
        else:
            result = {row.id: by_kind[row.kind] for row in roster.rows}
        if covered:
            _cover(state, roster, peel, result)
        return result

    opacity = at(state.peel)
    kept = opacity if _half(state) is None else at(0.0)
    lensed = opacity if lens is None else at(lens.peel)
    return tuple(
        Draw(
            id=row.id,
            look=row.look,
            opacity=opacity[row.id],
            emphasis=_emphasis(state, row.id),
            layer=row.layer,
            kept=kept[row.id],
            lensed=lensed[row.id],
        )
        for row in roster.rows
        if max(opacity[row.id], kept[row.id], lensed[row.id]) > LEAST_OPACITY
    )


def _opacity(state: ViewState, name: str, peeled: float) -> float:
    """Return the opacity of a structure that the peel alone would give ``peeled``."""
    if name in state.hidden:
        return 0.0
    if state.isolated:
        value = 1.0 if name in state.isolated else 0.0
        return GHOST_OPACITY if name in state.ghosted else value
    if name in state.ghosted:
        return GHOST_OPACITY
    return 1.0 if name in state.shown else peeled


def _cover(state: ViewState, roster: _Roster, peel: float, opacity: dict[str, float]) -> None:
    """Leave out what an opaque skin or fat hides, and what would stick out of them.

    Limb bones that an atlas has in full reach out of the skin's clean ends; they come up while
    the fat goes.
    """
    # Layers that are drawn apart cover nothing.
    if "skin" not in opacity or state.isolated or state.spread_mm > 0.0:
        return
    asked = state.shown | state.ghosted | state.highlighted
    for cover in ("skin", "subcutaneous_fat"):
        if opacity.get(cover, 0.0) >= 1.0:
            for name in opacity:
                if name != cover and name not in asked:
                    opacity[name] = 0.0
            return
    if opacity["skin"] <= 0.0 and opacity.get("subcutaneous_fat", 0.0) <= 0.0:
        return
    share = min(max(peel - TissueLayer.SUBCUTANEOUS, 0.0), 1.0)
    for name in roster.reaching - asked:
        opacity[name] *= share


class _Row(NamedTuple):
    """What of a structure no state changes."""

    id: str
    look: Look
    layer: int
    kind: int


class _Roster(NamedTuple):
    """What of an atlas no state changes, so that a peel slider need not ask for it anew.

    Attributes
    ----------
    rows : tuple of _Row
    kinds : tuple of Entry
        One of each kind that fades together; rows index them.
    reaching : frozenset of str
        Structures that reach out of the skin's box.
    """

    rows: tuple[_Row, ...]
    kinds: tuple[Entry, ...]
    reaching: frozenset[str]


def _roster(atlas: Atlas) -> _Roster:
    kinds: dict[tuple[int, bool, bool], int] = {}
    entries: list[Entry] = []
    rows, reaching = [], []
    low, high = atlas[SKIN].surface.bounds if SKIN in atlas else (-np.inf, np.inf)
    for item in atlas.structures.values():
        kind = kinds.setdefault(peels_as(item.entry), len(kinds))
        if kind == len(entries):
            entries.append(item.entry)
        rows.append(_Row(item.id, look_of(item), int(item.layer), kind))
        bounds = item.surface.bounds
        outside = np.any(bounds[0] < low) or np.any(bounds[1] > high)
        if outside and item.system is not System.INTEGUMENTARY:
            reaching.append(item.id)
    return _Roster(tuple(rows), tuple(entries), frozenset(reaching))


_ROSTERS: PerAtlas[_Roster] = PerAtlas(_roster)
