"""The sternum as a plate along its median profile, and the costal cartilages."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from meshes.bones.apart import without
from meshes.bones.figures import figures, vector
from meshes.bones.rib import narrowed, outward, ribs
from meshes.bones.shape import ellipsoid, sheet
from meshes.bones.solid import Array, Solid
from meshes.bones.sweep import loft, spline
from meshes.piercing import piercing_edges
from meshes.recast import recast
from meshes.relax import relaxed
from meshes.surface import Surface

TRIANGLES = 4000


@cache
def sternum(step: float = 1.8) -> tuple[Array, NDArray[np.int64], Array]:
    """Return manubrium, body and xiphoid process as one midline solid."""
    data = figures("sternum")
    rows = vector(data["profile"])[::-1]
    z = np.arange(rows[0, 0], rows[-1, 0], 0.9)
    y, half, thick = (np.interp(z, rows[:, 0], rows[:, i]) for i in (1, 2, 3))
    y = narrowed(np.stack([0.0 * y, y, z], axis=1))[:, 1]
    top = rows[-1, 0]
    share = np.linspace(0.0, 1.0, 34)
    x = np.maximum(half - thick / 2.0, 0.4)[:, None] * share
    # The jugular notch: toward the midline the upper rim lies lower.
    dip = float(data["notch"]) * np.clip(1.0 - (x / 14.0) ** 2, 0.0, 1.0)
    dip *= np.clip((z - (top - 24.0)) / 24.0, 0.0, 1.0)[:, None]
    # The front is gently convex from side to side.
    points = np.stack(
        [
            x,
            y[:, None] + 0.004 * x * x,
            z[:, None]
            - thick[:, None]
            / 2.0
            * (z > top - 24)[:, None]
            * np.clip((z - (top - 24.0)) / 24.0, 0.0, 1.0)[:, None]
            - dip,
        ],
        axis=2,
    )
    radii = (thick / 2.0)[:, None] * (1.0 - 0.12 * (x / 25.0) ** 2)
    low = (0.0, float(y.min()) - 10.0, float(z[0]) - 8.0)
    high = (34.0, float(y.max()) + 10.0, top + 4.0)
    solid = Solid(low, high, step, half=True)
    solid.add(sheet(points, radii), 0.0)
    # The clavicular notches.
    solid.cut(ellipsoid((26.5, -53.0, 457.0), (13.0, 14.0, 14.0)), 2.0)
    # Sternal angle: a low transverse ridge in front.
    ridge = narrowed(np.array([0.0, -97.0, 400.5]))
    solid.add(ellipsoid(ridge, (15.0, 4.0, 3.0)), 4.0)
    return solid.surface(TRIANGLES)


@cache
def costal_cartilage(number: int) -> tuple[Array, NDArray[np.int64]]:
    """Return a left costal cartilage (1..10), cut where it meets rib, sternum and the one above."""
    others = [(ribs()[number - 1].vertices, ribs()[number - 1].faces), sternum()[:2]]
    if number > 1:
        others.append(costal_cartilage(number - 1))
    vertices, faces, _ = _tube(number)
    if len(piercing_edges(vertices, faces)[0]) > 0:  # it turns more sharply than it is thick
        whole = recast(Surface.of(vertices, faces))
        vertices, faces = whole.vertices.astype(np.float64), whole.faces.astype(np.int64)
    vertices, faces = without((vertices, faces), others)
    settled = relaxed(vertices, faces)
    return (vertices if settled is None else settled.astype(np.float64)), faces


@cache
def _tube(number: int) -> tuple[Array, NDArray[np.int64], Array]:
    """Return vertices, faces and centre line of a cartilage that reaches into its neighbours."""
    row = next(row for row in figures("sternum")["cartilage"] if row["number"] == number)
    rib = ribs()[number - 1]
    bony = next(row for row in figures("ribs")["rib"] if row["number"] == number)
    end, way = rib.line[-1], rib.line[-1] - rib.line[-6]
    way /= np.linalg.norm(way)
    through = narrowed(vector(row["through"]))
    if number > 7:
        # False ribs lean on the cartilage above.
        above = _tube(number - 1)[2]
        gap = np.linalg.norm(above - through[-1], axis=1)
        through = np.vstack([through, above[np.argmin(gap)]])
    lead = [end - way * 2.5] if number < 4 else [end - way * 2.5, end + way * 5.0]
    points = np.vstack([*lead, through])
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    line = spline(points, max(int(length / 3.5), 12))
    out, up = outward(line, 0.0)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    # Shape and tilt of the rib's end give way to the cartilage's own within 25 mm.
    own = np.clip(along / min(25.0, 0.6 * along[-1]), 0.0, 1.0)
    # The first rib lies flat and its cartilage stands: one twist too many for a stub of 30 mm.
    slope = float(bony["slope"]) if number > 1 else 0.0
    tilt = np.radians(slope) * (1.0 - own)[:, None]
    out, up = np.cos(tilt) * out + np.sin(tilt) * up, np.cos(tilt) * up - np.sin(tilt) * out
    start = vector(bony["section"][2]) * float(figures("ribs")["section_scale"])
    if number == 1:
        start = vector(row["size"])
    tall, thick = (start[i] + own * (float(row["size"][i]) - start[i]) for i in (0, 1))
    tall = tall * (1.0 - 0.2 * along / along[-1])
    for gap in (along, along[-1] - along):
        t = np.clip((gap + 0.3) / 3.5, 0.0, 1.0)
        round_off = np.sqrt(1.0 - (1.0 - t) ** 2)
        tall, thick = tall * round_off, thick * round_off
    turn = 2.0 * np.pi * np.arange(14) / 14
    rings = (
        line[:, None, :]
        + (0.5 * thick[:, None] * np.cos(turn))[..., None] * out[:, None, :]
        + (0.5 * tall[:, None] * np.sin(turn))[..., None] * up[:, None, :]
    )
    vertices, faces = loft(rings)
    return vertices, faces, line
