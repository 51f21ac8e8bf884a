"""``palpate still --surface`` and ``palpate export --window``: what may be asked, what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotations.protocol import open_protocol
from tests.phantom import phantom_atlas
from viewer.cli import run
from viewer.commands.options import AtlasOptions


@pytest.fixture
def phantom_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    atlas = phantom_atlas()
    monkeypatch.setattr(AtlasOptions, "open", lambda self, progress=None: atlas)


@pytest.mark.usefixtures("phantom_opened")
def test_a_surface_is_drawn_with_its_legend(tmp_path: Path) -> None:
    pictures = {}
    for surface in ("padding", "kidney_window", None):
        out = tmp_path / f"{surface}.png"
        words = ["still", str(out), "--size", "480x420"]
        assert run([*words, "--surface", surface] if surface else words) == 0
        with Image.open(out) as image:
            assert "Ask a doctor first" in image.info["Warning"]
            pictures[surface] = np.asarray(image.convert("RGB")).astype(int)
    for surface in ("padding", "kidney_window"):
        changed = np.abs(pictures[surface] - pictures[None]).max(axis=2) > 25
        assert changed.mean() > 0.02, surface
        # The legend stands in the upper right corner.
        assert changed[:135, 310:].mean() > 0.05


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--surface", "pading"], "did you mean padding"),
        (["--surface", "padding", "--caution", "gliding:light"], "one of --caution and --surface"),
    ],
)
def test_a_mistake_gets_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["still", str(tmp_path / "a.png"), *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_window_without_depth_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.gif"
    assert run(["export", "rhomboid_gutter", "--out", str(out), "--window", "9"]) == 2
    assert "window deeper than 0 (skin) and at most 7" in capsys.readouterr().err


def test_a_window_leaves_alone_what_a_stroke_asks_for() -> None:
    protocol = open_protocol("rhomboid_gutter").with_window(4.0)
    assert [item.window for item in protocol.strokes] == [4.0]
    assert [item.peel for item in protocol.strokes] == [None]
    assert [item.window for item in protocol.with_window(2.0).strokes] == [4.0]
