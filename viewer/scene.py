"""A scene holds a plotter's actors and changes only what differs from the last picture.

Drawing order makes transparency right without sorting or depth peeling: opaque tissue first,
then each group that lets something through, inner groups before outer ones, each once for its
depth alone and once in colour. So only the frontmost surface of a fading layer is blended, and a
layer fades as one sheet of glass instead of a heap of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkActor, vtkLight, vtkPolyDataMapper

from annotations.caution import CautionField
from annotations.skin_map import SkinMap
from annotations.timeline import CameraPose, Contact
from meshes.atlas import Atlas
from meshes.terminology import Provenance, TissueLayer
from viewer import camera, occlusion, palette
from viewer.buffers import SKIN, Buffers, cells_of
from viewer.detail import Reduced
from viewer.material import MOST_CONTACTS, NO_SPOT, Material, Spot
from viewer.opened_stage import OpenedStage
from viewer.opening import shift_of
from viewer.quick_stage import Quick, QuickStage
from viewer.resolve import Draw, Picture
from viewer.seen import NumberedActor
from viewer.skin_values import SkinValues
from viewer.touch import Touch

#: Groups of one opacity that a picture can hold beside the opaque one.
GROUPS = 6


Shading = Callable[[Atlas, int], occlusion.Openness | None]


class PlotterLike(Protocol):
    """What a scene needs of a PyVista plotter or a Qt interactor."""

    @property
    def renderer(self) -> Any:
        """The VTK renderer that actors are added to."""

    @property
    def render_window(self) -> Any:
        """The VTK window, for its size."""


class Scene:
    """Draws pictures of one atlas after another on a plotter.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
        Off screen or in a window; its lights are not used.
    shading : callable, optional
        Gives the ambient openness of an atlas's layer, or None while it is not known. The
        default computes it where it is not in the cache; a window passes
        ``occlusion.kept_openness`` and calls :meth:`shade` once the rest is there.
    """

    def __init__(self, plotter: PlotterLike, shading: Shading = occlusion.openness) -> None:
        self.plotter = plotter
        self._shading = shading
        self._atlas: Atlas | None = None
        self._stage: _Stage | None = None
        self._frame: camera.Frame | None = None
        self._reach = np.zeros((2, 3))
        plotter.renderer.SetBackground(*palette.unit(palette.BACKGROUND))
        plotter.renderer.RemoveAllLights()
        # Without a light VTK passes no normals to the shader; its colour is never used.
        plotter.renderer.AddLight(vtkLight())
        plotter.renderer.GetCullers().RemoveAllItems()

    @property
    def frame(self) -> camera.Frame:
        """What zoom 1 shows of the present atlas."""
        if self._frame is None:
            raise RuntimeError("show a picture before asking for its frame")
        return self._frame

    def show(self, picture: Picture) -> None:
        """Make the plotter show a picture; the caller renders."""
        stage = self._stage_of(picture)
        for layer in sorted({draw.layer for draw in picture.draws} - stage.shaded):
            known = self._shading(picture.atlas, layer)
            if known is not None:
                stage.shade(known)
                stage.shaded.add(layer)
        stage.draw(picture)
        self.look(picture)

    def look(self, picture: Picture) -> None:
        """Set the camera alone."""
        width, height = self.plotter.render_window.GetSize()
        lens = camera.lens_of(picture.camera, self.frame, max(width, 1) / max(height, 1))
        reach = self._reach.copy()
        reach[0] += shift_of(int(max(TissueLayer)), picture.spread_mm)
        camera.apply(lens, self.plotter.renderer, reach)
        if self._stage is not None:
            self._stage.look(lens)

    def place(self, picture: Picture) -> list[NDArray[np.float32]]:
        """Place the hands and trails of a picture and return the vertices of each, mm."""
        if self._stage is None:
            raise RuntimeError("show a picture before placing a hand in it")
        return self._stage.place(picture)

    def prepare(self, picture: Picture) -> None:
        """Work out hands that will be placed soon; changes nothing that is drawn."""
        if self._stage is not None:
            self._stage.prepare(picture)

    def show_moving(self, picture: Picture, skin: NDArray[np.int32]) -> None:
        """Show the hands and trails that were placed, some triangles of the skin, nothing else.

        Parameters
        ----------
        picture : Picture
            The one that was placed.
        skin : ndarray of int, shape (K, 3)
            Rows of the skin's faces.
        """
        if self._stage is not None:
            self._stage.draw_moving(picture, skin)

    def show_numbered(self, picture: Picture, ids: tuple[str, ...], pose: CameraPose) -> None:
        """Show triangles in their numbers, from 1, and nothing else.

        Parameters
        ----------
        picture : Picture
            Which atlas.
        ids : tuple of str
            A group of it (:func:`groups_of`).
        pose : CameraPose
            Where from.
        """
        self._stage_of(picture).draw_numbered(ids)
        self.look(replace(picture, camera=pose))

    def faces(self, picture: Picture, ids: tuple[str, ...]) -> NDArray[np.int32]:
        """Return the triangles of a group in the order of their numbers, shape (M, 3)."""
        return self._stage_of(picture).tissue.faces(ids)

    def use_seen(self, seen: Mapping[tuple[str, ...], NDArray[np.int32]]) -> None:
        """Draw these triangles for these groups from the next picture on; all of the others."""
        if self._stage is not None:
            self._stage.tissue.use_seen({ids: cells_of(faces) for ids, faces in seen.items()})

    def shade(self, openness: occlusion.Openness) -> None:
        """Use the ambient openness of these structures from now on."""
        if self._stage is not None:
            self._stage.shade(openness)

    def detail(self, fewer: Reduced | None) -> None:
        """Draw reduced triangles from the next picture on (``detail.reduced_triangles``).

        ``None`` draws all of them again.
        """
        if self._stage is not None:
            self._stage.detail(fewer)

    def move(self, quick: Quick | None) -> None:
        """Draw moving pictures from the next one on, or pictures at rest again.

        Parameters
        ----------
        quick : Quick or None
            ``quick_stage.quick_of`` the atlas.
        """
        if self._stage is not None:
            self._stage.move(quick)

    def close(self) -> None:
        """Take everything off the plotter."""
        if self._stage is not None:
            self._stage.close()
        self._stage = self._atlas = None

    def _stage_of(self, picture: Picture) -> _Stage:
        if picture.atlas is not self._atlas or self._stage is None:
            self._open(picture.atlas)
        assert self._stage is not None
        return self._stage

    def _open(self, atlas: Atlas) -> None:
        self.close()
        self._atlas = atlas
        self._frame = camera.frame_of(atlas)
        self._reach = camera.reach_of(atlas)
        self._stage = _Stage(atlas, self.plotter.renderer)


class _Group:
    """Structures of one opacity: an actor for their depth and one for their colour."""

    def __init__(self, buffers: Buffers, *, skin: bool, two_sided: bool, veiled: bool) -> None:
        self._buffers = buffers
        self._cells: Any = None
        self._data = buffers.polydata()
        self.actors: list[Any] = []
        self.materials: list[Material] = []
        for depth_alone in (True, False) if veiled else (False,):
            mapper = vtkPolyDataMapper()
            mapper.SetInputData(self._data)
            mapper.ScalarVisibilityOff()
            # Positions must reach the shader in mm.
            mapper.SetVBOShiftScaleMethod(0)
            actor = vtkActor()
            actor.SetMapper(mapper)
            actor.ForceOpaqueOn()
            actor.SetVisibility(False)
            actor.GetProperty().SetBackfaceCulling(not two_sided)
            self.actors.append(actor)
            self.materials.append(Material(actor, skin=skin, depth_alone=depth_alone))

    def show(
        self, ids: tuple[str, ...], opacity: float, emphasis: float, cells: Any = None
    ) -> None:
        """Draw these structures, or nothing if there are none; ``cells`` are fewer triangles."""
        cells = self._buffers.triangles(ids) if cells is None else cells
        if cells is not self._cells:
            self._cells = cells
            self._data.SetPolys(cells)
        for actor in self.actors[:-1]:
            actor.SetVisibility(bool(ids) and opacity < 1.0)
        self.actors[-1].SetVisibility(bool(ids))
        self.materials[-1].veil(opacity)
        self.materials[-1].emphasis(emphasis)

    def hide(self) -> None:
        """Draw nothing, and keep the triangles for the next time."""
        for actor in self.actors:
            actor.SetVisibility(False)


class _Stage:
    """All actors of one atlas."""

    def __init__(self, atlas: Atlas, renderer: Any) -> None:
        self._renderer = renderer
        inner = [name for name in atlas if name != SKIN]
        tissue = Buffers(atlas, inner)
        skin = Buffers(atlas, [SKIN] if SKIN in atlas else [])
        skin.allow_caution()
        self._buffers = (tissue, skin)
        self.tissue = tissue
        self.shaded: set[int] = set()
        # A source's meshes may be open or turned inside out; those we made are neither.
        loose = any(item.origin.kind is Provenance.IMPORTED for item in atlas.structures.values())
        self._solid = _Group(tissue, skin=False, two_sided=loose, veiled=False)
        self._veiled = [
            _Group(tissue, skin=False, two_sided=loose, veiled=True) for _ in range(GROUPS)
        ]
        self._skin = _Group(skin, skin=True, two_sided=False, veiled=True)
        self._groups = [self._solid, *self._veiled, self._skin]
        self._on_skin: CautionField | SkinMap | None = None
        faces = atlas[SKIN].surface.faces if SKIN in atlas else np.empty((0, 3), np.int32)
        self._skin_values = SkinValues(faces, skin.count)
        for group in self._groups:
            for actor in group.actors:
                renderer.AddActor(actor)
        self._numbered = NumberedActor(tissue, renderer, two_sided=loose)
        self._touch = Touch(atlas, renderer)
        self._opened = OpenedStage(atlas, renderer, tissue, skin)
        self._moving = False
        self._loose = loose
        self._quick: Quick | None = None
        self._quick_stage: QuickStage | None = None

    def draw(self, picture: Picture) -> None:
        """Bring every group up to date."""
        if picture.opened:
            self._draw_opened(picture)
            return
        self._opened.hide()
        self._numbered.show(None)
        if self._quick is not None:
            self._draw_quick(picture, self._quick)
            return
        rows = _rows(picture)
        self._solid.show(rows.pop(_SOLID, ()), 1.0, 0.0)
        ordered = sorted(rows, reverse=True)
        for group, key in zip(self._veiled, ordered, strict=False):
            group.show(rows[key], key[1], key[2])
        for group in self._veiled[len(ordered) :]:
            group.show((), 0.0, 0.0)
        self._draw_skin(picture, next((draw for draw in picture.draws if draw.id == SKIN), None))
        self.place(picture)

    def draw_numbered(self, ids: tuple[str, ...]) -> None:
        """Draw the triangles of some structures in their numbers, and nothing else."""
        for group in self._groups:
            group.hide()
        self._opened.hide()
        self._touch.show((), (), skin_drawn=False)
        self._numbered.show(self.tissue.all_triangles(ids))

    def place(self, picture: Picture) -> list[NDArray[np.float32]]:
        """Place hands and trails and return their vertices."""
        skin_drawn = any(draw.id == SKIN for draw in picture.draws)
        self._touch.show(picture.contacts, picture.trails, skin_drawn=skin_drawn)
        return self._touch.points

    def prepare(self, picture: Picture) -> None:
        """Work out hands and trails."""
        skin_drawn = any(draw.id == SKIN for draw in picture.draws)
        self._touch.prepare(picture.contacts, picture.trails, skin_drawn=skin_drawn)

    def draw_moving(self, picture: Picture, skin: NDArray[np.int32]) -> None:
        """Hide everything but hands, trails and some triangles of the skin."""
        for group in self._groups:
            group.hide()
        draw = next((draw for draw in picture.draws if draw.id == SKIN), None)
        if draw is not None and len(skin):
            self._draw_skin(picture, draw, cells_of(skin))

    def look(self, lens: camera.Lens) -> None:
        """Tell from where the picture is seen."""
        self._opened.look(lens)
        if self._quick_stage is not None:
            self._quick_stage.look(lens.position, -lens.forward)

    def move(self, quick: Quick | None) -> None:
        """Choose how the next pictures are drawn."""
        self.detail(None if quick is None else quick.fewer)
        self._quick = quick
        if quick is None and self._quick_stage is not None:
            self._quick_stage.hide()

    def _draw_quick(self, picture: Picture, quick: Quick) -> None:
        for group in self._groups:
            group.hide()
        if self._quick_stage is None:
            self._quick_stage = QuickStage(
                self._renderer, self.tissue, self._buffers[1], two_sided=self._loose
            )
            self._touch.last()
        painted = bool(picture.chart or picture.caution or picture.contacts)
        self._quick_stage.show(picture, quick, skin=not painted)
        if painted:
            self._draw_skin(
                picture, next((draw for draw in picture.draws if draw.id == SKIN), None)
            )
        self.place(picture)

    def _draw_opened(self, picture: Picture) -> None:
        for group in self._groups:
            group.hide()
        if self._quick_stage is not None:
            self._quick_stage.hide()
        self._opened.show(picture, moving=self._moving)
        self._paint(picture, self._opened.skin_materials)
        self.place(picture)
        self._touch.last()

    def detail(self, fewer: Reduced | None) -> None:
        """Choose the triangles of the next pictures."""
        self._moving = fewer is not None
        for buffers in self._buffers:
            buffers.use_fewer(fewer)

    def shade(self, openness: occlusion.Openness) -> None:
        """Write ambient openness to the vertices."""
        for buffers in self._buffers:
            buffers.set_openness(openness)
        if self._quick_stage is not None:
            self._quick_stage.shade()

    def close(self) -> None:
        """Take the actors off the renderer."""
        for group in self._groups:
            for actor in group.actors:
                self._renderer.RemoveActor(actor)
        if self._quick_stage is not None:
            self._quick_stage.close()
        self._opened.close()
        self._numbered.close()
        self._touch.close()

    def _draw_skin(self, picture: Picture, skin: Draw | None, cells: Any = None) -> None:
        if skin is None:
            self._skin.show((), 0.0, 0.0)
            return
        self._skin.show((SKIN,), skin.opacity, skin.emphasis, cells)
        self._paint(picture, self._skin.materials)

    def _paint(self, picture: Picture, materials: Sequence[Material]) -> None:
        """Put verdicts or millimetres, patches and dents on the skin."""
        wanted = picture.chart or picture.caution
        if wanted is not None and wanted is not self._on_skin:
            self._on_skin = wanted
            self._buffers[1].set_caution(self._skin_values.of(wanted))
        spots = [_spot(item) for item in picture.contacts[:MOST_CONTACTS]]
        spots += [NO_SPOT] * (MOST_CONTACTS - len(spots))
        for material in materials:
            material.warned(picture.caution_share if wanted is not None else 0.0)
            material.charted(picture.chart.scale if picture.chart is not None else None)
            for index, spot in enumerate(spots):
                material.contact(index, spot)


def _spot(contact: Contact) -> Spot:
    x, y, z = (float(value) for value in contact.position)
    a, b, c = (float(value) for value in contact.normal)
    return Spot(
        (x, y, z, float(contact.radius_mm)),
        (a, b, c, float(contact.dent_mm)),
        int(contact.verdict),
        1.0,
    )


#: Group of what is opaque and not highlighted.
_SOLID = (0, 1.0, 0.0)


def groups_of(picture: Picture) -> tuple[tuple[str, ...], ...]:
    """Return the ids of each group of a picture that is drawn in one go, without the skin."""
    return tuple(_rows(picture).values())


def _rows(picture: Picture) -> dict[tuple[int, float, float], tuple[str, ...]]:
    rows: dict[tuple[int, float, float], list[str]] = {}
    # Outer layers first: what they hide is then rejected before it is shaded.
    for draw in sorted(picture.draws, key=lambda draw: draw.layer):
        if draw.id != SKIN:
            rows.setdefault(_group_key(draw), []).append(draw.id)
    return {key: tuple(ids) for key, ids in rows.items()}


def _group_key(draw: Draw) -> tuple[int, float, float]:
    if draw.opacity >= 1.0:
        # Opaque but emphasised structures have a group of their own, drawn with the opaque ones.
        return _SOLID if draw.emphasis == 0.0 else (99, 1.0, draw.emphasis)
    return (draw.layer, round(draw.opacity, 3), draw.emphasis)
