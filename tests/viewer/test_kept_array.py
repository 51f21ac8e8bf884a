"""Arrays in the cache: found again, and as good as absent where damaged or not to be written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.phantom import phantom_atlas
from viewer.kept_array import array_path, keep_array, kept_array

ATLAS = phantom_atlas()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = array_path(replace(ATLAS, digest="0" * 64), "shading", "3-2")
    assert found is not None
    return found


def test_what_is_kept_is_found_again(path: Path) -> None:
    assert kept_array(path) is None
    keep_array(path, np.arange(12, dtype=np.uint8))
    np.testing.assert_array_equal(kept_array(path), np.arange(12))
    assert [page.name for page in path.parent.iterdir()] == [path.name]


def test_a_damaged_page_is_as_good_as_absent(path: Path) -> None:
    keep_array(path, np.arange(1000))
    whole = path.read_bytes()
    for broken in (b"", whole[:40], whole[:-40], b"no array"):
        path.write_bytes(broken)
        assert kept_array(path) is None


def test_a_cache_that_cannot_be_written_is_no_error(path: Path) -> None:
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    path.parent.write_text("a file where the folder should be")
    keep_array(path, np.arange(3))
    assert kept_array(path) is None


def test_an_atlas_without_a_digest_keeps_nothing() -> None:
    assert array_path(replace(ATLAS, digest=""), "shading", "3-2") is None
    keep_array(None, np.arange(3))
    assert kept_array(None) is None
