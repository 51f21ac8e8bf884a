"""The actors of hands and trails: the only geometry that changes from frame to frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from annotations.timeline import Contact, Trail
from meshes.atlas import Atlas
from viewer.hand_on_skin import PlacedHand, place_hand
from viewer.material import FIBRE, MOST_CONTACTS, TINT, Material
from viewer.palette import HAND, unit
from viewer.trail import ribbon_of

#: The patch under the hand is seen through it.
HAND_OPACITY = 0.50


class Touch:
    """Draws hands and trails over the skin.

    Parameters
    ----------
    atlas : Atlas
        Whose skin they lie on; without a skin nothing is drawn.
    renderer : vtkRenderer
    """

    def __init__(self, atlas: Atlas, renderer: Any) -> None:
        self._renderer = renderer
        self._skin = atlas["skin"].surface if "skin" in atlas else None
        self._tree: Any = None
        self._trails = [_TrailActor() for _ in range(2 * MOST_CONTACTS)]
        self._hands = [_HandActor() for _ in range(MOST_CONTACTS)]
        self._shown: tuple[Any, ...] = ()
        for actor in self._actors:
            renderer.AddActor(actor)

    @property
    def _actors(self) -> list[Any]:
        hands = [actor for hand in self._hands for actor in hand.actors]
        return [trail.actor for trail in self._trails] + hands

    def show(self, contacts: tuple[Contact, ...], trails: tuple[Trail, ...]) -> None:
        """Draw these and nothing else."""
        if self._skin is None or (contacts, trails) == self._shown:
            return
        self._shown = (contacts, trails)
        skin = self._skin
        for index, hand in enumerate(self._hands):
            if index < len(contacts):
                hand.show(place_hand(contacts[index], skin.vertices, skin.normals))
            else:
                hand.show(None)
        for index, actor in enumerate(self._trails):
            actor.show(trails[index] if index < len(trails) else None, self._normals_at)

    def close(self) -> None:
        """Take the actors off the renderer."""
        for actor in self._actors:
            self._renderer.RemoveActor(actor)

    def _normals_at(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        assert self._skin is not None
        if self._tree is None:
            from scipy.spatial import cKDTree

            self._tree = cKDTree(self._skin.vertices)
        _, nearest = self._tree.query(points)
        return np.asarray(self._skin.normals[nearest], dtype=np.float64)


class _HandActor:
    def __init__(self) -> None:
        self._data = vtkPolyData()
        self._triangles: NDArray[np.int32] | None = None
        self._kept: tuple[Any, ...] = ()
        self.actors = []
        self.materials = []
        for depth_alone in (True, False):
            mapper = vtkPolyDataMapper()
            mapper.SetInputData(self._data)
            mapper.ScalarVisibilityOff()
            mapper.SetVBOShiftScaleMethod(0)
            actor = vtkActor()
            actor.SetMapper(mapper)
            actor.ForceOpaqueOn()
            actor.SetVisibility(False)
            actor.GetProperty().BackfaceCullingOn()
            actor.PickableOff()
            self.actors.append(actor)
            self.materials.append(Material(actor, depth_alone=depth_alone))
        self.materials[1].veil(HAND_OPACITY)

    def show(self, hand: PlacedHand | None) -> None:
        for actor in self.actors:
            actor.SetVisibility(hand is not None)
        if hand is None:
            return
        points = vtkPoints()
        arrays = [numpy_to_vtk(hand.vertices), numpy_to_vtk(hand.normals)]
        points.SetData(arrays[0])
        arrays[1].SetName("Normals")
        self._data.SetPoints(points)
        self._data.GetPointData().SetNormals(arrays[1])
        if hand.faces is not self._triangles:
            self._triangles = hand.faces
            self._set_still(hand)
        self._kept = (hand, arrays)
        self._data.Modified()

    def _set_still(self, hand: PlacedHand) -> None:
        count = len(hand.vertices)
        tint = np.empty((count, 4), dtype=np.float32)
        tint[:, :3] = unit(HAND)
        tint[:, 3] = hand.openness
        for name, values in ((TINT, tint), (FIBRE, np.zeros((count, 4), dtype=np.float32))):
            array = numpy_to_vtk(values, deep=True)
            array.SetName(name)
            self._data.GetPointData().AddArray(array)
        self._data.SetPolys(_cells(hand.faces))


class _TrailActor:
    def __init__(self) -> None:
        self._data = vtkPolyData()
        mapper = vtkPolyDataMapper()
        mapper.SetInputData(self._data)
        self.actor = vtkActor()
        self.actor.SetMapper(mapper)
        self.actor.ForceOpaqueOn()  # blended in drawing order, like everything here
        self.actor.PickableOff()
        self.actor.GetProperty().LightingOff()
        self.actor.SetVisibility(False)

    def show(self, trail: Trail | None, normals_at: Any) -> None:
        ribbon = None if trail is None else ribbon_of(trail, normals_at(trail.points))
        self.actor.SetVisibility(ribbon is not None)
        if ribbon is None:
            return
        points = vtkPoints()
        points.SetData(numpy_to_vtk(ribbon.vertices, deep=True))
        self._data.SetPoints(points)
        self._data.SetPolys(_cells(ribbon.faces))
        self._data.GetPointData().SetScalars(numpy_to_vtk(ribbon.colours, deep=True))


def _cells(faces: NDArray[np.int32]) -> Any:
    cells = vtkCellArray()
    flat = np.ascontiguousarray(faces.ravel(), dtype=np.int64)
    cells.SetData(3, numpy_to_vtkIdTypeArray(flat, deep=True))
    return cells
