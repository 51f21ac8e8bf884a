"""The caution surface: the skin once more for each technique and pressure of a timeline.

Each verdict is a part of its own with a material that is named by it and carries its pattern as
a small repeating picture, so that colour, pattern and text tell the verdicts apart here too.
A triangle takes the strictest verdict of its corners.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.caution import caution_field
from annotations.timeline import Pair, Timeline
from annotations.verdict import Verdict
from viewer.export.frames import caution_at
from viewer.export.glb.axes import placed, turned
from viewer.export.glb.file import VERTICES
from viewer.export.glb.model import Model
from viewer.export.glb.motion import SEEN
from viewer.export.light_mesh import LightMesh
from viewer.palette import tissue_colour, verdict_colour

_HZ = 10.0
#: Per verdict: how much of the skin the paint covers, ink of its pattern, and mm to the repeat
#: across and up, as in the skin's shader (``viewer.shading.PATTERN``).
_COVER = {Verdict.WORK: 0.66, Verdict.LIGHTEN: 0.74, Verdict.AVOID: 0.80, Verdict.NEVER: 0.86}
_INK = {
    Verdict.LIGHTEN: (107.0, 84.0, 5.0),
    Verdict.AVOID: (92.0, 33.0, 0.0),
    Verdict.NEVER: (237.0, 219.0, 247.0),
}
_REPEAT_MM = {
    Verdict.LIGHTEN: (9.0, 18.0),
    Verdict.AVOID: (11.0, 11.0),
    Verdict.NEVER: (11.0, 11.0),
}
#: Of one repeat; powers of two, which old viewers need for repeating pictures.
_TEXELS = {Verdict.LIGHTEN: (64, 128), Verdict.AVOID: (64, 64), Verdict.NEVER: (64, 64)}
_FINE = 4


def add_caution(model: Model, mesh: LightMesh, timeline: Timeline) -> None:
    """Add a caution surface for each pair that the timeline shows.

    Parameters
    ----------
    model : Model
        With its structures, of which one is the skin.
    mesh : LightMesh
        The skin's.
    timeline : Timeline
    """
    times = np.linspace(0.0, timeline.duration_s, max(2, int(timeline.duration_s * _HZ) + 1))
    now = [caution_at(timeline, timeline.sample(float(t))) for t in times]
    shown = [pair if share > SEEN else None for pair, share in now]
    pairs = list(dict.fromkeys(pair for pair in shown if pair is not None))
    if not pairs:
        return
    skin = model.structures["skin"]
    parent = next(layer for layer in model.layers if layer == model.atlas["skin"].layer)
    surface = _Surface(model, mesh)
    for pair in pairs:
        node = model.node(surface.of(pair), model.layers[parent])
        model.show(node, times, np.array([item == pair for item in shown]))
    plain = np.array([item is None for item in shown])
    model.show(skin, times, plain, model.file.page["nodes"][skin]["scale"][0])


class _Surface:
    """Makes the skin in verdicts."""

    def __init__(self, model: Model, mesh: LightMesh) -> None:
        self._model, self._mesh = model, mesh
        self._base = np.array(tissue_colour(model.atlas["skin"].entry), dtype=np.float64)
        self._materials: dict[Verdict, int] = {}
        corners = mesh.vertices[mesh.faces].astype(np.float64)
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        # Where the surface turns sideways the pattern is laid out along y instead of x.
        self._sideways = np.abs(across[:, 1]) <= 0.62 * np.abs(across[:, 0])

    def of(self, pair: Pair) -> dict[str, Any]:
        """Return a node of the skin in the verdicts of a technique and pressure."""
        technique, pressure = pair
        verdict = caution_field(self._model.atlas, *pair).verdict[self._mesh.index]
        strictest = verdict[self._mesh.faces].max(axis=1)
        primitives = [
            self._part(item, strictest == int(item))
            for item in Verdict
            if (strictest == int(item)).any()
        ]
        name = f"caution_{technique.value}_{pressure.value}"
        index = self._model.file.add("meshes", {"name": name, "primitives": primitives})
        extras = {
            "technique": technique.value,
            "pressure": pressure.value,
            "verdicts": [item.word for item in Verdict if (strictest == int(item)).any()],
        }
        return {"name": name, "mesh": index, "extras": extras}

    def _part(self, verdict: Verdict, chosen: NDArray[np.bool_]) -> dict[str, Any]:
        # A vertex on a seam of the pattern is there twice.
        faces, sideways = self._mesh.faces[chosen], self._sideways[chosen]
        corner = 2 * faces + sideways[:, None]
        kept, inverse = np.unique(corner, return_inverse=True)
        index, turn = kept // 2, (kept % 2).astype(bool)
        points = self._mesh.vertices[index].astype(np.float64)
        attributes = self._model.points(placed(points), turned(self._mesh.normals[index]))
        if verdict in _REPEAT_MM:
            u = np.where(turn, points[:, 1], np.abs(points[:, 0]))
            at = np.stack([u, points[:, 2]], axis=1) / _REPEAT_MM[verdict]
            attributes["TEXCOORD_0"] = self._model.file.accessor(at.astype(np.float32), VERTICES)
        return {
            "attributes": attributes,
            "indices": self._model.triangles(inverse.reshape(-1, 3)),
            "material": self._material(verdict),
        }

    def _material(self, verdict: Verdict) -> int:
        if verdict not in self._materials:
            name = f"caution_{verdict.word}"
            if verdict in _REPEAT_MM:
                texture = _texture(self._model, painted(verdict, self._base))
                made = self._model.material(name, (255, 255, 255), texture=texture)
            else:
                plain = painted(verdict, self._base)[0, 0]
                made = self._model.material(name, tuple(int(value) for value in plain))
            self._materials[verdict] = made
        return self._materials[verdict]


def painted(verdict: Verdict, base: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return one repeat of a verdict's paint on skin, shape (H, W, 3), sRGB.

    Parameters
    ----------
    verdict : Verdict
    base : ndarray, shape (3,)
        Colour of the skin.
    """
    colour = np.array(verdict_colour(verdict), dtype=np.float64)
    if verdict in _REPEAT_MM:
        wide, high = _TEXELS[verdict]
        across, up = _REPEAT_MM[verdict]
        y, x = np.mgrid[0 : high * _FINE, 0 : wide * _FINE] + 0.5
        x, y = x * across / (wide * _FINE), y * up / (high * _FINE)
        share = 0.80 if verdict is Verdict.NEVER else 0.85
        mix = (share * _inked(verdict, x, y))[..., None]
        fine = colour + (np.array(_INK[verdict]) - colour) * mix
        colour = fine.reshape(high, _FINE, wide, _FINE, 3).mean(axis=(1, 3))
    else:
        colour = colour[None, None]
    return np.asarray(np.round(base + (colour - base) * _COVER[verdict]), dtype=np.uint8)


def _inked(verdict: Verdict, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    if verdict is Verdict.LIGHTEN:
        row = np.floor(y / 9.0)
        far = np.hypot((x / 9.0 + 0.5 * (row % 2)) % 1.0 - 0.5, (y / 9.0) % 1.0 - 0.5)
        return (far < 0.20).astype(np.float64)
    one = np.abs(((x + y) / 11.0) % 1.0 - 0.5) < 0.15
    two = np.abs(((x - y) / 11.0) % 1.0 - 0.5) < 0.15
    return (one if verdict is Verdict.AVOID else one | two).astype(np.float64)


def _texture(model: Model, pixels: NDArray[np.uint8]) -> int:
    from PIL import Image

    page = io.BytesIO()
    # glTF's v runs downwards, our y upwards.
    Image.fromarray(pixels[::-1]).save(page, format="PNG", optimize=True)
    view = model.file.blob(page.getvalue())
    image = model.file.add("images", {"bufferView": view, "mimeType": "image/png"})
    if "samplers" not in model.file.page:
        # Linear with mip maps, repeating.
        model.file.add(
            "samplers", {"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497}
        )
    return model.file.add("textures", {"source": image, "sampler": 0})
