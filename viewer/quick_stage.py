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
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from meshes.atlas import Atlas
from meshes.progress import Progress, silent
from meshes.terminology import TissueLayer
from viewer.buffers import SKIN, Buffers, cells_of
from viewer.detail import Reduced, reduced_triangles
from viewer.material import Material
from viewer.resolve import Picture, resolve
from viewer.state import ViewState
from viewer.visible import Bits, near, seen_bits

#: Groups of one opacity beside the opaque one.
GROUPS = 6
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
#: Layer, opacity, emphasis.
Key = tuple[int, float, float]


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
            _QuickGroup(tissue, two_sided=two_sided, veiled=index > 0)
            for index in range(1 + GROUPS)
        ]
        self._skin = _QuickGroup(skin, two_sided=False, veiled=True)
        self._renderer = renderer
        self._quick: Quick | None = None
        self._bits: Mapping[str, Bits] = {}
        self._toward: NDArray[np.float64] = np.array([0.0, 1.0, 0.0])
        self._mask = _ALL
        for group in self._all:
            for actor in group.actors:
                renderer.AddActor(actor)

    @property
    def _all(self) -> list[_QuickGroup]:
        return [*self._groups, self._skin]

    def show(self, picture: Picture, quick: Quick, *, skin: bool) -> None:
        """Draw a picture, with the skin or without it."""
        if quick is not self._quick:
            self._quick = quick
            for group in self._all:
                group.fewer = quick.fewer
        self._bits = quick.bits_of(picture)
        rows: dict[Key, list[str]] = {}
        outer = None
        for draw in sorted(picture.draws, key=lambda draw: draw.layer):
            if draw.id == SKIN:
                outer = draw if skin else None
            else:
                whole = draw.opacity >= 1.0 and draw.emphasis == 0.0
                key = (
                    (99, 1.0, 0.0) if whole else (draw.layer, round(draw.opacity, 3), draw.emphasis)
                )
                rows.setdefault(key, []).append(draw.id)
        self._groups[0].hold(tuple(rows.pop((99, 1.0, 0.0), ())), 1.0, 0.0)
        ordered = sorted(rows, reverse=True)
        for group, key in zip(self._groups[1:], ordered, strict=False):
            group.hold(tuple(rows[key]), key[1], key[2])
        for group in self._groups[1 + len(ordered) :]:
            group.hold((), 0.0, 0.0)
        if outer is None:
            self._skin.hold((), 0.0, 0.0)
        else:
            self._skin.hold((SKIN,), outer.opacity, outer.emphasis)
        self._choose()

    def look(self, outward: NDArray[np.float64]) -> None:
        """Tell in which direction the camera stands."""
        if float(outward @ self._toward) < 0.9995:
            self._toward = outward
            mask = near(outward)
            if mask != self._mask:
                self._mask = mask
                if self._quick is not None:
                    self._choose()

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

    def _choose(self) -> None:
        for group in self._all:
            group.choose(self._bits, self._mask)


class _QuickGroup:
    """Structures of one opacity, under the plain light."""

    def __init__(self, buffers: Buffers, *, two_sided: bool, veiled: bool) -> None:
        self._buffers = buffers
        self._data = buffers.polydata()
        self._ids: tuple[str, ...] = ()
        self._chosen: tuple[Any, ...] = ()
        self.fewer: Reduced = {}
        self.actors: list[Any] = []
        self._materials: list[Material] = []
        for depth_alone in (True, False) if veiled else (False,):
            mapper = vtkPolyDataMapper()
            mapper.SetInputData(self._data)
            mapper.ScalarVisibilityOff()
            mapper.SetVBOShiftScaleMethod(0)
            actor = vtkActor()
            actor.SetMapper(mapper)
            actor.ForceOpaqueOn()
            actor.SetVisibility(False)
            actor.GetProperty().SetBackfaceCulling(not two_sided)
            self.actors.append(actor)
            self._materials.append(Material(actor, plain=True, depth_alone=depth_alone))

    def hold(self, ids: tuple[str, ...], opacity: float, emphasis: float) -> None:
        """Draw these structures from now on."""
        self._ids = ids
        for actor in self.actors[:-1]:
            actor.SetVisibility(bool(ids) and opacity < 1.0)
        self.actors[-1].SetVisibility(bool(ids))
        self._materials[-1].veil(opacity)
        self._materials[-1].emphasis(emphasis)

    def choose(self, bits: Mapping[str, Bits], mask: np.uint64) -> None:
        """Take those of their triangles that are seen from some directions."""
        # Bits are told apart by where they lie: a level's stay the same arrays.
        wanted = (mask, tuple((name, id(bits.get(name))) for name in self._ids))
        if wanted == self._chosen or not self._ids:
            return
        self._chosen = wanted
        pieces = []
        for name in self._ids:
            faces = self.fewer[name]
            if name in bits:
                faces = faces[(bits[name] & mask) != 0]
            pieces.append(faces + np.int32(self._buffers.first[name]))
        self._data.SetPolys(cells_of(np.concatenate(pieces)))


def outward_of(position: NDArray[np.floating], focus: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the unit vector from what is looked at to the camera, shape (3,)."""
    line = np.asarray(position, dtype=np.float64) - np.asarray(focus, dtype=np.float64)
    return np.asarray(line / np.linalg.norm(line))
