"""A scene shows one picture after another on a plotter, changing only what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkLight

from annotations.timeline import CameraPose
from meshes.atlas import Atlas
from meshes.terminology import TissueLayer
from viewer import camera, occlusion, palette
from viewer.buffers import cells_of
from viewer.detail import Reduced
from viewer.opening import shift_of
from viewer.quick_stage import Quick
from viewer.resolve import Picture
from viewer.stage import Stage

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
        self._stage: Stage | None = None
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

    def prepare(self, picture: Picture) -> list[NDArray[np.float32]]:
        """Work out what :meth:`place` will return; changes nothing that is drawn."""
        return [] if self._stage is None else self._stage.prepare(picture)

    def show_moving(
        self, picture: Picture, skin: NDArray[np.int32], eye: NDArray[np.floating]
    ) -> None:
        """Show the hands and trails that were placed, some triangles of the skin, nothing else.

        Parameters
        ----------
        picture : Picture
            The one that was placed.
        skin : ndarray of int, shape (K, 3)
            Rows of the skin's faces.
        eye : ndarray, shape (3,)
            Place of the camera, mm.
        """
        if self._stage is not None:
            self._stage.draw_moving(picture, skin, eye)

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

    def _stage_of(self, picture: Picture) -> Stage:
        if picture.atlas is not self._atlas or self._stage is None:
            self._open(picture.atlas)
        assert self._stage is not None
        return self._stage

    def _open(self, atlas: Atlas) -> None:
        self.close()
        self._atlas = atlas
        self._frame = camera.frame_of(atlas)
        self._reach = camera.reach_of(atlas)
        self._stage = Stage(atlas, self.plotter.renderer)
