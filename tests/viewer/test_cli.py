"""The command line: start-up time, documents on stdout, one line per error, exit codes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from meshes.errors import MachineError, WriteError
from viewer.cli import run

if TYPE_CHECKING:
    from meshes.atlas import Atlas

ROOT = Path(__file__).resolve().parents[2]


def palpate(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "viewer.cli", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def failure(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run in this process; return the exit code and the only line on stderr."""
    code = run(list(words))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("palpate: ")
    assert err.count("\n") == 1, err
    return code, err


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run([*words, "--json"]) == 0
    out, _ = capsys.readouterr()
    return dict(json.loads(out))


# ---------------------------------------------------------------- starting


def test_help_is_there_in_half_a_second() -> None:
    walls, efforts = [], []
    for _ in range(4):
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = palpate("--help")
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        efforts.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert done.returncode == 0
        assert "probe" in done.stdout
        assert "does not diagnose" in " ".join(done.stdout.split())
    assert min(efforts) < 0.5
    # On a machine that is busy with other things the clock on the wall says nothing.
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    assert min(walls) < 0.5 or busy


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["list", "--help"],
        ["list"],
        ["probe", "T4 3cm left"],
        ["probe", "scapula_left/inferior_angle"],
        ["safety", "L1 7cm left", "--technique", "percussion", "--pressure", "deep"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_light_commands_import_no_graphics(words: list[str], builtin: Atlas) -> None:
    if words[0] in ("probe", "safety"):
        # Once more than the first time on a body, when its skin is measured.
        assert run(words) == 0
    code = (
        "import sys; from viewer.cli import run\n"
        f"code = run({words})\n"
        "heavy = {'vtkmodules', 'pyvista', 'PySide6', 'qtpy', 'pyvistaqt', 'trimesh', 'scipy'}\n"
        "found = sorted(heavy & set(sys.modules))\n"
        "sys.exit(f'imported {found}' if found else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_command_explains_itself() -> None:
    from viewer.cli import _ATLAS_COMMANDS, _COMMANDS

    for words in [[name] for name in _COMMANDS] + [["atlas", name] for name in _ATLAS_COMMANDS]:
        assert run([*words, "--help"]) == 0


# ---------------------------------------------------------------- documents


def test_list_names_every_structure(capsys: pytest.CaptureFixture[str], builtin: Atlas) -> None:
    page = document(capsys, "list")
    assert page["atlas"] == "builtin"
    assert [row["id"] for row in page["structures"]] == list(builtin)
    fields = [
        "id",
        "english",
        "latin",
        "system",
        "layer",
        "side",
        "parts",
        "fma",
        "ta2",
        "provenance",
        "triangles",
    ]
    assert all(set(fields) <= row.keys() for row in page["structures"])


def test_list_filters(capsys: pytest.CaptureFixture[str], builtin: Atlas) -> None:
    words = ("list", "--system", "muscular", "--layer", "3", "--side", "left")
    rows = document(capsys, *words)["structures"]
    assert "rhomboid_major_left" in {row["id"] for row in rows}
    assert {(row["system"], row["layer"], row["side"]) for row in rows} == {("muscular", 3, "left")}


def test_every_listed_id_has_its_info(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, builtin: Atlas
) -> None:
    monkeypatch.setattr("meshes.build.open_atlas", lambda *_, **__: builtin)
    for structure_id in builtin:
        page = document(capsys, "info", structure_id)
        assert page["id"] == structure_id
        assert page["in_atlas"] is True
        assert page["licence"]


def test_info_knows_parts_and_names(capsys: pytest.CaptureFixture[str], builtin: Atlas) -> None:
    page = document(capsys, "info", "trapezius_left/descending")
    assert (page["id"], page["part"]) == ("trapezius_left", "descending")
    assert document(capsys, "info", "left trapezius")["id"] == "trapezius_left"


def test_probe_lists_layers_in_order(capsys: pytest.CaptureFixture[str], builtin: Atlas) -> None:
    page = document(capsys, "probe", "T4 3cm left")
    depths = [hit["enter_mm"] for hit in page["hits"]]
    assert depths == sorted(depths)
    names = [hit["structure"] for hit in page["hits"]]
    assert names.index("trapezius_left") < names.index("rhomboid_major_left")
    assert len(page["skin_point_mm"]) == len(page["direction"]) == 3


def test_probe_takes_negative_coordinates(
    capsys: pytest.CaptureFixture[str], builtin: Atlas
) -> None:
    page = document(capsys, "probe", "-60,120,300")
    assert page["skin_point_mm"][0] < 0.0


def test_safety_says_never_over_the_spine(
    capsys: pytest.CaptureFixture[str], builtin: Atlas
) -> None:
    words = ("safety", "T6", "--technique", "friction", "--pressure", "deep")
    page = document(capsys, *words)
    assert page["verdict"] == "never"
    rule = page["rules"][0]
    assert {"id", "verdict", "reason", "statements", "measured"} <= rule.keys()


def test_text_is_for_people(capsys: pytest.CaptureFixture[str], builtin: Atlas) -> None:
    assert run(["probe", "T4 3cm left"]) == 0
    assert run(["safety", "T6", "--technique", "kneading", "--pressure", "firm"]) == 0
    assert run(["info", "rhomboid_major_left"]) == 0
    assert run(["atlas", "info"]) == 0
    out, _ = capsys.readouterr()
    assert "rhomboid major" in out
    assert "does not diagnose" in out


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["proeb", "T4"], "did you mean probe"),
        (["atlas", "ifno"], "did you mean atlas info"),
        (["list", "--nonsense"], "--nonsense"),
        (["list", "--layer", "9"], "unknown layer '9'"),
        (["list", "--layer", "deep"], "unknown layer 'deep'"),
        (["list", "--system", "muscles"], "muscular"),
        (["list", "--side", "lef"], "did you mean left"),
        (["list", "--atlas", "nowhere"], "unknown atlas 'nowhere'"),
        (["list", "--atlas", "nowhere", "--stature", "180"], "--stature"),
        (["list", "--stature", "90"], "145..200"),
        (["list", "--sex", "mail"], "did you mean male"),
        (["list", "--pose", "handstand"], "unknown pose"),
        (["info"], "STRUCTURE"),
        (["info", "trapezus_left"], "did you mean trapezius_left"),
        (["info", "trapezius_left/upper"], "unknown part of trapezius_left"),
        (["probe", "T4 3cm"], "side"),
        (["probe", "X9 3cm left"], "X9"),
        (["safety", "T4", "--technique", "kneeding", "--pressure", "firm"], "kneading"),
        (["safety", "T4", "--technique", "kneading", "--pressure", "hard"], "pressure"),
        (["safety", "T4", "--technique", "kneading"], "--pressure"),
        (["still", "a.png", "--view", "backside"], "unknown view"),
        (["still", "a.png", "--peel", "9"], "0 (skin) to 7 (organs)"),
        (["still", "a.png", "--size", "big"], "WIDTHxHEIGHT"),
        (["still", "a.png", "--caution", "kneading"], "TECHNIQUE:PRESSURE"),
        (["still", "a.jpg"], ".png"),
        (["still", "a.png", "--hide", "trapezus_left"], "did you mean trapezius_left"),
        (["tour", "--out", "tour.avi"], ".mp4"),
        (["tour", "--fps", "0"], "1 to 120"),
        (["export", "trapezius_ridge", "--out", "a.exe"], ".mp4"),
        (["export", "trapezius_rige", "--out", "a.mp4"], "did you mean trapezius_ridge"),
        (["check", "no-such-protocol"], "unknown protocol"),
        (["check", "no/such/file.toml"], "file"),
        (["atlas", "import", "z-anatmy", ".", "--name", "za"], "z-anatomy"),
        (["atlas", "import", "z-anatomy", "no/such/folder", "--name", "za"], "no/such/folder"),
        (["atlas", "import", "z-anatomy", ".", "--name", "builtin"], "builtin"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], builtin: Atlas
) -> None:
    code, line = failure(capsys, *words)
    assert code == 2
    assert told in line


def test_a_folder_that_cannot_be_written_is_exit_code_3(
    capsys: pytest.CaptureFixture[str], builtin: Atlas
) -> None:
    code, line = failure(capsys, "still", "/proc/no/such/place/a.png")
    assert code == 3
    assert "/proc/no/such/place" in line


def test_check_tells_clean_from_findings(
    capsys: pytest.CaptureFixture[str], builtin: Atlas
) -> None:
    assert run(["check", "trapezius_ridge", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["strokes"][0]["findings"] == []
    assert page["strokes"][0]["clearance_mm"]["spinous_line"] > 0.0
    assert run(["check", "what_not_to_do", "--json"]) == 1
    page = json.loads(capsys.readouterr().out)
    assert all(stroke["findings"] for stroke in page["strokes"])


def test_validate_lists_every_check(capsys: pytest.CaptureFixture[str], builtin: Atlas) -> None:
    code = run(["atlas", "validate", "builtin", "--json"])
    page = json.loads(capsys.readouterr().out)
    assert code == (1 if page["failed"] else 0)
    assert page["passed"] + page["failed"] == len(page["checks"]) >= 150
    keys = {"id", "passed", "value", "required", "unit", "source"}
    assert all(keys <= check.keys() for check in page["checks"])


@pytest.mark.parametrize("words", [[], ["view"]])
def test_no_display_is_exit_code_3(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    code, line = failure(capsys, *words)
    assert code == 3
    assert "DISPLAY is not set" in line


def test_a_display_that_does_not_answer_is_exit_code_3() -> None:
    done = palpate("view", DISPLAY=":9731", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert ":9731" in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError(28, "No space left on device", "/data/x"), 3, "/data/x: the disk is full"),
        (MemoryError(), 3, "out of memory"),
        (ImportError("libEGL.so.1: cannot open shared object file"), 3, "apt install libegl1"),
        (WriteError("cannot write a.mp4"), 3, "cannot write a.mp4"),
        (MachineError("no GL"), 3, "no GL"),
        (FileNotFoundError(2, "No such file or directory", "x.toml"), 2, "x.toml"),
        (KeyboardInterrupt(), 130, "stopped"),
        (ZeroDivisionError("a\nb"), 70, "internal fault"),
    ],
)
def test_what_goes_wrong_inside_is_told_in_one_line(
    error: BaseException,
    code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from viewer.commands import options

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(options.AtlasOptions, "open", fail)
    received, line = failure(capsys, "list")
    assert received == code
    assert told in line


def test_debug_lets_the_traceback_through(monkeypatch: pytest.MonkeyPatch) -> None:
    from viewer.commands import options

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(options.AtlasOptions, "open", fail)
    with pytest.raises(ZeroDivisionError):
        run(["list"], debug=True)
