"""``palpate info`` says what lies over, under and beside a structure."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from meshes.atlas import Atlas
from viewer.cli import run


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["info", *words]) == 0
    return capsys.readouterr().out


def relations_of(capsys: pytest.CaptureFixture[str], structure: str) -> dict[str, Any]:
    page = json.loads(told(capsys, structure, "--json"))
    found: dict[str, Any] = page["relations"]
    return found


def percent(rows: list[dict[str, Any]], structure: str) -> float:
    return next((row["percent"] for row in rows if row["structure"] == structure), 0.0)


def test_trapezius_lies_over_most_of_the_rhomboid(
    builtin: Atlas, capsys: pytest.CaptureFixture[str]
) -> None:
    found = relations_of(capsys, "rhomboid_major_left")
    assert percent(found["superficial"], "trapezius_left") > 60.0
    assert sum(row["percent"] for row in found["superficial"]) == pytest.approx(100.0, abs=3.0)
    assert found["deep"]
    assert percent(found["touching"], "trapezius_left") > 5.0
    assert found["partner"] is None


def test_what_lies_over_the_right_kidney(
    builtin: Atlas, capsys: pytest.CaptureFixture[str]
) -> None:
    found = relations_of(capsys, "kidney_right")
    above = {row["structure"] for row in found["covered_by"]}
    assert above & {
        "quadratus_lumborum_right",
        "iliocostalis_lumborum_right",
        "longissimus_thoracis_right",
    }
    assert "rib_12_right" in {row["structure"] for row in found["bones_over"]}
    assert found["partner"]["structure"] == "kidney_left"
    assert -25.0 < found["partner"]["higher_by_mm"] < -8.0


def test_for_people(builtin: Atlas, capsys: pytest.CaptureFixture[str]) -> None:
    words = told(capsys, "kidney_right")
    assert "mm lower than kidney_left" in words
    assert "rib_12_right" in words
    assert "next above" in words


def test_a_second_time_is_quick(builtin: Atlas, capsys: pytest.CaptureFixture[str]) -> None:
    first = relations_of(capsys, "trapezius_left")
    start = time.perf_counter()
    assert relations_of(capsys, "trapezius_left") == first
    assert time.perf_counter() - start < 1.5
