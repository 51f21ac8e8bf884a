"""One clock for strokes, camera, peel, caution surfaces and captions, as plain data.

A :class:`Timeline` holds arrays and keyframes only; :meth:`Timeline.sample` is pure and cheap,
so that a window, a video and a web export draw the same moment from the same numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from annotations.passage import Contact, Passage, Trail, Vector, Window, ease
from annotations.pressure import Pressure
from annotations.technique import Technique

if TYPE_CHECKING:
    from meshes.depth import Hit

__all__ = [
    "CameraPose",
    "Caption",
    "Contact",
    "Key",
    "Mark",
    "Moment",
    "Pair",
    "Passage",
    "Timeline",
    "Trail",
    "Vector",
    "Window",
    "ease",
]

Pair = tuple[Technique, Pressure]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class CameraPose:
    """Where the camera stands.

    Attributes
    ----------
    azimuth_deg : float
        0 looks from behind (posterior view), +90 from the subject's left.
    elevation_deg : float
        Above the horizontal.
    zoom : float
        1 shows the whole torso; 2 shows half of it.
    focus : ndarray, shape (3,)
        What the camera looks at, mm.
    """

    azimuth_deg: float
    elevation_deg: float
    zoom: float
    focus: Vector


@dataclass(frozen=True, eq=False)
class Moment:
    """Everything a renderer needs at one time and nothing more.

    Attributes
    ----------
    t : float
        Seconds.
    contacts, trails
        Hands on the skin, and the paths behind them.
    caption, stroke : str
    peel : float
    camera : CameraPose
    caution : Pair or None
    beneath : tuple of Hit
        What lies under the first hand now, outermost first, in mm.
    window : Window or None
        Open under the first hand.
    """

    t: float
    contacts: tuple[Contact, ...]
    trails: tuple[Trail, ...]
    caption: str
    stroke: str
    peel: float
    camera: CameraPose
    caution: Pair | None
    beneath: tuple[Hit, ...]
    window: Window | None = None


@dataclass(frozen=True, eq=False)
class Key(Generic[T]):
    """A value that a track has reached at a time."""

    t: float
    value: T


@dataclass(frozen=True)
class Caption:
    """A line of text shown from ``start_s`` to ``end_s``."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class Mark:
    """A named time, for jumping to."""

    t: float
    title: str


@dataclass(frozen=True, eq=False)
class Timeline:
    """Strokes, camera, peel, caution and captions on one clock.

    Attributes
    ----------
    duration_s : float
    camera : tuple of Key
        Keyframes with smooth easing between; at least one.
    peel : tuple of Key
        Likewise, 0 (skin) to 7 (organs).
    caution : tuple of Key
        The pair whose caution surface is shown from that time on, or None.
    captions : tuple of Caption
    passages : tuple of Passage
    marks : tuple of Mark
    title : str
    trail_s : float
        How long a trail stays.
    """

    duration_s: float
    camera: tuple[Key[CameraPose], ...]
    peel: tuple[Key[float], ...]
    caution: tuple[Key[Pair | None], ...] = ()
    captions: tuple[Caption, ...] = ()
    passages: tuple[Passage, ...] = ()
    marks: tuple[Mark, ...] = ()
    title: str = ""
    trail_s: float = field(default=4.0)

    def camera_at(self, t: float) -> CameraPose:
        """Return where the camera stands at ``t`` seconds; what ``sample`` gives, alone."""
        return _camera_at(self.camera, float(np.clip(t, 0.0, self.duration_s)))

    def sample(self, t: float) -> Moment:
        """Return the moment at ``t`` seconds; times outside are taken to the nearest end."""
        now = float(np.clip(t, 0.0, self.duration_s))
        active = [item for item in self.passages if item.start_s <= now <= item.end_s]
        trails = [item.trail(now, self.trail_s) for item in self.passages]
        return Moment(
            t=now,
            contacts=tuple(item.at(now) for item in active),
            trails=tuple(trail for trail in trails if trail is not None),
            caption=_caption_at(self.captions, now),
            stroke=active[0].stroke if active else "",
            peel=_peel_at(self.peel, now),
            camera=_camera_at(self.camera, now),
            caution=_last(self.caution, now),
            beneath=active[0].beneath_at(now) if active else (),
            window=active[0].window_at(now) if active else None,
        )


def _bracket(keys: tuple[Key[T], ...], t: float) -> tuple[T, T, float]:
    index = bisect_right([key.t for key in keys], t) - 1
    if index < 0:
        return keys[0].value, keys[0].value, 0.0
    if index + 1 >= len(keys):
        return keys[-1].value, keys[-1].value, 0.0
    before, after = keys[index], keys[index + 1]
    span = after.t - before.t
    return before.value, after.value, ease((t - before.t) / span if span > 0.0 else 1.0)


def _peel_at(keys: tuple[Key[float], ...], t: float) -> float:
    before, after, share = _bracket(keys, t)
    return before + (after - before) * share


def _camera_at(keys: tuple[Key[CameraPose], ...], t: float) -> CameraPose:
    before, after, share = _bracket(keys, t)
    mix = 1.0 - share
    return CameraPose(
        before.azimuth_deg * mix + after.azimuth_deg * share,
        before.elevation_deg * mix + after.elevation_deg * share,
        float(np.exp(np.log(before.zoom) * mix + np.log(after.zoom) * share)),
        before.focus * mix + after.focus * share,
    )


def _last(keys: tuple[Key[Pair | None], ...], t: float) -> Pair | None:
    index = bisect_right([key.t for key in keys], t) - 1
    return keys[index].value if index >= 0 else None


def _caption_at(captions: tuple[Caption, ...], t: float) -> str:
    for caption in reversed(captions):
        if caption.start_s <= t < caption.end_s:
            return caption.text
    return ""
