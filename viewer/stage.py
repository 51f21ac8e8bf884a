"""All actors of one atlas, and what each draws of a picture.

Drawing order makes transparency right without sorting or depth peeling: opaque tissue first,
then each group that lets something through, inner groups before outer ones, each once for its
depth alone and once in colour. So only the frontmost surface of a fading layer is blended, and a
layer fades as one sheet of glass instead of a heap of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.caution import CautionField
from annotations.skin_map import SkinMap
from annotations.timeline import Contact
from meshes.atlas import Atlas
from meshes.terminology import Provenance
from viewer import camera, occlusion
from viewer.bare_actor import bare_actor
from viewer.buffers import SKIN, Buffers, cells_of
from viewer.detail import Reduced
from viewer.draw_groups import GROUPS, SOLID, inner_first, rows_of, skin_drawn
from viewer.material import MOST_CONTACTS, NO_SPOT, Material, Spot
from viewer.opened_stage import OpenedStage
from viewer.quick_stage import Quick, QuickStage
from viewer.resolve import Draw, Picture
from viewer.seen import NumberedActor
from viewer.skin_values import SkinValues
from viewer.touch import Touch


class _Group:
    """Structures of one opacity: an actor for their depth and one for their colour."""

    def __init__(self, buffers: Buffers, *, skin: bool, two_sided: bool, veiled: bool) -> None:
        self._buffers = buffers
        self._cells: Any = None
        self._data = buffers.polydata()
        self.actors: list[Any] = []
        self.materials: list[Material] = []
        for depth_alone in (True, False) if veiled else (False,):
            actor, _ = bare_actor(self._data, two_sided=two_sided)
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


class Stage:
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
        rows = rows_of(picture)
        self._solid.show(rows.pop(SOLID, ()), 1.0, 0.0)
        ordered = inner_first(rows)
        for group, key in zip(self._veiled, ordered, strict=False):
            group.show(rows[key], key[1], key[2])
        for group in self._veiled[len(ordered) :]:
            group.show((), 0.0, 0.0)
        self._draw_skin(picture, skin_drawn(picture))
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
        skin = skin_drawn(picture) is not None
        self._touch.show(picture.contacts, picture.trails, skin_drawn=skin)
        return self.prepare(picture)

    def prepare(self, picture: Picture) -> list[NDArray[np.float32]]:
        """Work out hands and trails and return their vertices."""
        skin = skin_drawn(picture) is not None
        return self._touch.prepare(picture.contacts, picture.trails, skin_drawn=skin)

    def draw_moving(
        self, picture: Picture, skin: NDArray[np.int32], eye: NDArray[np.floating]
    ) -> None:
        """Hide everything but hands, trails and some triangles of the skin."""
        for group in self._groups:
            group.hide()
        self._touch.nearest_first(eye)
        draw = skin_drawn(picture)
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
            self._draw_skin(picture, skin_drawn(picture))
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
