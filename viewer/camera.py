"""Where the camera stands: the anatomical views and the framing of a torso.

Azimuth 0 looks from behind, +90 from the subject's left; elevation is above the horizontal.
Zoom 1 holds the whole torso, whatever the shape of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.timeline import CameraPose
from meshes.atlas import Atlas
from meshes.errors import UnknownName

Vector = NDArray[np.float64]

#: Vertical opening, degrees: narrow, so that a plate shows little perspective.
OPENING_DEG = 18.0
#: Share of the picture's height or width that the torso fills at zoom 1.
FILL = 0.92
#: A hand with its forearm reaches no farther from the skin.
HAND_MM = 320.0
#: Nothing nearer to the eye is drawn, mm and as a share of the farthest.
NEAREST_MM = 4.0
_LEAST_NEAR = 0.002


@dataclass(frozen=True)
class View:
    """A named direction to look from.

    Attributes
    ----------
    name : str
    title : str
        As it stands in the picture.
    azimuth_deg, elevation_deg : float
    """

    name: str
    title: str
    azimuth_deg: float
    elevation_deg: float


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        view.name: view
        for view in (
            View("posterior", "Posterior view", 0.0, 0.0),
            View("anterior", "Anterior view", 180.0, 0.0),
            View("left", "Left lateral view", 90.0, 0.0),
            View("right", "Right lateral view", -90.0, 0.0),
            View("superior", "Superior view", 0.0, 89.9),
            View("inferior", "Inferior view", 0.0, -89.9),
            View("posterolateral_left", "Left posterolateral view", 40.0, 8.0),
            View("posterolateral_right", "Right posterolateral view", -40.0, 8.0),
        )
    }
)


@dataclass(frozen=True, eq=False)
class Frame:
    """The box that zoom 1 shows.

    Attributes
    ----------
    centre : ndarray, shape (3,)
        mm; on the median plane.
    width, depth, height : float
        Extent along x, y and z, mm.
    """

    centre: Vector
    width: float
    depth: float
    height: float


@dataclass(frozen=True, eq=False)
class Lens:
    """A camera ready for a renderer, mm and degrees.

    Attributes
    ----------
    position, focus, up : ndarray, shape (3,)
    opening_deg : float
        Vertical opening.
    height_mm : float
        Height of the picture at the focus.
    """

    position: Vector
    focus: Vector
    up: Vector
    opening_deg: float
    height_mm: float

    @cached_property
    def right(self) -> Vector:
        """Unit vector to the right of the picture."""
        side = np.cross(self.forward, self.up)
        return np.asarray(side / np.linalg.norm(side))

    @cached_property
    def forward(self) -> Vector:
        """Unit vector into the picture."""
        line = self.focus - self.position
        return np.asarray(line / np.linalg.norm(line))

    def project(self, points: NDArray[np.floating], size: tuple[int, int]) -> Vector:
        """Return picture coordinates of points.

        Parameters
        ----------
        points : ndarray, shape (N, 3)
            mm, LPS.
        size : tuple of int
            Width and height of the picture, pixels.

        Returns
        -------
        ndarray, shape (N, 3)
            x to the right and y down in pixels, and the distance along the view, mm.
        """
        offset = np.atleast_2d(np.asarray(points, dtype=np.float64)) - self.position
        away = offset @ self.forward
        scale = size[1] / 2.0 / np.tan(np.radians(self.opening_deg / 2.0))
        safe = np.maximum(away, 1e-6)
        x = size[0] / 2.0 + scale * (offset @ self.right) / safe
        y = size[1] / 2.0 - scale * (offset @ self.up) / safe
        return np.stack([x, y, away], axis=1)

    def place_of(
        self, point: NDArray[np.floating], size: tuple[int, int], margin: float = 0.0
    ) -> tuple[float, float] | None:
        """Return where a point lies in the picture, or None where it is not in it.

        Parameters
        ----------
        point : ndarray, shape (3,)
            mm, LPS.
        size : tuple of int
            Width and height of the picture, pixels.
        margin : float
            How far outside it still counts, pixels.
        """
        x, y, away = (float(value) for value in self.project(point, size)[0])
        inside = -margin <= x <= size[0] + margin and -margin <= y <= size[1] + margin
        return (x, y) if inside and away > 0.0 else None


#: What people call the views.
_PLAIN = {
    "back": "posterior", "behind": "posterior", "rear": "posterior", "front": "anterior",
    "top": "superior", "above": "superior", "bottom": "inferior", "below": "inferior",
}  # fmt: skip


def view_named(name: str) -> View:
    """Return the view with this name; an unknown one is an error that suggests the nearest."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    key = _PLAIN.get(key, key)
    if key not in VIEWS:
        raise UnknownName("view", name, VIEWS)
    return VIEWS[key]


def frame_of(atlas: Atlas) -> Frame:
    """Return the box that holds the torso of an atlas.

    The skin decides where there is one: thighs and arms that an atlas has in full beyond it do
    not shrink the torso. Without a skin the box ends below the gluteal fold.
    """
    if "skin" in atlas:
        low, high = atlas["skin"].surface.bounds
    else:
        low, high = _all(atlas)
        fold = atlas.landmarks.points.get("hip_bone_left/ischial_tuberosity")
        low[2] = low[2] if fold is None else max(low[2], fold[2] - 90.0)
    half = max(abs(low[0]), abs(high[0]))
    centre = np.array([0.0, (low[1] + high[1]) / 2.0, (low[2] + high[2]) / 2.0])
    return Frame(centre, 2.0 * half, float(high[1] - low[1]), float(high[2] - low[2]))


def pose_of(
    view: View | str, frame: Frame, zoom: float = 1.0, focus: Vector | None = None
) -> CameraPose:
    """Return the camera pose of a named view; the focus is the torso's centre if not given."""
    found = view_named(view) if isinstance(view, str) else view
    where = frame.centre if focus is None else np.asarray(focus, dtype=np.float64)
    return CameraPose(found.azimuth_deg, found.elevation_deg, zoom, where)


def lens_of(pose: CameraPose, frame: Frame, aspect: float) -> Lens:
    """Return where to put the camera.

    Parameters
    ----------
    pose : CameraPose
    frame : Frame
        What zoom 1 has to hold.
    aspect : float
        Width over height of the picture.
    """
    azimuth, elevation = np.radians(pose.azimuth_deg), np.radians(pose.elevation_deg)
    sin_a, cos_a = np.sin(azimuth), np.cos(azimuth)
    sin_e, cos_e = np.sin(elevation), np.cos(elevation)
    outward = np.array([sin_a * cos_e, cos_a * cos_e, sin_e])
    up = np.array([-sin_a * sin_e, -cos_a * sin_e, cos_e])
    # The widest the torso gets while it turns, so that a turn does not breathe.
    across = max(frame.width, frame.depth)
    tall = frame.height * abs(cos_e) + frame.depth * abs(sin_e)
    height = max(tall, across / aspect) / FILL / pose.zoom
    slope = np.tan(np.radians(OPENING_DEG / 2.0))
    # Seen from above or below the near end of the torso is much nearer than its middle.
    distance = height / 2.0 / slope + frame.height / 2.0 * abs(sin_e) / pose.zoom
    focus = np.asarray(pose.focus, dtype=np.float64)
    return Lens(focus + distance * outward, focus, up, OPENING_DEG, float(2.0 * slope * distance))


def apply(lens: Lens, renderer: Any, box: NDArray[np.floating]) -> None:
    """Set a VTK renderer's camera.

    Parameters
    ----------
    lens : Lens
    renderer : vtkRenderer
    box : ndarray, shape (2, 3)
        Lowest and highest corner of all that may come into view, mm. The depth range follows
        from it and not from what is visible at the moment, so that depths of one picture can be
        compared with those of another.
    """
    camera = renderer.GetActiveCamera()
    camera.SetViewAngle(lens.opening_deg)
    camera.SetPosition(*lens.position)
    camera.SetFocalPoint(*lens.focus)
    camera.SetViewUp(*lens.up)
    corners = np.stack(np.meshgrid(*np.asarray(box, dtype=np.float64).T), axis=-1).reshape(-1, 3)
    away = (corners - lens.position) @ lens.forward
    far = max(float(away.max()), 2.0 * NEAREST_MM)
    camera.SetClippingRange(max(float(away.min()), NEAREST_MM, _LEAST_NEAR * far), far)


def reach_of(atlas: Atlas) -> NDArray[np.float64]:
    """Return the box that holds an atlas and a hand anywhere on it, shape (2, 3), mm."""
    low, high = _all(atlas)
    return np.array([low - HAND_MM, high + HAND_MM])


def _all(atlas: Atlas) -> NDArray[np.float64]:
    boxes = np.array([item.surface.bounds for item in atlas.structures.values()])
    return np.array([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])
