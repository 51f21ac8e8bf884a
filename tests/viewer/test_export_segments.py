from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotations.verdict import Verdict
from meshes.errors import InputError, PalpateError, WriteError
from tests.films import frame_hashes, probed
from tests.viewer.strokes import ATLAS, two_hands
from viewer.export import segments, video
from viewer.export.encoder import Film, encode
from viewer.export.frame import Frame
from viewer.export.join import About, join
from viewer.export.segments import Store, cut, key_of
from viewer.export.transparent import without_ground
from viewer.export.video import Plan, plan_of, save_plan, save_video
from viewer.palette import verdict_colour

FILM = Film(96, 72, 10.0)


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "SEGMENT_S", 0.5)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the frames that are drawn; a negative number in it stops before that frame."""
    seen: list[int] = []
    real = video.frames

    def watched(atlas: Any, timeline: Any, film: Any, start: int, stop: int) -> Iterator[Any]:
        for index, frame in enumerate(real(atlas, timeline, film, start, stop), start):
            if seen and seen[0] == -index:
                seen.pop(0)
                raise KeyboardInterrupt
            seen.append(index)
            yield frame

    monkeypatch.setattr(video, "frames", watched)
    return seen


def test_a_second_run_goes_on_with_the_finished_pieces(tmp_path: Path, drawn: list[int]) -> None:
    save_video(tmp_path / "straight.mp4", ATLAS, two_hands(), FILM)
    drawn[:] = [-13]
    out = tmp_path / "a.mp4"
    with pytest.raises(KeyboardInterrupt):
        save_video(out, ATLAS, two_hands(), FILM)
    assert not out.exists()
    assert not out.with_suffix(".vtt").exists()
    kept = [item.name for item in (tmp_path / ".a.mp4.segments").glob("*/*.mp4")]
    assert "00000.mp4" in kept
    assert "00002.mp4" not in kept
    drawn.clear()
    save_video(out, ATLAS, two_hands(), FILM)
    assert drawn == list(range(5 * len(kept), 20))
    assert out.read_bytes() == (tmp_path / "straight.mp4").read_bytes()
    names = sorted(item.name for item in tmp_path.iterdir())
    assert names == ["a.mp4", "a.vtt", "straight.mp4", "straight.vtt"]


def test_pieces_of_another_film_are_not_used(tmp_path: Path, drawn: list[int]) -> None:
    out = tmp_path / "a.mp4"
    drawn[:] = [-13]
    with pytest.raises(KeyboardInterrupt):
        save_video(out, ATLAS, two_hands(), FILM)
    drawn.clear()
    save_video(out, ATLAS, replace(two_hands(), title="Other"), FILM)
    assert drawn == list(range(20))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.mp4", "a.vtt"]


def test_a_hole_in_the_middle_is_filled(tmp_path: Path, drawn: list[int]) -> None:
    out = tmp_path / "a.mp4"
    plan = plan_of(out, ATLAS, two_hands(), FILM)
    store = Store(out, plan.key, ".mp4")
    with store.opened():
        video.draw_pieces(plan, ATLAS, store, plan.segments)
        store.path(plan.segments[1]).unlink()
        (store.folder / ".00001-half.mp4").write_bytes(b"half a piece")
    drawn.clear()
    save_plan(out, plan, ATLAS)
    assert drawn == list(range(5, 10))
    assert len(frame_hashes(out)) == 20


def test_two_runs_cannot_write_one_film(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    plan = plan_of(out, ATLAS, two_hands(), FILM)
    with (
        Store(out, plan.key, ".mp4").opened(),
        pytest.raises(InputError, match="written by another run"),
    ):
        save_plan(out, plan, ATLAS)


def test_the_key_is_of_everything_a_frame_depends_on(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    line = two_hands()
    plan = plan_of(out, ATLAS, line, FILM)
    passage = line.passages[0]
    moved = replace(passage, points=passage.points + 1e-9)
    others: list[Plan] = [
        replace(plan, atlas_digest="other"),
        replace(plan, credit="other"),
        replace(plan, film=replace(FILM, fps=10.001)),
        replace(plan, film=replace(FILM, width=98)),
        replace(plan, suffix=".webm"),
        replace(plan, clear=True),
        replace(plan, timeline=replace(line, passages=(moved, *line.passages[1:]))),
        replace(plan, timeline=replace(line, caution=())),
    ]
    keys = [item.key for item in others]
    assert plan.key == plan_of(out, ATLAS, two_hands(), FILM).key
    assert len({plan.key, *keys}) == 1 + len(others)
    assert key_of(("ab", "c")) != key_of(("a", "bc"))
    assert key_of((1,), (2,)) != key_of((1, 2), ())


@pytest.mark.parametrize("count", [1, 2, 7, 8, 22, 23, 1000])
def test_pieces_cover_every_frame_once(count: int) -> None:
    made = cut(count, 10.0)
    assert [i for item in made for i in range(item.start, item.stop)] == list(range(count))
    assert [item.number for item in made] == list(range(len(made)))
    assert len(made) == 1 or min(item.stop - item.start for item in made) >= 3


@pytest.mark.parametrize("fps", [24.0, 29.97, 60.0])
@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_joining_copies_frames_and_keeps_time(tmp_path: Path, fps: float, suffix: str) -> None:
    film, count = Film(65, 47, fps), int(1.6 * fps)
    noise = np.random.default_rng(0).integers(0, 255, (47, 65, 3), dtype=np.uint8)
    pieces, lengths, wanted = [], [], []
    for item in cut(count, fps):
        piece = tmp_path / f"{item.number}{suffix}"
        encode(piece, (Frame(np.roll(noise, i, 1)) for i in range(item.start, item.stop)), film)
        pieces.append(piece)
        lengths.append((item.stop - item.start) / fps)
        wanted += frame_hashes(piece)
    out = tmp_path / f"whole{suffix}"
    join(pieces, lengths, out, About("Title", "Licence", ""))
    assert len(pieces) >= 3
    assert len(wanted) == count
    assert frame_hashes(out) == wanted
    page = probed(out)
    top, bottom = page["avg_frame_rate"].split("/")
    assert int(top) / int(bottom) == pytest.approx(fps, rel=1e-6)
    steps = np.diff(page["pts"])
    assert steps.min() >= steps.max() - (1 if suffix == ".webm" else 0)
    assert float(page["format"]["duration"]) == pytest.approx(count / fps, abs=0.002)


def test_captions_travel_in_the_file_and_are_off(tmp_path: Path) -> None:
    for suffix, codec in ((".mp4", "mov_text"), (".webm", "webvtt")):
        out = tmp_path / f"a{suffix}"
        save_video(out, ATLAS, two_hands(), replace(FILM, width=64, height=48))
        probed(out)  # skips without ffprobe
        run = subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries",
             "stream=codec_name:stream_disposition=default:format_tags", "-select_streams", "s",
             "-of", "default", str(out)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert codec in run.stdout
        assert "DISPOSITION:default=0" in run.stdout
        assert "Two hands" in run.stdout
        assert "does not diagnose" in run.stdout
        assert (tmp_path / "a.vtt").read_text().startswith("WEBVTT - Two hands")


def test_a_gif_loops_and_keeps_its_rate(tmp_path: Path) -> None:
    out = tmp_path / "a.gif"
    save_video(out, ATLAS, two_hands(), Film(96, 72, 25.0))
    with Image.open(out) as picture:
        assert picture.info["loop"] == 0
        lengths = []
        for index in range(picture.n_frames):  # type: ignore[attr-defined]
            picture.seek(index)
            lengths.append(picture.info["duration"])
    # Frames in which nothing changes may be one that lasts longer.
    assert sum(lengths) == pytest.approx(2000, abs=50)
    assert set(lengths) == {40}
    with pytest.raises(InputError, match="at most 50 frames"):
        save_video(out, ATLAS, two_hands(), Film(96, 72, 60.0))


def test_a_gif_shows_a_verdict_in_its_own_colour(tmp_path: Path) -> None:
    """However many shades of skin there are, and however small the legend is."""
    film, piece, out = Film(256, 144, 10.0), tmp_path / "a.mkv", tmp_path / "a.gif"
    y, x = np.mgrid[:144, :256]
    shades = np.stack([x, (x + y) // 2, y], axis=-1).astype(np.uint8)
    for number, verdict in enumerate(Verdict):
        shades[4:12, 4 + 12 * number : 12 + 12 * number] = verdict_colour(verdict)
    encode(piece, [Frame(shades)] * 3, film)
    join([piece], [0.3], out, About("Title", "Licence", ""))
    with Image.open(out) as picture:
        seen = np.asarray(picture.convert("RGB"))
    for number, verdict in enumerate(Verdict):
        assert (seen[6:10, 6 + 12 * number : 10 + 12 * number] == verdict_colour(verdict)).all()


def test_pictures_are_a_folder_that_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    save_video(out, ATLAS, two_hands(), FILM)
    assert [item.name for item in tmp_path.iterdir()] == ["a"]
    found = sorted((tmp_path / "a").glob("*.png"))
    assert [item.name for item in found] == [f"a_{n:05d}.png" for n in range(1, 21)]
    for path in found:
        with Image.open(path) as picture:
            picture.load()
            assert picture.size == (96, 72)
            assert "does not diagnose" in picture.info["Copyright"]
    assert (tmp_path / "a" / "a.vtt").exists()
    save_video(out, ATLAS, two_hands(), Film(64, 48, 5.0))  # ours: replaced
    assert len(list((tmp_path / "a").glob("*.png"))) == 10
    (tmp_path / "a" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        save_video(out, ATLAS, two_hands(), FILM)
    assert (tmp_path / "a" / "notes.txt").read_text() == "mine"


def test_pictures_can_have_no_background(tmp_path: Path) -> None:
    film = Film(320, 240, 1.0)
    for name, clear in (("clear", True), ("full", False)):
        out = tmp_path / f"{name}.png"
        save_plan(out, plan_of(out, ATLAS, two_hands(), film, clear=clear), ATLAS)
    clear = Image.open(tmp_path / "clear" / "clear_00001.png")
    assert clear.mode == "RGBA"
    alpha = np.asarray(clear)[..., 3]
    assert (alpha[60:120, 40:90] == 0).all()  # beside the torso, clear of lettering
    assert (alpha[60:180, 140:180] == 255).all()  # on it
    # Laid over the ground of the ordinary picture it is that picture.
    ground = Image.new("RGBA", clear.size, (250, 249, 247, 255))
    laid = np.asarray(Image.alpha_composite(ground, clear).convert("RGB")).astype(int)
    full = np.asarray(Image.open(tmp_path / "full" / "full_00001.png").convert("RGB")).astype(int)
    assert np.abs(laid - full).mean() < 1.0
    with pytest.raises(InputError, match=r"\.png required"):
        plan_of(tmp_path / "a.mp4", ATLAS, two_hands(), film, clear=True)


def test_what_is_half_clear_keeps_its_colour() -> None:
    colour, share = np.array([200.0, 100.0, 40.0]), 0.25
    black = np.round(colour * share).astype(np.uint8)[None, None]
    white = np.round(colour * share + 255 * (1 - share)).astype(np.uint8)[None, None]
    found = without_ground(black, white)[0, 0]
    np.testing.assert_allclose(found, [200, 100, 40, 64], atol=2)


@contextmanager
def little_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    mounted = sys.platform == "linux" and not subprocess.run(
        command, capture_output=True, check=False
    ).returncode  # fmt: skip
    if not mounted:
        pytest.skip("a small disk cannot be mounted here (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".gif", ".png"])
def test_a_full_disk_is_one_line_and_leaves_no_film(tmp_path: Path, suffix: str) -> None:
    with little_disk(tmp_path / "disk", 20) as folder:
        out = folder / f"a{suffix}"
        with pytest.raises(WriteError) as caught:
            save_video(out, ATLAS, two_hands(), FILM)
        assert re.fullmatch(
            rf"cannot write {re.escape(str(out))}: the disk is full; .*", str(caught.value)
        )
        assert caught.value.exit_code == 3
        assert not [item for item in folder.iterdir() if not item.name.startswith(".")]


def test_a_limit_on_file_size_is_one_line(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))\n"
        "from pathlib import Path\n"
        "from meshes.errors import WriteError\n"
        "from tests.viewer.strokes import ATLAS, two_hands\n"
        "from viewer.export.video import Film, save_video\n"
        "try: save_video(Path(sys.argv[1]), ATLAS, two_hands(), Film(96, 72, 10.0))\n"
        "except WriteError as error: print(error)\n"
    )
    assert resource is not None
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.mp4")],
        capture_output=True, text=True, check=True, cwd=root, env=None,
    )  # fmt: skip
    assert "allows no file as large" in run.stdout, run.stderr
    assert run.stdout.count("\n") == 1
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize("where", ["no/a.mp4", "file/a.mp4"])
def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PalpateError, match="cannot write") as caught:
        save_video(tmp_path / where, ATLAS, two_hands(), FILM)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
