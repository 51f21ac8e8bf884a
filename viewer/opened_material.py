"""Surfaces of an opened torso: GLSL added to the two materials for a lens, a half, a cut, layers.

A shader of its own, because software GL runs through what a branch leaves out: a torso that is
not opened pays nothing for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from meshes.terminology import Side
from viewer import palette
from viewer.camera import Lens
from viewer.material import Material
from viewer.opening import LENS_SOFT
from viewer.resolve import Picture

Four = tuple[float, float, float, float]

_VERTEX_DECLARE = """
out vec3 spotVS;
out vec3 whereVS;
"""

_VERTEX = """
  spotVS = vertexMC.xyz;
  whereVS = vertexMC.xyz + shift;
"""

_SHIFTED = """
  vec4 placeMC = vec4(vertexMC.xyz + shift, 1.0);
  vertexVCVSOutput = MCVCMatrix * placeMC;
  gl_Position = MCDCMatrix * placeMC;
"""

_FRAGMENT_DECLARE = """
in vec3 spotVS;
in vec3 whereVS;
"""

# Opacity here: of the half, then of the lens. Whatever comes up in the lens comes up at its
# rim, whole, and what goes fades over it: so nothing shines through from farther in.
_OPACITY = f"""
  if (dot(spotVS, cutPlane.xyz) > cutPlane.w) discard;
  float peeled_ = half_ == 0.0 ? 1.0 : step(0.0, whereVS.x * half_);
  float veilHere = mix(kept, veil, peeled_);
  vec3 fromEye = whereVS - lensEye.xyz;
  float ahead = dot(fromEye, lensAxis.xyz);
  float apart_ = length(fromEye - ahead * lensAxis.xyz) / max(ahead * lensAxis.w, 1e-3);
  float disc = lensEye.w * (1.0 - smoothstep({1.0 - LENS_SOFT:.3f}, 1.0, apart_));
  float ring_ = lensEye.w * (1.0 - smoothstep(0.0, 2.2 * max(fwidth(apart_), 1e-4),
                                              abs(apart_ - 1.0)));
  veilHere = mix(veilHere, lensed, lensed >= veilHere ? step(0.001, disc) : disc);
  if (veilHere < 0.01) discard;
  float glassHere = min(1.0, 4.0 * (1.0 - veilHere));
"""


def _back(tone: str) -> str:
    # What is seen from within is filled: after a cut it stands for the tissue itself.
    return f"""
  if (!gl_FrontFacing) fragOutput0.rgb = {tone};
  fragOutput0.rgb = mix(fragOutput0.rgb, vec3(0.16, 0.15, 0.17), 0.55 * ring_);
"""


@dataclass(frozen=True)
class Opening:
    """How a torso is opened, as the shaders take it.

    Attributes
    ----------
    half : float
        1 where the subject's left half is peeled alone, -1 for the right, 0 for both.
    eye : tuple of float
        Where the lens is looked through from, mm, and 1 if there is a lens.
    axis : tuple of float
        Direction from there to the lens's centre, and its radius over that distance.
    cut : tuple of float
        Normal of the cut and its offset, mm.
    """

    half: float = 0.0
    eye: Four = (0.0, 0.0, 0.0, 0.0)
    axis: Four = (0.0, 0.0, 1.0, 1.0)
    cut: Four = (0.0, 0.0, 0.0, 1.0)


def opening_of(picture: Picture, camera: Lens) -> Opening:
    """Return how a picture's torso is opened, seen through a camera."""
    half = {None: 0.0, Side.LEFT: 1.0, Side.RIGHT: -1.0, Side.MIDLINE: 0.0}[picture.peel_side]
    eye, axis = Opening.eye, Opening.axis
    if picture.lens is not None and picture.lens.centre is not None:
        line = np.asarray(picture.lens.centre) - camera.position
        far = max(float(np.linalg.norm(line)), 1.0)
        ex, ey, ez = (float(value) for value in camera.position)
        ax, ay, az = (float(value) for value in line / far)
        eye, axis = (ex, ey, ez, 1.0), (ax, ay, az, picture.lens.radius_mm / far)
    cut = Opening.cut if picture.cut is None else (*picture.cut.normal, picture.cut.offset_mm)
    return Opening(half, eye, axis, cut)


class OpenedMaterial(Material):
    """A material whose opacity depends on the place.

    Parameters
    ----------
    actor : vtkActor
        As for :class:`viewer.material.Material`.
    skin, unlit, depth_alone : bool
        Likewise.
    """

    def __init__(
        self, actor: Any, *, skin: bool = False, unlit: bool = False, depth_alone: bool = False
    ) -> None:
        self._skin = skin
        self._unlit = unlit
        self._coloured = not depth_alone
        self._placed: set[str] = set()
        super().__init__(actor, skin=skin, unlit=unlit, depth_alone=depth_alone)
        for tag in {"Normal::Dec", "Normal::Impl"} - self._placed:
            self._into_vertex(tag, "")
        if "fragment" not in self._placed:
            self._into_fragment("Normal::Dec", "")
        if not skin:
            super()._into_vertex("PositionVC::Impl", _SHIFTED, keep=False)
        self.regions(1.0, 1.0)
        self.shifted((0.0, 0.0, 0.0))
        self.open(Opening())

    def regions(self, kept: float, lensed: float) -> None:
        """Set the opacity in the half that is not peeled and inside the lens, 0..1."""
        self._fragment.SetUniformf("kept", kept)
        self._fragment.SetUniformf("lensed", lensed)

    def shifted(self, shift: tuple[float, float, float]) -> None:
        """Draw it somewhere else, mm."""
        self._vertex.SetUniform3f("shift", shift)

    def open(self, opening: Opening) -> None:
        """Set how the torso is opened."""
        self._fragment.SetUniformf("half_", opening.half)
        self._fragment.SetUniform4f("lensEye", opening.eye)
        self._fragment.SetUniform4f("lensAxis", opening.axis)
        self._fragment.SetUniform4f("cutPlane", opening.cut)

    def _into_vertex(self, tag: str, code: str, *, keep: bool = True) -> None:
        self._placed.add(tag)
        if tag == "Normal::Dec":
            code += _VERTEX_DECLARE
        elif tag == "Normal::Impl":
            code += _VERTEX
        super()._into_vertex(tag, code, keep=keep)

    def _into_fragment(self, tag: str, code: str, *, keep: bool = True) -> None:
        if tag == "Normal::Dec":
            self._placed.add("fragment")
            code += _FRAGMENT_DECLARE
        elif tag == "Light::Impl":
            here = re.sub(r"\b(veil|glass)\b", r"\1Here", code)
            red, green, blue = palette.unit(palette.FAT)
            flesh = f"vec3({red:.3f}, {green:.3f}, {blue:.3f}) * 0.86"
            within = "tintVS.rgb" if self._unlit else "tintVS.rgb * 0.80"
            tone = flesh if self._skin else within
            code = _OPACITY + here + (_back(tone) if self._coloured else "")
        super()._into_fragment(tag, code, keep=keep)
