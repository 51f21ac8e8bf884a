"""The quiz: name it, find it, may I press here? Questions, answers and the score, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from annotations.pressure import Pressure
from annotations.safety import Judgement
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.skin_surface import skin_of
from meshes.terminology import System, TissueLayer
from viewer import steps
from viewer.camera import frame_of, lens_of, pose_of
from viewer.picking import pick
from viewer.reading import read_at
from viewer.resolve import resolve
from viewer.state import ViewState

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from meshes.structure import Structure

#: Answers to choose from where a name is asked for.
CHOICES = 4
#: A structure is seen where this many of so many of its points can be clicked.
_SEEN, _SAMPLES = 4, 16
_SIZE = (800, 800)
_TRIES = 60
#: A place asked about lies on skin that faces backward at least this much.
_BACKWARD = 0.55


class Kind(StrEnum):
    """What is asked."""

    NAME = "name"
    FIND = "find"
    PRESS = "press"


@dataclass(frozen=True, eq=False)
class Question:
    """One question.

    Attributes
    ----------
    kind : Kind
    structure : str
        Id that is asked for; empty where pressing is asked about.
    choices : tuple of str
        Structure ids, or verdicts' words; empty where the torso is clicked.
    right : str
        The right one.
    point : tuple of float, or None
        Skin point asked about, mm.
    pair : (Technique, Pressure) or None
    judgement : Judgement or None
        Why, where pressing is asked about.
    view : str
        From where it is seen: ``posterior`` or ``anterior``.
    """

    kind: Kind
    structure: str
    choices: tuple[str, ...]
    right: str
    point: tuple[float, float, float] | None = None
    pair: tuple[Technique, Pressure] | None = None
    judgement: Judgement | None = None
    view: str = "posterior"


@dataclass(frozen=True)
class Score:
    """How it went so far.

    >>> Score().counted(True).counted(False).counted(True)
    Score(right=2, asked=3, streak=1, best=1)
    """

    right: int = 0
    asked: int = 0
    streak: int = 0
    best: int = 0

    def counted(self, correct: bool) -> Score:
        """Return the score after one more answer."""
        streak = self.streak + 1 if correct else 0
        return replace(
            self,
            right=self.right + correct,
            asked=self.asked + 1,
            streak=streak,
            best=max(self.best, streak),
        )


def ask(atlas: Atlas, kind: Kind, chance: Random) -> Question:
    """Return a new question.

    Parameters
    ----------
    atlas : Atlas
        With muscles, bones and, for pressing, skin.
    kind : Kind
    chance : Random
        The same seed asks the same questions.
    """
    if kind is Kind.PRESS:
        return _press(atlas, chance)
    known = askable(atlas)
    wanted = known[chance.randrange(len(known))]
    if kind is Kind.FIND:
        for _ in range(_TRIES):
            view = seen_from(atlas, wanted.id)
            if view:
                return Question(kind, wanted.id, (), wanted.id, view=view)
            wanted = known[chance.randrange(len(known))]
        raise RuntimeError("nothing in this atlas can be seen from behind or from the front")
    others = [item for item in known if item.entry.base != wanted.entry.base]
    # Neighbours first: telling rhomboid from trapezius is a question, from a toe it is none.
    near = [item for item in others if abs(item.layer - wanted.layer) <= 1]
    near = [item for item in near if item.side is wanted.side] or others
    picked: dict[str, str] = {}
    while len(picked) < CHOICES - 1 and near:
        other = near.pop(chance.randrange(len(near)))
        picked.setdefault(other.entry.base, other.id)
    choices = [wanted.id, *picked.values()]
    chance.shuffle(choices)
    behind = float(wanted.surface.bounds[:, 1].mean()) > float(frame_of(atlas).centre[1])
    view = "posterior" if behind else "anterior"
    return Question(kind, wanted.id, tuple(choices), wanted.id, view=view)


def askable(atlas: Atlas) -> tuple[Structure, ...]:
    """Return what can be named and found by eye: muscles, and bones that a hand can feel."""
    return tuple(
        item
        for item in atlas.structures.values()
        if (item.system is System.MUSCULAR and item.layer >= TissueLayer.SUPERFICIAL_MUSCLE)
        or (item.system is System.SKELETAL and item.entry.latin)
    )


def seen_from(atlas: Atlas, structure_id: str) -> str:
    """Return from where a structure can be clicked once its layer is peeled to.

    Returns
    -------
    str
        ``posterior``, ``anterior``, or an empty text where it is hidden from both.
    """
    structure = atlas[structure_id]
    state = steps.gone_to(ViewState(), float(structure.layer), structure_id)
    opacity = {draw.id: draw.opacity for draw in resolve(state, atlas).draws}
    vertices = structure.surface.vertices
    some = vertices[np.linspace(0, len(vertices) - 1, _SAMPLES).astype(int)].astype(np.float64)
    frame = frame_of(atlas)
    counts = {}
    for view in ("posterior", "anterior"):
        lens = lens_of(pose_of(view, frame), frame, 1.0)
        places = lens.project(some, _SIZE)
        hits = (pick(atlas, opacity, lens, _SIZE, (float(x), float(y))) for x, y, _ in places)
        counts[view] = sum(hit is not None and hit.structure == structure_id for hit in hits)
    best = max(counts, key=lambda view: counts[view])
    return best if counts[best] >= _SEEN else ""


def is_right(question: Question, answer: str) -> bool:
    """Whether an answer is right; the other side of the body is another structure."""
    return answer == question.right


def _press(atlas: Atlas, chance: Random) -> Question:
    skin = skin_of(atlas)
    surface = atlas["skin"].surface
    pair = (chance.choice(list(Technique)), chance.choice(list(Pressure)))
    # Verdicts are drawn evenly as far as a few tries find them; most of the skin may be worked.
    wanted = chance.choice(list(Verdict))
    best: Question | None = None
    for _ in range(24):
        place = surface.vertices[chance.randrange(len(surface.vertices))]
        point = skin.nearest(np.asarray(place, dtype=np.float64))
        if point.normal[1] < _BACKWARD:
            continue
        reading = read_at(atlas, point.position, pair)
        verdict = reading.judgement.verdict
        x, y, z = (float(value) for value in point.position)
        best = Question(
            Kind.PRESS, "", tuple(item.word for item in Verdict), verdict.word, (x, y, z), pair,
            reading.judgement,
        )  # fmt: skip
        if verdict is wanted:
            break
    if best is None:
        raise RuntimeError("a skin with a back is required to ask where to press")
    return best
