"""An atlas, and a timeline on it, as animated binary glTF.

Metres and glTF's axes (+X the subject's left, +Y up, +Z the subject's front), one named node per
structure under one node per tissue layer. What moves is written with plain animations, which
every viewer plays: a hand is a rigid motion with its bend as three morph targets; peeling, and
the coming and going of hands and trails, is scale 0 or 1 in steps. (KHR_node_visibility with
KHR_animation_pointer made F3D drop the animation and hid nothing elsewhere.) A trail appears
whole piece by piece; the skin's dent and the caution surface are not in the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import Timeline
from annotations.verdict import Verdict
from meshes import frame
from meshes.atlas import Atlas
from meshes.progress import Progress, part_of, silent
from meshes.structure import Structure
from meshes.surface import Surface
from meshes.terminology import Provenance, TissueLayer
from viewer.camera import frame_of, lens_of
from viewer.export.glb_file import TRIANGLES, VERTICES, GlbFile
from viewer.export.hand_track import HandTrack, bend_terms, hand_track
from viewer.export.light_mesh import LightMesh, light_mesh, light_meshes
from viewer.hand import hand_shape
from viewer.labels import NOTICE, credit_line
from viewer.palette import HAND, RGB, belly_and_tendon, tissue_colour, verdict_colour
from viewer.peel import COVERING_OPACITY, COVERINGS
from viewer.resolve import resolve
from viewer.state import ViewState
from viewer.trail import HALF_WIDTH_MM, LIFT_MM

Floats = NDArray[np.float64]

#: LPS millimetres to glTF metres (``frame.gltf_to_lps`` the other way round).
_TO_GLTF = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_MM = 0.001
_PEEL_HZ, _CAMERA_HZ = 10.0, 5.0
#: A structure is there while it is more opaque than this.
_SEEN = 0.5
#: A morph weight of 1 bends by this factor, 1/mm.
_BEND_UNIT = 1e-3
_HAND_TRIANGLES = 5000
_TRAIL_PIECE_S = 0.4


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
    writer = _Writer(atlas)
    meshes = light_meshes(atlas, progress=part_of(progress, 0.0, 0.6))
    writer.structures(meshes)
    if timeline is not None:
        writer.peel(timeline)
        writer.camera(timeline)
        if "skin" in atlas:
            skin = atlas["skin"].surface
            for number, passage in enumerate(timeline.passages):
                writer.hand(number, hand_track(passage, skin), timeline)
                progress(0.6 + 0.4 * number / len(timeline.passages), "placing the hands")
    writer.finish(timeline)
    writer.file.save(Path(path))
    progress(1.0, "written")


def linear(colour: RGB | NDArray[Any]) -> Floats:
    """Return an sRGB colour (0..255) as the linear 0..1 that glTF materials take."""
    share = np.asarray(colour, dtype=np.float64) / 255.0
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


class _Writer:
    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.file = GlbFile()
        self._materials: dict[Any, int] = {}
        self._hands: dict[tuple[str, bool], int] = {}
        self._layers: dict[TissueLayer, int] = {}
        self._of: dict[str, int] = {}
        self._channels: list[dict[str, Any]] = []
        self._samplers: list[dict[str, Any]] = []
        self._root = self._node({"name": "palpate", "children": []})

    def structures(self, meshes: dict[str, LightMesh]) -> None:
        for layer in sorted({item.layer for item in self.atlas.structures.values()}):
            extras = {"layer": int(layer), "title": layer.title}
            row = {"name": f"layer_{int(layer)}", "children": [], "extras": extras}
            self._layers[layer] = self._node(row, self._root)
        for item in self.atlas.structures.values():
            row = self._quantised(item, meshes[item.id])
            row["name"], row["extras"] = item.id, _extras(item)
            self._of[item.id] = self._node(row, self._layers[item.layer])

    def peel(self, timeline: Timeline) -> None:
        """Show and hide by scale, a whole layer where all of it comes and goes together."""
        count = max(2, int(timeline.duration_s * _PEEL_HZ) + 1)
        times = np.linspace(0.0, timeline.duration_s, count)
        kept: dict[float, frozenset[str]] = {}
        seen = []
        for t in times:
            level = round(timeline.sample(float(t)).peel, 2)
            if level not in kept:
                draws = resolve(ViewState(peel=level), self.atlas).draws
                kept[level] = frozenset(
                    draw.id
                    for draw in draws
                    if draw.opacity > _SEEN
                    or (draw.layer == TissueLayer.ORGAN and draw.opacity > _SEEN / 2)
                    or (draw.layer == TissueLayer.BONE and level > TissueLayer.BONE)
                )
            seen.append(kept[level])
        for layer, node in self._layers.items():
            ids = [item.id for item in self.atlas.select(layer=layer)]
            rows = np.array([[name in now for name in ids] for now in seen])
            whole: NDArray[np.bool_] = np.asarray(rows.any(axis=1))
            self._shown(node, times, whole, 1.0)
            for column, name in enumerate(ids):
                own = np.asarray(rows[:, column])
                if (own != whole).any():
                    scale = self.file.page["nodes"][self._of[name]]["scale"][0]
                    self._shown(self._of[name], times, own, scale)

    def camera(self, timeline: Timeline) -> None:
        box = frame_of(self.atlas)
        count = max(2, int(timeline.duration_s * _CAMERA_HZ) + 1)
        times = np.linspace(0.0, timeline.duration_s, count)
        lenses = [lens_of(timeline.sample(float(t)).camera, box, 16.0 / 9.0) for t in times]
        opening = float(np.radians(lenses[0].opening_deg))
        view = {"aspectRatio": 16.0 / 9.0, "yfov": opening, "znear": 0.01, "zfar": 50.0}
        index = self.file.add("cameras", {"type": "perspective", "perspective": view})
        node = self._node({"name": "camera", "camera": index}, self._root)
        axes = np.array(
            [[lens.right, np.cross(-lens.forward, lens.right), -lens.forward] for lens in lenses]
        )
        place = np.array([lens.position for lens in lenses])
        self._animate(node, "translation", times, _placed(place))
        self._animate(node, "rotation", times, _quaternions(axes @ _TO_GLTF.T))

    def hand(self, number: int, track: HandTrack, timeline: Timeline) -> None:
        passage = track.passage
        side = "left" if track.left else "right"
        extras = {
            "stroke": passage.stroke,
            "technique": passage.technique.value,
            "pressure": passage.pressure.value,
            "side": passage.side,
        }
        mesh = self._hand_mesh(passage.hand, track.left)
        name = f"hand_{number + 1}_{passage.hand}_{side}"
        node = self._node({"name": name, "mesh": mesh, "extras": extras}, self._root)
        self._animate(node, "translation", track.times, _placed(track.origin))
        # The hand's mesh is in its own axes; rows say where they point.
        self._animate(node, "rotation", track.times, _quaternions(track.rotations @ _TO_GLTF.T))
        self._animate(node, "weights", track.times, (track.bend / _BEND_UNIT).ravel())
        self._between(node, passage.start_s, passage.end_s, timeline.duration_s)
        self._trail(number, track, timeline)

    def finish(self, timeline: Timeline | None) -> None:
        atlas, page = self.atlas, self.file.page
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
        page["scenes"] = [{"name": about["title"], "nodes": [self._root]}]
        if timeline is not None and self._channels:
            told = [[item.start_s, item.end_s, item.text] for item in timeline.captions]
            page["animations"] = [
                {
                    "name": timeline.title or "timeline",
                    "channels": self._channels,
                    "samplers": self._samplers,
                    "extras": {"captions": told},
                }
            ]

    def _node(self, row: dict[str, Any], parent: int | None = None) -> int:
        index = self.file.add("nodes", row)
        if parent is not None:
            self.file.page["nodes"][parent]["children"].append(index)
        return index

    def _material(
        self, name: str, colour: Any, opacity: float = 1.0, *, loose: bool = False
    ) -> int:
        base = linear(colour)
        key = (tuple(np.round(base, 6)), opacity, loose)
        if key not in self._materials:
            row: dict[str, Any] = {
                "name": name,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*base.tolist(), opacity],
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.75,
                },
            }
            if opacity < 1.0:
                row["alphaMode"] = "BLEND"
            if loose:
                row["doubleSided"] = True
            self._materials[key] = self.file.add("materials", row)
        return self._materials[key]

    def _quantised(self, item: Structure, mesh: LightMesh) -> dict[str, Any]:
        """Return a node with its mesh in 16-bit positions and 8-bit normals."""
        points = _placed(mesh.vertices)
        low, high = points.min(axis=0), points.max(axis=0)
        centre, half = (low + high) / 2.0, max(float((high - low).max()) / 2.0, 1e-6)
        attributes = {
            "POSITION": self.file.accessor(
                np.round((points - centre) / half * 32767.0).astype(np.int16),
                VERTICES,
                normalized=True,
                bounds=True,
            ),
            "NORMAL": self.file.accessor(
                _bytes(mesh.normals @ _TO_GLTF.T), VERTICES, normalized=True
            ),
        }
        # An imported source's meshes may be open or turned inside out.
        loose = item.origin.kind is Provenance.IMPORTED
        fibres = item.surface.fibres
        if fibres is not None and item.system.value == "muscular":
            shades = linear(belly_and_tendon(fibres.tendon[mesh.index]))
            rgba = np.full((len(shades), 4), 255, dtype=np.uint8)
            rgba[:, :3] = np.round(255.0 * shades)
            attributes["COLOR_0"] = self.file.accessor(rgba, VERTICES, normalized=True)
            material = self._material("muscle", (255, 255, 255), loose=loose)
        else:
            clear = COVERING_OPACITY if item.entry.base in COVERINGS else 1.0
            material = self._material(
                item.system.value, tissue_colour(item.entry), clear, loose=loose
            )
        primitive = {
            "attributes": attributes,
            "indices": self._triangles(mesh.faces),
            "material": material,
        }
        index = self.file.add("meshes", {"name": item.id, "primitives": [primitive]})
        return {"mesh": index, "translation": centre.tolist(), "scale": [half] * 3}

    def _triangles(self, faces: NDArray[np.int32]) -> int:
        flat = faces.ravel()
        kind = np.uint16 if int(flat.max()) < 65535 else np.uint32
        return self.file.accessor(flat.astype(kind), TRIANGLES)

    def _hand_mesh(self, kind: str, left: bool) -> int:
        if (kind, left) in self._hands:
            return self._hands[kind, left]
        shape = hand_shape(kind)
        light = light_mesh(Surface.of(shape.vertices, shape.faces), _HAND_TRIANGLES)
        mirror = np.array([1.0, -1.0 if left else 1.0, 1.0])
        points = light.vertices * mirror
        faces = light.faces[:, ::-1] if left else light.faces
        terms = bend_terms(points) * _BEND_UNIT * _MM
        targets = []
        for term in range(3):
            shift = np.zeros((len(points), 3), dtype=np.float32)
            shift[:, 2] = terms[:, term]
            targets.append({"POSITION": self.file.accessor(shift, VERTICES, bounds=True)})
        primitive = {
            "attributes": {
                "POSITION": self.file.accessor(
                    (points * _MM).astype(np.float32), VERTICES, bounds=True
                ),
                "NORMAL": self.file.accessor(
                    _bytes(light.normals * mirror), VERTICES, normalized=True
                ),
            },
            "indices": self._triangles(faces),
            "material": self._material("hand", HAND),
            "targets": targets,
        }
        row: dict[str, Any] = {
            "name": f"{kind}_{'left' if left else 'right'}",
            "primitives": [primitive],
        }
        row["weights"] = [0.0, 0.0, 0.0]
        self._hands[kind, left] = self.file.add("meshes", row)
        return self._hands[kind, left]

    def _trail(self, number: int, track: HandTrack, timeline: Timeline) -> None:
        step = max(1, round(_TRAIL_PIECE_S / max(float(track.times[1] - track.times[0]), 1e-3)))
        parent: int | None = None
        for first in range(0, len(track.times) - 1, step):
            last = min(first + step, len(track.times) - 1)
            strip = _ribbon(track.position[first : last + 1], track.normal[first : last + 1])
            if strip is None:
                continue
            points, normals, faces = strip
            if parent is None:
                parent = self._node({"name": f"trail_{number + 1}", "children": []}, self._root)
            worst = Verdict(int(track.verdict[first : last + 1].max()))
            name = f"verdict_{worst.word}"
            primitive = {
                "attributes": {
                    "POSITION": self.file.accessor(
                        _placed(points).astype(np.float32), VERTICES, bounds=True
                    ),
                    "NORMAL": self.file.accessor(
                        _bytes(normals @ _TO_GLTF.T), VERTICES, normalized=True
                    ),
                },
                "indices": self._triangles(faces),
                "material": self._material(name, verdict_colour(worst), loose=True),
            }
            mesh = self.file.add("meshes", {"primitives": [primitive]})
            piece: dict[str, Any] = {"name": f"trail_{number + 1}_{first}", "mesh": mesh}
            piece |= {"extras": {"verdict": worst.word}}
            node = self._node(piece, parent)
            start = float(track.times[last])
            self._between(node, start, start + timeline.trail_s, timeline.duration_s)

    def _between(self, node: int, start: float, end: float, duration: float) -> None:
        times, shown = [0.0], [start <= 0.0]
        if 0.0 < start < duration:
            times.append(start)
            shown.append(True)
        if end < duration:
            times.append(end)
            shown.append(False)
        self._shown(node, np.array(times), np.array(shown), 1.0)

    def _shown(self, node: int, times: Floats, shown: NDArray[np.bool_], scale: float) -> None:
        change = np.flatnonzero(np.concatenate([[True], shown[1:] != shown[:-1]]))
        values = np.repeat(np.where(shown[change], scale, 0.0)[:, None], 3, axis=1)
        self._animate(node, "scale", times[change], values, step=True)

    def _animate(
        self, node: int, what: str, times: Floats, values: Floats, *, step: bool = False
    ) -> None:
        sampler = {
            "input": self.file.accessor(times.astype(np.float32), bounds=True),
            "output": self.file.accessor(values.astype(np.float32)),
            "interpolation": "STEP" if step else "LINEAR",
        }
        self._samplers.append(sampler)
        target = {"node": node, "path": what}
        self._channels.append({"sampler": len(self._samplers) - 1, "target": target})


def _extras(item: Structure) -> dict[str, Any]:
    return {
        "id": item.id,
        "english": item.entry.english,
        "latin": item.entry.latin,
        "side": item.side.value,
        "layer": int(item.layer),
        "system": item.system.value,
        "provenance": item.origin.kind.value,
        "licence": item.origin.licence,
    }


def _placed(points: NDArray[Any]) -> Floats:
    return np.asarray(points, dtype=np.float64) @ _TO_GLTF.T * _MM


def _bytes(normals: NDArray[Any]) -> NDArray[np.int8]:
    length = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return np.asarray(np.round(normals / length * 127.0), dtype=np.int8)


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


def _quaternions(axes: Floats) -> Floats:
    """Return rotations as x, y, z, w; rows of ``axes`` are where x, y and z go, (K, 3, 3)."""
    from scipy.spatial.transform import Rotation

    found = Rotation.from_matrix(np.swapaxes(axes, 1, 2)).as_quat()
    # Neighbours on the same half of the sphere, or players take the long way round.
    sign = np.sign(np.einsum("ij,ij->i", found[1:], found[:-1]))
    sign = np.cumprod(np.concatenate([[1.0], np.where(sign == 0.0, 1.0, sign)]))
    return np.asarray(found * sign[:, None])
