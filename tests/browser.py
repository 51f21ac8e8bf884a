"""The system's Chromium, driven by Playwright: a page opened from disk without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

_ARGUMENTS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]


@dataclass
class Opened:
    """A page with everything that it complained of or asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def pixels(self) -> np.ndarray:
        """What the page's canvas shows, without what lies over it, shape (H, W, 3)."""
        data = self.page.evaluate(
            "() => { palpate.draw(); return document.getElementById('canvas')"
            ".toDataURL('image/png').split(',')[1]; }"
        )
        import base64

        return np.asarray(Image.open(BytesIO(base64.b64decode(data))).convert("RGB"))

    def screenshot(self) -> np.ndarray:
        """What a person sees, shape (H, W, 3)."""
        return np.asarray(Image.open(BytesIO(self.page.screenshot())).convert("RGB"))


@contextmanager
def opened(path: Path, size: tuple[int, int] = (1000, 760)) -> Iterator[Opened]:
    """Yield a page that has drawn; skips where there is no browser or no Playwright."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        pytest.skip("no Chromium (Debian package chromium)")
    api = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright (pip install playwright)"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=_ARGUMENTS)
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
        page = context.new_page()
        made = Opened(page)
        page.on("console", lambda message: made.complaints.append(message.text))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("request", lambda request: made.requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=yes]", timeout=60_000)
        try:
            yield made
        finally:
            browser.close()
