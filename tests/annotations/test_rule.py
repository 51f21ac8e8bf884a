"""The rule file: complete, monotone as written, and errors that name the rule."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotations.pressure import Pressure
from annotations.rule import RULES_FILE, closed, load_rules
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.errors import ReadError

SAFETY_STATEMENTS = {"S13", "S16", "S17", "S19", "S20", "S21", "S22"}


def _row(technique: Technique) -> int:
    return list(Technique).index(technique)


def test_written_tables_are_already_monotone() -> None:
    for rule in load_rules().rules:
        np.testing.assert_array_equal(rule.table, rule.written, err_msg=rule.id)


@hypothesis.given(arrays(np.uint8, (6, 4), elements=st.integers(0, 3)))
def test_closing_never_falls_and_only_raises(table: np.ndarray) -> None:
    result = closed(table)
    assert (result >= table).all()
    assert (np.diff(result.astype(int), axis=1) >= 0).all()
    for harsh in Technique:
        for mild in Technique:
            if harsh.is_harsher_than(mild):
                assert (result[_row(harsh)] >= result[_row(mild)]).all()
    np.testing.assert_array_equal(closed(result), result)


def test_percussion_is_harshest_and_gliding_mildest() -> None:
    others = [item for item in Technique if item is not Technique.PERCUSSION]
    assert all(Technique.PERCUSSION.is_harsher_than(item) for item in others)
    rest = [item for item in Technique if item is not Technique.GLIDING]
    assert all(item.is_harsher_than(Technique.GLIDING) for item in rest)


def test_every_rule_says_why_and_from_where() -> None:
    book = load_rules()
    ids = [rule.id for rule in book.rules]
    assert len(ids) == len(set(ids))
    for rule in book.rules:
        assert len(rule.reason) > 30, rule.id
        assert rule.source, rule.id
        assert rule.confidence in ("H", "M", "L"), rule.id
        assert set(rule.measured) <= set(book.quantities), rule.id
    cited = {statement for rule in book.rules for statement in rule.statements}
    assert cited >= SAFETY_STATEMENTS
    assert "does not diagnose" in book.notice


def test_spinous_line_is_never_from_moderate_up() -> None:
    rule = load_rules()["spinous_line"]
    for technique in Technique:
        for pressure in (Pressure.MODERATE, Pressure.FIRM, Pressure.DEEP):
            assert rule.verdict(technique, pressure) is Verdict.NEVER


def test_unknown_is_never_work() -> None:
    assert (load_rules()["unknown"].table == Verdict.AVOID).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('padding_mm = "<=8"', 'paddin_mm = "<=8"', "did you mean padding_mm"),
        ('padding_mm = "<=8"', 'padding_mm = "thin"', "bound such as"),
        ('level = "C2..S4"', 'level = "C2..S9"', "unknown level 'S9'"),
        ('["never",   "never",   "never",   "never"]', '["never", "never"]', "four verdicts"),
        (
            '["never",   "never",   "never",   "never"]',
            '["nver", "never", "never", "never"]',
            "never",
        ),
        ('title = "Bone just below the skin"', "", "'title' required"),
        ('measure = "level"', 'measure = "levl"', "did you mean level"),
        ("[[rule]]", "[[rule", "TOML"),
    ],
)
def test_mistakes_name_the_rule(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = RULES_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "rules.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ReadError, match=message) as caught:
        load_rules(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
