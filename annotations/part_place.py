"""Where on a part of a structure a hand feels it: its shallowest place, halfway along it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.skin_surface import skin_of

Floats = NDArray[np.float64]

#: The middle of a part is this share of its length, half of it to either side of halfway.
_MIDDLE = 1.0 / 3.0


def place_on_part(atlas: Atlas, name: str) -> Floats | None:
    """Return the corner of a part that lies nearest to the skin, of those halfway along it.

    The mean of a part's corners need not lie on it (that of the iliac crest lies in the pelvis,
    that of the spine of the scapula in front of its blade); the shallowest corner does, and is
    what a finger finds.

    Parameters
    ----------
    atlas : Atlas
    name : str
        ``structure/part``.

    Returns
    -------
    (3,) array or None
        Torso frame, mm; None if there is no such part.
    """
    structure_id, _, part = name.partition("/")
    structure = atlas.structures.get(structure_id)
    if structure is None or not part:
        return None
    faces = structure.part_faces(part)
    if len(faces) == 0:
        return None
    corners = np.unique(structure.surface.faces[faces])
    places = structure.surface.vertices[corners].astype(np.float64)
    middle = places.mean(axis=0)
    # The direction in which the part is longest.
    along = np.linalg.svd(places - middle, full_matrices=False)[2][0]
    share = (places - middle) @ along
    low, high = share.min(), share.max()
    halfway = places[np.abs(share - (low + high) / 2.0) <= _MIDDLE / 2.0 * (high - low)]
    if len(halfway) == 0:
        halfway = places
    depth, _ = skin_of(atlas).tree.query(halfway)
    return np.asarray(halfway[int(np.argmin(depth))], dtype=np.float64)
