"""The hip bone: iliac wing as a curved sheet, socket, ischium and pubis as struts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.bones.figures import figures, vector
from meshes.bones.sacrum import sacrum_solid
from meshes.bones.shape import blade, cone, ellipsoid, sheet, strut, tube
from meshes.bones.solid import Array, Shape, Solid
from meshes.bones.sweep import spline

STEP_MM = 2.3
TRIANGLES = 6800
UP = np.array([0.0, 0.0, 1.0])


def hip_bone() -> tuple[Array, NDArray[np.int64], Array]:
    """Return vertices, faces and normals of the left hip bone."""
    data = figures("hip_bone")
    solid = Solid((-4.0, -92.0, -182.0), (152.0, 86.0, 62.0), STEP_MM)
    solid.add(_wing(data), 0.0)
    _spines(solid)
    _socket(solid, data)
    _ischium(solid)
    _pubis(solid)
    _carve_socket(solid, data)
    _fit_to_sacrum(solid, float(data["joint_gap"]))
    return solid.surface(TRIANGLES)


def _wing(data: Mapping[str, Any]) -> Shape:
    crest, rim = vector(data["crest"]), vector(data["rim"])
    along, across = 150, 80
    t = np.linspace(0.0, 1.0, along)
    top, low = spline(crest[:, :3], along), spline(rim[:, :3], along)
    knots = np.linspace(0.0, 1.0, len(crest))
    r_top, r_low = np.interp(t, knots, crest[:, 3]), np.interp(t, knots, rim[:, 3])
    v = np.linspace(0.0, 1.0, across)
    points = (1.0 - v)[None, :, None] * top[:, None] + v[None, :, None] * low[:, None]
    # Outward bow: the gluteal surface is convex in front, hollow behind.
    out = np.array([0.86, 0.42, 0.0])
    bend = np.sin(np.pi * v)[None, :] * float(data["bow"])
    bend = bend * np.interp(t, [0.0, 0.25, 0.6, 0.8, 1.0], [0.3, 0.8, 1.0, 0.1, -0.5])[:, None]
    points = points + bend[..., None] * out
    thin = (
        np.interp(t, [0.0, 0.15, 0.3, 0.45, 0.65, 0.8, 1.0], [4.0, 3.4, 4.6, 1.0, 1.6, 5.0, 6.5])
        * float(data["thin"])
        / 2.3
    )
    waist = np.sin(np.pi * np.clip(v * 1.04, 0.0, 1.0)) ** 0.7
    ends = (1.0 - v)[None, :] * r_top[:, None] + v[None, :] * r_low[:, None]
    radii = ends * (1.0 - waist)[None, :] + np.maximum(thin, 2.0)[:, None] * waist[None, :]
    return sheet(points, radii)


def _spines(solid: Solid) -> None:
    data = figures("hip_bone")
    asis, psis = vector(data["asis"]), vector(data["psis"])
    solid.add(cone(asis + (-1.5, 10.0, 7.0), asis + (-1.5, 5.5, 1.0), 6.6, 5.8), 6.0)
    # AIIS, a rough knob over the front of the socket.
    solid.add(cone((100.0, -36.0, -62.0), (105.0, -47.5, -58.0), 8.0, 5.5), 6.0)
    solid.add(ellipsoid(psis + (2.5, -6.0, 2.0), (6.0, 6.4, 10.0)), 5.0)
    # Iliac tuberosity and the thick bone behind the joint.
    solid.add(strut(((60.0, 14.0, -32.0), (46.0, 47.0, -20.0)), (10.0, 15.0), (9.0, 16.0), UP), 7.0)
    solid.add(ellipsoid((51.0, 46.0, -36.0), (6.0, 9.0, 6.0)), 5.0)
    # Arcuate line.
    line = [(63.0, 6.0, -46.0), (67.0, -8.0, -66.0), (62.0, -32.0, -86.0), (48.0, -50.0, -99.0)]
    for piece in tube(line, (7.0, 8.5, 9.0, 7.5)):
        solid.add(piece, 9.0)
    solid.add(blade((63.0, 8.0, -44.0), (84.0, -6.0, -66.0), (66.0, -22.0, -78.0), 7.0), 10.0)
    # The broad back of the socket runs into the ischium.
    solid.add(ellipsoid((76.0, 13.0, -102.0), (13.0, 11.0, 26.0)), 9.0)
    # The plate inside the socket.
    solid.add(blade((66.0, 4.0, -64.0), (66.0, 14.0, -122.0), (63.0, -36.0, -95.0), 6.5), 10.0)


def _socket(solid: Solid, data: Mapping[str, Any]) -> None:
    centre, radius = vector(data["acetabulum"]), float(data["socket_radius"])
    solid.add(ellipsoid(centre, (radius + 5.0,) * 3), 9.0)
    # The ilium above and the wall behind and inside the socket carry it.
    solid.add(
        strut(
            ((88.0, -10.0, -68.0), (74.0, 4.0, -98.0)),
            (12.0, 20.0),
            (11.0, 20.0),
            (-0.45, 0.9, 0.0),
        ),
        9.0,
    )
    solid.add(
        strut(
            ((91.0, -4.0, -74.0), (72.0, 18.0, -118.0)),
            (14.0, 12.0),
            (13.0, 12.0),
            (-0.6, 0.7, 0.0),
        ),
        10.0,
    )
    solid.add(ellipsoid((66.0, -4.0, -102.0), (8.0, 22.0, 24.0)), 9.0)
    solid.add(
        strut(
            ((98.0, -38.0, -66.0), (82.0, -34.0, -94.0)), (9.0, 9.0), (10.0, 9.0), (0.0, 1.0, 0.3)
        ),
        8.0,
    )


def _carve_socket(solid: Solid, data: Mapping[str, Any]) -> None:
    centre, radius = vector(data["acetabulum"]), float(data["socket_radius"])
    way = vector(data["opening"])
    way /= np.linalg.norm(way)

    def beyond(x: Array, y: Array, z: Array) -> Array:
        along = (x - centre[0]) * way[0] + (y - centre[1]) * way[1] + (z - centre[2]) * way[2]
        square = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2
        aside = np.sqrt(np.maximum(square - along * along, 0.0))
        return np.asarray(np.maximum(3.0 - along, aside - radius - 6.0))

    size = np.full(3, radius + 22.0)
    solid.cut(Shape(beyond, centre - size, centre + size), 8.0)
    solid.cut(ellipsoid(centre, (radius,) * 3), 2.5)
    # Fossa and notch of the socket, open below and in front.
    below = centre + np.array([4.0, -8.0, -22.0])
    solid.cut(cone(centre + (-8.0, 0.0, -8.0), below, 16.0, 10.0), 3.0)


def _ischium(solid: Solid) -> None:
    column = [
        (66.0, 14.0, -66.0),
        (67.0, 17.0, -84.0),
        (66.0, 22.0, -104.0),
        (63.0, 27.0, -124.0),
        (59.0, 28.0, -142.0),
        (50.0, 18.0, -157.0),
    ]
    for piece in tube(column, (9.5, 11.0, 12.0, 13.0, 14.0, 10.5)):
        solid.add(piece, 7.0)
    solid.add(
        strut(
            ((64.0, 32.0, -132.0), (55.0, 26.0, -156.0)), (9.5, 10.0), (9.5, 9.0), (0.0, 1.0, 0.0)
        ),
        6.0,
    )
    # Ischial spine; the lesser notch follows below it.
    solid.add(cone((62.0, 22.0, -92.0), (49.5, 33.0, -97.5), 8.0, 3.4), 7.0)
    ramus = [
        (50.0, 16.0, -158.0),
        (38.0, 0.0, -160.0),
        (26.0, -17.0, -154.0),
        (17.0, -33.0, -142.0),
        (12.0, -46.0, -130.0),
    ]
    for piece in tube(ramus, (9.0, 7.0, 6.4, 6.2, 6.6), 12):
        solid.add(piece, 6.0)


def _pubis(solid: Solid) -> None:
    upper = [
        (80.0, -34.0, -92.0),
        (62.0, -47.0, -97.0),
        (42.0, -57.0, -103.0),
        (22.0, -64.0, -109.0),
    ]
    for piece in tube(upper, (11.0, 8.5, 7.0, 7.5)):
        solid.add(piece, 6.0)
    # Body with the symphysial face, oval and flat; pubic tubercle.
    solid.add(
        strut(
            ((13.0, -62.0, -112.0), (10.0, -47.0, -134.0)), (7.0, 8.5), (5.5, 8.5), (0.0, 1.0, 0.4)
        ),
        5.0,
    )
    solid.add(ellipsoid((21.0, -69.0, -111.0), (4.5, 4.5, 4.0)), 4.0)

    def inner(x: Array, y: Array, z: Array) -> Array:
        return np.asarray(x - 3.0 + 0.0 * y + 0.0 * z)

    solid.cut(Shape(inner, np.array([-4.0, -90.0, -160.0]), np.array([3.0, -25.0, -95.0])), 2.0)


def _fit_to_sacrum(solid: Solid, gap: float) -> None:
    """Cut the sacrum, grown by the joint's width, from the hip bone."""
    from scipy.ndimage import map_coordinates

    other = sacrum_solid()

    def distance(x: Array, y: Array, z: Array) -> Array:
        shape = np.broadcast_shapes(x.shape, y.shape, z.shape)
        where = [
            (np.broadcast_to(part, shape) - other.low[i]) / other.step
            for i, part in enumerate((np.abs(x), y, z))
        ]
        value = map_coordinates(other.values, where, order=1, mode="nearest")
        return np.asarray(value - gap)

    solid.cut(Shape(distance, np.array([20.0, -15.0, -70.0]), np.array([66.0, 80.0, 20.0])), 1.5)
