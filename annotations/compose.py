"""Turns protocols and tours into timelines on one body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from annotations.contraindication import prompt
from annotations.protocol import Protocol, StrokeSpec
from annotations.rule import load_rules
from annotations.stroke import lay_stroke
from annotations.timeline import (
    CameraPose,
    Caption,
    Key,
    Mark,
    Pair,
    Passage,
    Timeline,
    Vector,
)
from meshes.progress import Progress, silent

if TYPE_CHECKING:
    from meshes.atlas import Atlas

#: Seconds of camera move before a hand touches down.
_APPROACH_S = 1.6
_LINGER_S = 1.2
_CLOSING_S = 4.5
#: Of that, how long the notice stands; before it, for whom to ask a doctor first.
_NOTICE_S = 2.2


@dataclass
class Score:
    """A timeline being written."""

    camera: list[Key[CameraPose]] = field(default_factory=list)
    peel: list[Key[float]] = field(default_factory=list)
    caution: list[Key[Pair | None]] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def finish(self, duration_s: float, title: str, trail_s: float = 4.0) -> Timeline:
        """Return the timeline."""
        return Timeline(
            duration_s,
            tuple(self.camera),
            tuple(self.peel),
            tuple(self.caution),
            tuple(self.captions),
            tuple(sorted(self.passages, key=lambda item: item.start_s)),
            tuple(self.marks),
            title,
            trail_s,
        )


def protocol_timeline(
    atlas: Atlas, protocol: Protocol, progress: Progress = silent, *, caution: bool = True
) -> Timeline:
    """Return a protocol laid on a body, with camera, captions and caution surfaces.

    Parameters
    ----------
    atlas : Atlas
    protocol : Protocol
    progress : Progress
    caution : bool
        Whether each stroke shows the caution surface of its own technique and pressure.

    Raises
    ------
    InputError
        If a name in the protocol is not known in this atlas; with file and line.
    """
    score = Score()
    whole = whole_body(atlas)
    score.camera.append(Key(0.0, whole))
    score.peel.append(Key(0.0, 0.0))
    if protocol.not_to_do:
        score.captions.append(
            Caption(0.0, _APPROACH_S, "What NOT to do: each stroke breaks a rule")
        )
    now = 0.0
    for index, spec in enumerate(protocol.strokes):
        progress(index / len(protocol.strokes), spec.name)
        start = now + _APPROACH_S
        with protocol.at_stroke(index):
            passages = lay_stroke(atlas, spec, start)
        end = max(item.end_s for item in passages)
        pose = facing(passages)
        score.camera += [Key(now, score.camera[-1].value), Key(start, pose), Key(end, pose)]
        peel = spec.peel if spec.peel is not None else 0.0
        score.peel += [Key(now, score.peel[-1].value), Key(start, peel), Key(end, peel)]
        if caution:
            score.caution.append(Key(now, (spec.technique, spec.pressure)))
        score.captions.append(Caption(now, end + 0.4, caption_of(spec)))
        score.marks.append(Mark(start, spec.name))
        score.passages += passages
        now = end + 0.4
    close = now + _LINGER_S
    score.camera += [Key(now, score.camera[-1].value), Key(close, whole)]
    score.peel += [Key(now, score.peel[-1].value), Key(close, 0.0)]
    score.caution.append(Key(now, None))
    end = close + _CLOSING_S
    score.captions.append(Caption(now, end - _NOTICE_S, prompt()))
    score.captions.append(Caption(end - _NOTICE_S, end, load_rules().notice))
    progress(1.0, protocol.title)
    return score.finish(end, protocol.title)


def caption_of(spec: StrokeSpec) -> str:
    """Return a stroke's caption with technique, pressure and the statements it shows.

    A stroke without caption is captioned by its name.
    """
    cited = f" [{', '.join(spec.statements)}]" if spec.statements else ""
    technique = spec.technique.value.replace("_", " ")
    return f"{spec.caption or spec.name} - {technique}, {spec.pressure.value}{cited}"


def whole_body(atlas: Atlas) -> CameraPose:
    """Return the posterior view of the whole torso."""
    bounds = atlas["skin"].surface.bounds if "skin" in atlas else np.zeros((2, 3))
    return CameraPose(0.0, 0.0, 1.0, np.asarray(bounds.mean(axis=0)))


def facing(passages: list[Passage]) -> CameraPose:
    """Return a camera that looks at where hands go, from where their skin faces."""
    points = np.concatenate([item.points for item in passages])
    normals = np.concatenate([item.normals for item in passages])
    low, high = points.min(axis=0), points.max(axis=0)
    middle: Vector = normals.mean(axis=0)
    azimuth = np.degrees(np.arctan2(middle[0], max(float(middle[1]), 0.2)))
    elevation = np.degrees(np.arcsin(np.clip(middle[2], -1.0, 1.0)))
    span = max(float(np.linalg.norm(high - low)), 140.0)
    return CameraPose(
        float(np.clip(0.7 * azimuth, -40.0, 40.0)),
        float(np.clip(0.6 * elevation, -15.0, 30.0)),
        float(np.clip(520.0 / span, 1.1, 2.2)),
        0.5 * (low + high),
    )
