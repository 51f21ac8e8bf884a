"""Peel and camera of a timeline as channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import Timeline
from meshes.terminology import TissueLayer
from viewer.camera import frame_of, lens_of
from viewer.export.glb.axes import placed, quaternions, turned
from viewer.export.glb.model import Model
from viewer.resolve import resolve
from viewer.state import ViewState

_PEEL_HZ, _CAMERA_HZ = 10.0, 5.0
#: A structure is there while it is more opaque than this.
SEEN = 0.5
_ASPECT = 16.0 / 9.0


def add_peel(model: Model, timeline: Timeline) -> None:
    """Show and hide by scale, a whole layer where all of it comes and goes together."""
    atlas = model.atlas
    times = np.linspace(0.0, timeline.duration_s, max(2, int(timeline.duration_s * _PEEL_HZ) + 1))
    kept: dict[float, frozenset[str]] = {}
    seen = []
    for t in times:
        level = round(timeline.sample(float(t)).peel, 2)
        if level not in kept:
            draws = resolve(ViewState(peel=level), atlas).draws
            kept[level] = frozenset(
                draw.id
                for draw in draws
                if draw.opacity > SEEN
                or (draw.layer == TissueLayer.ORGAN and draw.opacity > SEEN / 2)
                or (draw.layer == TissueLayer.BONE and level > TissueLayer.BONE)
            )
        seen.append(kept[level])
    for layer, node in model.layers.items():
        ids = [item.id for item in atlas.select(layer=layer)]
        rows = np.array([[name in now for name in ids] for now in seen])
        whole: NDArray[np.bool_] = np.asarray(rows.any(axis=1))
        model.show(node, times, whole)
        for column, name in enumerate(ids):
            own = np.asarray(rows[:, column])
            if (own != whole).any():
                node_of = model.structures[name]
                scale = model.file.page["nodes"][node_of]["scale"][0]
                model.show(node_of, times, own, scale)


def add_camera(model: Model, timeline: Timeline) -> None:
    """Add a camera that goes as the video's does."""
    box = frame_of(model.atlas)
    times = np.linspace(0.0, timeline.duration_s, max(2, int(timeline.duration_s * _CAMERA_HZ) + 1))
    lenses = [lens_of(timeline.sample(float(t)).camera, box, _ASPECT) for t in times]
    opening = float(np.radians(lenses[0].opening_deg))
    view = {"aspectRatio": _ASPECT, "yfov": opening, "znear": 0.01, "zfar": 50.0}
    index = model.file.add("cameras", {"type": "perspective", "perspective": view})
    node = model.node({"name": "camera", "camera": index}, model.root)
    axes = np.array(
        [[lens.right, np.cross(-lens.forward, lens.right), -lens.forward] for lens in lenses]
    )
    model.animate(node, "translation", times, placed(np.array([lens.position for lens in lenses])))
    model.animate(node, "rotation", times, quaternions(turned(axes)))
