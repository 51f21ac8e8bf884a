"""What a first-time user gets wrong: one line that says what to do, and nothing half done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meshes.atlas import Atlas
from viewer.cli import run
from viewer.commands.options import AtlasOptions

BAD = 'title = "x"\n'


@pytest.fixture(autouse=True)
def _opened_once(builtin: Atlas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(AtlasOptions, "open", lambda self, progress=None: builtin)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    (tmp_path / "bad.toml").write_text(BAD, encoding="utf-8")
    (tmp_path / "noise.palpate.json").write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["atlas", "import"], "palpate atlas import READER FOLDER --name NAME"),
        (["atlas", "import", "z-anatomy", "."], "--name required"),
        (["safety", "T4"], "--technique kneading"),
        (["safety", "T4", "--technique"], "a value after --technique"),
        (["probe", "T4", "3cm", "left"], 'in quotes, as "T4 3cm left"'),
        (["export", "trapezius_ridge"], "--out required"),
        (["export", "trapezius_ridge", "--out", "a.glb", "--window", "3"], "no --window"),
        (["export", "trapezius_ridge", "--out", "a.html", "--size", "640x480"], "no --size"),
        (["export", "trapezius_ridge", "--out", "a.glb", "--fps", "10"], "no --fps"),
        (["export", "trapezius_ridge", "--out", "a.mp4", "--workers", "1.5"], "a whole number"),
        (["view", "--protocol", "nosuch"], "unknown protocol 'nosuch'"),
        (["view", "--atlas", "nosuch"], "unknown atlas 'nosuch'"),
        (["scene", "nosuch.json", "a.png"], "there is none; check the path"),
        (["scene", ".", "a.png"], "is a directory"),
        (["scene", "noise.palpate.json", "a.png"], "no text in UTF-8"),
        (["check", "bad.toml"], "a table [[stroke]] with name"),
        (["list", "--layer", "9.5"], "unknown layer '9.5'"),
        (["list", "--stature", "tall"], "--stature a number required"),
        (["still", "a.png", "--only", "traps", "--hide", "traps"], "takes away everything"),
        (["still", "a.png", "--show", "QL", "--hide", "quadratus_lumborum_left"], "one of --show"),
        (["still", "a.png", "--only", "upper traps left"], "a whole structure required"),
        (["still", "a.png", "--only", "liver"], "is not in Built-in torso"),
        (["still", "a.png", "--cut", "axial:L1", "--only", "QL", "--hide", "QL"], "takes away"),
        (["still", "a.png", "--zoom", "1e9"], "--zoom 0.1 to 50"),
        (["still", "a.png", "--zoom", "nan"], "--zoom 0.1 to 50"),
        (["info", "lats"], "latissimus_dorsi_left, latissimus_dorsi_right"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    assert run(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("palpate: ")
    assert err.count("\n") == 1, err
    assert told in err
    assert "Errno" not in err
    assert sorted(tmp_path.iterdir()) == before


def test_a_part_is_told_as_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    def page(name: str) -> dict[str, object]:
        assert run(["info", name, "--json"]) == 0
        return dict(json.loads(capsys.readouterr().out))

    whole, part = page("trapezius_left"), page("upper traps left")
    assert part["part"] == "descending"
    assert 0 < int(str(part["triangles"])) < int(str(whole["triangles"]))
    assert part["part_fma"] != whole["fma"]
    # What lies beneath the upper part is not what lies beneath the whole.
    below = part["relations"]["deep"][0]["structure"]  # type: ignore[index]
    assert below == "splenius_capitis_left"
    assert whole["relations"]["deep"][0]["structure"] != below  # type: ignore[index]
    assert part["relations"]["partner"] is None  # type: ignore[index]
    assert run(["info", "upper traps left"]) == 0
    words = capsys.readouterr().out
    assert words.startswith("descending (upper) part of left trapezius")
    assert "from (whole)" in words


def test_an_odd_size_of_a_video_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    from viewer.commands.video import _film

    assert _film(Path("a.mp4"), "321x241", None).size == (322, 242)
    assert "322x242 instead of 321x241" in capsys.readouterr().err
    assert _film(Path("a.gif"), "321x241", None).size == (321, 241)
    assert capsys.readouterr().err == ""


def test_deep_is_told_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["safety", "L3 4cm left", "--technique", "sustained_press", "--pressure"]
    assert run([*words, "deep"]) == 0
    assert "30-80 N) on 2-4 cm2" in " ".join(capsys.readouterr().out.split())
    assert run([*words, "firm"]) == 0
    assert "cm2" not in capsys.readouterr().out


def test_views_have_plain_names() -> None:
    from viewer.camera import view_named

    assert view_named("back") is view_named("posterior")
    assert view_named("Front") is view_named("anterior")
