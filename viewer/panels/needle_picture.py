"""Makes the picture of the tissue beside the fixed needle, in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from annotations.site import site_at
from meshes.progress import Progress
from meshes.skin_surface import skin_of
from viewer.needle_cut import NeedleCut, needle_cut, needle_window
from viewer.panels.background import Task
from viewer.panels.depth_column import ABOVE_MM, CutPicture, CutPlace, DepthColumn
from viewer.panels.session import Session
from viewer.section_raster import UNKNOWN
from viewer.section_view import direction_letters

if TYPE_CHECKING:
    from meshes.atlas import Atlas

#: The work begins when the pointer has rested this long, ms: an answer to it comes first.
REST_MS = 150
#: ... or after this many of its moves at the latest.
_MOST_MOVES = 40

Needle = tuple[float, float, float]


class NeedlePicture(QObject):
    """Keeps the column's picture that of the session's needle.

    Parameters
    ----------
    session : Session
    column : DepthColumn

    Attributes
    ----------
    drawn : Signal()
        The column has another picture.
    """

    drawn = Signal()

    def __init__(self, session: Session, column: DepthColumn) -> None:
        super().__init__(column)
        self._session = session
        self._column = column
        self._task: Task | None = None
        self._shown: tuple[object, ...] = ()
        self._moves = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._begin)
        column.laid.connect(self._want)
        session.opened.connect(self._want)
        session.changed.connect(self._want)
        session.pointed.connect(self._put_off)

    @property
    def busy(self) -> bool:
        """Whether a picture is on its way."""
        return self._timer.isActive() or self._task is not None

    def stop(self) -> None:
        """Make no more pictures."""
        self._timer.stop()
        self._end_task()

    def _wanted(self) -> tuple[Atlas, Needle, CutPlace] | None:
        session, place = self._session, self._column.cut_place()
        needle, atlas = session.state.needle, session.atlas
        if place is None or needle is None or atlas is None or session.closed:
            return None
        return atlas, needle, place

    def _want(self) -> None:
        """Have a picture made if the needle or the room for it has changed."""
        wanted = self._wanted()
        needle = self._session.state.needle
        if self._shown and (self._shown[0], self._shown[1]) != (self._session.atlas, needle):
            # What was there belongs to another needle; of another size alone it may stay.
            self._shown = ()
            self._end_task()
            self._column.show_cut(None)
        if wanted is not None and wanted != self._shown:
            self._moves = 0
            self._timer.start()

    def _put_off(self) -> None:
        """Let the pointer's answers go first."""
        if self._timer.isActive() and self._moves < _MOST_MOVES:
            self._moves += 1
            self._timer.start()

    def _begin(self) -> None:
        wanted = self._wanted()
        if wanted is None or wanted == self._shown:
            return
        self._end_task()
        self._shown = wanted
        atlas, needle, place = wanted

        def work(told: Progress) -> NeedleCut:
            site = site_at(atlas, skin_of(atlas).nearest(np.array(needle)), "")
            window = needle_window(place.size, place.scale, ABOVE_MM)
            return needle_cut(atlas, site.point, site.direction, window, told)

        self._task = Task(work)
        self._task.start_for(lambda made: self._show(made, place), self._failed)

    def _show(self, made: NeedleCut, place: CutPlace) -> None:
        self._task = None
        rows = np.ascontiguousarray(made.picture)
        height, width = rows.shape[:2]
        image = QImage(rows.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
        image = image.copy()  # of its own bytes
        image.setDevicePixelRatio(place.ratio)
        left, right = direction_letters(-made.way), direction_letters(made.way)
        silent = made.owners.coarse[:, width // 2] == UNKNOWN
        self._column.show_cut(CutPicture(image, left, right, silent))
        self.drawn.emit()

    def _failed(self, error: object) -> None:
        """Leave the column without a picture, and say why."""
        self._task = None
        self._session.failed.emit(error)

    def _end_task(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
