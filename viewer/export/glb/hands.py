"""Hands and the trails behind them.

A hand is a rigid motion with its bend as three morph targets. A trail appears piece by piece,
each piece whole, in the colour of the strictest verdict on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import Timeline
from annotations.verdict import Verdict
from meshes.surface import Surface
from viewer.export.glb.axes import MM, Floats, placed, quaternions, turned
from viewer.export.glb.file import VERTICES
from viewer.export.glb.model import Model
from viewer.export.hand_track import HandTrack, bend_terms
from viewer.export.light_mesh import light_mesh
from viewer.hand import hand_shape
from viewer.palette import HAND, verdict_colour
from viewer.trail import HALF_WIDTH_MM, LIFT_MM

#: A morph weight of 1 bends by this factor, 1/mm.
_BEND_UNIT = 1e-3
_TRIANGLES = 5000
_TRAIL_PIECE_S = 0.4


class Hands:
    """Adds hands to a model; each shape is added once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._meshes: dict[tuple[str, bool], int] = {}

    def add(self, number: int, track: HandTrack, timeline: Timeline) -> None:
        """Add one passage's hand and its trail.

        Parameters
        ----------
        number : int
            Of the passage, from 0.
        track : HandTrack
        timeline : Timeline
        """
        model, passage = self._model, track.passage
        side = "left" if track.left else "right"
        extras = {
            "stroke": passage.stroke,
            "technique": passage.technique.value,
            "pressure": passage.pressure.value,
            "side": passage.side,
        }
        mesh = self._mesh(passage.hand, track.left)
        name = f"hand_{number + 1}_{passage.hand}_{side}"
        node = model.node({"name": name, "mesh": mesh, "extras": extras}, model.root)
        model.animate(node, "translation", track.times, placed(track.origin))
        # The hand's mesh is in its own axes; rows say where they point.
        model.animate(node, "rotation", track.times, quaternions(turned(track.rotations)))
        model.animate(node, "weights", track.times, (track.bend / _BEND_UNIT).ravel())
        model.show_between(node, passage.start_s, passage.end_s, timeline.duration_s)
        _add_trail(model, number, track, timeline)

    def _mesh(self, kind: str, left: bool) -> int:
        if (kind, left) in self._meshes:
            return self._meshes[kind, left]
        model = self._model
        shape = hand_shape(kind)
        light = light_mesh(Surface.of(shape.vertices, shape.faces), _TRIANGLES)
        mirror = np.array([1.0, -1.0 if left else 1.0, 1.0])
        points = light.vertices * mirror
        faces = light.faces[:, ::-1] if left else light.faces
        terms = bend_terms(points) * _BEND_UNIT * MM
        targets = []
        for term in range(3):
            shift = np.zeros((len(points), 3), dtype=np.float32)
            shift[:, 2] = terms[:, term]
            targets.append({"POSITION": model.file.accessor(shift, VERTICES, bounds=True)})
        primitive = {
            "attributes": model.points(points * MM, light.normals * mirror),
            "indices": model.triangles(faces),
            "material": model.material("hand", HAND),
            "targets": targets,
        }
        row: dict[str, Any] = {
            "name": f"{kind}_{'left' if left else 'right'}",
            "primitives": [primitive],
            "weights": [0.0, 0.0, 0.0],
        }
        self._meshes[kind, left] = model.file.add("meshes", row)
        return self._meshes[kind, left]


def _add_trail(model: Model, number: int, track: HandTrack, timeline: Timeline) -> None:
    step = max(1, round(_TRAIL_PIECE_S / max(float(track.times[1] - track.times[0]), 1e-3)))
    parent: int | None = None
    for first in range(0, len(track.times) - 1, step):
        last = min(first + step, len(track.times) - 1)
        strip = _ribbon(track.position[first : last + 1], track.normal[first : last + 1])
        if strip is None:
            continue
        points, normals, faces = strip
        if parent is None:
            parent = model.node({"name": f"trail_{number + 1}", "children": []}, model.root)
        worst = Verdict(int(track.verdict[first : last + 1].max()))
        primitive = {
            "attributes": model.points(placed(points), turned(normals)),
            "indices": model.triangles(faces),
            "material": model.material(f"verdict_{worst.word}", verdict_colour(worst), loose=True),
        }
        mesh = model.file.add("meshes", {"primitives": [primitive]})
        piece: dict[str, Any] = {"name": f"trail_{number + 1}_{first}", "mesh": mesh}
        piece |= {"extras": {"verdict": worst.word}}
        node = model.node(piece, parent)
        start = float(track.times[last])
        model.show_between(node, start, start + timeline.trail_s, timeline.duration_s)


def _ribbon(points: Floats, normals: Floats) -> tuple[Floats, Floats, NDArray[np.int32]] | None:
    ahead = np.gradient(points, axis=0)
    side = np.cross(ahead, normals)
    length = np.linalg.norm(side, axis=1, keepdims=True)
    if float(np.linalg.norm(points[-1] - points[0])) < 1.0 or float(length.min()) < 1e-6:
        return None  # the hand holds still
    middle = points + LIFT_MM * normals
    across = HALF_WIDTH_MM * side / length
    vertices = np.stack([middle - across, middle + across], axis=1).reshape(-1, 3)
    row = 2 * np.arange(len(points) - 1)
    faces = np.concatenate(
        [np.stack([row, row + 1, row + 3], axis=1), np.stack([row, row + 3, row + 2], axis=1)]
    )
    return vertices, np.repeat(normals, 2, axis=0), faces.astype(np.int32)
