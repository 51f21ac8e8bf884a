"""The exported page in a browser, from disk and offline, used as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.browser import Opened, opened
from tests.viewer.strokes import ATLAS, two_hands
from viewer.export.html import save_html

#: Where a structure's middle is on the canvas, in CSS pixels.
_WHERE = """([id, lps]) => {
  const { torso, eye } = palpate, canvas = document.getElementById('canvas');
  const at = new THREE.Vector3(...lps).project(eye.camera);
  return [(at.x + 1) / 2 * canvas.clientWidth, (1 - at.y) / 2 * canvas.clientHeight];
}"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path = tmp_path_factory.mktemp("page") / "two hands & more.html"
    save_html(path, ATLAS, two_hands())
    with opened(path) as made:
        yield made


@pytest.fixture
def page(session: Opened) -> Iterator[Opened]:
    session.page.evaluate(
        "() => { palpate.play(false); palpate.seek(0); palpate.look(0, 0);"
        " document.getElementById('warn').checked = false; palpate.state.warn = false;"
        " palpate.state.followCamera = palpate.state.followPeel = true; palpate.draw(); }"
    )
    yield session
    assert session.complaints == []


def set_range(made: Opened, name: str, value: float) -> None:
    """Move a slider as its user does: the page is told by an input event."""
    made.page.locator(f"#{name}").evaluate(
        "(item, value) => { item.value = value; item.dispatchEvent(new Event('input')); }", value
    )
    made.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")


def test_it_opens_offline_and_asks_for_nothing(page: Opened) -> None:
    assert [url for url in page.requests if not url.startswith("data:")] == [page.page.url]
    assert page.page.url.startswith("file:")
    picture = page.pixels()
    middle = picture[200:400, 300:500].reshape(-1, 3).mean(axis=0)
    assert middle[0] > middle[2] + 20, middle  # skin, and not the pale ground


def test_it_bears_title_sides_atlas_licence_and_notice(page: Opened) -> None:
    text = page.page.locator("body").inner_text()
    for words in ("Two hands </title>", ATLAS.title, ATLAS.licence, "does not diagnose",
                  "Posterior"):  # fmt: skip
        assert words in text
    assert page.page.locator("#toward-left").inner_text() == "L"
    assert page.page.locator("#toward-right").inner_text() == "R"
    page.page.keyboard.press("1")  # anterior
    page.page.wait_for_function("document.getElementById('toward-left').textContent === 'R'")
    assert page.page.locator("#toward-right").inner_text() == "L"


def test_it_peels(page: Opened) -> None:
    before = page.pixels().astype(int)
    set_range(page, "peel", 2.0)
    assert "muscle" in page.page.locator("#layer").inner_text().lower()
    muscles = page.pixels().astype(int)
    assert (np.abs(muscles - before).max(axis=2) > 40).mean() > 0.05
    set_range(page, "peel", 6.0)
    assert page.page.locator("#layer").inner_text() == "Bones"
    assert (np.abs(page.pixels().astype(int) - muscles).max(axis=2) > 40).mean() > 0.03


def test_it_plays_and_pauses(page: Opened) -> None:
    page.page.locator("#play").click()
    assert page.page.locator("#play").inner_text() == "Pause"
    page.page.wait_for_function("palpate.state.t > 0.3")
    page.page.locator("#play").click()
    stopped = page.page.evaluate("palpate.state.t")
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("palpate.state.t") == stopped
    assert page.page.locator("#clock").inner_text().endswith("/ 0:02")


def test_it_scrubs_with_captions_and_hands(page: Opened) -> None:
    assert page.page.locator("#caption").inner_text() == ""
    bare = page.pixels().astype(int)
    set_range(page, "time", 0.9)
    assert page.page.locator("#caption").inner_text() == "Glide </script><!-- up"
    with_hands = page.pixels().astype(int)
    changed = np.abs(with_hands - bare).max(axis=2) > 30
    assert changed[:, : changed.shape[1] // 2].mean() > 0.01  # a hand on either side
    assert changed[:, changed.shape[1] // 2 :].mean() > 0.01
    page.page.locator("#marks").select_option("Glide")
    assert page.page.evaluate("palpate.state.t") == pytest.approx(0.2)


def test_it_names_what_is_under_the_pointer(page: Opened) -> None:
    set_range(page, "peel", 2.0)
    for side, toward in (("left", -1), ("right", 1)):
        points = ATLAS[f"latissimus_dorsi_{side}"].surface.vertices
        place = page.page.evaluate(_WHERE, ["", points.mean(axis=0).tolist()])
        page.page.mouse.move(*place)
        page.page.wait_for_function(
            f"document.getElementById('name').textContent.includes('({side})')"
        )
        assert "atissimus dorsi" in page.page.locator("#name").inner_text()
        middle = page.page.locator("#canvas").evaluate("item => item.clientWidth") / 2
        assert (place[0] - middle) * toward > 0  # seen from behind, left is left
    page.page.mouse.move(5, 400)
    page.page.wait_for_function("document.getElementById('name').hidden")


def test_it_shows_caution_with_a_legend(page: Opened) -> None:
    assert page.page.locator("#legend").is_hidden()
    before = page.pixels().astype(int)
    page.page.locator("#pair").select_option("percussion, deep")
    assert page.page.locator("#warn").is_checked()
    page.page.wait_for_function("!document.getElementById('legend').hidden")
    changed = np.abs(page.pixels().astype(int) - before).max(axis=2) > 30
    assert changed.mean() > 0.1
    assert page.page.locator("#legend li").count() == 4


def test_it_turns_with_the_mouse(page: Opened) -> None:
    page.page.mouse.move(400, 350)
    page.page.mouse.down()
    page.page.mouse.move(520, 350, steps=4)
    page.page.mouse.up()
    assert page.page.evaluate("palpate.eye.pose.azimuth") != 0.0
    before = page.page.evaluate("palpate.eye.pose.zoom")
    page.page.mouse.wheel(0, -400)
    page.page.wait_for_function(f"palpate.eye.pose.zoom > {before}")


def test_a_narrow_window_still_shows_everything(page: Opened) -> None:
    page.page.set_viewport_size({"width": 480, "height": 760})
    try:
        page.page.wait_for_timeout(200)
        box = page.page.locator("aside").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert page.page.locator("#play").is_visible()
    finally:
        page.page.set_viewport_size({"width": 1000, "height": 760})


def test_it_has_been_looked_at(page: Opened, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keeps the picture a person would see, for whoever wants to look."""
    from PIL import Image

    set_range(page, "time", 0.9)
    folder = tmp_path_factory.mktemp("seen")
    Image.fromarray(page.screenshot()).save(Path(folder) / "page.png")
    assert page.screenshot().std() > 20


@pytest.mark.parametrize("width", [400, 760, 1280])
def test_the_sides_stand_beside_the_torso_in_any_window(page: Opened, width: int) -> None:
    before = page.page.viewport_size
    page.page.set_viewport_size({"width": width, "height": 800})
    try:
        middle = page.page.locator("#canvas").evaluate("item => item.clientWidth") / 2
        left, right = (
            page.page.locator(f"#toward-{side}").bounding_box() for side in ("left", "right")
        )
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] < middle < right["x"]
        assert right["x"] + right["width"] <= 2 * middle
        panel = page.page.locator("aside").bounding_box()
        assert panel is not None
        assert panel["x"] >= 2 * middle - 1 or panel["y"] > 400  # beside the torso or below it
        chooser = page.page.locator("#marks").bounding_box()
        assert chooser is not None
        assert chooser["x"] + chooser["width"] <= width
    finally:
        assert before is not None
        page.page.set_viewport_size(before)
