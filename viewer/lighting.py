"""Three lights that go with the camera, as GLSL: one call per pixel instead of VTK's light loop.

Key from upper left, weak fill from the right, a rim from above and behind, and a soft dome
whose share is dimmed by the stored ambient occlusion. Light is added in linear colour, so that
shadows keep their hue. VTK's own light kit costs two thirds of the frame rate under llvmpipe
(``trial/speed.md``); this costs about as much as one VTK light and is used moving and at rest.
"""

from __future__ import annotations

#: ``vec3 lit(base, normal, view, occlusion, gloss, power)``: sRGB in, sRGB out. Where the power is
#: known, ``glint`` can be multiplied up instead and given to ``lit(..., shine)``.
GLSL = """
const vec3 KEY = vec3(-0.50, 0.58, 0.643);
const vec3 FILL = vec3(0.84, 0.05, 0.540);
const vec3 RIM = vec3(0.15, 0.80, -0.581);

float glint(vec3 n, vec3 v) { return max(dot(n, normalize(KEY + v)), 0.0); }

vec3 lit(vec3 base, vec3 n, vec3 v, float occlusion, float shine)
{
  vec3 albedo = base * base * (0.78 + 0.22 * base);          // close to sRGB decoding
  float open = occlusion * occlusion;
  float key = max((dot(n, KEY) + 0.18) / 1.18, 0.0);
  float fill = max((dot(n, FILL) + 0.30) / 1.30, 0.0);
  float rim = max(dot(n, RIM), 0.0);
  vec3 dome = mix(vec3(0.20, 0.18, 0.19), vec3(0.36, 0.37, 0.40), 0.5 + 0.5 * n.y);
  vec3 light = dome * open
    + vec3(1.02, 0.98, 0.92) * (0.86 * key * (0.45 + 0.55 * occlusion))
    + vec3(0.22, 0.24, 0.28) * (fill * occlusion)
    + vec3(0.20) * (rim * open);
  float facing = max(dot(n, v), 0.0);
  float away = 1.0 - facing;
  light *= 1.0 - 0.42 * away * away * away;                   // an inked edge
  vec3 colour = albedo * light + vec3(shine * open);
  // Bounced light between folds of the same tissue keeps the hollows warm.
  colour += albedo * base * (0.10 * (1.0 - occlusion));
  return sqrt(clamp(colour, 0.0, 1.0)) * (0.985 + 0.015 * clamp(colour, 0.0, 1.0));
}

vec3 lit(vec3 base, vec3 n, vec3 v, float occlusion, float gloss, float power)
{
  return lit(base, n, v, occlusion, pow(glint(n, v), power) * gloss);
}
"""
