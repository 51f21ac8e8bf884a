"""Pictures while the camera or the layers move: the triangles that are seen, and no others.

Along the camera's way there are places, five degrees apart, that are looked from once
(``viewer.seen``). A frame between two of them draws what either saw, and the triangles around
it. A camera that stands sees exactly what it saw. What is drawn follows from the numbers of the
frames alone, so that it does not matter who draws them, or in which order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import CameraPose
from viewer import gl_wait
from viewer.camera import frame_of, lens_of
from viewer.draw_groups import groups_of
from viewer.extent import Extent
from viewer.renderer import Box, OffScreen, Pixels
from viewer.resolve import Picture
from viewer.scene import Scene
from viewer.seen import MOST_TRIANGLES, Flags, seen_now, with_neighbours

#: From one place that is looked from to the next: how far the camera moves, as a share of its
#: distance, and how many frames at least. At five degrees up to one pixel in ten thousand shows
#: something that lies deeper.
APART = 0.09
LEAST_FRAMES = 4
#: Looking costs as much as drawing; a group with fewer triangles is drawn whole.
LEAST_TRIANGLES = 120_000
#: Rounds of neighbours that are drawn with what was seen.
_ROUNDS = 2
#: Farther from both places all triangles are drawn: the camera jumped.
_FARTHEST = 0.3
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
    poses : callable
        Gives the camera of every frame.
    """

    def __init__(
        self,
        screen: OffScreen,
        scene: Scene,
        picture_at: Callable[[int], Picture],
        poses: Callable[[], Sequence[CameraPose]],
    ) -> None:
        self._screen = screen
        self._scene = scene
        self._picture_at = picture_at
        self._all_poses = poses
        self._flags: dict[tuple[Ids, Place], Flags] = {}
        self._drawn: dict[Ids, tuple[Place, ...]] = {}
        self._all_eyes: NDArray[np.float64] | None = None
        self._all_places: list[int] = []
        self._extent: Extent | None = None

    def part(self, index: int) -> tuple[Box, Pixels]:
        """Draw a frame and return what is not background, without lettering, and where it is."""
        picture = self._picture_at(index)
        poses = self._looked_from(index, picture)
        wanted: dict[Ids, tuple[Place, ...]] = {}
        if poses and not picture.opened:
            places = tuple(_place(pose) for pose in poses)
            for ids in groups_of(picture):
                if LEAST_TRIANGLES <= self._size(picture, ids) <= MOST_TRIANGLES:
                    wanted[ids] = places
        if wanted != self._drawn:
            self._scene.use_seen({ids: self._seen(picture, ids, poses) for ids in wanted})
            self._drawn = wanted
        self._scene.show(picture)
        self._screen.render()
        gl_wait.done()
        size = self._screen.size
        lens = lens_of(picture.camera, self._scene.frame, size[0] / size[1])
        box = self._extent_of(picture).box(picture, self._scene.place(picture), lens, size)
        return box, self._screen.read(box)

    def leave(self) -> None:
        """Let the scene draw all triangles again."""
        if self._drawn:
            self._drawn = {}
            self._scene.use_seen({})

    def _extent_of(self, picture: Picture) -> Extent:
        if self._extent is None:
            self._extent = Extent(picture.atlas)
        return self._extent

    @cached_property
    def _poses(self) -> Sequence[CameraPose]:
        return self._all_poses()

    def _looked_from(self, index: int, picture: Picture) -> tuple[CameraPose, ...]:
        """Return the camera where it stands, or the two places between which it moves."""
        here = self._poses[index]
        for near in (index - 1, index + 1):
            if 0 <= near < len(self._poses) and _place(self._poses[near]) == _place(here):
                return (here,)
        eyes = self._eyes(picture)
        places = self._places(eyes)
        at = bisect_right(places, index) - 1
        ends = (places[at], places[min(at + 1, len(places) - 1)])
        nearest = min(_apart(eyes[index], eyes[end]) for end in ends)
        return tuple(self._poses[end] for end in ends) if nearest < _FARTHEST else ()

    def _eyes(self, picture: Picture) -> NDArray[np.float64]:
        """Where the camera is at every frame, and its distance from what it shows, (N, 4)."""
        if self._all_eyes is None:
            aspect = self._screen.size[0] / self._screen.size[1]
            frame = frame_of(picture.atlas)
            lenses = [lens_of(pose, frame, aspect) for pose in self._poses]
            self._all_eyes = np.array(
                [(*lens.position, np.linalg.norm(lens.position - lens.focus)) for lens in lenses]
            )
        return self._all_eyes

    def _places(self, eyes: NDArray[np.float64]) -> list[int]:
        """Return the numbers of the frames that are looked from, rising from 0."""
        if not self._all_places:
            found = [0]
            for index in range(1, len(eyes)):
                far = _apart(eyes[index], eyes[found[-1]]) >= APART
                if far and index - found[-1] >= LEAST_FRAMES:
                    found.append(index)
            if found[-1] != len(eyes) - 1:
                found.append(len(eyes) - 1)
            self._all_places = found
        return self._all_places

    def _size(self, picture: Picture, ids: Ids) -> int:
        return sum(len(picture.atlas[name].surface.faces) for name in ids)

    def _seen(self, picture: Picture, ids: Ids, poses: tuple[CameraPose, ...]) -> NDArray[np.int32]:
        faces = self._scene.faces(picture, ids)
        seen = np.zeros(len(faces), dtype=bool)
        for pose in poses:
            seen |= self._seen_from(picture, ids, pose, len(faces))
        around = seen
        for _ in range(_ROUNDS):
            around = with_neighbours(faces, around)
        # What was seen comes first and hides most of the rest before that is shaded.
        return np.concatenate([faces[seen], faces[around & ~seen]])

    def _seen_from(self, picture: Picture, ids: Ids, pose: CameraPose, count: int) -> Flags:
        key = (ids, _place(pose))
        if key not in self._flags:
            while len(self._flags) >= _KEPT:
                self._flags.pop(next(iter(self._flags)))
            self._scene.show_numbered(picture, ids, pose)
            self._flags[key] = seen_now(self._screen, count)
        return self._flags[key]


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How far two places of the camera are apart, as a share of the distance of what it shows."""
    return float(np.linalg.norm(one[:3] - other[:3]) / max(one[3], 1.0))


def _place(pose: CameraPose) -> Place:
    return (pose.azimuth_deg, pose.elevation_deg, pose.zoom, *pose.focus.tolist())
