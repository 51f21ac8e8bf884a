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
from viewer.bare_actor import bare_actor
from viewer.buffers import cells_of
from viewer.hand_on_skin import SPAN_MM, PlacedHand, bend_over, bent_patch, placed_hand
from viewer.material import FIBRE, MOST_CONTACTS, TINT, Material
from viewer.palette import HAND, unit, verdict_colour
from viewer.trail import Ribbon, ribbon_of

#: The patch under the hand is seen through it.
HAND_OPACITY = 0.50
#: Skin that shapes a hand lies within this, mm.
_REACH_MM = SPAN_MM + 1.0
#: Of a triangle's corners; three of them fit into two bytes.
_STEPS = 21_800.0


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
        skin = atlas["skin"].surface if "skin" in atlas else None
        self._skin: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        #: The same vertices, an array per axis.
        self._axes: tuple[NDArray[np.float32], ...] = ()
        if skin is not None:
            # From below upward, so that what is near a hand lies together.
            order = np.argsort(skin.vertices[:, 2], kind="stable")
            self._skin = (np.array(skin.vertices[order]), np.array(skin.normals[order]))
            self._axes = tuple(np.array(axis) for axis in self._skin[0].T)
        self._tree: Any = None
        self._trails = [_FlatActor() for _ in range(2 * MOST_CONTACTS)]
        self._patches = [_FlatActor() for _ in range(MOST_CONTACTS)]
        self._hands = [_HandActor() for _ in range(MOST_CONTACTS)]
        self._shown: tuple[Any, ...] = ()
        #: Contacts, trails, whether the skin is drawn; hands with patches, and ribbons.
        self._ready: tuple[Any, ...] = ((), (), False, (), ())
        #: Points of the last trails with the skin's normals there.
        self._paths: list[tuple[NDArray[Any], NDArray[np.float64]]] = []
        for actor in self._actors:
            renderer.AddActor(actor)

    @property
    def _actors(self) -> list[Any]:
        hands = [actor for hand in self._hands for actor in hand.actors]
        return [flat.actor for flat in (*self._trails, *self._patches)] + hands

    def prepare(
        self, contacts: tuple[Contact, ...], trails: tuple[Trail, ...], *, skin_drawn: bool
    ) -> list[NDArray[np.float32]]:
        """Work out what :meth:`show` will draw of these and return its vertices; draws nothing."""
        asked = (contacts, trails, skin_drawn)
        if self._skin is None:
            return []
        if self._ready[:3] != asked:
            hands = tuple(self._placed(item, skin_drawn) for item in contacts[:MOST_CONTACTS])
            normals = [self._normals_along(item.points) for item in trails[: 2 * MOST_CONTACTS]]
            self._paths = [
                (item.points, along) for item, along in zip(trails, normals, strict=False)
            ]
            ribbons = tuple(ribbon_of(item, n) for item, n in zip(trails, normals, strict=False))
            self._ready = (*asked, hands, ribbons)
        hands, ribbons = self._ready[3:]
        drawn = [item for pair in hands for item in pair] + list(ribbons)
        return [item.vertices for item in drawn if item is not None]

    def show(
        self, contacts: tuple[Contact, ...], trails: tuple[Trail, ...], *, skin_drawn: bool
    ) -> None:
        """Draw these and nothing else; the skin, where it is drawn, shows the patches itself."""
        for drawn in self._hands:
            drawn.whole()
        if self._skin is None or (contacts, trails, skin_drawn) == self._shown:
            return
        self.prepare(contacts, trails, skin_drawn=skin_drawn)
        self._shown = (contacts, trails, skin_drawn)
        hands, ribbons = self._ready[3:]
        for index, hand in enumerate(self._hands):
            placed, painted = hands[index] if index < len(hands) else (None, None)
            hand.show(placed)
            self._patches[index].show(painted)
        for index, actor in enumerate(self._trails):
            ribbon = ribbons[index] if index < len(ribbons) else None
            actor.show(ribbon)

    def nearest_first(self, eye: NDArray[np.floating]) -> None:
        """Draw the hands that are shown once instead of twice, until :meth:`show` is called.

        A hand lets things through, but not its own far side: for that its depth is drawn before
        its colour. If what is near is drawn first it hides the rest as well, but for a few
        pixels in its folds.

        Parameters
        ----------
        eye : ndarray, shape (3,)
            From where the hands are seen, mm.
        """
        for hand in self._hands:
            hand.nearest_first(eye)

    def last(self) -> None:
        """Draw the hands after all that was added to the renderer since."""
        for actor in self._actors:
            self._renderer.RemoveActor(actor)
            self._renderer.AddActor(actor)

    def close(self) -> None:
        """Take the actors off the renderer."""
        for actor in self._actors:
            self._renderer.RemoveActor(actor)

    def _placed(self, contact: Contact, skin_drawn: bool) -> tuple[PlacedHand, Ribbon | None]:
        assert self._skin is not None
        vertices, normals = self._skin
        x, y, level = (np.float32(value) for value in contact.position)
        first, last = np.searchsorted(self._axes[2], [level - _REACH_MM, level + _REACH_MM])
        near_x = np.abs(self._axes[0][first:last] - x) < _REACH_MM
        near_y = np.abs(self._axes[1][first:last] - y) < _REACH_MM
        rows = first + np.flatnonzero(near_x & near_y)
        near, upright = vertices[rows], normals[rows]
        bend = bend_over(contact, near, upright)
        painted = None if skin_drawn else _painted(contact, bend)
        return placed_hand(contact, bend), painted

    def _normals_along(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the skin's normals along a trail, most of which was there just before."""
        for before, normals in self._paths:
            first = np.flatnonzero((before == points[0]).all(axis=1))
            if not len(first):
                continue
            known = normals[first[0] : first[0] + len(points)]
            if np.array_equal(points[: len(known)], before[first[0] : first[0] + len(points)]):
                rest = points[len(known) :]
                return np.concatenate([known, self._normals_at(rest)]) if len(rest) else known
        return self._normals_at(points)

    def _normals_at(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        assert self._skin is not None
        if self._tree is None:
            from scipy.spatial import cKDTree

            self._tree = cKDTree(self._skin[0])
        _, nearest = self._tree.query(points)
        return np.asarray(self._skin[1][nearest], dtype=np.float64)


class _HandActor:
    def __init__(self) -> None:
        self._data = vtkPolyData()
        self._triangles: NDArray[np.int32] | None = None
        self._kept: tuple[Any, ...] = ()
        self._hand: PlacedHand | None = None
        #: All triangles as VTK wants them, and whether they are drawn as they come.
        self._cells: Any = None
        self._sorted = False
        self.actors = []
        self.materials = []
        for depth_alone in (True, False):
            actor, _ = bare_actor(self._data, two_sided=False)
            actor.PickableOff()
            self.actors.append(actor)
            self.materials.append(Material(actor, plain=True, depth_alone=depth_alone))
        self.materials[1].veil(HAND_OPACITY)

    def show(self, hand: PlacedHand | None) -> None:
        self._hand = hand
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

    def whole(self) -> None:
        """Draw depth and then colour of all triangles, in any order."""
        if self._sorted:
            self._sorted = False
            self.actors[0].SetVisibility(self._hand is not None)
            self._data.SetPolys(self._cells)

    def nearest_first(self, eye: NDArray[np.floating]) -> None:
        """Draw colour alone, near triangles before far ones."""
        if self._hand is not None:
            self._sorted = True
            self.actors[0].SetVisibility(False)
            self._data.SetPolys(cells_of(_nearest_first(self._hand, eye)))

    def _set_still(self, hand: PlacedHand) -> None:
        count = len(hand.vertices)
        tint = np.empty((count, 4), dtype=np.float32)
        tint[:, :3] = unit(HAND)
        tint[:, 3] = hand.openness
        for name, values in ((TINT, tint), (FIBRE, np.zeros((count, 4), dtype=np.float32))):
            array = numpy_to_vtk(values, deep=True)
            array.SetName(name)
            self._data.GetPointData().AddArray(array)
        self._cells = _cells(hand.faces)
        self._data.SetPolys(self._cells)


def _nearest_first(hand: PlacedHand, eye: NDArray[np.floating]) -> NDArray[np.int32]:
    """Return a hand's triangles ordered by how far from a place they are, shape (K, 3)."""
    away = hand.vertices - np.asarray(eye, dtype=np.float32)
    far = np.sqrt(np.einsum("ij,ij->i", away, away))
    # Steps of some hundredths of a millimetre: two bytes are sorted ten times as fast as four.
    steps = (far - far.min()) * (_STEPS / max(float(np.ptp(far)), 1e-6))
    a, b, c = hand.faces.T
    key = (steps[a] + steps[b] + steps[c]).astype(np.uint16)
    return hand.faces[np.argsort(key, kind="stable")]


class _FlatActor:
    """Triangles in their own colours, unlit."""

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

    def show(self, flat: Ribbon | None) -> None:
        self.actor.SetVisibility(flat is not None)
        if flat is None:
            return
        points = vtkPoints()
        points.SetData(numpy_to_vtk(flat.vertices, deep=True))
        self._data.SetPoints(points)
        self._data.SetPolys(_cells(flat.faces))
        self._data.GetPointData().SetScalars(numpy_to_vtk(flat.colours, deep=True))


def _painted(contact: Contact, bend: NDArray[np.float64]) -> Ribbon:
    """Return a contact's patch in its verdict's colour with a white rim."""
    vertices, faces = bent_patch(contact, bend)
    colours = np.full((len(vertices), 4), 255, dtype=np.uint8)
    inner = 1 + (len(vertices) - 1) // 3
    colours[:inner, :3] = verdict_colour(contact.verdict)
    colours[:inner, 3] = 225
    return Ribbon(vertices, faces, colours)


def _cells(faces: NDArray[np.int32]) -> Any:
    cells = vtkCellArray()
    flat = np.ascontiguousarray(faces.ravel(), dtype=np.int64)
    cells.SetData(3, numpy_to_vtkIdTypeArray(flat, deep=True))
    return cells
