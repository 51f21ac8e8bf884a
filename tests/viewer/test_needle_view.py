"""The needle view: column and cut to one scale of depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from annotations.site import find_site
from meshes.atlas import Atlas
from meshes.depth import probe
from meshes.skin_surface import skin_of
from tests.phantom import phantom_atlas, skin_point
from viewer.cli import run
from viewer.needle_view import DEEPEST_MM, SHALLOWEST_MM, needle_view, reach_of
from viewer.palette import BONE
from viewer.section_tissue import LOOSE, flat_colour


def test_the_column_shows_each_band_at_its_depth() -> None:
    atlas = phantom_atlas()
    start = skin_of(atlas).nearest(skin_point(30.0, 402.2))
    pixels = needle_view(atlas, start.position, start.inward, (760, 860))
    assert pixels.shape == (860, 760, 3)
    hits = {hit.structure: hit for hit in probe(atlas, start.position, start.inward)}
    colour = np.array(flat_colour(atlas["trapezius_left"].entry))
    # The column's bar is the only place that holds the plain colour over its whole width.
    column = int(np.argmax((pixels == colour).all(axis=2).sum(axis=0)))
    rows = np.flatnonzero((pixels[:, column] == colour).all(axis=1))
    fat = np.flatnonzero((pixels[:, column] == LOOSE).all(axis=1))
    bone = np.flatnonzero((pixels[:, column] == BONE).all(axis=1))
    trapezius, vertebra = hits["trapezius_left"], hits["vertebra_T4"]
    scale = (bone.min() - rows.min()) / (vertebra.enter_mm - trapezius.enter_mm)
    assert len(rows) == pytest.approx(trapezius.thickness_mm * scale, abs=4)
    assert len(bone) == pytest.approx(vertebra.thickness_mm * scale, abs=4)
    assert fat.min() == pytest.approx(
        rows.min() - (trapezius.enter_mm - hits["subcutaneous_fat"].enter_mm) * scale, abs=4
    )


def test_cut_and_column_share_their_depth() -> None:
    atlas = phantom_atlas()
    start = skin_of(atlas).nearest(skin_point(30.0, 402.2))
    pixels = needle_view(atlas, start.position, start.inward, (760, 860)).astype(int)
    red = (pixels[..., 0] > 130) & (pixels[..., 1] < 110) & (pixels[..., 2] < 110)
    colour = np.array(flat_colour(atlas["trapezius_left"].entry))
    column = int(np.argmax((pixels == colour).all(axis=2).sum(axis=0)))
    rows = np.flatnonzero((pixels[:, column] == colour).all(axis=1))
    beside = red[:, 130:160].mean(axis=1)  # in the cut, a little beside the needle
    first = int(np.flatnonzero(beside > 0.5)[0])
    assert first == pytest.approx(rows.min(), abs=8)


def test_reach() -> None:
    assert reach_of([]) == SHALLOWEST_MM
    atlas = phantom_atlas()
    start = skin_of(atlas).nearest(skin_point(70.0, 128.8))
    deep = reach_of(probe(atlas, start.position, start.inward))
    assert SHALLOWEST_MM < deep <= DEEPEST_MM


@pytest.mark.parametrize("options", [["--probe", "T4 3cm left"], ["--cut", "axial:L1"]])
def test_from_the_command_line(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    out = tmp_path / "picture.png"
    size = ["--size", "900x700"]
    assert run(["still", str(out), *options, *size]) == 0
    assert "wrote" in capsys.readouterr().err
    with Image.open(out) as picture:
        assert picture.size == (900, 700)
        assert "does not diagnose" in picture.info["Copyright"]
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    red = (pixels[..., 0] > 130) & (pixels[..., 1] < 110) & (pixels[..., 2] < 110)
    assert red.mean() > 0.005


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cut", "axial:L9"], "did you mean L5"),
        (["--cut", "axial:L1", "--probe", "T4"], "one of --probe and --cut"),
        (["--cut", "axial:L1", "--peel", "3"], "takes no --peel"),
        (["--cut", "axial:L1", "--only", "trapezus_left"], "did you mean trapezius_left"),
        (["--probe", "T4 3cm lft"], "did you mean 'T4 3cm left'"),
    ],
)
def test_mistakes_are_one_line(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "picture.png"
    assert run(["still", str(out), *options]) == 2
    line = capsys.readouterr().err.strip()
    assert words in line
    assert "\n" not in line
    assert not out.exists()


def test_a_kidney_is_drawn_to_its_end(builtin: Atlas) -> None:
    site = find_site(builtin, "L1 8cm left")
    hits = probe(builtin, site.point, site.direction)
    kidney = next(hit for hit in hits if hit.structure == "kidney_left")
    assert kidney.exit_mm > 110.0
    assert reach_of(hits) > kidney.exit_mm


def test_a_skull_is_not_drawn_through_the_head(builtin: Atlas) -> None:
    site = find_site(builtin, "GB20 left")
    hits = probe(builtin, site.point, site.direction)
    skull = next(hit for hit in hits if hit.structure == "skull")
    assert skull.thickness_mm > 90.0
    assert reach_of(hits) < skull.enter_mm + 40.0
