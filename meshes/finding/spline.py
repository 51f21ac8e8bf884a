"""Smoothing of polylines."""

from __future__ import annotations

import numpy as np

from meshes.finding.bone import Array


def smoothed(line: Array, sigma: float) -> Array:
    """Return a smoothing spline through a polyline, densely sampled, with its own ends.

    Parameters
    ----------
    line : ndarray, shape (K, 3)
        No two neighbours the same.
    sigma : float
        How far (mm, root mean square) the spline may stray from the points; 0 interpolates.
    """
    from scipy.interpolate import splev, splprep

    if len(line) < 3:
        return line
    weights = np.ones(len(line))
    weights[[0, -1]] = 50.0
    spline, _ = splprep(line.T, w=weights, k=min(3, len(line) - 1), s=len(line) * sigma**2)
    fine = np.linspace(0.0, 1.0, max(200, 8 * len(line)))
    return np.stack(splev(fine, spline), axis=1)


def distinct(line: Array) -> Array:
    """Drop points that repeat their predecessor."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    return np.asarray(line[np.concatenate([[True], steps > 1e-6])], dtype=np.float64)
