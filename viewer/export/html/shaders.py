"""The page's shaders: the text of :mod:`viewer.shading` with three.js's names for what it reads.

three.js brings the matrices; the light, the fibres, the caution patterns and the dent are the
viewer's own, so that the page shows what a video shows.
"""

from __future__ import annotations

from viewer import shading

VERTEX = (
    """
attribute float openness;
attribute vec3 fibre;
attribute vec4 share;
varying float vOpen;
varying vec3 vFibre;
varying vec4 vShare;
varying vec3 vPlace;
varying vec3 vView;
varying vec3 vNormal;
varying float vBlotch;
uniform vec4 patch0, patch1, press0, press1;
uniform vec3 bend;
uniform float reach, isHand;
"""
    + shading.DENT
    + shading.BLOTCH
    + """
void main()
{
  vOpen = openness; vFibre = fibre; vShare = share;
  vec3 place = position, n = normal;
  if (isHand > 0.5) {
    float a = place.x, b = place.y;
    float held = clamp((a + 1.7 * reach) / reach, 0.0, 1.0);
    a = clamp(a, -reach, reach); b = clamp(b * held, -reach, reach);
    place.z += bend.x * a * a + bend.y * b * b + bend.z * a * b;
    n = normalize(vec3(n.xy - vec2(2.0 * bend.x * a + bend.z * b, 2.0 * bend.y * b + bend.z * a)
      * step(abs(position.x), reach) * n.z, n.z));
  } else {
    vec3 at = place;
    n += leaning(at, patch0, press0) + leaning(at, patch1, press1);
    place += dented(at, patch0, press0) + dented(at, patch1, press1);
  }
  vPlace = position;
  vBlotch = blotchAt(position);
  vec4 seen = modelViewMatrix * vec4(place, 1.0);
  vView = seen.xyz;
  vNormal = normalize(normalMatrix * n);
  gl_Position = projectionMatrix * seen;
}
"""
)

_NAMES = """
varying float vOpen;
varying vec3 vFibre;
varying vec4 vShare;
varying vec3 vPlace;
varying vec3 vView;
varying vec3 vNormal;
varying float vBlotch;
uniform vec3 tint;
uniform float veil, emphasis, look, warned;
uniform vec4 patch0, patch1, sort0, sort1;
#define tintVS vec4(tint, vOpen)
#define fibreVS vec4(vFibre, look)
#define placeVS vPlace
#define blotchVS vBlotch
#define cautionVS vShare
#define vertexVC vec4(vView, 1.0)
#define fragOutput0 gl_FragColor
#define opacity 1.0
"""

_MAIN = """
void main()
{
  vec3 normalVCVSOutput = normalize(vNormal);
  if (!gl_FrontFacing) normalVCVSOutput = -normalVCVSOutput;
  float glass = min(1.0, 4.0 * (1.0 - veil));
"""

#: GLSL by name.
SHADERS = {
    "vertex": VERTEX,
    "tissue": _NAMES + shading.COMMON + _MAIN + shading.TISSUE + "}\n",
    "skin": _NAMES
    + shading.COMMON
    + shading.PATTERN
    + _MAIN
    + shading.SKIN
    + shading.SKIN_LIT
    + "}\n",
}
