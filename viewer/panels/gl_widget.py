"""A Qt widget that VTK draws into.

PyVista's own widget would do, and a :class:`viewer.scene.Scene` draws on one as well; but to
import PyVista and what it imports takes longer than all the rest of opening a window. This widget
asks for nothing but VTK's rendering, and copies each frame once instead of twice. What Qt paints
over it (a name under the pointer) leaves the frame as it is: VTK draws only what was asked for.
"""

from __future__ import annotations

import contextlib
import ctypes
from typing import Any
from weakref import ref

from PySide6.QtGui import QOpenGLContext, QSurface, QSurfaceFormat
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QApplication, QWidget
from vtkmodules.vtkRenderingCore import vtkRenderer
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow

# As GL numbers them.
_READ, _DRAW = 0x8CA8, 0x8CA9
_COLOUR_BIT, _NEAREST = 0x4000, 0x2600
_DEPTH_TEST, _SCISSOR_TEST, _NOT_GREATER = 0x0B71, 0x0C11, 0x0203


def wanted_format() -> QSurfaceFormat:
    """Return the format of a context that VTK can draw in: desktop OpenGL 3.2, core."""
    wanted = QSurfaceFormat()
    wanted.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setVersion(3, 2)
    wanted.setRedBufferSize(8)
    wanted.setGreenBufferSize(8)
    wanted.setBlueBufferSize(8)
    wanted.setAlphaBufferSize(8)
    wanted.setDepthBufferSize(8)
    wanted.setStencilBufferSize(0)
    wanted.setSamples(0)  # VTK smooths in buffers of its own
    return wanted


class GlWidget(QOpenGLWidget):
    """A widget with a VTK window and one renderer; it draws after ``update`` and ``resize`` alone.

    Parameters
    ----------
    parent : QWidget

    Attributes
    ----------
    renderer : vtkRenderer
    render_window : vtkGenericOpenGLRenderWindow
    """

    def __init__(self, parent: QWidget) -> None:
        # For the whole process: under Wayland a widget whose format is not its window's is black.
        QSurfaceFormat.setDefaultFormat(wanted_format())
        super().__init__(parent)
        # The frame stays in Qt's buffer when something over it is painted anew.
        self.setUpdateBehavior(QOpenGLWidget.UpdateBehavior.PartialUpdate)
        self._stale = True
        self.setMouseTracking(True)
        self._context: QOpenGLContext | None = None
        self._surface: QSurface | None = None
        self.renderer: Any = vtkRenderer()
        window: Any = vtkGenericOpenGLRenderWindow()
        window.SetReadyForRendering(False)
        window.SetFrameBlitModeToNoBlit()
        # What is drawn is taken from where it was drawn; there is no front to copy it to.
        window.SwapBuffersOff()
        window.SetMultiSamples(0)
        window.AddRenderer(self.renderer)
        self.render_window = window
        # VTK would hold on to a bound method, and with it to the widget, for ever.
        me = ref(self)
        self._heard = [
            window.AddObserver("WindowMakeCurrentEvent", lambda *_: _told(me, GlWidget._enter)),
            window.AddObserver("WindowIsCurrentEvent", lambda *_: _told(me, GlWidget._say_where)),
        ]

    def GetRenderWindow(self) -> Any:  # noqa: N802
        """Return VTK's window, as other Qt widgets of VTK do."""
        return self.render_window

    def update(self) -> None:  # type: ignore[override]
        """Have the scene drawn anew; Qt itself calls another."""
        self._stale = True
        super().update()

    def initializeGL(self) -> None:  # noqa: N802
        """Let VTK find the functions of the context that Qt has made."""
        self._stale = True
        self._context = self.context()
        self._surface = self._context.surface()
        self._context.aboutToBeDestroyed.connect(self._leave)
        window = self.render_window
        if not window.GetInitialized():
            _find_functions(window)
            window.OpenGLInitContext()
            window.OpenGLInit()
        state = window.GetState()
        state.Reset()
        state.vtkglDepthFunc(_NOT_GREATER)
        state.vtkglEnable(_DEPTH_TEST)
        window.SetForceMaximumHardwareLineWidth(1)
        window.SetReadyForRendering(True)
        window.SetOwnContext(0)
        window.OpenGLInitContext()

    def resizeGL(self, width: int, height: int) -> None:  # noqa: N802
        """Tell VTK how large it is, in device pixels."""
        self._stale = True
        ratio = self.devicePixelRatioF()
        self.render_window.SetSize(max(1, round(width * ratio)), max(1, round(height * ratio)))
        self.render_window.SetDPI(round(72 * ratio))

    def paintGL(self) -> None:  # noqa: N802
        """Draw, and copy the frame to where Qt takes it from."""
        window = self.render_window
        if not window.GetReadyForRendering() or not self._stale:
            return
        self._stale = False
        state = window.GetState()
        state.Reset()  # Qt has used the context since
        state.Push()
        state.vtkglDepthFunc(_NOT_GREATER)
        window.Render()
        self.makeCurrent()
        width, height = window.GetSize()
        window.GetRenderFramebuffer().Bind(_READ)
        window.GetRenderFramebuffer().ActivateReadBuffer(0)
        state.vtkglBindFramebuffer(_DRAW, self.defaultFramebufferObject())
        state.vtkglDisable(_SCISSOR_TEST)
        state.vtkglBlitFramebuffer(
            0, 0, width, height, 0, 0, width, height, _COLOUR_BIT, _NEAREST
        )  # it resolves samples too
        # Opaque, or what lies behind the window would show.
        state.vtkglColorMask(False, False, False, True)
        state.vtkglClearColor(0.0, 0.0, 0.0, 1.0)
        state.vtkglClear(_COLOUR_BIT)
        state.vtkglColorMask(True, True, True, True)
        state.Pop()

    def close(self) -> bool:
        """Give back what VTK holds in the context."""
        self._leave()
        return bool(super().close())

    def _leave(self) -> None:
        if self._context is not None and self._surface is not None:
            with contextlib.suppress(RuntimeError):  # Qt has deleted it already
                self._context.makeCurrent(self._surface)
        window = self.render_window
        window.Finalize()
        window.SetReadyForRendering(False)
        for tag in self._heard:
            window.RemoveObserver(tag)
        self._heard = []
        self._context = self._surface = None

    def _enter(self) -> None:
        """Make the context current without touching what is bound in it."""
        application = QApplication.instance()
        if self._context is None or self._surface is None or application is None:
            return
        if application.thread().isCurrentThread():  # another thread would end the process
            with contextlib.suppress(RuntimeError):
                self._context.makeCurrent(self._surface)

    def _say_where(self) -> None:
        now = QOpenGLContext.currentContext()
        self.render_window.SetIsCurrent(self._context is not None and now is self._context)


def _told(me: ref[GlWidget], what: Any) -> None:
    widget = me()
    if widget is not None:
        what(widget)


def _find_functions(window: Any) -> None:
    """Tell VTK where GL's functions are found; elsewhere than on Linux it knows."""
    application = QApplication.instance()
    wayland = isinstance(application, QApplication) and application.platformName().startswith(
        "wayland"
    )
    with contextlib.suppress(OSError, AttributeError):
        if wayland:
            find = ctypes.CDLL("libEGL.so.1").eglGetProcAddress
        else:
            find = ctypes.CDLL("libGL.so.1").glXGetProcAddressARB
        window.SetOpenGLSymbolLoader2(int(ctypes.cast(find, ctypes.c_void_p).value or 0), 0)
