"""Which tissue layers are seen at a peel depth, and how far each has faded.

At a whole number N everything outside layer N is gone; on the way to N + 1 layer N fades. From
bones (6) to organs (7) the bones do not go: they turn into a ghost, so that the kidneys are seen
where they lie, under the lowest ribs. Pleura and other coverings of organs come only then.
"""

from __future__ import annotations

from meshes.catalogue import Entry
from meshes.terminology import System, TissueLayer

#: What remains of the bones when the organs are looked at.
GHOST_OPACITY = 0.38
#: How opaque a thin covering (pleura) gets at the innermost layer.
COVERING_OPACITY = 0.45
#: Organs that fill the chest; they would hide the ribs' inner side if they came before the rest.
COVERINGS = frozenset({"pleura", "lung", "perirenal_fat", "pararenal_fat"})


def opacity_at(entry: Entry, peel: float) -> float:
    """Return how opaque a structure is at a peel depth, 0..1.

    Parameters
    ----------
    entry : Entry
    peel : float
        0..7.
    """
    layer = int(entry.layer)
    if entry.layer is TissueLayer.ORGAN:
        if entry.base in COVERINGS:
            return COVERING_OPACITY * _share(peel - TissueLayer.BONE)
        return 1.0
    left = 1.0 - _share(peel - layer)
    if _is_frame(entry):
        return GHOST_OPACITY + (1.0 - GHOST_OPACITY) * (1.0 - _share(peel - TissueLayer.BONE))
    return left


def peels_as(entry: Entry) -> tuple[int, bool, bool]:
    """Return what :func:`opacity_at` depends on; structures of one kind fade together."""
    return int(entry.layer), entry.base in COVERINGS, _is_frame(entry)


def outermost_layer(peel: float) -> TissueLayer:
    """Return the layer that is being looked at, for the title of a picture.

    >>> outermost_layer(2.4).title, outermost_layer(2.6).title
    ('Superficial muscles', 'Second layer of muscles')
    """
    return TissueLayer(min(max(round(peel), 0), 7))


def _is_frame(entry: Entry) -> bool:
    return entry.layer is TissueLayer.BONE and entry.system in (System.SKELETAL, System.ARTICULAR)


def _share(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)
