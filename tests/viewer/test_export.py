from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import CameraPose, Caption, Key, Timeline
from meshes.errors import InputError, MachineError, WriteError
from tests.phantom import phantom_atlas
from viewer.camera import frame_of, pose_of
from viewer.export import encoder
from viewer.export.atomic import whole_file
from viewer.export.encoder import Film, encode
from viewer.export.ffmpeg import encoder_program
from viewer.export.frame import Frame
from viewer.export.frames import caution_at, frames, same
from viewer.export.join import About, join
from viewer.export.still import oversampling_for, save_still
from viewer.export.video import PIECE_OF, save_video
from viewer.state import ViewState

ATLAS = phantom_atlas()
FRAME = frame_of(ATLAS)


def ramp(count: int, film: Film) -> Iterator[Frame]:
    for index in range(count):
        yield Frame(np.full((film.height, film.width, 3), 40 + 4 * index, dtype=np.uint8))


def described(path: Path) -> str:
    run = subprocess.run(
        [encoder_program(), "-hide_banner", "-i", str(path)], capture_output=True, check=False
    )
    return run.stderr.decode()


def test_a_still_is_whole_and_says_where_it_is_from(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    save_still(path, ATLAS, ViewState(peel=2.0), (160, 200))
    with Image.open(path) as picture:
        assert picture.size == (160, 200)
        assert "does not diagnose" in picture.info["Copyright"]
        assert ATLAS.licence in picture.info["Copyright"]
    assert [item.name for item in tmp_path.iterdir()] == ["still.png"]


def test_a_still_can_have_no_background(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    save_still(path, ATLAS, ViewState(), (200, 260), clear=True)
    with Image.open(path) as picture:
        assert picture.mode == "RGBA"
        opacity = np.asarray(picture)[..., 3]
    assert (opacity == 0).mean() > 0.3
    assert (opacity[80:180, 90:110] == 255).all()


def test_a_still_refuses_other_endings_and_sizes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.png"):
        save_still(tmp_path / "still.jpg", ATLAS, ViewState())
    with pytest.raises(InputError, match=r"64\.\.8192"):
        save_still(tmp_path / "still.png", ATLAS, ViewState(), (10, 10))
    with pytest.raises(WriteError, match="does not exist"):
        save_still(tmp_path / "no" / "still.png", ATLAS, ViewState())
    assert not list(tmp_path.iterdir())


def test_large_stills_are_drawn_with_less_oversampling() -> None:
    assert [oversampling_for(size) for size in ((320, 400), (1920, 1080), (8192, 8192))] == [
        3,
        3,
        1,
    ]


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "h264"), ("a.webm", "vp9"), ("a.gif", "gif")]
)
def test_videos_have_the_codec_size_and_rate_asked_for(
    tmp_path: Path, name: str, codec: str
) -> None:
    film = Film(64, 48, 10.0)
    path = tmp_path / name
    pieces = [tmp_path / f"0{PIECE_OF[path.suffix]}", tmp_path / f"1{PIECE_OF[path.suffix]}"]
    for piece in pieces:
        encode(piece, ramp(10, film), film)
    join(pieces, [1.0, 1.0], path, About("A title", "A licence", ""))
    said = described(path)
    assert codec in said
    assert "64x48" in said
    assert "10 fps" in said
    found = re.search(r"Duration: 00:00:0(\d\.\d+)", said)
    assert found
    assert float(found[1]) == pytest.approx(2.0, abs=0.15)
    assert name == "a.gif" or ("A title" in said and "A licence" in said)


def test_odd_sizes_are_padded(tmp_path: Path) -> None:
    film = Film(65, 47, 10.0)
    encode(tmp_path / "odd.mp4", ramp(3, film), film)
    assert "66x48" in described(tmp_path / "odd.mp4")


def test_a_video_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[Frame]:
        yield from ramp(12, Film(64, 48))
        raise RuntimeError("drawing failed")

    with pytest.raises(RuntimeError, match="drawing failed"):
        encode(tmp_path / "a.mp4", broken(), Film(64, 48))
    assert not list(tmp_path.iterdir())


def test_what_stops_the_encoder_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = tmp_path / "full"
    full.write_text(
        "#!/bin/sh\nhead -c 100 > /dev/null\necho 'x: No space left on device' >&2\nexit 1\n"
    )
    full.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(full))
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(WriteError, match="the disk is full"):
        encode(out / "a.mp4", ramp(40, Film(64, 48)), Film(64, 48))
    lacking = tmp_path / "lacking"
    lacking.write_text("#!/bin/sh\necho \"Unknown encoder 'libx264'\" >&2\nexit 1\n")
    lacking.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(lacking))
    with pytest.raises(WriteError, match=r"lacks an encoder .*libx264"):
        encode(out / "a.mp4", ramp(4, Film(64, 48)), Film(64, 48))
    monkeypatch.setattr(encoder, "encoder_program", lambda: "/nowhere/ffmpeg")
    with pytest.raises(MachineError, match="does not start"):
        encode(out / "a.mp4", ramp(4, Film(64, 48)), Film(64, 48))
    assert not list(out.iterdir())


def test_an_unknown_ending_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.mp4, \.webm, \.mkv"):
        encode(tmp_path / "a.avi", ramp(1, Film()), Film())


def test_a_file_keeps_its_name_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half() -> None:
        with whole_file(path) as beside:
            beside.write_text("half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(WriteError, match="disk is full"):
        half()
    assert path.read_text() == "old"
    with whole_file(path) as beside:
        assert beside.suffix == ".txt"
        beside.write_text("new")
    assert path.read_text() == "new"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def short_timeline() -> Timeline:
    start = pose_of("posterior", FRAME)
    turned = CameraPose(30.0, 5.0, 1.2, FRAME.centre)
    pair = (Technique.KNEADING, Pressure.FIRM)
    return Timeline(
        1.0,
        camera=(Key(0.0, start), Key(0.4, start), Key(1.0, turned)),
        peel=(Key(0.0, 0.0), Key(0.4, 0.0), Key(1.0, 2.0)),
        caution=(Key(0.0, None), Key(0.6, pair)),
        captions=(Caption(0.2, 0.6, "A caption"),),
        title="Short",
    )


def test_a_timeline_becomes_a_video_twice_the_same(tmp_path: Path) -> None:
    film = Film(96, 72, 10.0)
    told: list[float] = []
    save_video(
        tmp_path / "a.mp4", ATLAS, short_timeline(), film, lambda done, _what: told.append(done)
    )
    save_video(tmp_path / "b.mp4", ATLAS, short_timeline(), film)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) >= 10


def test_frames_in_which_nothing_moves_are_the_same(tmp_path: Path) -> None:
    film = Film(96, 72, 10.0)
    seen = [frame.pixels for frame in frames(ATLAS, short_timeline(), film)]
    assert len(seen) == 10
    assert all(frame.shape == (72, 96, 3) for frame in seen)
    np.testing.assert_array_equal(seen[0], seen[1])
    assert (seen[1] != seen[2]).any()  # the caption comes
    assert (seen[4] != seen[7]).any()  # the camera turns


def test_a_caution_surface_comes_and_goes_smoothly() -> None:
    pair = (Technique.KNEADING, Pressure.FIRM)
    timeline = Timeline(
        10.0,
        camera=(Key(0.0, pose_of("posterior", FRAME)),),
        peel=(Key(0.0, 0.0),),
        caution=(Key(0.0, None), Key(2.0, pair), Key(6.0, None)),
    )

    def share(t: float) -> tuple[object, float]:
        return caution_at(timeline, timeline.sample(t))

    assert share(1.0) == (None, 0.0)
    assert share(2.25)[0] == pair
    assert 0.1 < share(2.25)[1] < 0.9
    assert share(4.0) == (pair, 1.0)
    assert share(6.25)[0] == pair
    assert 0.1 < share(6.25)[1] < 0.9
    assert share(7.0) == (None, 0.0)


def test_pictures_differ_when_the_camera_does() -> None:
    from viewer.resolve import resolve

    one = resolve(ViewState(camera=pose_of("posterior", FRAME)), ATLAS)
    assert same(one, resolve(ViewState(camera=pose_of("posterior", FRAME)), ATLAS))
    assert not same(one, resolve(ViewState(camera=pose_of("left", FRAME)), ATLAS))
    assert not same(one, resolve(ViewState(camera=pose_of("posterior", FRAME), peel=1.0), ATLAS))


def test_a_video_keeps_its_colours(tmp_path: Path) -> None:
    film = Film(64, 48, 5.0)
    wanted = np.array([[250, 249, 247], [176, 68, 55], [40, 150, 190], [226, 188, 163]])
    picture = np.repeat(np.repeat(wanted[None], 48, axis=0), 16, axis=1).astype(np.uint8)
    encode(tmp_path / "a.mp4", (Frame(picture) for _ in range(3)), film)
    raw = subprocess.run(
        [encoder_program(), "-loglevel", "error", "-i", str(tmp_path / "a.mp4"), "-frames:v", "1",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    seen = np.frombuffer(raw, dtype=np.uint8).reshape(48, 64, 3)[24, 8::16].astype(int)
    assert np.abs(seen - wanted).max() <= 4
    assert "bt709" in described(tmp_path / "a.mp4")
