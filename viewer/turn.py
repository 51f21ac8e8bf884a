"""Between two cameras: the shorter way round, eased, for turns that can be followed."""

from __future__ import annotations

import numpy as np

from annotations.timeline import CameraPose

#: A quarter turn takes this long, ms; a whole one at most twice as long.
QUARTER_MS = 260
_LEAST_MS, _MOST_MS = 140, 520


def between(start: CameraPose, end: CameraPose, share: float) -> CameraPose:
    """Return the camera part of the way from one to another.

    Parameters
    ----------
    start, end : CameraPose
    share : float
        0 start, 1 end; the way is not eased here.
    """
    if share >= 1.0:
        return end
    turn = (end.azimuth_deg - start.azimuth_deg + 180.0) % 360.0 - 180.0
    azimuth = (start.azimuth_deg + share * turn + 180.0) % 360.0 - 180.0
    return CameraPose(
        float(azimuth),
        float(start.elevation_deg + share * (end.elevation_deg - start.elevation_deg)),
        float(start.zoom * (end.zoom / start.zoom) ** share),
        np.asarray(start.focus) + share * (np.asarray(end.focus) - np.asarray(start.focus)),
    )


def duration_ms(start: CameraPose, end: CameraPose) -> int:
    """Return how long the way takes, ms: longer for a wider turn."""
    turn = abs((end.azimuth_deg - start.azimuth_deg + 180.0) % 360.0 - 180.0)
    most = max(turn, abs(end.elevation_deg - start.elevation_deg))
    return int(np.clip(QUARTER_MS * most / 90.0, _LEAST_MS, _MOST_MS))
