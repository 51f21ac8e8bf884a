from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.timeline import CameraPose
from meshes.errors import UnknownName
from tests.phantom import phantom_atlas
from viewer.camera import VIEWS, Frame, frame_of, lens_of, pose_of, view_named

FRAME = Frame(np.array([0.0, -20.0, 200.0]), 500.0, 300.0, 900.0)
SIZE = (800, 1000)
LEFT, POSTERIOR, SUPERIOR = np.eye(3)


@pytest.mark.parametrize(
    ("view", "right", "up"),
    [
        ("posterior", -LEFT, SUPERIOR),
        ("anterior", LEFT, SUPERIOR),
        ("left", POSTERIOR, SUPERIOR),
        ("right", -POSTERIOR, SUPERIOR),
        ("superior", -LEFT, -POSTERIOR),
        ("inferior", -LEFT, POSTERIOR),
    ],
)
def test_a_view_has_the_anatomical_sides(view: str, right: np.ndarray, up: np.ndarray) -> None:
    lens = lens_of(pose_of(view, FRAME), FRAME, 0.8)
    np.testing.assert_allclose(lens.right, right, atol=3e-3)
    np.testing.assert_allclose(lens.up, up, atol=3e-3)


@given(
    st.floats(-720, 720), st.floats(-89, 89), st.floats(0.3, 6), st.sampled_from([0.5, 1.0, 1.78])
)
def test_the_focus_is_in_the_middle_and_the_axes_are_square(
    azimuth: float, elevation: float, zoom: float, aspect: float
) -> None:
    pose = CameraPose(azimuth, elevation, zoom, np.array([30.0, 40.0, 120.0]))
    lens = lens_of(pose, FRAME, aspect)
    size = (round(600 * aspect), 600)
    np.testing.assert_allclose(
        lens.project(pose.focus, size)[0, :2], [size[0] / 2, size[1] / 2], atol=1e-6
    )
    assert abs(float(lens.up @ lens.forward)) < 1e-9
    assert abs(float(np.linalg.norm(lens.up)) - 1.0) < 1e-9


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("size", [(1000, 1300), (1280, 720), (600, 600)])
def test_zoom_1_holds_the_whole_torso(view: str, size: tuple[int, int]) -> None:
    atlas = phantom_atlas()
    frame = frame_of(atlas)
    lens = lens_of(pose_of(view, frame), frame, size[0] / size[1])
    at = lens.project(atlas["skin"].surface.vertices, size)
    assert at[:, 0].min() > 0
    assert at[:, 0].max() < size[0]
    assert at[:, 1].min() > 0
    assert at[:, 1].max() < size[1]


def test_the_projection_is_the_one_vtk_draws_with() -> None:
    pytest.importorskip("pyvista")
    from vtkmodules.vtkRenderingCore import vtkRenderer

    from viewer.camera import apply

    lens = lens_of(CameraPose(33.0, 12.0, 1.4, np.array([10.0, 60.0, 300.0])), FRAME, 1.5)
    renderer = vtkRenderer()
    apply(lens, renderer, np.array([[-300.0, -200.0, -100.0], [300.0, 200.0, 700.0]]))
    point = np.array([80.0, 20.0, 350.0, 1.0])
    matrix = renderer.GetActiveCamera().GetCompositeProjectionTransformMatrix(1.5, 0.0, 1.0)
    clip = np.array(matrix.MultiplyPoint(point))
    drawn = (clip[:2] / clip[3] * [1, -1] + 1.0) / 2.0 * [900, 600]
    np.testing.assert_allclose(lens.project(point[:3], (900, 600))[0, :2], drawn, atol=1e-3)


def test_an_unknown_view_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="posterior"):
        view_named("posteror")
    assert view_named("Posterolateral-Left").azimuth_deg == 40.0
