"""``palpate safety``: one command for every statement of the article about where to press."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from viewer.cli import run
from viewer.commands.options import AtlasOptions

if TYPE_CHECKING:
    from meshes.atlas import Atlas

PRESS = "sustained_press"
#: Statement, site, technique, pressure, rule, the millimetres behind it, verdicts allowed.
COMMANDS = [
    ("S13", "scapular_spine left", PRESS, "deep", "scapular_spine", "padding_mm", "avoid"),
    ("S13", "infraspinous_fossa left", "kneading", "firm", "beside_the_ridge", "muscle_mm", "work"),
    ("S14", "L3 4cm left", "kneading", "firm", "erector_columns", "erector_mm", "work"),
    ("S15", "L4 4cm right", "gliding", "firm", "erector_columns", "spinous_mm", "work"),
    ("S16", "L3", "gliding", "moderate", "spinous_line", "padding_mm", "never"),
    ("S17", "S2 2.5cm left", "gliding", "moderate", "upper_sacrum", "padding_mm", "work"),
    ("S17", "S2 2.5cm left", "percussion", "light", "sacrum", "padding_mm", "avoid"),
    ("S18", "L4 4cm left", "kneading", "moderate", "erector_columns", "erector_mm", "work"),
    ("S19", "T8", PRESS, "firm", "spinous_line", "spinous_mm", "never"),
    ("S20", "inferior_angle left", PRESS, "deep", "scapular_angle", "scapular_angle_mm", "avoid"),
    ("S21", "T12 7cm left", "gliding", "moderate", "kidney_zone", "kidney_mm", "lighten"),
    ("S22", "L1 7cm left", "percussion", "light", "kidney_zone", "kidney_mm", "avoid"),
    ("S22", "L1 7cm right", PRESS, "deep", "kidney_zone", "kidney_margin_mm", "never"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "site", "technique", "pressure", "rule", "measure", "verdict"), COMMANDS
)
def test_a_command_names_rule_statement_and_millimetres(
    builtin: Atlas,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    statement: str,
    site: str,
    technique: str,
    pressure: str,
    rule: str,
    measure: str,
    verdict: str,
) -> None:
    # The torso is opened once for all commands.
    monkeypatch.setattr(AtlasOptions, "open", lambda self, progress=None: builtin)
    words = ["safety", site, "--technique", technique, "--pressure", pressure, "--json"]
    assert run(words) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["verdict"] == verdict, page
    named = {item["id"]: item for item in page["rules"]}
    assert rule in named, page
    assert statement in named[rule]["statements"]
    assert named[rule]["measured"][measure] >= 0.0
    assert "mm" in named[rule]["reason"]


def test_every_statement_about_where_to_press_has_a_command() -> None:
    assert {row[0] for row in COMMANDS} == {f"S{number}" for number in range(13, 23)}


def test_in_words_it_says_whom_to_ask(
    builtin: Atlas, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(AtlasOptions, "open", lambda self, progress=None: builtin)
    assert run(["safety", "L3 4cm left", "--technique", "gliding", "--pressure", "light"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "teaches; it does not diagnose" in words
    assert "Ask a doctor first: blood thinners" in words
    assert "erector_columns" in words
