"""``palpate probe`` and ``palpate safety`` in words and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from viewer.cli import run
from viewer.commands.options import AtlasOptions

if TYPE_CHECKING:
    from meshes.atlas import Atlas

PRESS = ("--technique", "kneading", "--pressure", "firm")


@pytest.fixture(autouse=True)
def _opened_once(builtin: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AtlasOptions, "open", lambda self, progress=None: builtin)


def page(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run([*words, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def words(capsys: pytest.CaptureFixture[str], *given: str) -> str:
    assert run(list(given)) == 0
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("site", ["T4 3cm left", "L1 8cm left", "L3", "S2 3cm right"])
def test_the_column_has_no_unexplained_holes(capsys: pytest.CaptureFixture[str], site: str) -> None:
    told = page(capsys, "probe", site)
    rows = sorted((row["enter_mm"], row["exit_mm"]) for row in (*told["hits"], *told["gaps"]))
    reached = 0.0
    for enter, leave in rows:
        assert enter <= reached + 0.1, (site, reached, enter)
        reached = max(reached, leave)
    assert {gap["kind"] for gap in told["gaps"]} <= {"loose_tissue", "not_modelled"}


def test_gaps_are_rows_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    told = words(capsys, "probe", "T4 3cm left")
    assert "loose tissue" in told
    assert "along 0,-1,0" in told
    assert "is not in this atlas" in words(capsys, "probe", "L3 3cm left")


def test_the_skull_is_said_to_be_an_outer_surface(capsys: pytest.CaptureFixture[str]) -> None:
    told = page(capsys, "probe", "GB20 left")
    skull = next(hit for hit in told["hits"] if hit["structure"] == "skull")
    assert "outer surface" in skull["note"]
    assert "outer surface" in words(capsys, "probe", "GB20 left")


def test_a_point_off_the_skin_is_told_how_far(capsys: pytest.CaptureFixture[str]) -> None:
    assert page(capsys, "probe", "0,0,10")["given_off_skin_mm"] > 50.0
    assert "mm from the skin" in words(capsys, "probe", "0,0,10")
    assert run(["probe", "1000,1000,1000"]) == 2
    assert "of the skin required" in capsys.readouterr().err


def test_safety_and_probe_give_the_same_kidney(capsys: pytest.CaptureFixture[str]) -> None:
    # A hand presses straight in; safety says with which needle probe shows the same.
    told = page(capsys, "safety", "L1 8cm left", *PRESS)
    kidney = next(row for row in told["rules"] if row["id"] == "kidney_zone")
    text = words(capsys, "safety", "L1 8cm left", *PRESS)
    needle = text.partition('palpate probe "')[2].partition('"')[0]
    assert "along" in needle
    hits = page(capsys, "probe", needle)["hits"]
    deep = next(hit["enter_mm"] for hit in hits if hit["structure"] == "kidney_left")
    # Safety reads it between three corners of the skin; the kidney's border is round there.
    assert deep == pytest.approx(kidney["measured"]["kidney_mm"], abs=2.5)


def test_beside_the_kidney_no_depth_is_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    told = page(capsys, "safety", "L1 6cm left", *PRESS)
    kidney = next(row for row in told["rules"] if row["id"] == "kidney_zone")
    assert "kidney_mm" not in kidney["measured"]
    assert "unknown" not in kidney["reason"]
    assert "edge lies" in kidney["reason"]
