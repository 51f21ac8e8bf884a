"""What of an atlas a cut lays open: its tissues, and the spaces of which the atlas knows nothing.

The plate of a cut (:mod:`viewer.section_view`) and the cut in a 3D view take both from the same
masks, so that a space in the one is a space in the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.per_atlas import PerAtlas
from meshes.section import Plane, Section, section
from viewer.opening import Cut
from viewer.section_raster import Silent, Window, silent_spaces

Floats = NDArray[np.float64]
Triangles = tuple[Floats, NDArray[np.int32]]

#: Cuts of an atlas that are kept: what is shown, and what is pointed at in it.
_KEPT = 2
#: Corners of a space's outline that lie this close to a straight line are left out, mm.
_SMOOTH_MM = 0.08


@dataclass(frozen=True, eq=False)
class LaidOpen:
    """A cut through the whole of an atlas.

    Attributes
    ----------
    section : Section
        Every tissue, from outside inward.
    """

    section: Section

    @cached_property
    def silent(self) -> Silent | None:
        """Where the atlas does not know what is there; None if the plane meets nothing."""
        return silent_spaces(self.section) if self.section.slices else None

    def held(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether the atlas holds what is at points of the plane, shape (N, 3), mm: (N,)."""
        if self.silent is None:
            return np.ones(len(points), dtype=np.bool_)
        return self.silent.held(self.section.plane.flat(points))

    @cached_property
    def cavity(self) -> Triangles:
        """The spaces within the trunk: points (N, 3), mm, and triangles (K, 3)."""
        return self._filled(None if self.silent is None else self.silent.cavity)

    def shell(self, structure_id: str) -> Triangles:
        """Return the inside of a bone whose surface alone is held, likewise."""
        return self._filled(None if self.silent is None else self.silent.shells.get(structure_id))

    def _filled(self, mask: NDArray[np.bool_] | None) -> Triangles:
        if mask is None or self.silent is None or not mask.any():
            return np.empty((0, 3)), np.empty((0, 3), dtype=np.int32)
        return filled(mask, self.silent.window, self.section.plane)


class _Cuts:
    """The last few cuts of an atlas."""

    def __init__(self) -> None:
        self.made: dict[Cut, LaidOpen] = {}


_CUTS = PerAtlas(lambda _: _Cuts())


def laid_open(atlas: Atlas, cut: Cut) -> LaidOpen:
    """Return what a cut lays open; the last few are kept."""
    made = _CUTS(atlas).made
    if cut not in made:
        while len(made) >= _KEPT:
            made.pop(next(iter(made)))
        made[cut] = LaidOpen(section(atlas, cut.plane()))
    return made[cut]


def filled(mask: NDArray[np.bool_], window: Window, plane: Plane) -> Triangles:
    """Return triangles that fill a mask, its border smooth.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
    window : Window
        What the mask shows of the plane.
    plane : Plane

    Returns
    -------
    points : ndarray, shape (N, 3)
        mm.
    triangles : ndarray of int, shape (K, 3)
    """
    from manifold3d import CrossSection, FillRule, triangulate
    from scipy import ndimage

    # A rim of nothing closes what reaches the edge of the picture.
    soft = ndimage.gaussian_filter(np.pad(mask, 2).astype(np.float32), 1.0)
    rings = [window.flat(ring - 2.0 + 0.5) for ring in _rings(soft)]
    area = CrossSection(rings, FillRule.EvenOdd).simplify(_SMOOTH_MM) if rings else None
    shapes = [] if area is None else [np.asarray(ring) for ring in area.to_polygons()]
    shapes = [ring for ring in shapes if len(ring) >= 3]
    if not shapes:
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int32)
    triangles = np.asarray(triangulate(shapes), dtype=np.int32).reshape(-1, 3)
    return plane.solid(np.concatenate(shapes)), triangles


def _rings(field: NDArray[np.float32]) -> list[Floats]:
    """Return closed lines at half height, as columns and rows, each shape (K, 2)."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges2D, vtkStripper

    height, width = field.shape
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(field).ravel(), deep=True))
    edges = vtkFlyingEdges2D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.5)
    stripper = vtkStripper()
    stripper.SetInputConnection(edges.GetOutputPort())
    stripper.JoinContiguousSegmentsOn()
    stripper.SetMaximumLength(1_000_000)
    stripper.Update()
    lines = stripper.GetOutput()
    if not lines.GetNumberOfLines():
        return []
    points = vtk_to_numpy(lines.GetPoints().GetData())[:, :2].astype(np.float64)
    cells = lines.GetLines()
    starts = vtk_to_numpy(cells.GetOffsetsArray())
    order = vtk_to_numpy(cells.GetConnectivityArray())
    return [points[order[low : high - 1]] for low, high in pairwise(starts) if high - low > 3]
