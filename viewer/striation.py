"""Fibre striations: muscle looks like muscle because its fascicles follow its fibres.

Nothing is painted onto a texture. Each vertex carries where it lies among the fibres, in mm
across and along them, and the picture's shader makes bundles, grooves and the frayed border
between red belly and pale tendon from those coordinates at whatever size they are seen.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from meshes.structure import Structure
from meshes.surface import Surface

#: Fascicle patterns of two muscles must not run on into each other.
_PATTERN_LENGTH_MM = 512.0


def fibre_coordinates(structure: Structure) -> NDArray[np.float32]:
    """Return across, along and tendon share per vertex, shape (N, 3).

    Left and right get the same pattern, so that the picture is its own mirror image.

    Parameters
    ----------
    structure : Structure
        With fibres; without them everything is zero.

    Returns
    -------
    ndarray of float32, shape (N, 3)
        mm across the fibres (shifted by a number of the muscle's own), mm along them, and the
        tendon share 0..1.
    """
    surface = structure.surface
    result = np.zeros((len(surface.vertices), 3), dtype=np.float32)
    fibres = surface.fibres
    if fibres is None:
        return result
    shift = zlib.crc32(structure.entry.base.encode()) % 64 * _PATTERN_LENGTH_MM / 8.0
    result[:, 0] = fibres.v * _extent(surface, fibres.v) + shift
    result[:, 1] = fibres.u * _extent(surface, fibres.u)
    result[:, 2] = fibres.tendon
    return result


def _extent(surface: Surface, coordinate: NDArray[np.float32]) -> float:
    """Length in mm over which a 0..1 coordinate runs, by its median slope on the surface."""
    corners = surface.vertices[surface.faces].astype(np.float64)
    values = coordinate[surface.faces].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(first, second)
    doubled = np.einsum("ij,ij->i", normal, normal)
    keep = doubled > 1e-12
    rise = (values[:, 1] - values[:, 0])[:, None] * np.cross(second, normal)
    rise += (values[:, 2] - values[:, 0])[:, None] * np.cross(normal, first)
    slope = np.linalg.norm(rise[keep] / doubled[keep, None], axis=1)
    slope = slope[slope > 1e-7]
    return float(np.clip(1.0 / np.median(slope), 5.0, 1000.0)) if len(slope) else 5.0


#: Noise in space as GLSL, 0..1.
NOISE3 = """
float hash13(vec3 p)
{
  p = fract(p * 0.1031);
  p += dot(p, p.zyx + 31.32);
  return fract((p.x + p.y) * p.z);
}

float noise3(vec3 p)
{
  vec3 i = floor(p), f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  vec2 e = vec2(0.0, 1.0);
  vec4 low = vec4(hash13(i), hash13(i + e.yxx), hash13(i + e.xyx), hash13(i + e.yyx));
  vec4 high = vec4(hash13(i + e.xxy), hash13(i + e.yxy), hash13(i + e.xyy), hash13(i + e.yyy));
  vec4 z = mix(low, high, f.z);
  return mix(mix(z.x, z.y, f.x), mix(z.z, z.w, f.x), f.y);
}
"""

#: Noise and the muscle's skin as GLSL; ``muscle`` also returns the relief that tilts the normal.
GLSL = """
float hash12(vec2 p)
{
  vec3 q = fract(vec3(p.xyx) * 0.1031);
  q += dot(q, q.yzx + 33.33);
  return fract((q.x + q.y) * q.z);
}

float noise2(vec2 p)
{
  vec2 i = floor(p), f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash12(i), hash12(i + vec2(1.0, 0.0)), f.x),
             mix(hash12(i + vec2(0.0, 1.0)), hash12(i + vec2(1.0, 1.0)), f.x), f.y);
}

// fibre: mm across, mm along, tendon share. relief: height in mm of the bundles.
vec3 muscle(vec3 belly, vec3 tendonColour, vec3 fibre, float footprint, out float relief)
{
  float a = fibre.x, b = fibre.y;
  a += 1.6 * (noise2(vec2(a * 0.06, b * 0.022)) - 0.5);        // bundles are not ruled lines
  float coarse = noise2(vec2(a * 0.17, b * 0.012)) - 0.5;
  float middle = noise2(vec2(a * 0.46, b * 0.025 + 7.0)) - 0.5;
  float fine = noise2(vec2(a * 1.15, b * 0.05 + 31.0)) - 0.5;
  middle *= 1.0 - smoothstep(0.8, 2.2, footprint);
  fine *= 1.0 - smoothstep(0.35, 0.9, footprint);
  float t = clamp(fibre.z, 0.0, 1.0);
  float fray = 4.0 * t * (1.0 - t);
  float edge = t + fray * (0.55 * coarse + 0.55 * middle + 0.30 * fine);
  float pale = smoothstep(0.38, 0.62, edge);
  float tone = 0.55 * coarse + 0.55 * middle + 0.42 * fine;
  vec3 red = mix(belly, belly * vec3(0.58, 0.44, 0.42), clamp(-1.5 * tone + 0.06, 0.0, 1.0));
  red = mix(red, vec3(0.80, 0.42, 0.35), clamp(1.1 * tone - 0.03, 0.0, 0.55));
  vec3 white = tendonColour * (1.0 + 0.16 * tone);
  relief = mix(0.50 * coarse + 0.50 * middle + 0.26 * fine, 0.10 * middle + 0.14 * fine, pale);
  return mix(red, white, pale);
}
"""
