"""What the user wants to see, as plain data; undo and saved scenes are lists of these."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import CameraPose, Contact, Moment, Trail
from meshes.depth import Hit
from meshes.terminology import Side
from viewer.opening import Cut, Follow, PeelLens

DEEPEST_PEEL = 7.0


@dataclass(frozen=True)
class Note:
    """A text that the user has pinned to a structure.

    Attributes
    ----------
    structure : str
        Structure id.
    text : str
    """

    structure: str
    text: str


@dataclass(frozen=True, eq=False)
class ViewState:
    """One state of the view.

    Attributes
    ----------
    peel : float
        0 (skin) to 7 (organs); between whole numbers the outer layer fades.
    peel_side : Side or None
        Peel this half only (the other keeps its skin); None peels both.
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
    pair : (Technique, Pressure) or None
        What the user has chosen to press with, whether its surface is shown or not.
    surface : str or None
        Millimetres shown on the skin instead of the caution surface: a name of
        ``annotations.skin_map.MAPS`` (``padding``, ``kidney_window``).
    caution_share : float
        How far the caution surface (or the map) has come up, 0..1.
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
    needle : tuple of float, or None
        Skin point, mm, at which the needle is fixed; its column then stays.
    notes : tuple of Note
        What the user has written, pinned to structures.
    lens : PeelLens or None
        A round window through which a deeper layer is seen.
    cut : Cut or None
        A plane; what lies beyond it is taken away and the cut is filled.
    spread_mm : float
        How far neighbouring layers are drawn apart.
    leaders : bool
        Whether structures are named in the picture: the highlighted ones, else the largest.
    latin : bool
        Whether those names are the Latin ones.
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
    surface: str | None = None
    caution_share: float = 1.0
    contacts: tuple[Contact, ...] = ()
    trails: tuple[Trail, ...] = ()
    beneath: tuple[Hit, ...] = ()
    caption: str = ""
    title: str = ""
    labels: bool = True
    levels: bool = False
    needle: tuple[float, float, float] | None = None
    notes: tuple[Note, ...] = ()
    lens: PeelLens | None = None
    cut: Cut | None = None
    spread_mm: float = 0.0
    leaders: bool = False
    latin: bool = False
    pair: tuple[Technique, Pressure] | None = None

    @property
    def chosen(self) -> bool:
        """Whether anything but the peel depth says what is drawn."""
        return bool(self.shown or self.hidden or self.isolated or self.ghosted)

    def same_as(self, other: ViewState) -> bool:
        """Whether both states show the same; cameras are compared by where they stand.

        States have no ``==`` because hands and cameras hold arrays.
        """
        return all(
            _same(getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        )

    @classmethod
    def at(cls, moment: Moment, *, title: str = "") -> ViewState:
        """Return the state that shows a moment of a timeline."""
        window = moment.window
        lens = None
        if window is not None:
            lens = PeelLens(window.peel, window.radius_mm, Follow.HAND)
        return cls(
            peel=moment.peel,
            camera=moment.camera,
            caution=moment.caution,
            contacts=moment.contacts,
            trails=moment.trails,
            beneath=moment.beneath,
            caption=moment.caption,
            title=title or moment.stroke,
            lens=lens,
        )


def _same(one: object, other: object) -> bool:
    if isinstance(one, CameraPose) and isinstance(other, CameraPose):
        return (
            one.azimuth_deg == other.azimuth_deg
            and one.elevation_deg == other.elevation_deg
            and one.zoom == other.zoom
            and bool(np.array_equal(one.focus, other.focus))
        )
    return one is other or bool(one == other)
