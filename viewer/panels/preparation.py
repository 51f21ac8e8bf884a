"""Everything a window needs and cannot wait for: the atlas, its depth, strokes, light and shade."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from annotations.caution import caution_field
from annotations.pressure import Pressure
from annotations.technique import Technique
from meshes.depth import caster_of
from meshes.progress import Progress
from meshes.terminology import TissueLayer
from viewer.detail import Reduced, reduced_triangles
from viewer.occlusion import Openness, openness
from viewer.panels.background import Task
from viewer.panels.wording import word
from viewer.quick_stage import Quick, quick_of
from viewer.visible import seen_bits

if TYPE_CHECKING:
    from annotations.timeline import Timeline
    from meshes.atlas import Atlas

translate = QCoreApplication.translate

OpenAtlas = Callable[[Progress], "Atlas"]
MakeTimeline = Callable[["Atlas", Progress], "Timeline"]


class Preparation(QObject):
    """Does one thing after the other in threads and tells what is there.

    Attributes
    ----------
    progressed : Signal(float, str)
        Share done of what is being prepared, and what that is.
    opened : Signal(object)
        The atlas can be drawn.
    usable : Signal()
        Pointing and caution surfaces work.
    loaded : Signal(object)
        A timeline can be played.
    reduced : Signal(object)
        What moving pictures are drawn from; a second time once more of it is known.
    seen : Signal(object, object)
        Ids drawn together, and from where each of their triangles is seen.
    shaded : Signal(object)
        Ambient openness of a layer.
    failed : Signal(object)
        A :class:`meshes.errors.PalpateError` with one line.
    """

    progressed = Signal(float, str)
    opened = Signal(object)
    usable = Signal()
    loaded = Signal(object)
    reduced = Signal(object)
    seen = Signal(object, object)
    shaded = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: list[Task] = []
        self._atlas: Atlas | None = None
        self._fewer: Reduced = {}

    def start(self, open_atlas: OpenAtlas, make_timeline: MakeTimeline | None) -> None:
        """Open an atlas and prepare the rest of what a window needs; end what was under way."""
        self.cancel()

        def got_atlas(atlas: Atlas) -> None:
            self._atlas = atlas
            self.opened.emit(atlas)
            self._run(
                translate("Preparation", "preparing depth and safety"),
                lambda tell: _measure(atlas, tell),
                got_depth,
            )

        def got_depth(_: None) -> None:
            self.usable.emit()
            if make_timeline is not None:
                self.load(make_timeline)
            assert self._atlas is not None
            atlas = self._atlas
            self._run(
                translate("Preparation", "preparing fast pictures"),
                lambda _: reduced_triangles(atlas),
                got_fewer,
            )

        def got_fewer(fewer: Reduced) -> None:
            self._fewer = fewer
            self.reduced.emit(Quick(fewer, {}, {}))
            assert self._atlas is not None
            atlas = self._atlas
            self._run(
                translate("Preparation", "preparing light"),
                lambda tell: _light(atlas, tell),
                got_light,
            )

        def got_light(layers: list[Openness]) -> None:
            for layer in layers:
                self.shaded.emit(layer)
            assert self._atlas is not None
            atlas, fewer = self._atlas, self._fewer
            self._run(
                translate("Preparation", "preparing what is seen"),
                lambda tell: quick_of(atlas, fewer, tell),
                got_quick,
            )

        def got_quick(quick: Quick) -> None:
            self.reduced.emit(quick)

        self._run(translate("Preparation", "building the torso"), open_atlas, got_atlas)

    def load(self, make_timeline: MakeTimeline) -> None:
        """Lay strokes on the atlas, which has to be open."""
        assert self._atlas is not None
        atlas = self._atlas
        self._run(
            translate("Preparation", "laying the strokes"),
            lambda tell: make_timeline(atlas, tell),
            self.loaded.emit,
        )

    def see(self, ids: frozenset[str]) -> None:
        """Work out what is seen where only these structures are drawn, one choice at a time."""
        if self.busy or self._atlas is None or not self._fewer:
            return
        atlas, fewer = self._atlas, self._fewer
        self._run(
            translate("Preparation", "preparing what is seen"),
            lambda _: seen_bits(atlas, fewer, ids, keep=False),
            lambda bits: self.seen.emit(ids, bits),
        )

    @property
    def busy(self) -> bool:
        """Whether anything is still being prepared."""
        return any(task.isRunning() for task in self._tasks)

    def cancel(self) -> None:
        """End all work; nothing is told any more."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def _run(
        self, title: str, work: Callable[[Progress], Any], then: Callable[[Any], None]
    ) -> None:
        task = Task(work)
        self._tasks = [other for other in self._tasks if not other.isFinished()] + [task]
        self.progressed.emit(0.0, title)
        task.start_for(
            then,
            self.failed.emit,
            lambda done, what: self.progressed.emit(done, _told(title, what)),
        )


def _told(title: str, what: str) -> str:
    """Return what is said of the work; details come in English, or translated, or not at all."""
    details, english = word(what), translate("Preparation", "laying the strokes")
    spoken = english == "laying the strokes" or details != what
    return f"{title}: {details}" if spoken else title


def _measure(atlas: Atlas, progress: Progress) -> None:
    """Build what pointing and caution surfaces read, so that both answer at once."""
    progress(0.0, "rays")
    caster_of(atlas)
    progress(0.3, "depth beneath the skin")
    caution_field(atlas, Technique.KNEADING, Pressure.MODERATE)


def _light(atlas: Atlas, progress: Progress) -> list[Openness]:
    layers = []
    for layer in TissueLayer:
        progress(int(layer) / len(TissueLayer), layer.title)
        layers.append(openness(atlas, int(layer)))
    return layers
