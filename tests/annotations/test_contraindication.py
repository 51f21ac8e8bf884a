"""Contraindications: sourced, complete, and named in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.contraindication import (
    CONTRAINDICATIONS_FILE,
    Action,
    by_action,
    load_contraindications,
    prompt,
)
from meshes.errors import ReadError


def test_those_of_the_facts_are_there_with_their_source() -> None:
    rows = {item.id: item for item in load_contraindications()}
    for name in ("anticoagulants", "osteoporosis", "cancer_in_bone", "deep_vein_thrombosis",
                 "fever", "skin_lesion"):  # fmt: skip
        assert rows[name].source.startswith("Facts 10.1")
        assert rows[name].reason.endswith(".")
    assert len(rows) == len(load_contraindications())
    assert all(by_action().values())
    assert sum(len(items) for items in by_action().values()) == len(rows)


def test_the_prompt_names_everyone_who_should_ask() -> None:
    line = prompt().lower()
    assert line.startswith("ask a doctor first: ")
    assert all(item.title.lower() in line for item in by_action()[Action.ASK])
    assert len(line) < 160


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('action = "ask"', 'action = "aks"', "did you mean ask"),
        ('title = "Fever"', "", "'fever': 'title' required"),
        ("[[contraindication]]", "[[contraindication", "TOML"),
    ],
)
def test_mistakes_name_the_entry(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = CONTRAINDICATIONS_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "contraindications.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ReadError, match=message) as caught:
        load_contraindications(path)
    assert "\n" not in str(caught.value)
