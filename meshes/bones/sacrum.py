"""Sacrum and coccyx as solids with crests, foramina and auricular sides of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.bones.column import disc_below
from meshes.bones.figures import figures, vector
from meshes.bones.shape import cone, ellipsoid, sheet, slab
from meshes.bones.solid import Array, Shape, Solid


def sacrum(step: float = 1.8) -> tuple[Array, NDArray[np.int64], Array]:
    """Return vertices, faces and normals of the sacrum, mirror-symmetric."""
    data = figures("sacrum")
    profile, width = vector(data["profile"])[::-1], vector(data["width"])[::-1]
    z = np.arange(profile[0, 0] + 3.0, profile[-1, 0], 1.0)
    front, crest = (np.interp(z, profile[:, 0], profile[:, i]) for i in (1, 2))
    half = np.interp(z, width[:, 0], width[:, 1])
    points, radii = [], []
    for k in range(len(z)):
        depth = crest[k] - front[k]
        x = np.arange(0.0, half[k], 1.2)
        share = x / half[k]
        # The back falls away from the crest; the front is hollow from side to side.
        back = crest[k] - 7.0 - 6.0 * np.clip(share * 2.0, 0.0, 1.0) ** 0.8 - 5.0 * share**2
        fore = front[k] + 3.0 + 9.0 * share**2 * np.clip((z[k] + 95.0) / 60.0, 0.0, 1.0)
        fore += np.clip(-z[k] - 50, 0.0, 30.0) / 30.0 * 2.0 * (1.0 - share)
        radius = np.clip(0.5 * (back - fore), 3.0, 14.0)
        middle = 0.5 * (back + fore)
        del depth
        layers = np.maximum(0.5 * (back - fore) - radius, 0.0)
        for lift in (-1.0, 0.0, 1.0):
            fits = x <= half[k] - radius * 0.55
            points.append(np.stack([x, middle + lift * layers, np.full_like(x, z[k])], axis=1)[fits])
            radii.append(radius[fits])
    solid = Solid((0.0, -22.0, -108.0), (66.0, 88.0, 14.0), step, half=True)
    solid.add(sheet(np.vstack(points), np.concatenate(radii)), 0.0)
    _base(solid)
    for y, height, radius in data["tubercles"]:
        solid.add(ellipsoid((0.0, y - radius, height), (3.6, radius, radius * 1.35)), 3.5)
    _crests(solid, data)
    for x, height, behind, ahead in data["foramina"]:
        y = float(np.interp(height, profile[:, 0], profile[:, 2])) - 10.0
        y_front = float(np.interp(height, profile[:, 0], profile[:, 1]))
        solid.cut(ellipsoid((x, y + 1.0, height), (behind, 9.0, behind * 1.1)), 2.0)
        solid.cut(ellipsoid((x + 2.0, y_front - 1.0, height), (ahead, 8.0, ahead * 0.9)), 3.0)
    # Sacral canal and hiatus.
    canal = [(0.0, 36.0, 4.0), (0.0, 46.0, -20.0), (0.0, 62.0, -48.0), (0.0, 70.0, -88.0)]
    for a, b, r in ((0, 1, 8.0), (1, 2, 5.5)):
        solid.cut(cone(canal[a], canal[b], r, r * 0.75), 1.5)
    solid.cut(ellipsoid((0.0, 80.0, -90.0), (5.0, 9.0, 13.0)), 2.0)
    disc = disc_below("L5")
    return _trim(solid, disc.lower.centre, disc.lower.normal).surface()


def _base(solid: Solid) -> None:
    """S1: body under the lumbosacral disc, wings, upper articular processes."""
    disc = disc_below("L5")
    plate = disc.lower
    up, back = plate.normal, plate.posterior
    rows = np.array([[1.0, 0.0, 0.0], back, np.cross([1.0, 0.0, 0.0], back)])
    centre = plate.centre - up * 11.0
    solid.add(
        slab(centre, (plate.half_width, plate.half_depth, 11.0), 8.0, rows), 4.0
    )
    # The wing runs out and back to the auricular surface.
    solid.add(cone(centre + (14.0, 2.0, -2.0), (44.0, 22.0, -16.0), 11.0, 12.0), 6.0)
    solid.add(ellipsoid((47.0, 26.0, -26.0), (9.0, 20.0, 22.0)), 5.0)
    solid.add(ellipsoid((40.0, 42.0, -34.0), (9.0, 14.0, 20.0)), 5.0)
    joint = np.array([21.5, 34.0, 2.0])
    solid.add(cone((20.0, 34.0, -14.0), joint + (1.0, 0.0, 2.0), 6.5, 5.0), 4.0)


def _crests(solid: Solid, data: dict[str, object]) -> None:
    tubercles = vector(data["tubercles"])
    for a, b in zip(tubercles[:-1], tubercles[1:], strict=True):
        solid.add(cone((0.0, a[0] - 5.0, a[1]), (0.0, b[0] - 5.0, b[1]), 2.6), 3.0)
    lateral = [(32.0, 50.0, -22.0), (30.0, 59.0, -40.0), (27.0, 66.0, -58.0), (24.0, 67.0, -74.0),
               (20.0, 66.5, -86.0)]
    for p, q in zip(lateral[:-1], lateral[1:], strict=True):
        solid.add(cone(p, q, 3.2), 4.0)
        solid.add(ellipsoid(p, (4.2, 4.0, 5.0)), 3.0)
    solid.add(ellipsoid((22.0, 64.0, -86.0), (6.0, 5.0, 5.0)), 4.0)
    # Intermediate crest, inside the foramina; cornua beside the hiatus.
    middle = [(12.0, 49.0, -20.0), (11.0, 61.0, -40.0), (10.0, 68.0, -58.0), (8.5, 69.0, -76.0)]
    for p, q in zip(middle[:-1], middle[1:], strict=True):
        solid.add(cone(p, q, 2.0), 3.0)
    solid.add(cone((8.0, 69.0, -80.0), (7.5, 69.5, -94.0), 2.6, 2.2), 2.5)


def _trim(solid: Solid, centre: Array, normal: Array) -> Solid:
    """Cut the S1 endplate flat under the disc."""

    def distance(x: Array, y: Array, z: Array) -> Array:
        over = (x - centre[0]) * normal[0] + (y - centre[1]) * normal[1] + (z - centre[2]) * normal[2]
        lateral = np.maximum(np.abs(x) - 27.0, 0.0)
        behind = np.maximum(y - 20.0, 0.0)
        return np.asarray(np.maximum(-over, np.maximum(lateral, behind) - 0.5))

    low, high = np.array([0.0, -30.0, -30.0]), np.array([30.0, 24.0, 20.0])
    return solid.cut(Shape(distance, low, high), 1.5)


def coccyx(step: float = 1.3) -> tuple[Array, NDArray[np.int64], Array]:
    """Return the coccyx: four shrinking segments."""
    rows = vector(figures("sacrum")["coccyx"])
    solid = Solid((0.0, 50.0, -140.0), (20.0, 78.0, -92.0), step, half=True)
    for k in range(len(rows) - 1):
        y, z, half = rows[k]
        centre = (0.0, y, z - 3.5)
        solid.add(ellipsoid(centre, (half, 4.2 - 0.4 * k, 5.6 - 0.3 * k)), 2.0)
        solid.add(
            cone((0.0, y, z), (0.0, rows[k + 1, 0], rows[k + 1, 1]), half * 0.4,
                 rows[k + 1, 2] * 0.4), 2.0,
        )
    y, z, half = rows[-1]
    solid.add(ellipsoid((0.0, y, z + 2.5), (half, 2.6, 3.5)), 2.0)
    # Cornua and transverse processes of the first segment.
    solid.add(cone((7.0, rows[0, 0] + 1.0, rows[0, 1] - 3.0), (7.0, rows[0, 0] + 4.0, -94.5), 2.0,
                   1.6), 1.5)
    return solid.surface()
