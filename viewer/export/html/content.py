"""What a web page is filled with: a page of JSON and one block of arrays it points into."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import Passage, Timeline
from annotations.verdict import Verdict
from meshes.atlas import Atlas
from meshes.progress import Progress, part_of, silent
from meshes.structure import Structure
from meshes.surface import Surface
from meshes.terminology import TissueLayer
from viewer import occlusion, palette, striation
from viewer.camera import FILL, OPENING_DEG, VIEWS, frame_of
from viewer.export.captions import cues
from viewer.export.frames import caution_at
from viewer.export.hand_track import REACH_MM, camera_times, hand_track
from viewer.export.html.shaders import SHADERS
from viewer.export.light_mesh import LightMesh, light_mesh, light_meshes
from viewer.hand import hand_shape
from viewer.labels import NOTICE
from viewer.resolve import look_of, resolve
from viewer.state import DEEPEST_PEEL, ViewState
from viewer.trail import HALF_WIDTH_MM, LIFT_MM

#: Steps of the table of opacities and samples per second of camera, peel and caution.
PEEL_STEP = 0.05
SAMPLES_HZ = 10.0
_HAND_TRIANGLES = 6000
#: Fibre coordinates travel in 1/20 mm.
_FIBRE_STEP_MM = 0.05


class Block:
    """Arrays end to end; a reference is kind, byte offset and number of values."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def add(self, values: NDArray[Any], kind: str) -> list[Any]:
        """Add an array as ``f4``, ``u2``, ``i1``, ``u1`` or ``u4`` and return its reference."""
        array = np.ascontiguousarray(values, dtype=np.dtype(kind).newbyteorder("<"))
        blob = array.tobytes()
        found = [kind, self._length, array.size]
        self._pieces.append(blob + b"\0" * (-len(blob) % 4))
        self._length += len(self._pieces[-1])
        return found

    def joined(self) -> bytes:
        """Return all arrays as one block of bytes."""
        return b"".join(self._pieces)


def content_of(
    atlas: Atlas, timeline: Timeline, progress: Progress = silent
) -> tuple[dict[str, Any], bytes]:
    """Return the page and the block of a timeline on an atlas."""
    block = Block()
    meshes = light_meshes(atlas, progress=part_of(progress, 0.0, 0.5))
    open_to = _openness(atlas, part_of(progress, 0.5, 0.6))
    box = frame_of(atlas)
    page: dict[str, Any] = {
        "title": timeline.title or atlas.title,
        "atlas": atlas.title,
        "licence": atlas.licence,
        "notice": NOTICE,
        "layers": [layer.title for layer in TissueLayer],
        "frame": {
            "centre": box.centre.tolist(),
            "width": box.width,
            "depth": box.depth,
            "height": box.height,
            "fill": FILL,
            "opening": OPENING_DEG,
        },
        "views": [
            [view.name, view.title, view.azimuth_deg, view.elevation_deg] for view in VIEWS.values()
        ],
        "structures": [
            _structure(item, meshes[item.id], open_to.get(item.id), block)
            for item in atlas.structures.values()
        ],
        "peel": _peel_table(atlas, block),
        "colours": {
            "background": palette.BACKGROUND,
            "ink": palette.INK,
            "hand": palette.HAND,
            "tendon": palette.TENDON,
        },
        "shaders": SHADERS,
        "verdicts": [
            {
                "title": item.title,
                "pattern": item.pattern,
                "colour": palette.hexadecimal(palette.verdict_colour(item)),
            }
            for item in Verdict
        ],
        "ribbon": {"half": HALF_WIDTH_MM, "lift": LIFT_MM},
    }
    if "skin" in atlas:
        page["caution"] = _caution(atlas, meshes["skin"], block)
        skin = atlas["skin"].surface
        count = len(timeline.passages)
        page["passages"] = []
        for number, passage in enumerate(timeline.passages):
            page["passages"].append(_passage(atlas, passage, skin, block))
            progress(0.65 + 0.35 * number / count, "placing the hands")
    else:
        page["caution"], page["passages"] = None, []
    page["hands"] = {
        kind: _hand(kind, block) for kind in sorted({item.hand for item in timeline.passages})
    }
    page["timeline"] = _timeline(timeline, block)
    progress(1.0, "writing")
    return page, block.joined()


def _openness(atlas: Atlas, progress: Progress) -> occlusion.Openness:
    found: occlusion.Openness = {}
    layers = sorted({int(item.layer) for item in atlas.structures.values()})
    for number, layer in enumerate(layers):
        found |= occlusion.openness(atlas, layer)
        progress((number + 1) / len(layers), "shading")
    return found


def _structure(
    item: Structure, mesh: LightMesh, openness: NDArray[Any] | None, block: Block
) -> dict[str, Any]:
    low = mesh.vertices.min(axis=0)
    step = max(float(np.ptp(mesh.vertices, axis=0).max()), 1e-3) / 65535.0
    opened = np.ones(len(mesh.index)) if openness is None else openness[mesh.index]
    row: dict[str, Any] = {
        "id": item.id,
        "english": item.entry.english,
        "latin": item.entry.latin,
        "side": item.side.value,
        "layer": int(item.layer),
        "look": int(look_of(item)),
        "provenance": item.origin.kind.value,
        "colour": palette.tissue_colour(item.entry),
        "low": low.tolist(),
        "step": step,
        "position": block.add(np.round((mesh.vertices - low) / step), "u2"),
        "normal": block.add(np.round(mesh.normals * 127.0), "i1"),
        "open": block.add(np.round(np.clip(opened, 0.0, 1.0) * 255.0), "u1"),
        "faces": block.add(mesh.faces, "u2" if len(mesh.index) < 65536 else "u4"),
    }
    if item.surface.fibres is not None:
        fibre = striation.fibre_coordinates(item)[mesh.index]
        # The pattern begins where the viewer's does, so each muscle has the same bundles.
        start = fibre[:, :2].min(axis=0)
        row["fibreLow"] = start.tolist()
        steps = np.round((fibre[:, :2] - start) / _FIBRE_STEP_MM)
        row["fibre"] = block.add(np.clip(steps, 0, 65535), "u2")
        row["tendon"] = block.add(np.round(np.clip(fibre[:, 2], 0.0, 1.0) * 255.0), "u1")
    return row


def _peel_table(atlas: Atlas, block: Block) -> dict[str, Any]:
    """How opaque each structure is at each step of the peel, as the viewer resolves it."""
    steps = round(DEEPEST_PEEL / PEEL_STEP) + 1
    table = np.zeros((steps, len(atlas)), dtype=np.float64)
    column = {name: index for index, name in enumerate(atlas)}
    for row in range(steps):
        for draw in resolve(ViewState(peel=row * PEEL_STEP), atlas).draws:
            table[row, column[draw.id]] = draw.opacity
    return {"step": PEEL_STEP, "table": block.add(np.round(255.0 * table), "u1")}


def _caution(atlas: Atlas, skin: LightMesh, block: Block) -> dict[str, Any]:
    pairs = list(product(Technique, Pressure))
    fields = [caution_field(atlas, *pair).verdict[skin.index] for pair in pairs]
    return {
        "pairs": [[one.value.replace("_", " "), two.value] for one, two in pairs],
        "verdict": block.add(np.array(fields), "u1"),
    }


def _passage(atlas: Atlas, passage: Passage, skin: Surface, block: Block) -> dict[str, Any]:
    track = hand_track(passage, skin)
    rows = np.concatenate(
        [
            track.position,
            track.ahead,
            track.normal,
            track.roll[:, None],
            track.dent[:, None],
            track.bend,
            track.verdict[:, None],
        ],
        axis=1,
    )
    beneath = [
        [round(t, 2), [[_named(atlas, hit.structure), round(hit.thickness_mm, 1)] for hit in hits]]
        for t, hits in passage.beneath
    ]
    return {
        "stroke": passage.stroke,
        "hand": passage.hand,
        "left": track.left,
        "radius": passage.radius_mm,
        "start": passage.start_s,
        "end": passage.end_s,
        "count": len(track.times),
        "rows": block.add(rows, "f4"),
        "beneath": beneath,
    }


def _named(atlas: Atlas, structure_id: str) -> str:
    return atlas[structure_id].entry.english if structure_id in atlas else structure_id


def _hand(kind: str, block: Block) -> dict[str, Any]:
    shape = hand_shape(kind)
    mesh = light_mesh(Surface.of(shape.vertices, shape.faces), _HAND_TRIANGLES)
    return {
        "position": block.add(mesh.vertices, "f4"),
        "normal": block.add(np.round(mesh.normals * 127.0), "i1"),
        "open": block.add(np.round(255.0 * shape.openness[mesh.index]), "u1"),
        "faces": block.add(mesh.faces, "u2"),
        "reach": REACH_MM,
    }


def _timeline(timeline: Timeline, block: Block) -> dict[str, Any]:
    times = camera_times(timeline.duration_s, SAMPLES_HZ)
    pairs = list(product(Technique, Pressure))
    rows = []
    for t in times:
        moment = timeline.sample(float(t))
        pair, share = caution_at(timeline, moment)
        pose = moment.camera
        rows.append(
            [
                pose.azimuth_deg,
                pose.elevation_deg,
                pose.zoom,
                *pose.focus,
                moment.peel,
                -1.0 if pair is None else float(pairs.index(pair)),
                share,
            ]
        )
    return {
        "duration": timeline.duration_s,
        "trail": timeline.trail_s,
        "count": len(times),
        "rows": block.add(np.array(rows), "f4"),
        "captions": [list(cue) for cue in cues(timeline)],
        "marks": [[mark.t, mark.title] for mark in timeline.marks],
    }
