"""A progress bar on stderr for work that takes a while, with the time that is left.

On a terminal it is drawn by rich; elsewhere (a log, CI) a line is printed now and then. A program
that runs Palpate sets ``PALPATE_PROGRESS=json`` and gets a line of JSON several times a second.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

#: Work that is over sooner than this is not announced.
PATIENCE_S = 0.7
#: In a log, the next line comes after this time and share, or after the longer time.
LINE_EVERY_S = 5.0
LINE_EVERY_SHARE = 0.1
LINE_AT_LAST_S = 30.0
#: For programs: the variable that asks for JSON, and the least time between two lines.
FORM_VARIABLE = "PALPATE_PROGRESS"
JSON_EVERY_S = 0.2


class ProgressBar:
    """A listener for ``meshes.progress.Progress``, used as a context manager.

    Parameters
    ----------
    title : str
        What the work is, in a few words (``building the torso``).
    stream : text stream, optional
        stderr unless given.

    Examples
    --------
    >>> import io
    >>> with ProgressBar("building", io.StringIO()) as progress:
    ...     progress(0.5, "laying muscles")
    """

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self._title = title
        self._stream = sys.stderr if stream is None else stream
        self._start = time.monotonic()
        self._said = self._start
        self._said_done = 0.0
        self._announced = False
        self._json = os.environ.get(FORM_VARIABLE) == "json"
        self._rich: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        self._start = self._said = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._rich is not None and self._task is not None:
            if error is None:
                self._rich.update(self._task, completed=1.0)
            self._rich.stop()
        elif self._announced and error is None:
            self._line(f"{self._title}: done in {time.monotonic() - self._start:.0f} s")

    def __call__(self, done: float, what: str) -> None:
        """Show how far the work is (0..1) and what is being done."""
        now = time.monotonic()
        if self._json:
            if now - self._said >= JSON_EVERY_S:
                self._said = now
                page = {"title": self._title, "done": round(float(done), 4), "what": what}
                self._line(json.dumps(page))
            return
        if self._rich is None and now - self._start < PATIENCE_S:
            return
        if self._stream.isatty():
            self._draw(done, what)
        elif not self._announced or self._due(now - self._said, done - self._said_done):
            self._announced = True
            self._said, self._said_done = now, done
            left = seconds_left(now - self._start, done)
            more = "" if left is None else f", about {left:.0f} s left"
            self._line(f"{self._title}: {done:.0%} ({what}{more})")

    @staticmethod
    def _due(waited_s: float, gained: float) -> bool:
        far_enough = waited_s >= LINE_EVERY_S and gained >= LINE_EVERY_SHARE
        return far_enough or waited_s >= LINE_AT_LAST_S

    def _line(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def _draw(self, done: float, what: str) -> None:
        if self._rich is None:
            from rich import progress
            from rich.console import Console

            self._rich = progress.Progress(
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.TaskProgressColumn(),
                progress.TimeRemainingColumn(),
                progress.TextColumn("{task.fields[what]}", style="dim"),
                console=Console(file=self._stream, stderr=self._stream is sys.stderr),
            )
            self._rich.start()
            self._task = self._rich.add_task(self._title, total=1.0, what=what)
        if self._task is not None:
            self._rich.update(self._task, completed=done, what=what)


#: Work that cannot tell how far it is is announced after this time.
LONG_S = 3.0


@contextmanager
def told_if_long(
    what: str, stream: TextIO | None = None, after_s: float = LONG_S
) -> Iterator[None]:
    """Say what is being done if it takes long, for work that cannot say how far it is.

    Parameters
    ----------
    what : str
        ``drawing back.png; the first picture of a body takes longest``.
    stream : text stream, optional
        stderr unless given.
    after_s : float
        Work that is over sooner is not announced.
    """
    told = sys.stderr if stream is None else stream
    page = json.dumps({"title": what, "done": 0.0, "what": ""})
    line = page if os.environ.get(FORM_VARIABLE) == "json" else f"{what} ..."
    timer = Timer(after_s, print, (line,), {"file": told, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def seconds_left(elapsed_s: float, done: float) -> float | None:
    """Return the time left if the rest goes on at the same rate, or None before it can be told.

    >>> seconds_left(10.0, 0.25)
    30.0
    """
    if done < 0.02:
        return None
    return elapsed_s * (1.0 - min(done, 1.0)) / done
