"""The desktop application: one window in Qt's loop, closed by its user or by Ctrl-C."""

from __future__ import annotations

import signal

from PySide6.QtCore import QTimer
from PySide6.QtGui import QOpenGLContext, QSurfaceFormat
from PySide6.QtWidgets import QApplication

from meshes.errors import MachineError
from viewer.panels.background import Task
from viewer.panels.preparation import MakeTimeline, OpenAtlas
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


def run(open_atlas: OpenAtlas, make_timeline: MakeTimeline | None = None) -> int:
    """Open a window and return when it is closed; Ctrl-C in the terminal closes it too.

    Raises
    ------
    MachineError
        If the display has no OpenGL that VTK can draw with.
    """
    application = QApplication.instance() or QApplication(["palpate"])
    application.setApplicationName("Palpate")
    require_context()
    window = Window(open_atlas, make_timeline)
    window.show()
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
