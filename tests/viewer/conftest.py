"""Visual baselines: small pictures drawn by software GL, compared with the ones beside the tests.

``pytest tests/viewer --rewrite-baselines`` writes them anew; look at them before committing.
Where a picture differs, it and the difference are kept in ``test-differences/`` (or in
``PALPATE_DIFFERENCES``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from viewer.renderer import OffScreen

BASELINES = Path(__file__).parent / "baselines"
ROOT = Path(__file__).resolve().parents[2]

#: Mean difference per channel, and the value that 99 of 100 pixels stay below, of 255.
MEAN_TOLERANCE = 1.5
PIXEL_TOLERANCE = 24.0


class Check(Protocol):
    def __call__(
        self,
        name: str,
        pixels: NDArray[np.uint8],
        mean: float = MEAN_TOLERANCE,
        most: float = PIXEL_TOLERANCE,
    ) -> None: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-baselines", action="store_true", help="write the visual baselines anew"
    )


@pytest.fixture(scope="session")
def software_gl() -> str:
    """Name of the software renderer; skips where a GPU draws, for its pixels are its own."""
    with OffScreen((64, 64), 1) as screen:
        name = screen.renderer_name
    if "llvmpipe" not in name.lower():
        pytest.skip(f"visual baselines are drawn by llvmpipe, this machine has {name}")
    return name


@pytest.fixture
def baseline(request: pytest.FixtureRequest, software_gl: str) -> Check:
    """Compare a picture with its baseline."""
    rewrite = request.config.getoption("--rewrite-baselines", default=False)

    def check(
        name: str,
        pixels: NDArray[np.uint8],
        mean: float = MEAN_TOLERANCE,
        most: float = PIXEL_TOLERANCE,
    ) -> None:
        path = BASELINES / f"{name}.png"
        if rewrite:
            Image.fromarray(pixels).save(path, optimize=True)
            return
        assert path.exists(), f"no baseline {path}: run pytest tests/viewer --rewrite-baselines"
        wanted = np.asarray(Image.open(path).convert("RGB"))
        assert wanted.shape == pixels.shape
        apart = np.abs(wanted.astype(float) - pixels.astype(float))
        found = float(apart.mean())
        worst = float(np.percentile(apart.max(axis=2), 99.0))
        if found > mean or worst > most:
            folder = Path(os.environ.get("PALPATE_DIFFERENCES", ROOT / "test-differences"))
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{name}-received.png")
            Image.fromarray(np.clip(apart * 4.0, 0, 255).astype(np.uint8)).save(
                folder / f"{name}-difference.png"
            )
            pytest.fail(
                f"{name} differs from its baseline: mean {found:.2f} (at most {mean:g}), "
                f"99th percentile {worst:.0f} (at most {most:.0f}); see {folder}"
            )

    return check
