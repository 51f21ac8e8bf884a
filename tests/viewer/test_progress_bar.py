"""Progress in a log: nothing for short work, few lines for long work, a last line at the end."""

from __future__ import annotations

import io
import json
import time

import pytest

from viewer import progress_bar
from viewer.progress_bar import ProgressBar, seconds_left, told_if_long


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: now[0])
    return now


def test_short_work_is_silent(clock: list[float]) -> None:
    log = io.StringIO()
    with ProgressBar("opening", log) as progress:
        clock[0] = 0.3
        progress(0.9, "reading")
    assert log.getvalue() == ""


def test_long_work_says_what_is_done_and_how_long_is_left(clock: list[float]) -> None:
    log = io.StringIO()
    with ProgressBar("building", log) as progress:
        for step in range(101):
            clock[0] = float(step)
            progress(step / 100, f"bone {step}")
    lines = log.getvalue().splitlines()
    assert 8 <= len(lines) <= 14
    assert lines[0].startswith("building: 1%")
    assert "left" in lines[1]
    assert lines[-1] == "building: done in 100 s"


def test_slow_work_is_heard_of_within_half_a_minute(clock: list[float]) -> None:
    log = io.StringIO()
    with ProgressBar("building", log) as progress:
        for step in range(100):
            clock[0] = float(step)
            progress(0.001 * step, "one long step")
    assert len(log.getvalue().splitlines()) >= 4


def test_a_failure_is_not_called_done(clock: list[float]) -> None:
    log = io.StringIO()

    def fail() -> None:
        with ProgressBar("building", log) as progress:
            clock[0] = 10.0
            progress(0.5, "muscles")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert "done" not in log.getvalue()


def test_time_left_is_not_told_before_it_is_known() -> None:
    assert seconds_left(1.0, 0.0) is None
    assert seconds_left(1.0, 1.0) == 0.0


def test_a_program_gets_lines_of_json(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(progress_bar.FORM_VARIABLE, "json")
    log = io.StringIO()
    with ProgressBar("building", log) as progress:
        for step in range(101):
            clock[0] = 0.05 * step
            progress(step / 100, f"bone {step}")
    pages = [json.loads(line) for line in log.getvalue().splitlines()]
    assert 15 <= len(pages) <= 25
    assert pages[0] == {"title": "building", "done": 0.04, "what": "bone 4"}
    assert [page["done"] for page in pages] == sorted(page["done"] for page in pages)


def test_what_cannot_tell_how_far_it_is_is_named_once_and_only_if_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = io.StringIO()
    with told_if_long("drawing back.png", log, after_s=60.0):
        pass
    assert log.getvalue() == ""
    with told_if_long("drawing back.png", log, after_s=0.01):
        time.sleep(0.5)
    assert log.getvalue() == "drawing back.png ...\n"
    monkeypatch.setenv(progress_bar.FORM_VARIABLE, "json")
    pages = io.StringIO()
    with told_if_long("drawing back.png", pages, after_s=0.01):
        time.sleep(0.5)
    assert json.loads(pages.getvalue()) == {"title": "drawing back.png", "done": 0.0, "what": ""}
