"""What the user's hands do to a view, as functions from one state to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import CameraPose, Moment
from meshes.terminology import Side
from viewer.camera import Frame, Lens, pose_of
from viewer.opening import LENS_MM, SPREAD_MM, Cut, PeelLens
from viewer.state import DEEPEST_PEEL, Note, ViewState

#: A drag across the whole picture's height turns the torso this far.
TURN_DEG = 220.0
#: Steepest view, degrees; at 90 the picture's upward direction is lost.
STEEPEST_DEG = 89.9
NEAREST, FARTHEST = 25.0, 0.3


def standing(state: ViewState, frame: Frame) -> CameraPose:
    """Return where the camera stands; the posterior view if the state does not say."""
    return pose_of("posterior", frame) if state.camera is None else state.camera


def turned(state: ViewState, frame: Frame, across: float, down: float) -> ViewState:
    """Return the state after a rotating drag.

    Parameters
    ----------
    state : ViewState
    frame : Frame
    across, down : float
        How far the pointer went, as shares of the picture's height.
    """
    pose = standing(state, frame)
    azimuth = (pose.azimuth_deg + TURN_DEG * across + 180.0) % 360.0 - 180.0
    elevation = float(np.clip(pose.elevation_deg + TURN_DEG * down, -STEEPEST_DEG, STEEPEST_DEG))
    return replace(state, camera=CameraPose(float(azimuth), elevation, pose.zoom, pose.focus))


def panned(state: ViewState, frame: Frame, lens: Lens, across: float, down: float) -> ViewState:
    """Return the state after a panning drag; the torso stays under the pointer.

    Parameters
    ----------
    state : ViewState
    frame : Frame
    lens : Lens
        The lens of the picture that is dragged.
    across, down : float
        How far the pointer went, as shares of the picture's height.
    """
    pose = standing(state, frame)
    shift = lens.height_mm * (down * lens.up - across * lens.right)
    focus = np.asarray(pose.focus, dtype=np.float64) + shift
    return replace(state, camera=CameraPose(pose.azimuth_deg, pose.elevation_deg, pose.zoom, focus))


def zoomed(state: ViewState, frame: Frame, factor: float) -> ViewState:
    """Return the state with the torso larger by a factor."""
    pose = standing(state, frame)
    zoom = float(np.clip(pose.zoom * factor, FARTHEST, NEAREST))
    return replace(state, camera=CameraPose(pose.azimuth_deg, pose.elevation_deg, zoom, pose.focus))


def seen_from(state: ViewState, frame: Frame, view: str) -> ViewState:
    """Return the state seen from a named view, at the same zoom and focus."""
    pose = standing(state, frame)
    return replace(state, camera=pose_of(view, frame, pose.zoom, pose.focus))


def reset(state: ViewState, frame: Frame) -> ViewState:
    """Return the state with the camera back at the posterior view of the whole torso."""
    return replace(state, camera=pose_of("posterior", frame))


def centred(state: ViewState, frame: Frame, place: Sequence[float]) -> ViewState:
    """Return the state with a place, mm, in the middle of the picture."""
    pose = standing(state, frame)
    focus = np.array(place, dtype=np.float64)
    return replace(state, camera=CameraPose(pose.azimuth_deg, pose.elevation_deg, pose.zoom, focus))


def looking(state: ViewState, pose: CameraPose) -> ViewState:
    """Return the state with the camera somewhere else."""
    return replace(state, camera=pose)


def peeled(state: ViewState, peel: float) -> ViewState:
    """Return the state peeled to a depth, 0 (skin) to 7 (organs)."""
    return replace(state, peel=float(np.clip(peel, 0.0, DEEPEST_PEEL)))


def one_sided(state: ViewState, side: Side | None) -> ViewState:
    """Return the state with one half peeled alone, or both."""
    return replace(state, peel_side=None if side is Side.MIDLINE else side)


def through(state: ViewState, lens: PeelLens | None) -> ViewState:
    """Return the state with a peel lens, or without; its values are kept in range."""
    if lens is not None:
        lens = replace(
            lens,
            peel=float(np.clip(lens.peel, 0.0, DEEPEST_PEEL)),
            radius_mm=float(np.clip(lens.radius_mm, *LENS_MM)),
        )
    return replace(state, lens=lens)


def cut(state: ViewState, plane: Cut | None) -> ViewState:
    """Return the state cut by a plane, or whole."""
    return replace(state, cut=plane)


def cut_moved(state: ViewState, offset_mm: float) -> ViewState:
    """Return the state with its cut moved along its normal; whole if there is none."""
    return state if state.cut is None else replace(state, cut=Cut(state.cut.normal, offset_mm))


def apart(state: ViewState, spread_mm: float) -> ViewState:
    """Return the state with neighbouring layers this far apart, mm."""
    return replace(state, spread_mm=float(np.clip(spread_mm, 0.0, SPREAD_MM)))


def named(state: ViewState, shown: bool) -> ViewState:
    """Return the state with structures named in the picture, or not."""
    return replace(state, leaders=shown)


def in_latin(state: ViewState, latin: bool) -> ViewState:
    """Return the state with the names in the picture in Latin, or in English."""
    return replace(state, latin=latin)


def without(state: ViewState, *structure_ids: str) -> ViewState:
    """Return the state with structures hidden."""
    ids = frozenset(structure_ids)
    return replace(
        state,
        hidden=state.hidden | ids,
        shown=state.shown - ids,
        isolated=state.isolated - ids,
        ghosted=state.ghosted - ids,
        highlighted=state.highlighted - ids,
    )


def revealed(state: ViewState, *structure_ids: str) -> ViewState:
    """Return the state with structures no longer hidden, nor left out of what is shown alone."""
    ids = frozenset(structure_ids)
    alone = state.isolated | ids if state.isolated else state.isolated
    return replace(state, hidden=state.hidden - ids, isolated=alone)


def only(state: ViewState, *structure_ids: str) -> ViewState:
    """Return the state with nothing but these structures."""
    ids = frozenset(structure_ids)
    return replace(state, isolated=ids, hidden=state.hidden - ids, ghosted=frozenset())


def isolated(state: ViewState, around: Iterable[str], *structure_ids: str) -> ViewState:
    """Return the state with these structures alone, and ghosts around them to know where one is.

    Parameters
    ----------
    state : ViewState
    around : iterable of str
        What is kept as a ghost: usually the bones.
    *structure_ids : str
    """
    ids = frozenset(structure_ids)
    return replace(state, isolated=ids, hidden=state.hidden - ids, ghosted=frozenset(around) - ids)


def ghost(state: ViewState, *structure_ids: str) -> ViewState:
    """Return the state with structures as ghosts, or solid again if all of them were."""
    ids = frozenset(structure_ids)
    if ids <= state.ghosted:
        return replace(state, ghosted=state.ghosted - ids)
    return replace(state, ghosted=state.ghosted | ids)


def everything(state: ViewState) -> ViewState:
    """Return the state with nothing hidden, isolated, ghosted or shown against the peel."""
    none: frozenset[str] = frozenset()
    return replace(state, shown=none, hidden=none, isolated=none, ghosted=none)


def selected(state: ViewState, structure_id: str | None) -> ViewState:
    """Return the state with one structure highlighted, or none."""
    ids = frozenset() if structure_id is None else frozenset({structure_id})
    return replace(state, highlighted=ids)


def chosen(state: ViewState, structure_ids: Iterable[str]) -> ViewState:
    """Return the state with these structures highlighted and no others."""
    return replace(state, highlighted=frozenset(structure_ids))


def gone_to(state: ViewState, layer: float, *structure_ids: str) -> ViewState:
    """Return the state in which structures can be seen: chosen, not hidden, peeled down to.

    Parameters
    ----------
    state : ViewState
    layer : float
        The outermost of their peel layers.
    *structure_ids : str
    """
    ids = frozenset(structure_ids)
    free = replace(
        state,
        hidden=state.hidden - ids,
        ghosted=state.ghosted - ids,
        isolated=state.isolated if ids <= state.isolated else frozenset(),
        highlighted=ids,
    )
    return free if free.isolated else peeled(free, layer)


def stood(state: ViewState, camera: CameraPose | None) -> ViewState:
    """Return the state seen from where a camera stands."""
    return replace(state, camera=camera)


def surfaced(
    state: ViewState, caution: tuple[Technique, Pressure] | None, surface: str | None = None
) -> ViewState:
    """Return the state whose skin shows verdicts, a map in millimetres, or neither."""
    return replace(state, caution=caution, surface=surface)


def needled(state: ViewState, point: Sequence[float] | None) -> ViewState:
    """Return the state with the needle fixed at a skin point, mm, or with none."""
    if point is None:
        return replace(state, needle=None)
    x, y, z = (round(float(value), 2) for value in point)
    return replace(state, needle=(x, y, z))


def led(state: ViewState, moment: Moment) -> ViewState:
    """Return the state as a tour shows it at a moment: camera, peel and caution are its own."""
    return replace(
        state, camera=moment.camera, peel=moment.peel, caution=moment.caution, surface=None
    )


def noted(state: ViewState, structure_id: str, text: str) -> ViewState:
    """Return the state with a note on a structure; an empty text takes the note away."""
    others = tuple(note for note in state.notes if note.structure != structure_id)
    clean = text.strip()
    return replace(state, notes=(*others, Note(structure_id, clean)) if clean else others)


def pressed_with(state: ViewState, pair: tuple[Technique, Pressure]) -> ViewState:
    """Return the state with technique and pressure chosen; a surface that is shown follows."""
    return replace(state, pair=pair, caution=None if state.caution is None else pair)
