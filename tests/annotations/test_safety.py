"""Judgements at named sites: the table of expected verdicts, and what a judgement reports."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from annotations.pressure import Pressure
from annotations.safety import judge
from annotations.site import find_site
from annotations.technique import Technique
from annotations.verdict import Verdict

if TYPE_CHECKING:
    from meshes.atlas import Atlas

TABLE = Path(__file__).with_name("expected_verdicts.toml")


def _rows() -> list[dict[str, Any]]:
    page = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = []
    for group in page["group"]:
        for row in group["rows"]:
            site, technique, pressure, verdict = row
            rows.append(
                {
                    "site": site,
                    "technique": technique,
                    "pressure": pressure,
                    "verdict": verdict,
                    "statement": group["statement"],
                    "rule": group.get("rule"),
                }
            )
    return rows


def _id(row: dict[str, Any]) -> str:
    return f"{row['site']}-{row['technique']}-{row['pressure']}"


def test_the_table_is_large_and_covers_the_statements() -> None:
    rows = _rows()
    assert len(rows) >= 80
    cited = {row["statement"] for row in rows}
    assert cited >= {f"S{number}" for number in range(13, 23)}


@pytest.mark.parametrize("row", _rows(), ids=_id)
def test_expected_verdict_on_the_built_in_torso(builtin: Atlas, row: dict[str, Any]) -> None:
    _compare(builtin, row)


@pytest.mark.reference
@pytest.mark.parametrize("row", _rows(), ids=_id)
def test_expected_verdict_on_z_anatomy(za: Atlas, row: dict[str, Any]) -> None:
    _compare(za, row)


def _compare(atlas: Atlas, row: dict[str, Any]) -> None:
    judgement = judge(
        atlas,
        find_site(atlas, row["site"]),
        Technique(row["technique"]),
        Pressure(row["pressure"]),
    )
    fired = [(item.id, item.verdict.word, item.measured) for item in judgement.rules]
    allowed = row["verdict"].split("|")
    assert judgement.verdict.word in allowed, (row, fired)
    if row["rule"] is not None and judgement.verdict is not Verdict.WORK:
        assert row["rule"] in [item.id for item in judgement.rules], (row, fired)


def test_percussion_over_the_kidney_names_rule_statement_and_millimetres(builtin: Atlas) -> None:
    site = find_site(builtin, "L1 7cm left")
    page = judge(builtin, site, Technique.PERCUSSION, Pressure.LIGHT).to_json()
    assert json.loads(json.dumps(page)) == page
    assert set(page) == {"site", "technique", "pressure", "verdict", "rules"}
    assert page["verdict"] in ("avoid", "never")
    kidney = next(rule for rule in page["rules"] if rule["id"] == "kidney_zone")
    assert "S22" in kidney["statements"]
    assert 50.0 < kidney["measured"]["kidney_mm"] < 110.0
    # Over the kidney; a corner of the skin's triangle may look past the hilum.
    assert kidney["measured"]["kidney_margin_mm"] < 1.0
    assert "mm" in kidney["reason"]


def test_rules_are_listed_strictest_first(builtin: Atlas) -> None:
    judgement = judge(
        builtin, find_site(builtin, "L1 7cm left"), Technique.PERCUSSION, Pressure.DEEP
    )
    order = [item.verdict for item in judgement.rules]
    assert len(order) >= 2
    assert order == sorted(order, reverse=True)
    assert judgement.verdict == order[0]


def test_reasons_read_well_without_braces(phantom: Atlas) -> None:
    for text in ("L3", "L1 7cm left", "scapular_spine left", "S2 2cm left", "0,-140,300"):
        page = judge(phantom, find_site(phantom, text), Technique.PERCUSSION, Pressure.DEEP)
        for fired in page.rules:
            assert "{" not in fired.reason
