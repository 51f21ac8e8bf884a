"""Work in a thread of its own, so that the window never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QThread, Signal

from meshes.progress import Progress
from viewer.machine import explained


class _CancelledError(Exception):
    """The window does not want the result any more."""


class Task(QThread):
    """One piece of work.

    What the thread tells arrives later, in Qt's loop, and may arrive after the work was given up
    and whoever asked for it is gone; so answers are given to ``start_for``, not connected.

    Parameters
    ----------
    work : callable
        Takes a ``Progress`` and returns the result.
    """

    _progressed = Signal(float, str)
    _done = Signal(object)
    _failed = Signal(object)

    #: Threads that run; a thread that is collected while it runs ends the process.
    _running: set[Task] = set()  # noqa: RUF012

    def __init__(self, work: Callable[[Progress], Any]) -> None:
        super().__init__()
        self._work = work
        self._cancelled = False
        self._answers: dict[str, Callable[..., Any]] = {}
        Task._running.add(self)
        self._progressed.connect(self._tell_progress)
        self._done.connect(self._tell_done)
        self._failed.connect(self._tell_failed)
        self.finished.connect(self._forget)

    def start_for(
        self,
        done: Callable[[Any], Any],
        failed: Callable[[Any], Any],
        progressed: Callable[[float, str], Any] | None = None,
    ) -> None:
        """Start the work and answer in the thread that made the task.

        Parameters
        ----------
        done : callable
            Gets the result.
        failed : callable
            Gets a :class:`PalpateError` with one line.
        progressed : callable, optional
            Gets the share done and what is being done.
        """
        self._answers = {"done": done, "failed": failed}
        if progressed is not None:
            self._answers["progressed"] = progressed
        self.start()

    def run(self) -> None:
        """Do the work (called by Qt in the thread)."""
        try:
            result = self._work(self._progress)
        except _CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - told to the user in one line
            self._failed.emit(explained(error))
            return
        self._done.emit(result)

    def cancel(self) -> None:
        """End the work at its next report of progress; nothing is answered any more."""
        self._cancelled = True
        self._answers = {}

    @classmethod
    def finish_all(cls, milliseconds: int = 20_000) -> None:
        """Cancel what still runs and wait for it, before the process ends."""
        for task in tuple(cls._running):
            task._cancelled = True
            task.wait(milliseconds)

    def _progress(self, done: float, what: str) -> None:
        if self._cancelled:
            raise _CancelledError
        self._progressed.emit(float(done), what)

    def _tell_progress(self, done: float, what: str) -> None:
        self._tell("progressed", done, what)

    def _tell_done(self, result: Any) -> None:
        self._tell("done", result)

    def _tell_failed(self, error: Any) -> None:
        self._tell("failed", error)

    def _tell(self, name: str, *told: Any) -> None:
        answer = self._answers.get(name)
        if answer is not None and not self._cancelled:
            answer(*told)

    def _forget(self) -> None:
        Task._running.discard(self)
