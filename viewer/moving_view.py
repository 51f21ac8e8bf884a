"""Pictures while the camera or the layers move: the triangles that are seen, and no others.

The camera's places at every eighth frame are looked from once (``viewer.seen``). A frame between
two of them draws what either saw, and the triangles around it. A camera that stands sees exactly
what it saw. What is drawn follows from the numbers of the frames alone, so that it does not
matter who draws them, or in which order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import CameraPose
from viewer.camera import frame_of, lens_of
from viewer.renderer import OffScreen, Pixels
from viewer.resolve import Picture
from viewer.scene import Scene, groups_of
from viewer.seen import MOST_TRIANGLES, Flags, seen_now, with_neighbours

#: Frames from one place that is looked from to the next.
STRIDE = 8
#: Looking costs as much as drawing; a group with fewer triangles is drawn whole.
LEAST_TRIANGLES = 120_000
#: Farther from the places looked from, as a share of the distance, all triangles are drawn.
_FARTHEST = 0.14
_KEPT = 8

Ids = tuple[str, ...]
Place = tuple[float, ...]


class MovingView:
    """Draws frames whole, quickly.

    Parameters
    ----------
    screen : OffScreen
    scene : Scene
    picture_at : callable
        From a frame's number to its picture.
    count : int
        Number of frames.
    """

    def __init__(
        self, screen: OffScreen, scene: Scene, picture_at: Callable[[int], Picture], count: int
    ) -> None:
        self._screen = screen
        self._scene = scene
        self._picture_at = picture_at
        self._count = count
        self._flags: dict[tuple[Ids, Place], Flags] = {}
        self._drawn: dict[Ids, tuple[Place, ...]] = {}
        self._faces: dict[Ids, NDArray[np.int32]] = {}

    def pixels(self, index: int) -> Pixels:
        """Draw a frame and return it without lettering."""
        picture = self._picture_at(index)
        poses = self._looked_from(index)
        wanted: dict[Ids, tuple[Place, ...]] = {}
        if poses and not picture.opened:
            places = tuple(_place(pose) for pose in poses)
            for ids in groups_of(picture):
                if LEAST_TRIANGLES <= self._size(picture, ids) <= MOST_TRIANGLES:
                    wanted[ids] = places
        if wanted != self._drawn:
            self._faces = {ids: self._seen(picture, ids, poses) for ids in wanted}
            self._scene.use_seen(self._faces)
            self._drawn = wanted
        self._scene.show(picture)
        return self._screen.picture()

    def leave(self) -> None:
        """Let the scene draw all triangles again."""
        if self._drawn:
            self._drawn, self._faces = {}, {}
            self._scene.use_seen({})

    def _looked_from(self, index: int) -> tuple[CameraPose, ...]:
        """Return the camera where it stands, or the two places between which it moves."""
        here = self._picture_at(index)
        for near in (index - 1, index + 1):
            if 0 <= near < self._count:
                other = self._picture_at(near)
                if _place(other.camera) == _place(here.camera):
                    return (here.camera,)
        before = index - index % STRIDE
        after = min(before + STRIDE, self._count - 1)
        poses = (self._picture_at(before).camera, self._picture_at(after).camera)
        return poses if min(self._apart(here, pose) for pose in poses) < _FARTHEST else ()

    def _apart(self, picture: Picture, pose: CameraPose) -> float:
        """How far the camera is from a place, as a share of its distance from what it shows."""
        aspect = self._screen.size[0] / self._screen.size[1]
        frame = frame_of(picture.atlas)
        one, other = lens_of(picture.camera, frame, aspect), lens_of(pose, frame, aspect)
        away = float(np.linalg.norm(one.position - one.focus))
        return float(np.linalg.norm(one.position - other.position)) / max(away, 1.0)

    def _size(self, picture: Picture, ids: Ids) -> int:
        return sum(len(picture.atlas[name].surface.faces) for name in ids)

    def _seen(self, picture: Picture, ids: Ids, poses: tuple[CameraPose, ...]) -> NDArray[np.int32]:
        faces = self._scene.faces(picture, ids)
        seen = np.zeros(len(faces), dtype=bool)
        for pose in poses:
            seen |= self._seen_from(picture, ids, pose, len(faces))
        if len(poses) > 1:
            seen = with_neighbours(faces, seen)
        return np.ascontiguousarray(faces[seen])

    def _seen_from(self, picture: Picture, ids: Ids, pose: CameraPose, count: int) -> Flags:
        key = (ids, _place(pose))
        if key not in self._flags:
            while len(self._flags) >= _KEPT:
                self._flags.pop(next(iter(self._flags)))
            self._scene.show_numbered(picture, ids, pose)
            self._flags[key] = seen_now(self._screen, count)
        return self._flags[key]


def _place(pose: CameraPose) -> Place:
    return (pose.azimuth_deg, pose.elevation_deg, pose.zoom, *pose.focus.tolist())
