"""A picture whose anatomy and camera stand still, drawn again only where hands are.

What a hand and its trail cover is known before anything is drawn, so that part alone is brought
back from the copy of the still picture, drawn over and read. The skin gives under a hand: the
triangles it moves are drawn anew, where it sinks over the copy without the skin. Everything goes
through the camera and the shaders of the whole picture, so the pixels are those that drawing all
of it would give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import Contact
from viewer import gl_wait
from viewer.buffers import SKIN
from viewer.camera import Lens, lens_of
from viewer.dented_skin import DentedSkin
from viewer.renderer import Box, OffScreen, Pixels, area, evened
from viewer.resolve import Picture
from viewer.scene import Scene
from viewer.shading import DENT_ENDS
from viewer.static_anatomy import StaticAnatomy

Floats = NDArray[np.float32]

#: Pixels around what is drawn that are drawn anew as well.
_MARGIN = 2
#: What one more part costs to bring back, read, letter and convert, in pixels.
_ONE_MORE = 25_000
#: Length of the skin's triangles; one that a dent's edge cuts is drawn anew whole.
_EDGE_MM = 4.0


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is drawn anew: parts of the picture, triangles of the skin, and holes in the old one."""

    boxes: list[Box]
    skin: NDArray[np.int32]
    holes: list[Box]


class FixedView:
    """Draws hands over a picture that stands still.

    Parameters
    ----------
    screen : OffScreen
    scene : Scene
        On that screen's plotter.
    copies : tuple of StaticAnatomy
        Where to keep the whole picture and the one without the skin.
    picture : Picture
        Its hands and trails are left out.

    Attributes
    ----------
    picture : Picture
    pixels : ndarray of uint8, shape (height, width, 3)
        The picture without hands and trails.
    """

    def __init__(
        self,
        screen: OffScreen,
        scene: Scene,
        copies: tuple[StaticAnatomy, StaticAnatomy],
        picture: Picture,
    ) -> None:
        self._screen = screen
        self._scene = scene
        self._whole, self._inner = copies
        self._inner_kept = False
        self._plan: tuple[Picture, _Plan] | None = None
        self.picture = replace(picture, contacts=(), trails=())
        self._skin_opacity = next((d.opacity for d in picture.draws if d.id == SKIN), 0.0)
        self._keep(self.picture, self._whole)
        self.pixels = screen.read((0, 0, *screen.size))
        self._lens: Lens = lens_of(picture.camera, scene.frame, screen.size[0] / screen.size[1])

    def parts(
        self, picture: Picture, meanwhile: Callable[[], None] = lambda: None
    ) -> list[tuple[Box, Pixels]]:
        """Return what differs from :attr:`pixels` in a picture with hands or trails.

        Parameters
        ----------
        picture : Picture
            Like the one given at the start but for hands and trails.
        meanwhile : callable
            What can be done while the driver paints.

        Returns
        -------
        list of (Box, ndarray of uint8, shape (h, w, 3))
            Boxes may overlap, alike where they do; their edges are even where the picture's are.
        """
        plan = self._planned(picture)
        if not plan.boxes:
            meanwhile()
            return []
        if plan.holes and not self._inner_kept:
            inner = tuple(draw for draw in picture.draws if draw.id != SKIN)
            self._keep(replace(self.picture, draws=inner), self._inner)
            self._inner_kept = True
        self._scene.place(picture)
        self._scene.show_moving(picture, plan.skin, self._lens.position)
        for box in plan.boxes:
            self._whole.restore(box)
        for box in plan.holes:
            self._inner.restore(box)
        self._screen.render_over()
        gl_wait.begin()
        meanwhile()
        gl_wait.done()
        return [(box, self._screen.read(box)) for box in plan.boxes]

    def prepare(self, picture: Picture) -> None:
        """Work out what :meth:`parts` will draw of a picture; draws nothing."""
        self._plan = picture, self._planned(picture)

    def _planned(self, picture: Picture) -> _Plan:
        if self._plan is not None and self._plan[0] is picture:
            return self._plan[1]
        dents = self._dents(picture) if self._skin_opacity > 0.0 else []
        # Points first: they say where the skin, if it lets something through, is to be redrawn.
        touched = self._scene.prepare(picture)
        boxes = covering([*(self._box(points) for points in touched), *(box for _, box in dents)])
        return _Plan(boxes, *self._skin_anew(dents, boxes))

    def _keep(self, picture: Picture, copy: StaticAnatomy) -> None:
        self._scene.show(picture)
        self._screen.render()
        copy.keep()

    def _dents(self, picture: Picture) -> list[tuple[Contact, Box]]:
        """Which hands the skin gives way to or is painted for, and where."""
        found = []
        for contact in picture.contacts:
            # Near its edge a dent moves next to nothing; further in, nothing moves as far as that.
            reach = DENT_ENDS * max(contact.radius_mm, 1.0) + _EDGE_MM
            x, y, away = self._lens.project(contact.position, self._screen.size)[0]
            scale = self._screen.size[1] / 2.0 / np.tan(np.radians(self._lens.opening_deg / 2.0))
            half = scale * reach / max(away - reach, 1.0)
            box = self._clipped(x - half, y - half, x + half, y + half)
            if box[0] < box[2] and box[1] < box[3]:
                found.append((contact, box))
        return found

    def _box(self, points: NDArray[np.floating]) -> Box:
        x, y = self._projected(points).T
        return self._clipped(x.min(), y.min(), x.max(), y.max())

    def _clipped(self, left: float, upper: float, right: float, lower: float) -> Box:
        width, height = self._screen.size
        box = (
            max(int(np.floor(left)) - _MARGIN, 0),
            max(int(np.floor(upper)) - _MARGIN, 0),
            min(int(np.ceil(right)) + _MARGIN, width),
            min(int(np.ceil(lower)) + _MARGIN, height),
        )
        return evened(box, self._screen.size)

    def _projected(self, points: NDArray[np.floating]) -> Floats:
        """Return picture coordinates of many points, shape (N, 2)."""
        position, axes, middle = self._axes
        seen = (np.asarray(points, np.float32) - position) @ axes
        return np.asarray(middle + seen[:, :2] / np.maximum(seen[:, 2:], 1.0), dtype=np.float32)

    @cached_property
    def _axes(self) -> tuple[Floats, Floats, Floats]:
        """Place of the camera, its axes in pixels, and the picture's middle."""
        lens = self._lens
        width, height = self._screen.size
        scale = height / 2.0 / np.tan(np.radians(lens.opening_deg / 2.0))
        axes = np.stack([scale * lens.right, -scale * lens.up, lens.forward], axis=1)
        middle = np.array([width / 2.0, height / 2.0], np.float32)
        return lens.position.astype(np.float32), axes.astype(np.float32), middle

    @cached_property
    def _skin(self) -> DentedSkin:
        skin = self.picture.atlas[SKIN].surface
        return DentedSkin(skin, self._lens.position, self._projected)

    def _skin_anew(
        self, dents: list[tuple[Contact, Box]], boxes: list[Box]
    ) -> tuple[NDArray[np.int32], list[Box]]:
        """Return what skin is to be drawn, shape (K, 3), and where without the one there was."""
        if not dents:
            return np.empty((0, 3), np.int32), []
        if self._skin_opacity < 1.0:
            # What is blended must not be blended twice.
            return self._skin.within(boxes), boxes
        found = [self._skin.changed(*item) for item in dents]
        # All skin in a hole is drawn anew.
        holes = covering([self._clipped(*sunk) for _, sunk in found if sunk is not None], 0)
        return self._skin.faces(np.concatenate([rows for rows, _ in found]), holes), holes


def covering(boxes: list[Box], one_more: int = _ONE_MORE) -> list[Box]:
    """Return boxes that cover the same, joined wherever that is less to draw.

    Parameters
    ----------
    boxes : list of Box
        Empty ones are left out.
    one_more : int
        What one more box costs, in pixels.

    Examples
    --------
    >>> covering([(0, 0, 400, 400), (900, 900, 912, 912), (30, 30, 500, 450)])
    [(900, 900, 912, 912), (0, 0, 500, 450)]
    >>> covering([(0, 0, 400, 400), (390, 390, 900, 900)])
    [(0, 0, 400, 400), (390, 390, 900, 900)]
    """
    result: list[Box] = []
    waiting = [box for box in reversed(boxes) if box[0] < box[2] and box[1] < box[3]]
    while waiting:
        box = waiting.pop()
        for item in result:
            both = (
                min(box[0], item[0]),
                min(box[1], item[1]),
                max(box[2], item[2]),
                max(box[3], item[3]),
            )
            if area(both) <= area(box) + area(item) + one_more:
                # What has grown may reach another one, so it waits for another turn.
                result.remove(item)
                waiting.append(both)
                break
        else:
            result.append(box)
    return result
