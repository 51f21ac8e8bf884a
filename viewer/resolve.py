"""From a state and an atlas to a picture: what is drawn and how, without drawing it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from annotations.timeline import CameraPose, Contact, Trail
from meshes.atlas import Atlas
from meshes.depth import Hit
from meshes.errors import UnknownName
from meshes.structure import Structure
from meshes.terminology import Side, System, TissueLayer
from viewer.camera import frame_of, pose_of
from viewer.peel import GHOST_OPACITY, opacity_at, outermost_layer
from viewer.state import ViewState

if TYPE_CHECKING:
    from annotations.caution import CautionField
    from annotations.skin_map import SkinMap

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
    """

    id: str
    look: Look
    opacity: float
    emphasis: float
    layer: int


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

    @property
    def ids(self) -> frozenset[str]:
        """Ids of everything that is drawn."""
        return frozenset(draw.id for draw in self.draws)


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
    opacity = {item.id: _opacity(state, item) for item in atlas.structures.values()}
    _cover(state, atlas, opacity)
    draws = tuple(
        Draw(
            item.id,
            look_of(item),
            opacity[item.id],
            1.0 if item.id in state.highlighted else 0.0,
            int(item.layer),
        )
        for item in atlas.structures.values()
        if opacity[item.id] > LEAST_OPACITY
    )
    camera = state.camera or pose_of("posterior", frame_of(atlas))
    title = state.title or outermost_layer(state.peel).title
    return Picture(
        atlas=atlas,
        draws=draws,
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
    )


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


def _opacity(state: ViewState, structure: Structure) -> float:
    name = structure.id
    if name in state.hidden:
        return 0.0
    if state.isolated:
        value = 1.0 if name in state.isolated else 0.0
        return GHOST_OPACITY if name in state.ghosted else value
    if name in state.ghosted:
        return GHOST_OPACITY
    if name in state.shown:
        return 1.0
    peeled = state.peel_side is None or structure.side in (state.peel_side, Side.MIDLINE)
    # On the side that is not peeled the skin, being one piece, goes all the same.
    depth = state.peel if peeled else min(state.peel, float(TissueLayer.SUPERFICIAL_MUSCLE))
    return opacity_at(structure.entry, depth)


def _cover(state: ViewState, atlas: Atlas, opacity: dict[str, float]) -> None:
    """Leave out what an opaque skin or fat hides, and what would stick out of them.

    Limb bones that an atlas has in full reach out of the skin's clean ends; they come up while
    the fat goes.
    """
    if "skin" not in atlas or state.isolated:
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
    share = min(max(state.peel - TissueLayer.SUBCUTANEOUS, 0.0), 1.0)
    low, high = atlas["skin"].surface.bounds
    for item in atlas.structures.values():
        if item.id in asked or item.system is System.INTEGUMENTARY:
            continue
        bounds = item.surface.bounds
        if np.any(bounds[0] < low) or np.any(bounds[1] > high):
            opacity[item.id] *= share
