"""Where what is built is kept, on a machine whose cache folder cannot be written."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from meshes.store import cache_folder, cache_set_aside, save_atlas
from tests.phantom import phantom_atlas
from viewer.cli import run


@pytest.fixture
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file stands where the cache folder should be, and the temporary files are our own."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "taken"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def test_a_folder_that_can_be_written_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder() == tmp_path / "cache" / "palpate"
    assert cache_set_aside() is None


@pytest.mark.usefixtures("_no_cache")
def test_another_is_used_where_it_cannot(tmp_path: Path) -> None:
    found = cache_folder()
    assert found.parent == tmp_path / "temporary"
    assert stat.S_IMODE(found.stat().st_mode) & 0o022 == 0
    assert cache_set_aside() == (tmp_path / "taken" / "palpate", found)
    save_atlas(phantom_atlas(), found / "atlases" / "phantom")
    assert (cache_folder() / "atlases" / "phantom" / "atlas.json").is_file()


@pytest.mark.usefixtures("_no_cache")
def test_a_folder_that_others_can_write_is_not_trusted() -> None:
    found = cache_folder()
    found.chmod(0o777)
    assert cache_folder() != found
    aside = cache_set_aside()
    assert aside is not None
    assert aside[1] is None


@pytest.mark.usefixtures("_no_cache")
def test_it_is_told_before_anything_is_built(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def build(*_: object, **__: object) -> None:
        built.append(capsys.readouterr().err)
        raise KeyboardInterrupt

    monkeypatch.setattr("meshes.build._build", build)
    assert run(["list"]) == 130
    assert len(built) == 1
    assert "cannot be written" in built[0]
    cache_folder().chmod(0o777)
    assert run(["list"]) == 3
    assert "XDG_CACHE_HOME" in capsys.readouterr().err
    assert len(built) == 1


def test_a_torso_in_a_folder_that_cannot_be_written_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("meshes.store._writable", lambda _: False)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    save_atlas(phantom_atlas(), tmp_path / "palpate" / "atlases" / "builtin-1")
    assert (cache_folder() / "atlases" / "builtin-1" / "atlas.json").is_file()
