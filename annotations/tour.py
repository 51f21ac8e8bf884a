"""The guided demonstration: scenes of camera, peel, caution and strokes, written in TOML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from annotations.compose import Score, whole_body
from annotations.pressure import parse_pair
from annotations.protocol import StrokeSpec, place_of, read_model
from annotations.site import find_site
from annotations.stroke import lay_stroke
from annotations.timeline import CameraPose, Caption, Key, Mark, Timeline
from meshes.errors import InputError
from meshes.progress import Progress, silent

if TYPE_CHECKING:
    from meshes.atlas import Atlas

TOUR_FILE = Path(__file__).with_name("library") / "tour.toml"


class Scene(BaseModel):
    """One scene of a tour; what is not given stays as it was.

    ``move_s`` is how long camera and peel take to get there (the whole scene if not given);
    a stroke begins then, and the scene lasts at least as long as the stroke.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Annotated[str, Field(min_length=1)]
    caption: str = ""
    statements: list[str] = []
    seconds: Annotated[float, Field(gt=0, le=120)]
    move_s: Annotated[float | None, Field(ge=0, le=120)] = None
    azimuth: float | None = None
    elevation: Annotated[float | None, Field(ge=-89, le=89)] = None
    zoom: Annotated[float | None, Field(gt=0, le=10)] = None
    focus: str | None = None
    peel: Annotated[float | None, Field(ge=0, le=7)] = None
    caution: str | None = None
    stroke: StrokeSpec | None = None

    @field_validator("caution")
    @classmethod
    def _pair(cls, value: str | None) -> str | None:
        if value not in (None, "none"):
            try:
                parse_pair(value)
            except InputError as error:
                raise ValueError(str(error)) from error
        return value


class Tour(BaseModel):
    """A title and scenes in order."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    title: str
    trail_s: Annotated[float, Field(gt=0, le=60)] = 4.0
    scenes: Annotated[list[Scene], Field(alias="scene", min_length=1)]


def tour_timeline(atlas: Atlas, path: Path = TOUR_FILE, progress: Progress = silent) -> Timeline:
    """Return the guided demonstration on a body.

    Parameters
    ----------
    atlas : Atlas
    path : Path
        The tour's file.
    progress : Progress

    Raises
    ------
    ReadError
        If the file is no tour; with file and line.
    InputError
        If a name in it is not known in this atlas; with file and line.
    """
    tour = read_model(path, Tour)
    score = Score()
    now = 0.0
    for index, scene in enumerate(tour.scenes):
        progress(index / len(tour.scenes), scene.title)
        try:
            now = _play(atlas, scene, now, score)
        except InputError as error:
            raise InputError(f"{place_of(path, ('scene', index))}: {error}") from error
    progress(1.0, tour.title)
    return score.finish(now, tour.title, tour.trail_s)


def _play(atlas: Atlas, scene: Scene, start: float, score: Score) -> float:
    """Write one scene into the score and return when it ends."""
    there = start + (scene.seconds if scene.move_s is None else min(scene.move_s, scene.seconds))
    end = start + scene.seconds
    if scene.stroke is not None:
        passages = lay_stroke(atlas, scene.stroke, there)
        score.passages += passages
        end = max(end, *(item.end_s for item in passages))
    before = score.camera[-1].value if score.camera else None
    camera = _camera(atlas, scene, before)
    peel = scene.peel
    if peel is None:
        peel = score.peel[-1].value if score.peel else 0.0
    if before is not None:
        score.camera.append(Key(start, before))
        score.peel.append(Key(start, score.peel[-1].value))
    score.camera += [Key(there, camera), Key(end, camera)]
    score.peel += [Key(there, peel), Key(end, peel)]
    if scene.caution is not None:
        pair = None if scene.caution == "none" else parse_pair(scene.caution)
        score.caution.append(Key(start, pair))
    if scene.caption:
        cited = f" [{', '.join(scene.statements)}]" if scene.statements else ""
        score.captions.append(Caption(start, end, scene.caption + cited))
    score.marks.append(Mark(start, scene.title))
    return end


def _camera(atlas: Atlas, scene: Scene, before: CameraPose | None) -> CameraPose:
    base = before or whole_body(atlas)
    if scene.focus == "whole":
        focus = whole_body(atlas).focus
    elif scene.focus is not None:
        focus = find_site(atlas, scene.focus).point
    else:
        focus = base.focus
    return CameraPose(
        base.azimuth_deg if scene.azimuth is None else scene.azimuth,
        base.elevation_deg if scene.elevation is None else scene.elevation,
        base.zoom if scene.zoom is None else scene.zoom,
        focus,
    )
