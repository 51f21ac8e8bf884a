"""Pictures of a GLB by F3D, a viewer that is not ours, in a process of its own.

F3D brings its own VTK, which must not meet the one that Palpate draws with.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SIZE = (360, 480)


def seen_in_f3d(path: Path, times: list[float], folder: Path) -> list[np.ndarray]:
    """A GLB from behind at each time, shape (H, W, 3); skips without F3D."""
    if importlib.util.find_spec("f3d") is None:
        pytest.skip("no F3D (pip install f3d)")
    outs = [folder / f"seen-{number}.png" for number in range(len(times))]
    page = json.dumps({"path": str(path), "times": times, "outs": [str(out) for out in outs]})
    run = subprocess.run(
        [sys.executable, __file__, page], capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return [np.asarray(Image.open(out).convert("RGB")) for out in outs]


def _draw(page: str) -> None:
    import f3d

    asked = json.loads(page)
    f3d.Log.set_verbose_level(f3d.Log.VerboseLevel.QUIET)
    engine = f3d.Engine.create_egl()
    engine.options.update({"scene.up_direction": "+Y", "render.background.color": [1.0, 1.0, 1.0]})
    engine.window.size = SIZE
    engine.scene.add(asked["path"])
    camera = engine.window.camera
    camera.focal_point = (0.0, 0.24, 0.0)
    camera.position = (0.0, 0.24, -2.6)  # +Z is the subject's front: this is from behind
    camera.view_up = (0.0, 1.0, 0.0)
    camera.view_angle = 24.0
    for time, out in zip(asked["times"], asked["outs"], strict=True):
        engine.scene.animation.load_time(time)
        engine.window.render_to_image().save(out)


if __name__ == "__main__":
    _draw(sys.argv[1])
