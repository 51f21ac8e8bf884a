from __future__ import annotations

import re
from pathlib import Path

import pytest

from annotations.timeline import Caption, Key, Timeline
from meshes.errors import WriteError
from tests.phantom import phantom_atlas
from viewer.camera import frame_of, pose_of
from viewer.export.captions import cues, save_captions, web_vtt
from viewer.labels import credit_line

ATLAS = phantom_atlas()
_TIMING = re.compile(
    r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})"
)


def timeline(*captions: Caption, duration_s: float = 4000.0) -> Timeline:
    pose = pose_of("posterior", frame_of(ATLAS))
    return Timeline(duration_s, (Key(0.0, pose),), (Key(0.0, 0.0),), captions=captions, title="A")


def parsed(text: str) -> list[tuple[float, float, str]]:
    """Read WebVTT as strictly as its grammar asks."""
    head, *blocks = text.rstrip("\n").split("\n\n")
    assert head.split(" ")[0] == "WEBVTT"
    found = []
    for block in blocks:
        if block.startswith("NOTE"):
            assert "-->" not in block
            continue
        _number, timing, *lines = block.split("\n")
        match = _TIMING.fullmatch(timing)
        assert match, timing
        a = [int(value) for value in match.groups()]
        start, end = (h * 3600 + m * 60 + s + ms / 1000 for h, m, s, ms in (a[:4], a[4:]))
        assert start < end
        assert lines
        assert "-->" not in "".join(lines)
        found.append((start, end, "\n".join(lines)))
    return found


def test_captions_are_cues_in_order() -> None:
    made = web_vtt(timeline(Caption(0.0, 1.5, "One"), Caption(3599.5, 3661.25, "Two")), "licence")
    assert parsed(made) == [(0.0, 1.5, "One"), (3599.5, 3661.25, "Two")]
    assert "NOTE licence" in made


def test_of_two_at_once_the_later_is_shown() -> None:
    assert cues(timeline(Caption(0.0, 5.0, "One"), Caption(3.0, 9.0, "Two"))) == [
        (0.0, 3.0, "One"),
        (3.0, 9.0, "Two"),
    ]


def test_a_caption_ends_with_the_timeline_and_has_a_length() -> None:
    long = timeline(Caption(1.0, 9.0, "One"), Caption(9.0, 9.0005, "Gone"), duration_s=2.0)
    assert parsed(web_vtt(long)) == [(1.0, 2.0, "One")]


def test_markup_and_arrows_are_text() -> None:
    made = web_vtt(timeline(Caption(0.0, 1.0, "press <b> & --> hold\n\nstill")), "a --> b\nc")
    assert parsed(made)[0][2] == "press &lt;b&gt; &amp; --&gt; hold\nstill"


def test_the_file_is_whole_and_says_where_it_is_from(tmp_path: Path) -> None:
    save_captions(tmp_path / "a.vtt", timeline(Caption(0.0, 1.0, "One")), credit_line(ATLAS))
    assert "does not diagnose" in (tmp_path / "a.vtt").read_text()
    assert [item.name for item in tmp_path.iterdir()] == ["a.vtt"]
    with pytest.raises(WriteError, match="does not exist"):
        save_captions(tmp_path / "no" / "a.vtt", timeline(), "")
