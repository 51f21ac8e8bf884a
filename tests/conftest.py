"""Fixtures that several test folders share: atlases, the reference data, a display.

Tests marked ``reference`` need ``../shared`` (or the folder in ``PALPATE_SHARED``) and skip
without it. Tests marked ``window`` get a display: the machine's own, or an Xvfb started here.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from meshes.store import cache_folder, data_folder, load_atlas, save_atlas

if TYPE_CHECKING:
    from meshes.atlas import Atlas

ROOT = Path(__file__).resolve().parent.parent

hypothesis.settings.register_profile(
    "palpate",
    deadline=None,  # the first example pays for imports and caches
    max_examples=50,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
hypothesis.settings.load_profile("palpate")


def _shared_folder() -> Path | None:
    given = os.environ.get("PALPATE_SHARED")
    folder = Path(given) if given else ROOT.parent / "shared"
    return folder if (folder / "atlases").is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _shared_folder() is None:
        skip = pytest.mark.skip(reason="no reference data: ../shared and PALPATE_SHARED are absent")
        for item in items:
            if item.get_closest_marker("reference"):
                item.add_marker(skip)
    if not os.environ.get("DISPLAY") and shutil.which("Xvfb") is None:
        skip = pytest.mark.skip(reason="no display and no Xvfb (Debian package xvfb)")
        for item in items:
            if item.get_closest_marker("window"):
                item.add_marker(skip)
    # Windows last: from the first of them on, DISPLAY is set for the whole process.
    items.sort(key=lambda item: item.get_closest_marker("window") is not None)


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests away from the user's atlases and settings."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config-home")))
    patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data-home")))
    yield data_folder()
    patch.undo()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the reference atlases."""
    folder = _shared_folder()
    if folder is None:
        pytest.skip("no reference data: ../shared and PALPATE_SHARED are absent")
    return folder


@pytest.fixture(scope="session")
def builtin() -> Atlas:
    """The built-in torso (cached by content in the user's cache folder)."""
    from meshes.build import builtin as build_builtin

    return build_builtin()


@pytest.fixture(scope="session")
def za(shared: Path, own_data_folder: Path) -> Atlas:
    """Z-Anatomy as ``palpate atlas import`` makes it, installed under the name ``za``.

    The import takes a while, so its result is kept in the user's cache folder under a key of
    the code and the source; the tests see it in their own data folder.
    """
    from meshes.build import import_atlas

    source = shared / "atlases" / "z-anatomy"
    kept = cache_folder() / "tests" / f"za-{_key_of(source)}"
    if not (kept / "atlas.json").exists():
        shutil.rmtree(kept.parent, ignore_errors=True)
        save_atlas(import_atlas("z-anatomy", source, "za"), kept)
    own_data_folder.mkdir(parents=True, exist_ok=True)
    installed = own_data_folder / "za"
    if not installed.exists():
        installed.symlink_to(kept, target_is_directory=True)
    return load_atlas(installed)


def _key_of(source: Path) -> str:
    digest = hashlib.sha256()
    code = [*ROOT.glob("meshes/**/*.py"), *ROOT.glob("meshes/**/*.toml")]
    for path in sorted(code):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for path in sorted(source.iterdir()):
        digest.update(f"{path.name} {path.stat().st_size}".encode())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """Name of an X display: the machine's own, or an Xvfb that lives as long as the session."""
    given = os.environ.get("DISPLAY")
    if given:
        yield given
        return
    if shutil.which("Xvfb") is None:
        pytest.skip("no display and no Xvfb (Debian package xvfb)")
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1600x1000x24",
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()  # Xvfb writes it once it accepts connections
    if not number:
        pytest.fail(f"Xvfb did not start (exit code {server.wait(5)})")
    os.environ["DISPLAY"] = f":{number}"
    yield f":{number}"
    os.environ.pop("DISPLAY", None)
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="session")
def qapp_args(display: str) -> list[str]:
    """Arguments of pytest-qt's QApplication, which needs the display first."""
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    return ["palpate"]


@pytest.fixture
def no_leaked_widgets(qapp: Any) -> Iterator[None]:
    """Fail a test after which a top-level widget is left that was not there before."""
    before = {id(widget) for widget in qapp.topLevelWidgets()}
    yield
    qapp.processEvents()
    qapp.sendPostedEvents(None, 52)  # QEvent.DeferredDelete, which processEvents leaves out
    gc.collect()
    left = [widget for widget in qapp.topLevelWidgets() if id(widget) not in before]
    assert not left, f"widgets left after the test: {left}"
