"""The actors of an opened torso: groups of structures that fade alike, and the face of a cut.

Drawn in the same order as a whole torso (``viewer.stage``): what is opaque everywhere first, then
inner groups before outer ones, each once for its depth alone and once in colour, skin last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from meshes.atlas import Atlas
from viewer.bare_actor import bare_actor
from viewer.buffers import SKIN, Buffers
from viewer.camera import Lens
from viewer.cut_face import CutFace
from viewer.opened_material import OpenedMaterial, Opening, opening_of
from viewer.opening import shift_of
from viewer.resolve import Draw, Picture

#: Groups that a picture can hold: layers, some of them ghosts or highlighted.
GROUPS = 32

#: Layer, opacity where peeled, in the other half, in the lens; emphasis.
Key = tuple[int, float, float, float, float]


class OpenedStage:
    """Actors of one atlas for opened pictures; invisible otherwise.

    Parameters
    ----------
    atlas : Atlas
    renderer : vtkRenderer
    tissue, skin : Buffers
    """

    def __init__(self, atlas: Atlas, renderer: Any, tissue: Buffers, skin: Buffers) -> None:
        self._renderer = renderer
        self._tissue = tissue
        self._skin_buffers = skin
        self._groups: list[_OpenedGroup] = []
        self._skin_group: _OpenedGroup | None = None
        self._faces = CutFace(atlas, renderer)
        self._picture: Picture | None = None

    @property
    def skin(self) -> OpenedMaterial | None:
        """What the skin is painted with, once it was drawn."""
        return None if self._skin_group is None else self._skin_group.materials[-1]

    @property
    def skin_materials(self) -> list[OpenedMaterial]:
        """Every material of the skin, for dents and patches."""
        return [] if self._skin_group is None else self._skin_group.materials

    def show(self, picture: Picture, *, moving: bool) -> None:
        """Draw a picture; the face of a cut waits while it moves."""
        self._start()
        self._picture = picture
        rows: dict[Key, list[str]] = {}
        skin: Draw | None = None
        for draw in sorted(picture.draws, key=lambda draw: draw.layer):
            if draw.id == SKIN:
                skin = draw
            else:
                rows.setdefault(key_of(draw), []).append(draw.id)
        # What is whole everywhere comes first, then from inside outward.
        ordered = sorted(rows, key=lambda key: (key[1:4] != (1.0, 1.0, 1.0), -key[0], key))
        for group, key in zip(self._groups, ordered, strict=False):
            group.show(tuple(rows[key]), key, picture.spread_mm)
        for group in self._groups[len(ordered) :]:
            group.hide()
        assert self._skin_group is not None
        if skin is None:
            self._skin_group.hide()
        else:
            self._skin_group.show((SKIN,), key_of(skin), 0.0)
        self._faces.show(picture, moving=moving)

    def look(self, camera: Lens) -> None:
        """Tell from where the picture is seen: the lens is round from there."""
        if self._picture is None:
            return
        opening = opening_of(self._picture, camera)
        for group in self._all():
            for material in group.materials:
                material.open(opening)
        self._faces.open(replace(opening, cut=Opening.cut))

    def hide(self) -> None:
        """Draw nothing."""
        self._picture = None
        for group in self._all():
            group.hide()
        self._faces.hide()

    def close(self) -> None:
        """Take the actors off the renderer."""
        for group in self._all():
            for actor in group.actors:
                self._renderer.RemoveActor(actor)
        self._faces.close()

    def actors(self) -> Iterable[Any]:
        """Every actor, in the order of drawing."""
        for group in self._all():
            yield from group.actors

    def _all(self) -> list[_OpenedGroup]:
        return self._groups + ([] if self._skin_group is None else [self._skin_group])

    def _start(self) -> None:
        """Make the actors at the first opened picture; most windows never show one."""
        if self._skin_group is not None:
            return
        self._groups = [_OpenedGroup(self._tissue, skin=False) for _ in range(GROUPS)]
        self._skin_group = _OpenedGroup(self._skin_buffers, skin=True)
        for actor in self.actors():
            self._renderer.AddActor(actor)


class _OpenedGroup:
    """Structures of one key: an actor for their depth and one for their colour."""

    def __init__(self, buffers: Buffers, *, skin: bool) -> None:
        self._buffers = buffers
        self._skin = skin
        self._cells: Any = None
        self._data = buffers.polydata()
        self.actors: list[Any] = []
        self.materials: list[OpenedMaterial] = []
        for depth_alone in (True, False):
            actor, _ = bare_actor(self._data)
            self.actors.append(actor)
            self.materials.append(OpenedMaterial(actor, skin=skin, depth_alone=depth_alone))

    def show(self, ids: tuple[str, ...], key: Key, spread_mm: float) -> None:
        """Draw these structures."""
        layer, opacity, kept, lensed, emphasis = key
        cells = self._buffers.triangles(ids)
        if cells is not self._cells:
            self._cells = cells
            self._data.SetPolys(cells)
        whole = (opacity, kept, lensed) == (1.0, 1.0, 1.0)
        self.actors[0].SetVisibility(not whole)
        self.actors[1].SetVisibility(True)
        x, y, z = (float(value) for value in shift_of(layer, spread_mm))
        for material in self.materials:
            material.veil(opacity)
            material.regions(kept, lensed)
            material.shifted((x, y, z))
        self.materials[1].emphasis(emphasis)

    def hide(self) -> None:
        """Draw nothing."""
        for actor in self.actors:
            actor.SetVisibility(False)


def key_of(draw: Draw) -> Key:
    """Return what a structure must share with others to be drawn with them."""
    return (
        draw.layer,
        round(draw.opacity, 3),
        round(draw.kept, 3),
        round(draw.lensed, 3),
        draw.emphasis,
    )
