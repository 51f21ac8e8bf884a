"""What the user wants to see, as plain data; undo and saved scenes are lists of these."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import CameraPose, Contact, Moment, Trail
from meshes.depth import Hit
from meshes.terminology import Side

DEEPEST_PEEL = 7.0


@dataclass(frozen=True, eq=False)
class ViewState:
    """One state of the view.

    Attributes
    ----------
    peel : float
        0 (skin) to 7 (organs); between whole numbers the outer layer fades.
    peel_side : Side or None
        Peel this side only (the other keeps its skin's layer); None peels both.
    camera : CameraPose or None
        None is the posterior view of the whole torso.
    shown : frozenset of str
        Ids shown even where the peel hides them.
    hidden : frozenset of str
        Ids never shown.
    isolated : frozenset of str
        If not empty, only these are shown.
    ghosted : frozenset of str
        Ids shown as a ghost.
    highlighted : frozenset of str
        Ids drawn brighter (the one under the pointer, the ones found by a search).
    caution : (Technique, Pressure) or None
        Pair whose caution surface is shown on the skin.
    caution_share : float
        How far the caution surface has come up, 0..1.
    contacts, trails
        Hands on the skin now and the paths behind them.
    beneath : tuple of Hit
        What lies under the hand, shown as a column.
    caption, title : str
        Text below and above.
    labels : bool
        Whether text is drawn at all; the side marker and the credits stay.
    levels : bool
        Whether vertebral levels are named beside the spine.
    """

    peel: float = 0.0
    peel_side: Side | None = None
    camera: CameraPose | None = None
    shown: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    isolated: frozenset[str] = frozenset()
    ghosted: frozenset[str] = frozenset()
    highlighted: frozenset[str] = frozenset()
    caution: tuple[Technique, Pressure] | None = None
    caution_share: float = 1.0
    contacts: tuple[Contact, ...] = ()
    trails: tuple[Trail, ...] = ()
    beneath: tuple[Hit, ...] = ()
    caption: str = ""
    title: str = ""
    labels: bool = True
    levels: bool = False

    @classmethod
    def at(cls, moment: Moment, *, title: str = "") -> ViewState:
        """Return the state that shows a moment of a timeline."""
        return cls(
            peel=moment.peel,
            camera=moment.camera,
            caution=moment.caution,
            contacts=moment.contacts,
            trails=moment.trails,
            beneath=moment.beneath,
            caption=moment.caption,
            title=title or moment.stroke,
        )
