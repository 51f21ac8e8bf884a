"""A timeline as a video or pictures, piece by piece, so that a second run goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from annotations.timeline import Timeline
from meshes.atlas import Atlas
from meshes.build import content_digest
from meshes.errors import InputError
from meshes.progress import Progress, part_of, silent
from viewer.export import captions, pictures
from viewer.export.atomic import whole_file
from viewer.export.encoder import PIECES, Encoder, Film, Sink
from viewer.export.ffmpeg import encoder_program
from viewer.export.frame import Frame
from viewer.export.frames import frame_count, frames
from viewer.export.join import About, join
from viewer.export.segments import Segment, Store, cut, key_of
from viewer.export.transparent import clear_frames
from viewer.labels import credit_line

#: Endings of what can be drawn, and of the pieces each is made from.
PIECE_OF = {".mp4": ".mp4", ".webm": ".webm", ".gif": ".mkv", ".png": ".tar"}
SUFFIXES = tuple(PIECE_OF)
#: Browsers slow a GIF down that asks for less than two hundredths of a second per frame.
MOST_GIF_FPS = 50.0
#: Share of the time that joining takes.
_JOINING = 0.03


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be drawn, as plain data that can be sent to other processes.

    Attributes
    ----------
    timeline : Timeline
    film : Film
    suffix : str
        Of the file asked for.
    clear : bool
        Pictures without a background.
    atlas_digest : str
        Of the atlas it is laid on.
    credit : str
    """

    timeline: Timeline
    film: Film
    suffix: str
    clear: bool
    atlas_digest: str
    credit: str

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The pieces, in order."""
        return cut(frame_count(self.timeline, self.film), self.film.fps)

    @property
    def key(self) -> str:
        """Hash of everything a frame of it depends on."""
        piece = PIECES.get(PIECE_OF[self.suffix], ())
        return key_of(
            self.timeline, self.film, self.suffix, self.clear, self.atlas_digest, self.credit, piece
        )


def plan_of(
    out: Path, atlas: Atlas, timeline: Timeline, film: Film, *, clear: bool = False
) -> Plan:
    """Return the plan of a film.

    Raises
    ------
    InputError
        If the ending is not one of :data:`SUFFIXES`, or does not go with what is asked.
    """
    suffix = out.suffix.lower()
    require_possible(out, film, clear=clear)
    digest = atlas.digest or content_digest(atlas)
    return Plan(timeline, film, suffix, clear, digest, credit_line(atlas))


def require_possible(out: Path, film: Film, *, clear: bool = False) -> None:
    """Check what can be checked before anything is built.

    Raises
    ------
    InputError
        Saying what was required and what was received.
    """
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"a name ending in {', '.join(SUFFIXES)} required, received {out.name!r}")
    if clear and suffix != ".png":
        raise InputError(
            f"only pictures have no background: a name ending in .png required with "
            f"--transparent, received {out.name!r}"
        )
    if suffix == ".gif" and film.fps > MOST_GIF_FPS:
        raise InputError(
            f"a GIF shows at most {MOST_GIF_FPS:g} frames per second, received {film.fps:g}"
        )
    if suffix == ".png":
        pictures.require_free(out)


def save_video(
    path: Path,
    atlas: Atlas,
    timeline: Timeline,
    film: Film | None = None,
    progress: Progress = silent,
) -> None:
    """Draw a timeline and write it as MP4, WebM or GIF, or as a folder of PNG pictures.

    Captions are written beside it as WebVTT. Pieces of an earlier run of the same film that was
    interrupted are used.

    Parameters
    ----------
    path : Path
        Its ending says what; ``NAME.png`` makes the folder ``NAME``.
    atlas : Atlas
    timeline : Timeline
    film : Film, optional
        1280x720 at 30 frames per second unless given.
    progress : Progress

    Raises
    ------
    InputError
        If the ending is not known.
    MachineError
        If this machine cannot draw, or there is no encoder.
    WriteError
        If the file cannot be written.
    """
    path = Path(path)
    save_plan(path, plan_of(path, atlas, timeline, film or Film()), atlas, progress)


def save_plan(path: Path, plan: Plan, atlas: Atlas, progress: Progress = silent) -> None:
    """Draw a plan in this process and write it; see :func:`save_video`."""
    store = Store(path, plan.key, PIECE_OF[plan.suffix])
    with store.opened():
        draw_pieces(plan, atlas, store, plan.segments, part_of(progress, 0.0, 1.0 - _JOINING))
        finish(plan, store, progress)


def finish(plan: Plan, store: Store, progress: Progress = silent) -> None:
    """Join the pieces, write the captions beside, and clear away."""
    progress(1.0 - _JOINING, "joining")
    segments, film, out = plan.segments, plan.film, store.out
    told = captions.web_vtt(plan.timeline, plan.credit) if plan.timeline.captions else ""
    lengths = [(item.stop - item.start) / film.fps for item in segments]
    about = About(plan.timeline.title, plan.credit, told)
    join([store.path(item) for item in segments], lengths, out, about)
    if told and plan.suffix in (".mp4", ".webm"):
        captions.save_captions(out.with_suffix(captions.SUFFIX), plan.timeline, plan.credit)
    store.remove()
    progress(1.0, "written")


def draw_pieces(
    plan: Plan,
    atlas: Atlas,
    store: Store,
    wanted: Iterable[Segment],
    progress: Progress = silent,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Draw the wanted pieces that are not there yet.

    Parameters
    ----------
    plan : Plan
    atlas : Atlas
    store : Store
    wanted : iterable of Segment
    progress : Progress
    stopped : callable
        Asked at every frame; drawing ends when it says so.
    """
    wanted = tuple(wanted)
    missing = store.missing(wanted)
    count = sum(item.stop - item.start for item in wanted)
    done = count - sum(item.stop - item.start for item in missing)
    if plan.suffix != ".png":
        encoder_program()  # before anything is drawn
    for run in _runs(missing):
        with ExitStack() as stack:
            frame = stack.enter_context(closing(_frames(plan, atlas, run[0].start, run[-1].stop)))
            waiting: deque[tuple[Sink, ExitStack]] = deque()
            for segment in run:
                # A piece's own stack publishes it when its encoder is through; meanwhile the
                # next piece is drawn.
                piece = stack.enter_context(ExitStack())
                beside = piece.enter_context(whole_file(store.path(segment), told=store.out))
                sink = _sink(plan, beside, store.out, segment)
                piece.callback(sink.stop)
                for _ in range(segment.start, segment.stop):
                    if stopped():
                        raise KeyboardInterrupt
                    sink.put(next(frame))
                    done += 1
                    progress(done / count, "drawing")
                sink.end()
                waiting.append((sink, piece))
                if len(waiting) > 1:
                    _publish(*waiting.popleft())
            while waiting:
                _publish(*waiting.popleft())
    progress(1.0, "drawn")


def _publish(sink: Sink, piece: ExitStack) -> None:
    sink.wait()
    piece.close()


def _sink(plan: Plan, path: Path, told: Path, segment: Segment) -> Sink:
    if plan.suffix == ".png":
        return pictures.Pictures(path, told, segment.start, plan.credit)
    return Encoder(path, told, plan.film, encoder_program())


def _frames(plan: Plan, atlas: Atlas, start: int, stop: int) -> Generator[Frame, None, None]:
    draw = clear_frames if plan.clear else frames
    yield from draw(atlas, plan.timeline, plan.film, start, stop)


def _runs(segments: tuple[Segment, ...]) -> list[list[Segment]]:
    """Group pieces that follow each other, because a scene is set up once per run."""
    runs: list[list[Segment]] = [[item] for item in segments[:1]]
    for before, item in pairwise(segments):
        if item.number == before.number + 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs
