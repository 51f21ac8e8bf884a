"""The phantom torso, loaded by path: the tests are no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from meshes.atlas import Atlas


def _load(path: Path) -> ModuleType:
    name = f"palpate_tests_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def phantom() -> Atlas:
    """A torso of slabs at known depths."""
    atlas: Atlas = _load(Path(__file__).parents[1] / "phantom.py").phantom_atlas()
    return atlas
