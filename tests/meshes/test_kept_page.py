"""Pages of the cache: named by contents, whole or absent, the oldest forgotten."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from meshes.atlas import Atlas
from meshes.kept_page import MOST_KEPT, keep_page, page_path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_page_is_named_by_atlas_and_code(cache: Path, builtin: Atlas) -> None:
    path = page_path(builtin, "depth.npz", ("rays",))
    assert path is not None
    assert path.is_relative_to(cache)
    assert path.parent.name == "depth"
    assert path.suffix == ".npz"
    assert builtin.digest[:32] in path.name
    assert path != page_path(builtin, "depth.npz", ("depth",))
    assert page_path(replace(builtin, digest=""), "depth.npz", ("rays",)) is None


def test_page_is_whole_or_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "pages" / "a.json"
    keep_page(path, lambda file: file.write(b"first"))

    def full(file: IO[bytes]) -> None:
        file.write(b"sec")
        raise OSError("no space left")

    keep_page(path, full)
    assert path.read_bytes() == b"first"
    assert [item.name for item in path.parent.iterdir()] == ["a.json"]


def test_page_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    keep_page(tmp_path / "file" / "a.json", lambda file: file.write(b"x"))
    assert (tmp_path / "file").read_text() == "in the way"


def test_oldest_pages_are_forgotten(tmp_path: Path) -> None:
    for number in range(MOST_KEPT + 3):
        path = tmp_path / f"{number:02d}.json"
        keep_page(path, lambda file: file.write(b"x"))
        os.utime(path, (number, number))
    keep_page(tmp_path / "last.json", lambda file: file.write(b"x"))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == MOST_KEPT
    assert "last.json" in names
    assert "00.json" not in names
