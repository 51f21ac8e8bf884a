"""Surfaces as the picture shows them: GLSL put into VTK's own shaders, and its uniforms.

VTK keeps doing what it does well (matrices, clipping, picking, depth); only the light and the
colour are replaced. Two materials are enough: *tissue* for everything inside, *skin* for the
skin with its caution pattern, the dent and the patch under a hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotations.skin_map import Scale
from viewer import lighting, shading

#: Names of the vertex arrays that both materials read.
TINT, FIBRE, CAUTION = "tint", "fibre", "caution"
MOST_CONTACTS = 2


@dataclass(frozen=True)
class Spot:
    """A hand's patch on the skin, as the shader takes it.

    Attributes
    ----------
    patch : tuple of float
        Centre x, y, z and radius, mm.
    press : tuple of float
        Outward normal x, y, z and depth of the dent, mm.
    verdict : int
        Whose colour and pattern the patch gets.
    shown : float
        0 hides the patch, 1 shows it.
    """

    patch: tuple[float, float, float, float]
    press: tuple[float, float, float, float]
    verdict: int
    shown: float


NO_SPOT = Spot((0.0, 0.0, 1e6, 1.0), (0.0, 0.0, 1.0, 0.0), 0, 0.0)


_VERTEX_DECLARE = """
in vec4 tintMC;
in vec4 fibreMC;
out vec4 tintVS;
out vec4 fibreVS;
out vec3 placeVS;
"""

_VERTEX = """
  tintVS = tintMC;
  fibreVS = fibreMC;
  placeVS = vertexMC.xyz;
"""

_FRAGMENT_DECLARE = f"""
in vec4 tintVS;
in vec4 fibreVS;
in vec3 placeVS;
{shading.COMMON}
"""

# Nearly clear, because VTK's shader drops what is fully clear, with its depth.
_DEPTH_ALONE = """
  fragOutput0 = vec4(0.0, 0.0, 0.0, 1.0 / 1024.0);
"""

_SKIN_DECLARE_VERTEX = (
    _VERTEX_DECLARE
    + """
in vec4 cautionMC;
out vec4 cautionVS;
out float blotchVS;
"""
    + shading.BLOTCH
)

_SKIN_VERTEX = (
    _VERTEX
    + """
  cautionVS = cautionMC;
  blotchVS = blotchAt(vertexMC.xyz);
  normalVCVSOutput += normalMatrix * (leaning(vertexMC.xyz, patch0, press0)
                                      + leaning(vertexMC.xyz, patch1, press1));
"""
)

_DENT_POSITION = """
  vec3 sunk = vertexMC.xyz + dented(vertexMC.xyz, patch0, press0)
                           + dented(vertexMC.xyz, patch1, press1);
  vec4 placeMC = vec4(sunk, 1.0);
  vertexVCVSOutput = MCVCMatrix * placeMC;
  gl_Position = MCDCMatrix * placeMC;
"""

_SKIN_DECLARE = _FRAGMENT_DECLARE + shading.PATTERN + "\nin vec4 cautionVS;\nin float blotchVS;\n"


_PLAIN_DECLARE = f"""
in vec4 tintMC;
out vec4 paintVS;
{lighting.GLSL}
"""

_PLAIN_FRAGMENT_DECLARE = """
in vec4 paintVS;
"""


class Material:
    """The shader of one actor.

    Parameters
    ----------
    actor : vtkActor
        With a polydata mapper whose input carries the arrays ``tint`` and ``fibre`` (and
        ``caution`` for skin).
    skin : bool
        Skin instead of tissue.
    bare : bool
        Tissue without any pattern, which costs a third.
    unlit : bool
        Tissue in its own colour, without a light.
    plain : bool
        Tissue without any pattern, lit at the corners; reads ``tint`` alone.
    depth_alone : bool
        Leave depth and no colour.
    """

    def __init__(
        self,
        actor: Any,
        *,
        skin: bool = False,
        bare: bool = False,
        unlit: bool = False,
        plain: bool = False,
        depth_alone: bool = False,
    ) -> None:
        self._property = actor.GetShaderProperty()
        self._fragment = self._property.GetFragmentCustomUniforms()
        self._vertex = self._property.GetVertexCustomUniforms()
        self._depth_alone = depth_alone
        self._charted: bool | None = None
        mapper = actor.GetMapper()
        names = (TINT,) if plain else (TINT, FIBRE, CAUTION) if skin else (TINT, FIBRE)
        for name in () if depth_alone else names:
            mapper.MapDataArrayToVertexAttribute(f"{name}MC", name, 0, -1)
        if depth_alone:
            if skin:
                self._into_vertex("Normal::Dec", shading.DENT)
                self._into_vertex("PositionVC::Impl", _DENT_POSITION, keep=False)
                self._no_contacts()
            self._into_fragment("Light::Impl", _DEPTH_ALONE, keep=False)
        elif skin:
            self._replace_skin()
        elif plain:
            self._into_vertex("Normal::Dec", _PLAIN_DECLARE)
            self._into_vertex("Normal::Impl", shading.PLAIN_VERTEX)
            self._into_fragment("Normal::Dec", _PLAIN_FRAGMENT_DECLARE)
            self._into_fragment("Light::Impl", shading.PLAIN, keep=False)
        else:
            self._into_vertex("Normal::Dec", _VERTEX_DECLARE)
            self._into_vertex("Normal::Impl", _VERTEX)
            self._into_fragment("Normal::Dec", _FRAGMENT_DECLARE)
            inside = shading.UNLIT if unlit else shading.BARE if bare else shading.TISSUE
            self._into_fragment("Light::Impl", inside, keep=False)
        self.veil(1.0)
        self.emphasis(0.0)

    def veil(self, opacity: float) -> None:
        """Set the opacity, 0..1."""
        self._fragment.SetUniformf("veil", opacity)
        # Edges get denser than the rest around a third of opacity, and not at either end.
        self._fragment.SetUniformf("glass", min(1.0, 4.0 * (1.0 - opacity)))

    def emphasis(self, share: float) -> None:
        """Brighten, 0..1."""
        self._fragment.SetUniformf("emphasis", share)

    def warned(self, share: float) -> None:
        """Show the caution pattern, 0..1 (skin only)."""
        self._fragment.SetUniformf("warned", share)

    def charted(self, scale: Scale | None) -> None:
        """Read the caution array as millimetres on a scale, or as verdicts (skin only)."""
        uniforms = self._fragment
        charted = scale is not None
        if charted != self._charted and not self._depth_alone:
            # Software GL runs through what a branch leaves out, so there is a shader for each.
            self._charted = charted
            self._into_fragment(
                "Normal::Dec",
                _SKIN_DECLARE + (shading.CHART if charted else ""),
            )
            self._into_fragment(
                "Light::Impl",
                shading.SKIN + (shading.SKIN_CHARTED if charted else "") + shading.SKIN_LIT,
                keep=False,
            )
        uniforms.SetUniformf("scaleLow", 0.0 if scale is None else scale.low)
        uniforms.SetUniformf("scaleHigh", 1.0 if scale is None else scale.high)
        uniforms.SetUniformf("scaleStep", 1.0 if scale is None else scale.step)
        # Only a region has an outline; where a bone ends there is no border to speak of.
        uniforms.SetUniformf("scaleRim", 1.0 if scale is not None and scale.rule else 0.0)

    def contact(self, index: int, spot: Spot) -> None:
        """Set the patch and the dent under a hand (skin only)."""
        for uniforms in (self._fragment, self._vertex):
            uniforms.SetUniform4f(f"patch{index}", spot.patch)
        self._vertex.SetUniform4f(f"press{index}", spot.press)
        sort = (float(spot.verdict), spot.shown, 1.0 / max(spot.patch[3], 1e-3), 0.0)
        self._fragment.SetUniform4f(f"sort{index}", sort)

    def _replace_skin(self) -> None:
        self._into_vertex("Normal::Dec", _SKIN_DECLARE_VERTEX + shading.DENT)
        self._into_vertex("Normal::Impl", _SKIN_VERTEX)
        self._into_vertex("PositionVC::Impl", _DENT_POSITION, keep=False)
        self.warned(0.0)
        self.charted(None)
        self._no_contacts()

    def _no_contacts(self) -> None:
        for index in range(MOST_CONTACTS):
            self.contact(index, NO_SPOT)

    def _into_vertex(self, tag: str, code: str, *, keep: bool = True) -> None:
        text = f"//VTK::{tag}\n{code}" if keep else code
        self._property.AddVertexShaderReplacement(f"//VTK::{tag}", True, text, False)

    def _into_fragment(self, tag: str, code: str, *, keep: bool = True) -> None:
        text = f"//VTK::{tag}\n{code}" if keep else code
        self._property.AddFragmentShaderReplacement(f"//VTK::{tag}", True, text, False)
