"""One run of Palpate's command line in a process of its own, so that the window never waits.

A film takes minutes and its own GL context; cancelled or crashed, it takes nothing with it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from viewer.progress_bar import FORM_VARIABLE

#: How long a process may take to end by itself before it is killed, ms.
_GRACE_MS = 4000


class Job(QObject):
    """Runs ``palpate`` with arguments and tells how far it is.

    Attributes
    ----------
    progressed : Signal(float, str)
        Share done and what is being done.
    finished : Signal()
        It did what it was asked.
    failed : Signal(str)
        The one line that it printed.
    cancelled : Signal()
        It was ended by ``cancel``.
    """

    progressed = Signal(float, str)
    finished = Signal()
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._said = ""
        self._line = ""
        self._cancelled = False

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._process is not None

    def start(self, arguments: Sequence[str]) -> None:
        """Start a run; one that is under way has to end first."""
        assert self._process is None
        self._said, self._line, self._cancelled = "", "", False
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert(FORM_VARIABLE, "json")
        process.setProcessEnvironment(environment)
        process.readyReadStandardError.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._could_not)
        self._process = process
        process.start(sys.executable, ["-m", "viewer.cli", *arguments])

    def cancel(self) -> None:
        """Ask the run to end, and kill it if it does not."""
        process = self._process
        if process is None:
            return
        self._cancelled = True
        process.terminate()
        grace = QTimer(process)
        grace.setSingleShot(True)
        grace.timeout.connect(process.kill)
        process.finished.connect(grace.stop)
        grace.start(_GRACE_MS)

    def stop(self) -> None:
        """End the run at once and tell nothing: the window closes."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(_GRACE_MS)

    def _read(self) -> None:
        if self._process is None:
            return
        text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._hear(line.strip())

    def _hear(self, line: str) -> None:
        if line.startswith("{"):
            try:
                page = json.loads(line)
                self.progressed.emit(float(page["done"]), f"{page['title']}: {page['what']}")
            except (ValueError, KeyError, TypeError):
                self._said = line
        elif line:
            self._said = line.removeprefix("palpate: ")

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._hear(self._line.strip())
        self._process = None
        if self._cancelled:
            self.cancelled.emit()
        elif code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.finished.emit()
        else:
            self.failed.emit(self._said or f"palpate ended with code {code}")

    def _could_not(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._process = None
            self.failed.emit(f"{sys.executable} did not start; install Palpate anew")
