"""Turns of the view that can be followed: short, eased, ended by any other movement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from viewer import steps
from viewer.panels.session import CAMERA, Session
from viewer.panels.settings import settings
from viewer.state import ViewState
from viewer.turn import between, duration_ms

_SETTING = "view/animated"


class Turner(QObject):
    """Takes the camera from where it stands to where a step puts it.

    Parameters
    ----------
    session : Session

    Attributes
    ----------
    animated : bool
        Whether turns take a moment; remembered by :meth:`set_animated`.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        kept: Any = settings().value(_SETTING, True)
        self.animated = kept not in (False, "false")
        self._way = QVariantAnimation(self)
        self._way.setStartValue(0.0)
        self._way.setEndValue(1.0)
        self._way.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._way.valueChanged.connect(self._go)
        self._ends: tuple[Any, Any] | None = None

    @property
    def turning(self) -> bool:
        """Whether a turn is under way."""
        return self._ends is not None

    def set_animated(self, animated: bool) -> None:
        """Choose whether turns take a moment, now and in later windows."""
        self.animated = animated
        settings().setValue(_SETTING, animated)

    def go(self, how: Callable[..., ViewState], *arguments: Any) -> None:
        """Do a camera step (``steps.seen_from``, ``reset``, ``centred``) on the way."""
        session = self._session
        self.stop()
        if session.frame is None:
            return
        start = steps.standing(session.state, session.frame)
        end = steps.standing(how(session.state, session.frame, *arguments), session.frame)
        if not self.animated:
            session.change(steps.looking, end, movement=CAMERA)
            return
        self._ends = (start, end)
        self._way.setDuration(duration_ms(start, end))
        self._way.start()

    def stop(self) -> None:
        """Stay where the camera is now."""
        self._ends = None
        self._way.stop()

    def _go(self, share: float) -> None:
        if self._ends is None or self._session.closed:
            return
        start, end = self._ends
        if share >= 1.0:
            self._ends = None
        self._session.change(steps.looking, between(start, end, float(share)), movement=CAMERA)
