"""A scene in somebody else's Qt window: on PyVista's own widget, with its own mouse."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.phantom import phantom_atlas
from viewer import palette
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState


@pytest.mark.window
def test_a_scene_draws_on_a_pyvista_widget(qtbot: QtBot) -> None:
    pytest.importorskip("pyvistaqt")
    from pyvistaqt import QtInteractor

    widget = QtInteractor(auto_update=False, multi_samples=0, lighting="none")
    widget.resize(320, 400)
    widget.show()
    scene = Scene(widget)
    scene.show(resolve(ViewState(peel=2.0), phantom_atlas()))
    qtbot.waitExposed(widget)
    widget.render()
    pixels = np.asarray(widget.screenshot(return_img=True))[:, :, :3].astype(int)
    drawn = np.abs(pixels - palette.BACKGROUND).max(axis=2) > 12
    assert drawn.mean() > 0.1
    red = pixels[drawn][:, 0] - pixels[drawn][:, 2]
    assert np.median(red) > 40  # muscle
    scene.close()
    widget.close()
