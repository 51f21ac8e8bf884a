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

    Parameters
    ----------
    work : callable
        Takes a ``Progress`` and returns the result.

    Attributes
    ----------
    progressed : Signal(float, str)
        Share done and what is being done.
    done : Signal(object)
        The result.
    failed : Signal(object)
        A :class:`PalpateError` with one line.
    """

    progressed = Signal(float, str)
    done = Signal(object)
    failed = Signal(object)

    #: Threads that run; a thread that is collected while it runs ends the process.
    _running: set[Task] = set()  # noqa: RUF012

    def __init__(self, work: Callable[[Progress], Any]) -> None:
        super().__init__()
        self._work = work
        self._cancelled = False
        Task._running.add(self)
        self.finished.connect(self._forget)

    def run(self) -> None:
        """Do the work (called by Qt in the thread)."""
        try:
            result = self._work(self._progress)
        except _CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - told to the user in one line
            if not self._cancelled:
                self.failed.emit(explained(error))
            return
        if not self._cancelled:
            self.done.emit(result)

    def cancel(self) -> None:
        """End the work at its next report of progress; nothing is emitted any more."""
        self._cancelled = True
        for signal in (self.progressed, self.done, self.failed):
            signal.disconnect()

    @classmethod
    def finish_all(cls, milliseconds: int = 20_000) -> None:
        """Cancel what still runs and wait for it, before the process ends."""
        for task in tuple(cls._running):
            task._cancelled = True
            task.wait(milliseconds)

    def _progress(self, done: float, what: str) -> None:
        if self._cancelled:
            raise _CancelledError
        self.progressed.emit(float(done), what)

    def _forget(self) -> None:
        Task._running.discard(self)
