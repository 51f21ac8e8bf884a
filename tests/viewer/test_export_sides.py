"""Left is left in every format, and colours are the picture's.

Muscles of the left side are made nerves in the phantom, which are drawn yellow; seen from behind,
the subject's left is the picture's left.
"""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_erosion

from annotations.timeline import Key, Timeline
from meshes.atlas import Atlas
from meshes.terminology import System
from tests.browser import opened
from tests.films import frame_at
from tests.glb_view import seen_in_f3d
from tests.phantom import phantom_atlas
from viewer.camera import frame_of, lens_of, pose_of
from viewer.export.encoder import Film
from viewer.export.glb import save_glb
from viewer.export.html import save_html
from viewer.export.still import still
from viewer.export.transparent import clear_picture
from viewer.export.video import plan_of, save_plan, save_video
from viewer.palette import NERVE, tissue_colour
from viewer.renderer import OffScreen
from viewer.resolve import resolve
from viewer.scene import Scene
from viewer.state import ViewState

FILM = Film(320, 240, 2.0)


@cache
def coloured() -> Atlas:
    """The phantom with the large muscles of its left side in the colour of nerves."""
    atlas = phantom_atlas()
    changed = {
        name: replace(item, entry=replace(item.entry, system=System.NERVOUS))
        for name, item in atlas.structures.items()
        if name in ("latissimus_dorsi_left", "trapezius_left", "gluteus_maximus_left")
    }
    return replace(
        atlas, structures={**atlas.structures, **changed}, digest="", title="One side coloured"
    )


def timeline() -> Timeline:
    return Timeline(
        1.0, (Key(0.0, pose_of("posterior", frame_of(coloured()))),), (Key(0.0, 2.0),), title="Side"
    )


def yellow(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where the picture has the hue of a nerve."""
    red, green, blue = (pixels[..., channel].astype(int) for channel in range(3))
    return (np.minimum(red, green) > 1.7 * blue) & (np.minimum(red, green) > 50) & (
        np.abs(red - green) < 0.3 * red
    )  # fmt: skip


def assert_left(pixels: NDArray[np.uint8]) -> None:
    mask = yellow(pixels)
    middle = mask.shape[1] // 2
    assert mask[:, :middle].mean() > 0.03, mask.mean()
    assert mask[:, middle:].mean() < 0.002, mask[:, middle:].mean()


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.gif", "a.png"])
def test_left_is_left_in_films(tmp_path: Path, name: str) -> None:
    save_video(tmp_path / name, coloured(), timeline(), FILM)
    assert_left(frame_at(tmp_path / name.removesuffix(".png"), 1))


def test_left_is_left_in_pictures_without_a_background(tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    save_plan(out, plan_of(out, coloured(), timeline(), FILM, clear=True), coloured())
    picture = Image.open(tmp_path / "a" / "a_00001.png")
    white = Image.new("RGBA", picture.size, "white")
    assert_left(np.asarray(Image.alpha_composite(white, picture).convert("RGB")))


def test_left_is_left_in_a_still() -> None:
    assert_left(still(coloured(), ViewState(peel=2.0), (240, 320)))


def test_left_is_left_in_a_glb(tmp_path: Path) -> None:
    save_glb(tmp_path / "a.glb", coloured(), timeline())
    (picture,) = seen_in_f3d(tmp_path / "a.glb", [0.5], tmp_path)
    assert_left(picture)


def test_left_is_left_on_the_page(tmp_path: Path) -> None:
    save_html(tmp_path / "a.html", coloured(), timeline())
    with opened(tmp_path / "a.html") as page:
        picture = page.pixels()
        assert page.complaints == []
    assert_left(picture)


def test_a_glb_plays_in_another_viewer(tmp_path: Path) -> None:
    from tests.viewer.strokes import ATLAS, two_hands

    save_glb(tmp_path / "a.glb", ATLAS, two_hands())
    skin, hands, muscles = (
        picture.astype(int)
        for picture in seen_in_f3d(tmp_path / "a.glb", [0.0, 1.0, 2.0], tmp_path)
    )
    torso = np.s_[60:420, 110:250]
    # Skin is brown, the caution surface blue beside the spine, muscles red; the median lies there.
    red_over_blue = [
        float(np.median(picture[torso][..., 0] - picture[torso][..., 2]))
        for picture in (skin, hands, muscles)
    ]
    assert red_over_blue[0] > 15
    assert red_over_blue[1] < -5
    assert red_over_blue[2] > 20
    assert np.median(muscles[torso][..., 1]) < np.median(skin[torso][..., 1])
    dark = skin.max(axis=2) < 90  # the letters, beside the torso
    assert dark[:, :100].sum() > 20
    assert dark[:, 260:].sum() > 20


# ---------------------------------------------------------------- colours


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIE delta E 2000 per pixel."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    found: NDArray[np.float64] = deltaE_ciede2000(rgb2lab(one), rgb2lab(other))
    return found


@pytest.mark.parametrize("peel", [0.0, 2.0, 6.0])
def test_the_page_has_the_colours_of_the_picture(tmp_path: Path, peel: float) -> None:
    atlas = phantom_atlas()
    pose = pose_of("posterior", frame_of(atlas))
    line = Timeline(1.0, (Key(0.0, pose),), (Key(0.0, peel),), title="Colours")
    save_html(tmp_path / "a.html", atlas, line)
    with opened(tmp_path / "a.html", (600, 698)) as page:
        seen = page.pixels()
    size = (seen.shape[1], seen.shape[0])
    with OffScreen(size, 2) as screen:
        scene = Scene(screen.plotter)
        scene.show(resolve(ViewState(peel=peel, camera=pose), atlas))
        drawn = screen.picture()
        scene.close()
    assert lens_of(pose, frame_of(atlas), size[0] / size[1]).opening_deg > 0
    ground = np.array([250, 249, 247])
    torso = (np.abs(drawn.astype(int) - ground).max(axis=2) > 25) & (
        np.abs(seen.astype(int) - ground).max(axis=2) > 25
    )
    assert torso.mean() > 0.05
    # Outlines are smoothed by each in its own way.
    inner = binary_erosion(torso, iterations=2)
    difference = apart(seen, drawn)[inner]
    print(f"peel {peel:g}: median {np.median(difference):.2f}, "
          f"95 of 100 under {np.percentile(difference, 95):.2f}")  # fmt: skip
    assert np.median(difference) < 2.0
    assert np.percentile(difference, 95) < 6.0


def test_glb_materials_have_the_colours_of_the_picture(tmp_path: Path) -> None:
    """Each material against the picture where it faces the light: hue, chroma and lightness."""
    from tests.viewer.test_glb import Glb

    atlas = phantom_atlas()
    save_glb(tmp_path / "a.glb", atlas)
    model = Glb(tmp_path / "a.glb")
    for name, pixel in lit_colours(atlas).items():
        seen = model.colour(name)
        difference = float(apart(seen[None, None], pixel[None, None])[0, 0])
        print(f"{name}: material {seen}, picture {pixel}, delta E {difference:.1f}")
        assert difference < 10.0, (name, seen, pixel)


def lit_colours(atlas: Atlas) -> dict[str, NDArray[np.uint8]]:
    """The colour of some structures in a still, where they face the key light."""
    found = {}
    for name in ("skin", "subcutaneous_fat", "latissimus_dorsi_left", "scapula_left",
                 "kidney_left"):  # fmt: skip
        state = ViewState(isolated=frozenset({name}), labels=False)
        size = (300, 390)
        with OffScreen(size, 2) as screen:
            scene = Scene(screen.plotter)
            scene.show(resolve(state, atlas))
            pixels = clear_picture(screen, scene, resolve(state, atlas))
            scene.close()
        inner = pixels[pixels[..., 3] == 255][:, :3]
        # Lettering is opaque too: keep what is near the structure's own colour.
        own = np.array(tissue_colour(atlas[name].entry))
        near = inner[np.linalg.norm(inner.astype(float) - own, axis=1) < 110]
        bright = near[near.sum(axis=1) >= np.percentile(near.sum(axis=1), 75)]
        found[name] = np.median(bright, axis=0).astype(np.uint8)
    return found


def test_yellow_is_told_from_the_other_tissues() -> None:
    """The detector itself: a nerve is yellow; bone, muscle, skin and fat are not."""
    atlas = phantom_atlas()
    colours = {name: tissue_colour(atlas[name].entry) for name in
               ("skin", "latissimus_dorsi_left", "scapula_left", "kidney_left")}  # fmt: skip
    assert yellow(np.array([[NERVE]], dtype=np.uint8)).all()
    for name, colour in colours.items():
        assert not yellow(np.array([[colour]], dtype=np.uint8)).any(), name
    assert not yellow(np.asarray(Image.open(io.BytesIO(_grey())))).any()


def _grey() -> bytes:
    page = io.BytesIO()
    Image.new("RGB", (4, 4), (128, 128, 128)).save(page, format="PNG")
    return page.getvalue()
