"""Every text of the window stands in every language's table, and nothing else does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotations.hand import Hand
from annotations.pressure import Pressure
from annotations.protocol import library
from annotations.skin_map import MAPS
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.pose import load_poses
from meshes.terminology import TissueLayer
from viewer.outline import REGIONS
from viewer.structure_page import PHRASES

VIEWER = Path(__file__).resolve().parents[2] / "viewer"
FIELDS = re.compile(r"%n|\{[^}]*\}")


def _calls(path: Path) -> Iterator[tuple[str, str]]:
    """Context and text of every ``translate`` and ``tr`` in a module."""

    def visit(node: ast.AST, owner: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.ClassDef) else owner
            if isinstance(child, ast.Call):
                yield from _texts(child, owner)
            yield from visit(child, inside)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), "")


def _texts(call: ast.Call, owner: str) -> Iterator[tuple[str, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = [one.value for one in call.args if isinstance(one, ast.Constant)]
    if name == "translate" and len(words) >= 2:
        yield str(words[0]), str(words[1])
    elif name == "tr" and words:
        yield owner, str(words[0])
    elif name == "word" and words:
        yield "Vocabulary", str(words[0])


def _vocabulary() -> Iterator[str]:
    """Words that come from data."""
    for technique in Technique:
        yield technique.label
        yield technique.label.partition(" (")[0]
        yield technique.description
    for pressure in Pressure:
        yield pressure.label
        yield pressure.value
    for verdict in Verdict:
        yield verdict.title
        yield verdict.title.partition(":")[0]
        yield verdict.word
    for scale in MAPS.values():
        yield scale.title
    for layer in TissueLayer:
        yield layer.title
        yield layer.title.replace(" and superficial fascia", "")
    for pose in load_poses().values():
        yield pose.title
    for hand in Hand:
        yield hand.value.capitalize()
    yield from ("Left", "Right", "Both", "Each")
    yield from (region.replace("_", " ").capitalize() for region in REGIONS)
    yield from PHRASES
    for name in library():
        yield name.replace("_", " ").capitalize()


@pytest.fixture(scope="module")
def texts() -> set[tuple[str, str]]:
    modules = [*sorted((VIEWER / "panels").glob("*.py")), VIEWER / "window.py"]
    spoken = {found for path in modules for found in _calls(path)}
    return spoken | {("Vocabulary", word) for word in _vocabulary()}


def _languages() -> list[str]:
    return sorted(path.stem for path in (VIEWER / "translations").glob("*.toml"))


@pytest.mark.window
@pytest.mark.parametrize("code", _languages())
def test_a_table_is_complete_and_up_to_date(code: str, texts: set[tuple[str, str]]) -> None:
    from viewer.panels.language import LANGUAGES, table_of

    assert code in LANGUAGES
    table = table_of(code)
    held = {(context, text) for context, page in table.items() for text in page}
    assert sorted(texts - held) == [], "texts without a translation"
    assert sorted(held - texts) == [], "translations that nobody asks for"


@pytest.mark.window
@pytest.mark.parametrize("code", _languages())
def test_a_translation_fills_in_the_same(code: str) -> None:
    from viewer.panels.language import table_of

    for page in table_of(code).values():
        for text, translated in page.items():
            assert translated.strip(), text
            assert sorted(FIELDS.findall(text)) == sorted(FIELDS.findall(translated)), text
            assert ("&" in text) == ("&" in translated), text
