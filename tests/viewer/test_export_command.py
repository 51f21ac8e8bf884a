"""``palpate export`` as its users type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshes.store import save_atlas
from tests.films import frame_hashes
from tests.phantom import phantom_atlas
from viewer.cli import run

SMALL = ["--size", "96x72", "--fps", "2"]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("atlas") / "phantom"
    save_atlas(phantom_atlas(), folder)
    return str(folder)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "a protocol required"),
        (["back_routine", "--out", "a.avi"], ".mp4, .webm, .gif, .png, .html, .glb required"),
        (["back_routine", "rhomboid_gutter", "--out", "a.mp4"], "--out FOLDER required"),
        (["back_routine", "--bodies", "b.toml", "--out", "a.mp4"], "--out FOLDER required"),
        (["back_routine", "--out", "a.mp4", "--format", "gif"], "--format mp4 or none required"),
        (["back_routine", "--out", "folder", "--format", "avi"], "--format mp4, webm"),
        (["back_routine", "--out", "a.mp4", "--transparent"], ".png required"),
        (["back_routine", "--out", "a.mp4", "--workers", "0"], "--workers 1 or more"),
        (["back_routine", "--out", "a.mp4", "--workers", "2", "--dask", "tcp://a:1"], "both"),
        (["back_routine", "--out", "a.gif", "--fps", "60"], "at most 50"),
        (["back_routine", "--out", "a.mp4", "--fps", "500"], "--fps 1 to 120"),
        (["back_routine", "--out", "a.mp4", "--size", "10x10"], "--size 64x64"),
        (["back_routin", "--out", "a.mp4"], "did you mean back_routine"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    out = [] if "--out" in words else ["--out", "a.mp4"]
    assert run(["export", *words, *out]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_one_line_and_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "back_routine", "--out", str(tmp_path / "no" / "a.mp4")]) == 3
    (tmp_path / "file").write_text("")
    assert run(["export", "back_routine", "--out", str(tmp_path / "file" / "a.mp4")]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("cannot write" in line for line in lines)


def test_without_an_encoder_it_is_one_line_and_exit_3(
    atlas: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    out = tmp_path / "a.mp4"
    words = ["export", "rhomboid_gutter", "--atlas", atlas, "--out", str(out), *SMALL]
    assert run(words) == 3
    assert "the encoder /nowhere/ffmpeg does not start" in capsys.readouterr().err
    assert not out.exists()


def test_a_batch_is_a_folder_of_films(
    atlas: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["rhomboid_gutter", "erector_descent"]
    words = ["export", *names, "--atlas", atlas, "--out", str(tmp_path / "films"), *SMALL]
    assert run([*words, "--format", "webm"]) == 0
    made = sorted(item.name for item in (tmp_path / "films").iterdir())
    assert made == sorted(f"{name}.{end}" for name in names for end in ("webm", "vtt"))
    for name in names:
        assert len(frame_hashes(tmp_path / "films" / f"{name}.webm")) > 10
    assert capsys.readouterr().out == ""
