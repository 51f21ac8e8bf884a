"""Millimetres on the skin as colour: one scale, even to the eye, with a line at every step.

From pale yellow (near, thin) over green-blue to dark violet (deep, thick): lightness falls all
the way, so that the scale reads in greyscale print and for every kind of colour blindness, and
neighbouring colours are nearly the same distance apart (CIEDE2000; tests/viewer/
test_colour_scale.py). Where nothing is measured the skin keeps its own colour.
"""

from __future__ import annotations

import numpy as np

from viewer import palette

#: From the low end of a map to its high end, evenly spaced.
STOPS: tuple[palette.RGB, ...] = (
    (252, 232, 145), (228, 221, 147), (208, 210, 149), (190, 200, 150), (174, 190, 151),
    (158, 180, 151), (144, 169, 151), (132, 160, 150), (121, 150, 149), (111, 141, 148),
    (101, 131, 147), (92, 120, 145), (83, 109, 142), (75, 96, 139), (68, 82, 136),
    (62, 67, 131), (57, 51, 126),
)  # fmt: skip


def colour_at(share: float) -> palette.RGB:
    """Return the colour at a share of the scale, 0 (low end) to 1 (high end).

    >>> colour_at(0.0), colour_at(1.0)
    ((252, 232, 145), (57, 51, 126))
    """
    at = float(np.clip(share, 0.0, 1.0)) * (len(STOPS) - 1)
    table = np.array(STOPS, dtype=np.float64)
    mixed = [np.interp(at, np.arange(len(STOPS)), table[:, axis]) for axis in range(3)]
    return round(mixed[0]), round(mixed[1]), round(mixed[2])


def glsl() -> str:
    """Return the scale as a GLSL function ``vec3 scaleColour(float share)``."""
    rows = ", ".join("vec3({:.4f}, {:.4f}, {:.4f})".format(*palette.unit(row)) for row in STOPS)
    count = len(STOPS)
    return f"""
vec3 scaleColour(float share)
{{
  vec3 stops[{count}] = vec3[{count}]({rows});
  float at = clamp(share, 0.0, 1.0) * {count - 1}.0;
  int low = min(int(at), {count - 2});
  return mix(stops[low], stops[low + 1], at - float(low));
}}
"""
