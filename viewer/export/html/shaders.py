"""The page's shaders: the light, the fibres and the caution patterns of the viewer's own.

three.js brings the matrices; what is done with them is what :mod:`viewer.material` does in VTK.
"""

from __future__ import annotations

from viewer.material import _DENT, _PATTERN
from viewer.palette import TENDON, unit
from viewer.resolve import Look

_TENDON = "vec3({:.4f}, {:.4f}, {:.4f})".format(*unit(TENDON))

_VERTEX = (
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
uniform vec4 patch0, patch1, press0, press1;
uniform vec3 bend;
uniform float reach, mirror, isHand;
"""
    + _DENT
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
  vec4 seen = modelViewMatrix * vec4(place, 1.0);
  vView = seen.xyz;
  vNormal = normalize(normalMatrix * n);
  gl_Position = projectionMatrix * seen;
}
"""
)

_COMMON = """
varying float vOpen;
varying vec3 vFibre;
varying vec4 vShare;
varying vec3 vPlace;
varying vec3 vView;
varying vec3 vNormal;
uniform vec3 tint;
uniform float veil, emphasis, look;
vec3 tilted(vec3 n, vec3 place, float height)
{
  vec3 px = dFdx(place), py = dFdy(place);
  vec3 r1 = cross(py, n), r2 = cross(n, px);
  float det = dot(px, r1);
  vec3 slope = sign(det) * (dFdx(height) * r1 + dFdy(height) * r2);
  return normalize(abs(det) * n - slope);
}
"""

_END = """
  colour = mix(colour, vec3(1.0, 0.93, 0.45), 0.28 * emphasis);
  float glass = min(1.0, 4.0 * (1.0 - veil));
  float rim = pow(1.0 - max(dot(n, toEye), 0.0), 1.6);
  gl_FragColor = vec4(colour, mix(veil, min(veil * 2.4, 1.0), glass * rim));
}
"""

_TISSUE = (
    f"""
void main()
{{
  vec3 n = normalize(vNormal);
  if (!gl_FrontFacing) n = -n;
  vec3 toEye = normalize(-vView);
  vec3 base = tint;
  float gloss = 0.05, power = 20.0, height = 0.0;
  int kind = int(look + 0.5);
  float footprint = fwidth(vFibre.x);
  if (kind == {int(Look.MUSCLE)}) {{
    base = muscle(base, {_TENDON}, vFibre, footprint, height);
    gloss = 0.07; power = 26.0;
  }} else if (kind == {int(Look.FASCIA)}) {{
    base = muscle(base, base, vec3(vFibre.xy, 1.0), footprint, height);
    gloss = 0.06; power = 18.0;
  }} else if (kind == {int(Look.BONE)}) {{
    base *= 0.95 + 0.09 * noise3(vPlace * 0.11);
    gloss = 0.05; power = 14.0;
  }} else if (kind == {int(Look.FAT)}) {{
    float lobule = 0.7 * noise3(vPlace * 0.13) + 0.3 * noise3(vPlace * 0.30 + 5.0);
    base = mix(base * vec3(0.97, 0.92, 0.83), base * 1.03, smoothstep(0.25, 0.75, lobule));
    height = 1.5 * lobule;
    gloss = 0.09; power = 24.0;
  }} else if (kind == {int(Look.ORGAN)}) {{
    gloss = 0.16; power = 34.0;
  }}
  n = tilted(n, vView, height);
  vec3 colour = lit(base, n, toEye, vOpen, gloss, power);
"""
    + _END
)

_SKIN = (
    """
uniform float warned;
uniform vec4 patch0, patch1, sort0, sort1;
vec3 spotted(vec3 base, vec4 spot, vec4 sort, vec2 at, float pixel)
{
  float far = distance(vPlace, spot.xyz) / max(spot.w, 1.0);
  float soft = fwidth(far);
  if (sort.y <= 0.0 || far > 1.0 + 2.0 * soft) return base;
  vec4 paint = verdictPaint(int(sort.x + 0.5), at, pixel);
  float inside = 1.0 - smoothstep(1.0 - soft, 1.0 + soft, far);
  float ring = inside * smoothstep(0.86 - soft, 0.86 + soft, far);
  return mix(mix(base, paint.rgb, 0.9 * inside), vec3(1.0), 0.9 * ring);
}
void main()
{
  vec3 toEye = normalize(-vView);
  vec3 n = normalize(vNormal);
  float blotch = noise3(vPlace * 0.030);
  vec3 base = tint * mix(vec3(1.0), vec3(0.99, 0.94, 0.91), blotch);
  vec3 facing = abs(normalize(cross(dFdx(vPlace), dFdy(vPlace))));
  vec2 at = facing.y > 0.62 * facing.x ? vec2(abs(vPlace.x), vPlace.z) : vPlace.yz;
  float pixel = max(fwidth(vPlace.z), length(fwidth(vPlace.xy)));
  vec4 share = vShare;
  int worst = 0; float best = share.x, second = -1.0;
  second = max(second, min(best, share.y));
  if (share.y > best) { best = share.y; worst = 1; }
  second = max(second, min(best, share.z));
  if (share.z > best) { best = share.z; worst = 2; }
  second = max(second, min(best, share.w));
  if (share.w > best) { best = share.w; worst = 3; }
  float gap = best - second;
  float border = 1.0 - smoothstep(0.0, max(fwidth(gap) * 1.6, 1e-4), gap);
  if (warned > 0.0) {
    vec4 paint = verdictPaint(worst, at, pixel);
    paint.rgb = mix(paint.rgb, paint.rgb * 0.35, 0.75 * border);
    base = mix(base, paint.rgb, paint.a * warned * clamp(dot(share, vec4(1.0)), 0.0, 1.0));
  }
  base = spotted(base, patch0, sort0, at, pixel);
  base = spotted(base, patch1, sort1, at, pixel);
  vec3 colour = lit(base, n, toEye, vOpen, 0.045, 11.0);
  float edge = 1.0 - max(dot(n, toEye), 0.0);
  colour += vec3(0.10, 0.05, 0.035) * edge * edge * vOpen * veil;
"""
    + _END
)

#: GLSL by name; the page joins them with the viewer's light and fibres.
SHADERS = {
    "vertex": _VERTEX,
    "common": _COMMON,
    "pattern": _PATTERN,
    "tissue": _TISSUE,
    "skin": _SKIN,
}
