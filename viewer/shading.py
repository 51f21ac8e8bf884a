"""What surfaces look like, as GLSL: one text for the window, for videos and for the web page.

The text reads a few names that whoever compiles it provides (VTK by its own templates, see
:mod:`viewer.material`; the web page by definitions, see :mod:`viewer.export.html.shaders`):

- ``tintVS`` colour and ambient openness, ``fibreVS`` fibre coordinates and the look,
  ``placeVS`` the place in mm, ``cautionVS`` the shares of the four verdicts, ``blotchVS``
  :data:`BLOTCH` of the place;
- ``normalVCVSOutput`` and ``vertexVC``, normal and place before the eye;
- ``veil``, ``glass``, ``emphasis``, ``opacity``, ``warned``, and for each hand ``patch``,
  ``press`` and ``sort`` (see :class:`viewer.material.Spot`; ``sort`` is the verdict, whether it
  is shown, and 1 / radius);
- ``fragOutput0``, which it writes.
"""

from __future__ import annotations

from annotations.verdict import Verdict
from viewer import colour_scale, lighting, palette, striation
from viewer.resolve import Look

#: Where the skin's dent ends, in radii of the patch under the hand.
DENT_ENDS = 2.6


def _vec3(colour: palette.RGB) -> str:
    return "vec3({:.4f}, {:.4f}, {:.4f})".format(*palette.unit(colour))


#: Functions that both materials call.
COMMON = (
    lighting.GLSL
    + striation.GLSL
    + """
vec3 tilted(vec3 n, vec3 place, float height)
{
  vec3 px = dFdx(place), py = dFdy(place);
  vec3 r1 = cross(py, n), r2 = cross(n, px);
  float det = dot(px, r1);
  vec3 slope = sign(det) * (dFdx(height) * r1 + dFdy(height) * r2);
  return normalize(abs(det) * n - slope);
}
"""
)

TISSUE = f"""
  vec3 n = normalVCVSOutput;
  vec3 toEye = normalize(-vertexVC.xyz);
  vec3 base = tintVS.rgb;
  float gloss = 0.05, power = 20.0, height = 0.0;
  int look = int(fibreVS.w + 0.5);
  // Software GL runs through every branch for every pixel, so there is one call of each pattern.
  bool sinew = look == {int(Look.FASCIA)};
  vec3 pale = sinew ? base : {_vec3(palette.TENDON)};
  vec3 fibre = vec3(fibreVS.xy, sinew ? 1.0 : fibreVS.z);
  float relief;
  vec3 striped = muscle(base, pale, fibre, fwidth(fibreVS.x), relief);
  // Lobules some 8 mm across: waves along bent coordinates show no lattice, unlike cheap noise.
  vec3 bent = placeVS + 6.0 * sin(0.083 * placeVS.yzx + vec3(1.0, 2.0, 3.0))
    + 3.0 * sin(0.19 * placeVS.zxy + vec3(4.0, 0.0, 2.0));
  float lump = 0.5 + 0.28 * dot(sin(0.56 * bent), cos(0.43 * bent.yzx));
  // Where a pixel is as large as a lobule there is nothing left to see.
  lump = mix(lump, 0.5, smoothstep(1.5, 5.0, length(fwidth(placeVS))));
  if (sinew || look == {int(Look.MUSCLE)}) {{
    base = striped;
    height = relief;
    gloss = 0.07; power = sinew ? 18.0 : 26.0;
  }} else if (look == {int(Look.BONE)}) {{
    base *= 0.975 + 0.035 * lump;
    power = 14.0;
  }} else if (look == {int(Look.FAT)}) {{
    base = mix(base * vec3(0.97, 0.92, 0.83), base * 1.03, smoothstep(0.25, 0.75, lump));
    height = 1.5 * lump;
    gloss = 0.09; power = 24.0;
  }} else if (look == {int(Look.ORGAN)}) {{
    gloss = 0.16; power = 34.0;
  }}
  n = tilted(n, vertexVC.xyz, height);
  vec3 colour = lit(base, n, toEye, tintVS.a, gloss, power);
  colour = mix(colour, vec3(1.0, 0.93, 0.45), 0.28 * emphasis);
  // A ghost is glass: clear where it faces the eye, denser at its edges.
  float rim = 1.0 - max(dot(n, toEye), 0.0);
  rim *= sqrt(rim);
  fragOutput0 = vec4(colour, opacity * mix(veil, min(veil * 2.4, 1.0), glass * rim));
"""

# A hand: tissue without a pattern.
BARE = """
  vec3 n = normalize(normalVCVSOutput);
  vec3 toEye = normalize(-vertexVC.xyz);
  vec3 colour = lit(tintVS.rgb, n, toEye, tintVS.a, 0.05, 20.0);
  float rim = 1.0 - max(dot(n, toEye), 0.0);
  rim *= sqrt(rim);
  fragOutput0 = vec4(colour, opacity * mix(veil, min(veil * 2.4, 1.0), glass * rim));
"""

# The face of a cut: a drawing, in the colours of its legend.
UNLIT = """
  fragOutput0 = vec4(tintVS.rgb, opacity * veil);
"""

# A torso in motion and a hand: no pattern. The light falls on the corners alone, for a picture
# has five times as many pixels; ``w`` is how edge-on it is seen.
PLAIN_VERTEX = """
  vec3 n = normalize(normalMatrix * normalMC);
  vec3 toEye = normalize(-(MCVCMatrix * vertexMC).xyz);
  float rim = 1.0 - max(dot(n, toEye), 0.0);
  paintVS = vec4(lit(tintMC.rgb, n, toEye, tintMC.a, 0.05, 20.0), rim * sqrt(rim));
"""

PLAIN = """
  vec3 colour = mix(paintVS.rgb, vec3(1.0, 0.93, 0.45), 0.28 * emphasis);
  fragOutput0 = vec4(colour, opacity * mix(veil, min(veil * 2.4, 1.0), glass * paintVS.w));
"""

#: Blotches of the skin, 0..1, worked out at its corners: they are eight triangles wide.
BLOTCH = (
    striation.NOISE3
    + """
float blotchAt(vec3 place) { return noise3(place * 0.030); }
"""
)

# The dent is a smooth hollow with a low rim around it, like skin under a thumb.
DENT = (
    f"""
const float DENT_FADES = 1.9, DENT_ENDS = {DENT_ENDS:.2f};
"""
    + """
float hollowAt(float far)
{
  return exp(-far * far * 1.1) - 0.22 * exp(-(far - 1.9) * (far - 1.9) * 2.2);
}

vec3 dented(vec3 place, vec4 patchAt, vec4 press)
{
  float far = distance(place, patchAt.xyz) / max(patchAt.w, 1.0);
  float hollow = hollowAt(far) * (1.0 - smoothstep(DENT_FADES, DENT_ENDS, far));
  return -press.xyz * (press.w * hollow);
}

vec3 leaning(vec3 place, vec4 patchAt, vec4 press)
{
  vec3 away = place - patchAt.xyz;
  float far = length(away) / max(patchAt.w, 1.0);
  float slope = -2.2 * far * exp(-far * far * 1.1)
    + 0.968 * (far - 1.9) * exp(-(far - 1.9) * (far - 1.9) * 2.2);
  float ebb = clamp((far - DENT_FADES) / (DENT_ENDS - DENT_FADES), 0.0, 1.0);
  slope *= 1.0 - ebb * ebb * (3.0 - 2.0 * ebb);
  slope -= hollowAt(far) * 6.0 * ebb * (1.0 - ebb) / (DENT_ENDS - DENT_FADES);
  return press.w / max(patchAt.w, 1.0) * slope * away / max(length(away), 1e-3);
}
"""
)

PATTERN = f"""
const vec3 WORK = {_vec3(palette.verdict_colour(Verdict.WORK))};
const vec3 LIGHTEN = {_vec3(palette.verdict_colour(Verdict.LIGHTEN))};
const vec3 AVOID = {_vec3(palette.verdict_colour(Verdict.AVOID))};
const vec3 NEVER = {_vec3(palette.verdict_colour(Verdict.NEVER))};

// How far inside an edge that is 1 / sharp wide: straight, for a smooth one costs a division.
float within(float inside, float sharp) {{ return clamp(0.5 + inside * sharp, 0.0, 1.0); }}
vec2 within(vec2 inside, vec2 sharp) {{ return clamp(0.5 + inside * sharp, 0.0, 1.0); }}

float line(float x, float width, float sharp)
{{
  return within(width - abs(fract(x) - 0.5), sharp);
}}

// Plain, dots, hatch, cross: two coordinates on the skin in mm, mirrored left to right.
vec4 verdictPaint(int verdict, vec2 at, float pixel)
{{
  // Two thirds of the width that a smooth edge would have: as steep in the middle.
  float sharp = 0.75 / clamp(pixel / 9.0, 0.02, 0.5);
  if (verdict == 0) return vec4(WORK, 0.66);
  if (verdict == 1) {{
    vec2 cell = at * 0.111111; cell.x += 0.5 * mod(floor(cell.y), 2.0);
    float r = length(fract(cell) - 0.5);
    float dot_ = within(0.20 - r, sharp);
    return vec4(mix(LIGHTEN, vec3(0.42, 0.33, 0.02), 0.85 * dot_), 0.74);
  }}
  float one = line((at.x + at.y) * 0.090909, 0.15, sharp);
  if (verdict == 2) return vec4(mix(AVOID, vec3(0.36, 0.13, 0.0), 0.85 * one), 0.80);
  float two = line((at.x - at.y) * 0.090909, 0.15, sharp);
  return vec4(mix(NEVER, vec3(0.93, 0.86, 0.97), 0.80 * max(one, two)), 0.86);
}}
"""

# Millimetres: the scale's colour, a thin line at every step, a strong one at the border of what
# is measured, and a dashed one along the map's own line.
CHART = (
    colour_scale.glsl()
    + """
vec4 chartPaint(vec4 value, vec2 at)
{
  float inside = value.y - 0.5;
  float far = abs(value.z);
  // Every derivative is taken by all pixels alike.
  float softIn = max(fwidth(value.y), 1e-5), softMm = max(fwidth(value.x), 1e-4);
  float softFar = clamp(fwidth(value.z), 1e-4, 4.0);
  // Where the needle passes an edge of bone the depth jumps: lines would pile up there.
  float slope = softMm / max(fwidth(at.x) + fwidth(at.y), 1e-4);
  float steps = value.x / scaleStep;
  float from = abs(fract(steps + 0.5) - 0.5) * scaleStep;
  float line = (1.0 - smoothstep(0.6 * softMm, 1.8 * softMm, from)) * step(0.5, steps);
  line *= 1.0 - smoothstep(0.9, 1.8, slope);
  vec3 colour = scaleColour((value.x - scaleLow) / max(scaleHigh - scaleLow, 1e-3));
  float dark = dot(colour, vec3(0.3, 0.6, 0.1));
  colour = mix(colour, dark > 0.45 ? colour * 0.45 : mix(colour, vec3(1.0), 0.55), 0.8 * line);
  float shown = smoothstep(-0.5 * softIn, 0.5 * softIn, inside);
  float rim = (1.0 - smoothstep(1.0 * softIn, 2.6 * softIn, abs(inside))) * scaleRim;
  vec4 paint = vec4(colour, 0.92 * shown);
  float dash = step(fract((at.x + at.y) / 9.0), 0.6);
  float fringe = (1.0 - smoothstep(1.0 * softFar, 2.4 * softFar, far)) * dash;
  float ink = max(rim, fringe);
  return mix(paint, vec4(0.13, 0.10, 0.20, 0.95), ink);
}
"""
)

SKIN = """
  vec3 toEye = normalize(-vertexVC.xyz);
  vec3 n = normalVCVSOutput;
  vec3 base = tintVS.rgb * mix(vec3(1.0), vec3(0.99, 0.94, 0.91), blotchVS);
  // Where the surface turns sideways the pattern is laid out along y instead of x.
  vec3 facing = abs(cross(dFdx(placeVS), dFdy(placeVS)));
  vec2 at = facing.y > 0.62 * facing.x ? vec2(abs(placeVS.x), placeVS.z) : placeVS.yz;
  float pixel = max(fwidth(placeVS.z), length(fwidth(placeVS.xy)));
  // The largest share wins; where two are close runs the border.
  vec4 share = cautionVS;
  int verdict = 0; float best = share.x, second = -1.0;
  second = max(second, min(best, share.y));
  if (share.y > best) { best = share.y; verdict = 1; }
  second = max(second, min(best, share.z));
  if (share.z > best) { best = share.z; verdict = 2; }
  second = max(second, min(best, share.w));
  if (share.w > best) { best = share.w; verdict = 3; }
  float gap = best - second;
  float border = 1.0 - smoothstep(0.0, max(fwidth(gap) * 1.6, 1e-4), gap);
  float painted = warned * clamp(share.x + share.y + share.z + share.w, 0.0, 1.0);
  // The patches under the hands take their own verdict and a white ring.
  vec3 away0 = placeVS - patch0.xyz, away1 = placeVS - patch1.xyz;
  away0 *= sort0.z; away1 *= sort1.z;
  // Squared: an edge is as wide, and no root is drawn.
  vec2 far = vec2(dot(away0, away0), dot(away1, away1));
  // A triangle seen edge-on is not painted from afar, however much of it a pixel holds.
  vec2 sharp = 0.75 / clamp(fwidth(far), 1e-4, 1.0);
  vec2 inside = within(1.0 - far, sharp) * vec2(sort0.y, sort1.y);
  vec2 ring = inside * within(far - 0.7396, sharp);
  if (inside.x > 0.0) { verdict = int(sort0.x + 0.5); border = 0.0; }
  if (inside.y > 0.0) { verdict = int(sort1.x + 0.5); border = 0.0; }
  float touched = max(inside.x, inside.y);
  vec4 paint = verdictPaint(verdict, at, pixel);
  paint.rgb *= 1.0 - 0.49 * border;
  float flat_ = 0.0;
  vec3 told = base;
"""

SKIN_CHARTED = """
  if (touched <= 0.0) {
    paint = chartPaint(cautionVS, at);
    painted = warned;
    told = mix(base, paint.rgb, paint.a * painted);
    // A colour that stands for a number is only half shaded.
    flat_ = 0.6 * paint.a * painted;
  }
"""

SKIN_LIT = """
  base = mix(base, paint.rgb, max(paint.a * painted, 0.9 * touched));
  base = mix(base, vec3(1.0), 0.9 * max(ring.x, ring.y));
  float x = glint(n, toEye), x2 = x * x, x4 = x2 * x2;
  vec3 colour = mix(lit(base, n, toEye, tintVS.a, 0.045 * x4 * x4 * x2 * x), told, flat_);
  float edge = 1.0 - max(dot(n, toEye), 0.0);
  colour += vec3(0.10, 0.05, 0.035) * edge * edge * tintVS.a * veil;
  colour = mix(colour, vec3(1.0, 0.93, 0.45), 0.28 * emphasis);
  float rim = 1.0 - max(dot(n, toEye), 0.0);
  rim *= sqrt(rim);
  fragOutput0 = vec4(colour, opacity * mix(veil, min(veil * 2.4, 1.0), glass * rim));
"""
