"""The torso in motion: only triangles that are seen from here, under a plain light.

Triangles come from :mod:`viewer.visible` and are chosen anew when the camera has turned on to
other directions. The patterns of muscle, bone and fat are left to the picture at rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.progress import Progress, silent
from meshes.terminology import TissueLayer
from viewer.bare_actor import bare_actor
from viewer.buffers import SKIN, Buffers, cells_of
from viewer.detail import Reduced, reduced_triangles
from viewer.draw_groups import GROUPS, SOLID, inner_first, rows_of, skin_drawn
from viewer.material import Material
from viewer.quick_buffers import QuickBuffers
from viewer.resolve import Picture, resolve
from viewer.state import ViewState
from viewer.visible import Bits, near, seen_bits

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
#: Triangles are chosen anew when the eye has moved by this share of its distance.
_STEP = 0.03


@dataclass(frozen=True, eq=False)
class Quick:
    """What moving pictures of an atlas are drawn from.

    Attributes
    ----------
    fewer : mapping of str to ndarray
        Reduced triangles of each structure.
    seen : mapping of int to mapping of str to ndarray
        For each whole peel depth, from where each triangle is seen.
    others : mapping of frozenset to mapping of str to ndarray
        The same for other choices of what is drawn opaque.
    """

    fewer: Reduced
    seen: Mapping[int, Mapping[str, Bits]]
    others: Mapping[frozenset[str], Mapping[str, Bits]]

    def with_choice(self, ids: frozenset[str], bits: Mapping[str, Bits]) -> Quick:
        """Return it with what is seen of one more choice; the last few are kept."""
        kept = dict(list(self.others.items())[-7:])
        return Quick(self.fewer, self.seen, {**kept, ids: bits})

    def knows(self, picture: Picture) -> bool:
        """Whether what is seen of a picture is known."""
        return picture.opened or picture.peel is not None or opaque(picture) in self.others

    def bits_of(self, picture: Picture) -> Mapping[str, Bits]:
        """Return what is known of each structure in a picture."""
        if picture.peel is None:
            return self.others.get(opaque(picture), {})
        inner = math.ceil(picture.peel)
        found = {}
        for draw in picture.draws:
            # While a layer fades it is the outermost, and what lies below is as it will be.
            level = inner if draw.layer >= inner else draw.layer
            bits = self.seen.get(level, {}).get(draw.id)
            if bits is not None:
                found[draw.id] = bits
        return found


def opaque(picture: Picture) -> frozenset[str]:
    """Return what hides other things in a picture."""
    return frozenset(draw.id for draw in picture.draws if draw.opacity >= 1.0)


def quick_of(atlas: Atlas, fewer: Reduced | None = None, progress: Progress = silent) -> Quick:
    """Return what moving pictures are drawn from; kept in the cache folder."""
    fewer = reduced_triangles(atlas) if fewer is None else fewer
    seen = {}
    for layer in TissueLayer:
        progress(int(layer) / len(TissueLayer), layer.title)
        ids = opaque(resolve(ViewState(peel=float(layer)), atlas))
        seen[int(layer)] = seen_bits(atlas, fewer, ids)
    return Quick(fewer, seen, {})


class QuickStage:
    """Actors of one atlas for moving pictures; invisible otherwise.

    Parameters
    ----------
    renderer : vtkRenderer
    tissue, skin : Buffers
    two_sided : bool
        Whether triangles may be turned inside out.
    """

    def __init__(self, renderer: Any, tissue: Buffers, skin: Buffers, *, two_sided: bool) -> None:
        self._groups = [
            _QuickGroup(two_sided=two_sided, veiled=index > 0) for index in range(1 + GROUPS)
        ]
        self._skin = _QuickGroup(two_sided=False, veiled=True)
        self._buffers = (tissue, skin)
        self._quick_buffers: tuple[QuickBuffers, ...] = ()
        self._renderer = renderer
        self._quick: Quick | None = None
        self._fewer: Reduced | None = None
        self._bits: Mapping[str, Bits] = {}
        self._eye: NDArray[np.float64] = np.zeros(3)
        self._mask = _ALL
        self._stale = False
        for group in self._all:
            for actor in group.actors:
                renderer.AddActor(actor)

    @property
    def _all(self) -> list[_QuickGroup]:
        return [*self._groups, self._skin]

    def show(self, picture: Picture, quick: Quick, *, skin: bool) -> None:
        """Draw a picture, with the skin or without it; :meth:`look` has to follow."""
        self._quick = quick
        if quick.fewer is not self._fewer:
            self._fewer = quick.fewer
            tissue, outside = (QuickBuffers(one, quick.fewer) for one in self._buffers)
            self._quick_buffers = (tissue, outside)
            for group in self._groups:
                group.use(tissue)
            self._skin.use(outside)
        self._bits = quick.bits_of(picture)
        self._stale = True
        rows = rows_of(picture)
        outer = skin_drawn(picture) if skin else None
        self._groups[0].hold(rows.pop(SOLID, ()), 1.0, 0.0)
        ordered = inner_first(rows)
        for group, key in zip(self._groups[1:], ordered, strict=False):
            group.hold(rows[key], key[1], key[2])
        for group in self._groups[1 + len(ordered) :]:
            group.hold((), 0.0, 0.0)
        if outer is None:
            self._skin.hold((), 0.0, 0.0)
        else:
            self._skin.hold((SKIN,), outer.opacity, outer.emphasis)

    def look(self, eye: NDArray[np.float64], outward: NDArray[np.float64]) -> None:
        """Tell where the camera stands, mm, and in which direction from what it looks at."""
        if self._quick is None:
            return
        far = float(np.linalg.norm(eye - self._eye))
        if self._stale or far > _STEP * float(np.linalg.norm(eye)):
            self._stale = False
            self._eye = eye
            self._mask = near(outward)
            for group in self._all:
                group.choose(self._bits, self._mask, eye)

    def shade(self) -> None:
        """Take over ambient openness that has become known."""
        for buffers in self._quick_buffers:
            buffers.shade()

    def hide(self) -> None:
        """Draw nothing."""
        if self._quick is not None:
            self._quick = None
            for group in self._all:
                group.hold((), 0.0, 0.0)

    def close(self) -> None:
        """Take the actors off the renderer."""
        for group in self._all:
            for actor in group.actors:
                self._renderer.RemoveActor(actor)


class _QuickGroup:
    """Structures of one opacity, under the plain light."""

    def __init__(self, *, two_sided: bool, veiled: bool) -> None:
        self._buffers: QuickBuffers | None = None
        self._data: Any = None
        self._ids: tuple[str, ...] = ()
        self._chosen: tuple[Any, ...] = ()
        self._mappers: list[Any] = []
        self.actors: list[Any] = []
        self._materials: list[Material] = []
        for depth_alone in (True, False) if veiled else (False,):
            actor, mapper = bare_actor(two_sided=two_sided)
            self._mappers.append(mapper)
            self.actors.append(actor)
            self._materials.append(Material(actor, plain=True, depth_alone=depth_alone))

    def use(self, buffers: QuickBuffers) -> None:
        """Draw the vertices of these buffers from now on."""
        self._buffers = buffers
        self._data = buffers.polydata()
        self._chosen = ()
        for mapper in self._mappers:
            mapper.SetInputData(self._data)

    def hold(self, ids: tuple[str, ...], opacity: float, emphasis: float) -> None:
        """Draw these structures from now on."""
        self._ids = ids
        for actor in self.actors[:-1]:
            actor.SetVisibility(bool(ids) and opacity < 1.0)
        self.actors[-1].SetVisibility(bool(ids))
        self._materials[-1].veil(opacity)
        self._materials[-1].emphasis(emphasis)

    def choose(self, bits: Mapping[str, Bits], mask: np.uint64, eye: NDArray[np.float64]) -> None:
        """Take those of their triangles that are seen from some directions and face the eye."""
        if not self._ids or self._buffers is None:
            return
        pile = self._buffers.pile(self._ids, bits)
        wanted = (pile, mask, tuple(eye))
        if wanted != self._chosen:
            self._chosen = wanted
            self._data.SetPolys(cells_of(pile.faces[pile.seen(mask, eye)]))
