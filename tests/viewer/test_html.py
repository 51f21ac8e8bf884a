from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from meshes.errors import MachineError, WriteError
from tests.viewer.strokes import ATLAS, two_hands
from viewer.export import html
from viewer.export.html import embedded, save_html
from viewer.resolve import resolve
from viewer.state import ViewState


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("html") / "a.html"
    save_html(path, ATLAS, two_hands())
    assert [item.name for item in path.parent.iterdir()] == ["a.html"]
    return path


def element(text: str, name: str) -> str:
    found = re.search(rf'<script [^>]*id="{name}">(.*?)</script>', text, re.DOTALL)
    assert found
    return found[1]


def page_of(path: Path) -> tuple[dict[str, Any], bytes]:
    text = path.read_text(encoding="utf-8")
    return json.loads(element(text, "page")), base64.b64decode(element(text, "block"))


def values(blob: bytes, reference: list[Any]) -> np.ndarray:
    kind, offset, count = reference
    return np.frombuffer(blob, np.dtype(kind), count, offset)


def test_text_cannot_end_its_element(made: Path) -> None:
    assert json.loads(embedded({"a": "</script><!--"})) == {"a": "</script><!--"}
    assert "<" not in embedded({"a": "</script><!--"})
    text = made.read_text(encoding="utf-8")
    assert "<title>Two hands &lt;/title&gt; - Palpate</title>" in text
    assert page_of(made)[0]["timeline"]["captions"][0][2] == "Glide </script><!-- up"
    assert text.count("<script") == text.count("</script>") + text.split("</script>")[-1].count(
        "<script"
    )


def test_nothing_is_fetched(made: Path) -> None:
    text = made.read_text(encoding="utf-8")
    without_three = text.replace(html.three_js(), "")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)""", without_three)
    assert "http" not in without_three.replace(ATLAS.licence, "")


def test_left_is_left(made: Path) -> None:
    page, blob = page_of(made)
    rows = {row["id"]: row for row in page["structures"]}
    assert set(rows) == set(ATLAS)
    for name in ("trapezius_left", "kidney_right"):
        points = values(blob, rows[name]["position"]).reshape(-1, 3) * rows[name]["step"]
        points = points + rows[name]["low"]
        np.testing.assert_allclose(points.mean(axis=0)[0] > 0.0, name.endswith("left"))
        np.testing.assert_allclose(points.max(axis=0), ATLAS[name].surface.bounds[1], atol=0.05)


def test_peeling_is_what_the_viewer_resolves(made: Path) -> None:
    page, blob = page_of(made)
    table = values(blob, page["peel"]["table"]).reshape(-1, len(ATLAS))
    for peel in (0.0, 2.0, 2.5, 7.0):
        drawn = {draw.id: draw.opacity for draw in resolve(ViewState(peel=peel), ATLAS).draws}
        row = table[round(peel / page["peel"]["step"])]
        wanted = [drawn.get(name, 0.0) for name in ATLAS]
        np.testing.assert_allclose(row / 255.0, wanted, atol=0.003)


def test_licence_and_notice_are_carried(made: Path) -> None:
    page, _ = page_of(made)
    assert page["licence"] == ATLAS.licence
    assert "does not diagnose" in page["notice"]


def test_what_stops_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WriteError, match="does not exist"):
        save_html(tmp_path / "no" / "a.html", ATLAS, two_hands())
    monkeypatch.setattr(html, "_THREE", ("no_such_package", "three.js"))
    with pytest.raises(MachineError, match="jupyter-threejs-sage"):
        save_html(tmp_path / "a.html", ATLAS, two_hands())
    assert not list(tmp_path.iterdir())


def test_a_browser_shows_it(made: Path, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium (Debian package chromium)")
    shot = tmp_path / "shot.png"
    run = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--window-size=900,700",
            f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr",
            "--virtual-time-budget=3000", f"--screenshot={shot}", made.as_uri(),
        ],
        capture_output=True,
        check=True,
        timeout=120,
    )  # fmt: skip
    assert b"CONSOLE" not in run.stderr, run.stderr.decode()[-2000:]
    pixels = np.asarray(Image.open(shot).convert("RGB")).astype(int)
    middle = pixels[200:400, 350:500].reshape(-1, 3).mean(axis=0)
    assert middle[0] > middle[2] + 20, middle  # skin, and not the pale ground


def test_the_page_says_for_whom_to_ask_first(made: Path) -> None:
    from annotations.contraindication import load_contraindications

    text = made.read_text(encoding="utf-8")
    assert all(f"<b>{item.title}.</b>" in text for item in load_contraindications())
    assert "@BEFORE@" not in text
