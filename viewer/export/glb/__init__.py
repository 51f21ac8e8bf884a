"""An atlas, and a timeline on it, as animated binary glTF.

Metres and glTF's axes (+X the subject's left, +Y up, +Z the subject's front), one named node per
structure under one node per tissue layer. What moves is written with plain animations, which
every viewer plays: a hand is a rigid motion with its bend as three morph targets; peeling, and
the coming and going of hands, trails and caution surfaces, is scale 0 or 1 in steps.
(KHR_node_visibility with KHR_animation_pointer made F3D drop the animation and hid nothing
elsewhere.) The dent of the skin is not in the file: it would take a morph target per place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annotations.timeline import Timeline
from meshes import frame
from meshes.atlas import Atlas
from meshes.progress import Progress, part_of, silent
from viewer.export.glb.axes import linear
from viewer.export.glb.caution import add_caution
from viewer.export.glb.hands import Hands
from viewer.export.glb.model import Model
from viewer.export.glb.motion import add_camera, add_peel
from viewer.export.glb.side_letters import add_side_letters
from viewer.export.glb.structures import add_structures
from viewer.export.hand_track import hand_track
from viewer.export.light_mesh import light_meshes
from viewer.labels import NOTICE, credit_line

__all__ = ["linear", "save_glb"]


def save_glb(
    path: Path, atlas: Atlas, timeline: Timeline | None = None, progress: Progress = silent
) -> None:
    """Write an atlas as GLB, animated by a timeline if one is given.

    Parameters
    ----------
    path : Path
    atlas : Atlas
    timeline : Timeline, optional
    progress : Progress

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    model = Model(atlas)
    meshes = light_meshes(atlas, progress=part_of(progress, 0.0, 0.6))
    add_structures(model, meshes)
    add_side_letters(model)
    if timeline is not None:
        add_peel(model, timeline)
        add_camera(model, timeline)
        if "skin" in atlas:
            add_caution(model, meshes["skin"], timeline)
            skin, hands = atlas["skin"].surface, Hands(model)
            for number, passage in enumerate(timeline.passages):
                hands.add(number, hand_track(passage, skin), timeline)
                progress(0.6 + 0.4 * number / len(timeline.passages), "placing the hands")
    _finish(model, timeline)
    model.file.save(Path(path))
    progress(1.0, "written")


def _finish(model: Model, timeline: Timeline | None) -> None:
    """Say what the file is, and join the channels into one animation."""
    atlas, page = model.atlas, model.file.page
    about: dict[str, Any] = {
        "title": timeline.title if timeline is not None else atlas.title,
        "atlas": atlas.title,
        "licence": atlas.licence,
        "notice": NOTICE,
        "frame": "metres, +X subject's left, +Y superior, +Z anterior; made from "
        + frame.DESCRIPTION,
    }
    page["asset"] = {
        "version": "2.0",
        "generator": "Palpate",
        "copyright": credit_line(atlas),
        "extras": about,
    }
    page["extensionsUsed"] = page["extensionsRequired"] = ["KHR_mesh_quantization"]
    page["scene"] = 0
    page["scenes"] = [{"name": about["title"], "nodes": [model.root]}]
    if timeline is not None and model.channels:
        told = [[item.start_s, item.end_s, item.text] for item in timeline.captions]
        page["animations"] = [
            {
                "name": timeline.title or "timeline",
                "channels": model.channels,
                "samplers": model.samplers,
                "extras": {"captions": told},
            }
        ]
