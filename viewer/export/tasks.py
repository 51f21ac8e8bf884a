"""What a worker does, here or on another machine: functions of plain data."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from annotations.compose import protocol_timeline
from annotations.protocol import Protocol
from annotations.timeline import Timeline
from meshes.atlas import Atlas, Body
from meshes.build import open_atlas
from meshes.errors import InputError, MachineError, PalpateError, WriteError
from meshes.progress import Progress, silent
from viewer.export.crew import given_up
from viewer.export.encoder import Film
from viewer.export.segments import Segment, Store
from viewer.export.video import PIECE_OF, Plan, draw_pieces, plan_of

#: What is not drawn here but on the reader's machine.
MODELS = (".html", ".glb")
#: A Dask worker may run tasks in threads, and GL contexts of one process are drawn in one by one.
_drawing = threading.Lock()


@dataclass(frozen=True)
class Source:
    """An atlas by name, so that every process opens it for itself.

    Attributes
    ----------
    name : str
        ``builtin``, an imported atlas, or the path of a folder.
    body : Body or None
    pose : str
    """

    name: str = "builtin"
    body: Body | None = None
    pose: str = "rest"

    def open(self, progress: Progress = silent) -> Atlas:
        """Return the atlas, built first if need be."""
        return open_atlas(self.name, body=self.body, pose=self.pose, progress=progress)


@dataclass(frozen=True, eq=False)
class Order:
    """One file to be made.

    Attributes
    ----------
    out : Path
        Its ending says what.
    protocol : Protocol
    source : Source
    film : Film
    clear : bool
        Pictures without a background.
    """

    out: Path
    protocol: Protocol
    source: Source
    film: Film
    clear: bool = False


@lru_cache(maxsize=2)
def _atlas(source: Source) -> Atlas:
    return source.open()


def lay(order: Order) -> Plan:
    """Lay a protocol on its body and say what is to be drawn."""
    with _sendable():
        atlas = _atlas(order.source)
        timeline = protocol_timeline(atlas, order.protocol)
        return plan_of(order.out, atlas, timeline, order.film, clear=order.clear)


def draw(
    plan: Plan, key: str, source: Source, segments: tuple[Segment, ...], out: Path | None
) -> tuple[bytes, ...]:
    """Draw some pieces of a film.

    Parameters
    ----------
    plan : Plan
    key : str
        The plan's key where it was made.
    source : Source
    segments : tuple of Segment
    out : Path or None
        The film's name, if its pieces are to be left beside it; else they are returned.

    Returns
    -------
    tuple of bytes
        The pieces, if no name is given.

    Raises
    ------
    MachineError
        If this machine would draw something else.
    """
    with _sendable(), _drawing:
        atlas = _atlas(source)
        if plan.key != key or atlas.digest not in ("", plan.atlas_digest):
            raise MachineError(
                f"a worker has another atlas {source.name!r} or another version of Palpate than "
                "this machine, and its frames would differ: install the same there"
            )
        if out is not None:
            store = Store(out, key, PIECE_OF[plan.suffix])
            draw_pieces(plan, atlas, store, segments, stopped=given_up)
            return ()
        with tempfile.TemporaryDirectory(prefix="palpate-") as folder:
            store = Store(Path(folder) / "film", key, PIECE_OF[plan.suffix])
            store.folder.mkdir(parents=True)
            draw_pieces(plan, atlas, store, segments)
            return tuple(store.path(item).read_bytes() for item in segments)


def model(order: Order) -> bytes:
    """Return a web page or an animated model as the bytes of its file."""
    with _sendable(), tempfile.TemporaryDirectory(prefix="palpate-") as folder:
        atlas = _atlas(order.source)
        made = Path(folder) / order.out.name
        save_model(made, atlas, protocol_timeline(atlas, order.protocol))
        return made.read_bytes()


def save_model(out: Path, atlas: Atlas, timeline: Timeline, progress: Progress = silent) -> None:
    """Write a timeline as a web page or an animated model, by the name's ending."""
    if out.suffix.lower() == ".html":
        from viewer.export.html import save_html

        save_html(out, atlas, timeline, progress)
    else:
        from viewer.export.glb import save_glb

        save_glb(out, atlas, timeline, progress)


class _sendable:  # noqa: N801 - used like a keyword
    """Turns our errors into ones of few kinds whose only argument is their text.

    Some take more arguments, and would break on their way to another process.
    """

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PalpateError):
            plain: Iterable[type[PalpateError]] = (WriteError, MachineError, InputError)
            for known in plain:
                if isinstance(error, known):
                    raise known(str(error)) from None
