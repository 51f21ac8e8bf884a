"""The desktop application: one window in Qt's loop, closed by its user or by Ctrl-C."""

from __future__ import annotations

import signal

from PySide6.QtCore import QTimer
from PySide6.QtGui import QOpenGLContext, QSurfaceFormat
from PySide6.QtWidgets import QApplication

from meshes.errors import MachineError
from viewer.panels import appearance, language
from viewer.panels.background import Task
from viewer.panels.preparation import MakeTimeline
from viewer.panels.subject import Subject
from viewer.window import Window

#: How soon Ctrl-C is heard.
HEARTBEAT_MS = 200


def require_context() -> None:
    """Make sure that Qt can give VTK a context; without one the window would stay blank.

    Raises
    ------
    MachineError
        Saying what to install.
    """
    wanted = QSurfaceFormat()
    wanted.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setVersion(3, 2)
    context = QOpenGLContext()
    context.setFormat(wanted)
    if not context.create() or context.format().version() < (3, 2):
        raise MachineError(
            "the window needs OpenGL 3.2 and this display gives none: run apt install "
            "libgl1-mesa-dri (Debian's name), or use palpate still, tour or export"
        )


def run(
    subject: Subject, make_timeline: MakeTimeline | None = None, speech: str | None = None
) -> int:
    """Open a window and return when it is closed; Ctrl-C in the terminal closes it too.

    Parameters
    ----------
    subject : Subject
        Who is opened.
    make_timeline : callable, optional
        Takes the atlas and a ``Progress`` and returns what can be played.
    speech : str, optional
        Code of the language; the one chosen before, or the system's, unless given.

    Raises
    ------
    MachineError
        If the display has no OpenGL that VTK can draw with.
    """
    application = QApplication.instance() or QApplication(["palpate"])
    application.setApplicationName("Palpate")
    require_context()
    language.speak(speech or language.chosen())
    appearance.wear(appearance.kept_scheme())
    window = Window(subject.open, make_timeline, subject)
    window.show()
    window.hint.greet()
    interrupted = False

    def interrupt(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        QApplication.closeAllWindows()

    before = signal.signal(signal.SIGINT, interrupt)
    # Python looks for signals only while it runs, and Qt's loop does not run it by itself.
    heart = QTimer()
    heart.timeout.connect(lambda: None)
    heart.start(HEARTBEAT_MS)
    try:
        QApplication.exec()
    finally:
        signal.signal(signal.SIGINT, before)
        heart.stop()
        Task.finish_all()
    if interrupted:
        raise KeyboardInterrupt
    return 0
