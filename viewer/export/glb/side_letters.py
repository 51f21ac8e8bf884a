"""The letters R and L beside the torso, which every viewer shows.

Flat strokes, one copy to be read from behind and one from in front; each is seen from its own
side only, so that neither is ever read in a mirror.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.export.glb.axes import Floats, placed, turned
from viewer.export.glb.model import Model
from viewer.palette import INK

#: Strokes in a box one wide and 1.4 high: from, to.
_STROKES = {
    "L": (((0.0, 1.4), (0.0, 0.0)), ((0.0, 0.0), (0.9, 0.0))),
    "R": (
        ((0.0, 1.4), (0.0, 0.0)),
        ((0.0, 1.4), (0.65, 1.4)),
        ((0.65, 1.4), (0.9, 1.2)),
        ((0.9, 1.2), (0.9, 0.95)),
        ((0.9, 0.95), (0.65, 0.75)),
        ((0.65, 0.75), (0.0, 0.75)),
        ((0.45, 0.75), (0.95, 0.0)),
    ),
}
_SIZE_MM, _BESIDE_MM, _HALF_WIDTH = 45.0, 70.0, 0.11


def add_side_letters(model: Model) -> None:
    """Add R and L on the subject's right and left, at half the torso's height."""
    atlas = model.atlas
    name = "skin" if "skin" in atlas else next(iter(atlas))
    low, high = atlas[name].surface.bounds.astype(np.float64)
    middle = (low + high) / 2.0
    for letter, x in (("L", high[0] + _BESIDE_MM), ("R", low[0] - _BESIDE_MM)):
        parent = {"name": f"side_{letter}", "children": []}
        node = model.node(parent, model.root)
        for seen_from, facing in (("behind", 1.0), ("front", -1.0)):
            # From behind the picture's right is the subject's right (-x).
            across = np.array([-facing, 0.0, 0.0])
            points, faces = _letter(letter)
            place = np.array([x, middle[1], middle[2]])
            at = place + _SIZE_MM * (
                (points[:, :1] - 0.45) * across + points[:, 1:] * np.array([0.0, 0.0, 1.0])
            )
            normals = np.tile([0.0, facing, 0.0], (len(at), 1))
            primitive = {
                "attributes": model.points(placed(at), turned(normals)),
                "indices": model.triangles(faces),
                "material": model.material("letter", INK),
            }
            row = {"name": f"side_{letter}_from_{seen_from}", "primitives": [primitive]}
            mesh = model.file.add("meshes", row)
            model.node({"name": row["name"], "mesh": mesh}, node)


def _letter(letter: str) -> tuple[Floats, NDArray[np.int32]]:
    """Return corners, shape (N, 2), and triangles that turn left as seen by the reader."""
    points: list[Floats] = []
    faces: list[tuple[int, int, int]] = []
    for start, end in _STROKES[letter]:
        a, b = np.array(start), np.array(end)
        ahead = (b - a) / np.linalg.norm(b - a) * _HALF_WIDTH
        side = np.array([-ahead[1], ahead[0]])
        first = 4 * len(points)
        points.append(np.array([a - ahead - side, b + ahead - side, b + ahead + side,
                                a - ahead + side]))  # fmt: skip
        faces += [(first, first + 1, first + 2), (first, first + 2, first + 3)]
    return np.concatenate(points), np.array(faces, dtype=np.int32)
