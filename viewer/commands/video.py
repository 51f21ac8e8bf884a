"""``palpate tour`` and ``palpate export``: videos, pages and models."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from meshes.errors import InputError
from viewer.commands.options import BUILTIN, DEFAULT_ATLAS, AtlasOptions, whole_number
from viewer.commands.output import say
from viewer.commands.picture import size_of

if TYPE_CHECKING:
    from annotations.protocol import Protocol
    from viewer.export.crew import Crew
    from viewer.export.encoder import Film
    from viewer.export.tasks import Order


SIZE = "1280x720"


def tour(
    *,
    out: Path = Path("tour.mp4"),
    size: str = SIZE,
    fps: Annotated[float | None, Parameter(show_default=False)] = None,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Write the guided demonstration as a video, on a machine without a screen too.

    Parameters
    ----------
    out : Path
        File to write: .mp4, .webm or .gif; NAME.png writes a folder NAME of pictures.
    size : str
        Width and height in pixels, WIDTHxHEIGHT.
    fps : float
        Frames per second; 30 unless given, 25 for a GIF.
    """
    from viewer.export.atomic import require_folder
    from viewer.export.video import require_possible
    from viewer.progress_bar import ProgressBar
    from viewer.tour import save_tour

    film = _film(out, size, fps)
    require_possible(out, film)
    require_folder(out)
    atlas = options.open()
    with ProgressBar(f"writing {out.name}") as progress:
        save_tour(out, atlas, film, progress)
    say(f"wrote {_made(out)}")
    return 0


def export(
    *protocols: str,
    out: Path,
    format: Annotated[str | None, Parameter(show_default=False)] = None,
    bodies: Annotated[Path | None, Parameter(show_default=False)] = None,
    size: Annotated[str | None, Parameter(show_default=False)] = None,
    fps: Annotated[float | None, Parameter(show_default=False)] = None,
    transparent: Annotated[bool, Parameter(negative="")] = False,
    window: Annotated[float | None, Parameter(show_default=False)] = None,
    workers: Annotated[int, Parameter(converter=whole_number)] = 1,
    dask: Annotated[str | None, Parameter(show_default=False)] = None,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Write protocols as videos, pictures, web pages or animated models.

    Parameters
    ----------
    protocols : str
        Protocol files, or names of those that come with Palpate.
    out : Path
        File to write: .mp4 or .webm (captions beside it as .vtt), .gif, NAME.png (a folder NAME
        of pictures), .html (one page that works without a network) or .glb. For several
        protocols or bodies, a folder.
    format : str
        mp4 (unless given), webm, gif, png, html or glb, where --out is a folder.
    bodies : Path
        TOML file of bodies; every protocol is written for each of them.
    size : str
        Width and height of a video in pixels, WIDTHxHEIGHT; 1280x720 unless given.
    fps : float
        Frames per second of a video; 30 unless given, 25 for a GIF.
    transparent : bool
        Pictures (.png) without a background.
    window : float
        Open a window under the hand down to this peel depth (2 superficial muscles .. 7 organs);
        the torso around it keeps its skin. Videos and pictures only.
    workers : int
        Processes of this machine that draw at once.
    dask : str
        Scheduler of a Dask cluster that draws, tcp://HOST:PORT.
    """
    from viewer.export.atomic import require_folder
    from viewer.export.batch import save_orders
    from viewer.progress_bar import ProgressBar

    if workers < 1:
        raise InputError(f"--workers 1 or more required, received {workers}")
    if dask is not None and workers != 1:
        raise InputError("--workers or --dask required, received both")
    files = _files(protocols, out, format, bodies)
    _refuse_for_models(files[0][0], size, fps, window, transparent)
    if window is not None:
        files = [(file, protocol.with_window(window)) for file, protocol in files]
    orders = [
        _order(file, protocol, chosen, _film(file, size or SIZE, fps), transparent)
        for file, protocol, chosen in _bodied(files, bodies, options)
    ]
    many = len(orders) > 1
    if many or files[0][0] != out:
        _make_folder(out)
    for order in orders:
        require_folder(order.out)
    with (
        _crew(workers, dask) as crew,
        ProgressBar(f"writing {len(orders)} files" if many else f"writing {out.name}") as progress,
    ):
        save_orders(orders, crew, progress)
    for order in orders:
        say(f"wrote {_made(order.out)}")
    return 0


def _refuse_for_models(
    file: Path, size: str | None, fps: float | None, window: float | None, transparent: bool
) -> None:
    """Say so where options of a film are given for a page or a model, which would ignore them."""
    from viewer.export.tasks import MODELS

    if file.suffix.lower() not in MODELS:
        return
    given = {
        "--size": size is not None,
        "--fps": fps is not None,
        "--window": window is not None,
        "--transparent": transparent,
    }
    wrong = [name for name, there in given.items() if there]
    if wrong:
        raise InputError(
            f"{file.suffix} takes no {', '.join(wrong)}, which {'is' if len(wrong) == 1 else 'are'}"
            " for videos and pictures: leave it out"
        )


def _crew(workers: int, dask: str | None) -> AbstractContextManager[Crew | None]:
    from viewer.export.crew import cluster, processes

    if dask is not None:
        return cluster(dask)
    return processes(workers) if workers > 1 else nullcontext()


def _files(
    protocols: tuple[str, ...], out: Path, format: str | None, bodies: Path | None
) -> list[tuple[Path, Protocol]]:
    """Read the protocols and say where each goes; bodies' names come in later."""
    from annotations.protocol import open_protocol, resolve_protocol

    if not protocols:
        raise InputError("a protocol required (a file, or a name of the library), received none")
    named = out.suffix.lower() in _suffixes() and not out.is_dir()
    if named and (len(protocols) > 1 or bodies is not None):
        raise InputError(
            f"--out FOLDER required for several protocols or bodies, received {str(out)!r}"
        )
    if not named and out.suffix and not out.is_dir():
        raise InputError(
            f"--out ending in {', '.join(_suffixes())} required, or a folder, received {str(out)!r}"
        )
    if named and format is not None and f".{format}" != out.suffix.lower():
        raise InputError(f"--format {out.suffix[1:]} or none required, received {format!r}")
    suffix = f".{format or 'mp4'}"
    if suffix not in _suffixes():
        known = ", ".join(item[1:] for item in _suffixes())
        raise InputError(f"--format {known} required, received {format!r}")
    if named:
        return [(out, open_protocol(protocols[0]))]
    made: dict[Path, Protocol] = {}
    for item in protocols:
        file = out / f"{resolve_protocol(item).stem}{suffix}"
        if file in made:
            raise InputError(f"protocols of different names required, received two for {file}")
        made[file] = open_protocol(item)
    return list(made.items())


def _bodied(
    files: list[tuple[Path, Protocol]], bodies: Path | None, options: AtlasOptions
) -> list[tuple[Path, Protocol, AtlasOptions]]:
    """Return every protocol for every body."""
    if bodies is None:
        return [(file, protocol, options) for file, protocol in files]
    from viewer.export.bodies import read_bodies

    if options.atlas != BUILTIN:
        raise InputError(f"--bodies shapes the built-in torso, received --atlas {options.atlas}")
    found = []
    for file, protocol in files:
        for row in read_bodies(bodies):
            figures = {
                name: value
                for name, value in row.model_dump(exclude={"name"}).items()
                if value is not None
            }
            target = file.with_name(f"{file.stem}-{row.name}{file.suffix}")
            found.append((target, protocol, replace(options, **figures)))
    return found


def _order(file: Path, protocol: Protocol, options: AtlasOptions, film: Film, clear: bool) -> Order:
    from viewer.export.tasks import MODELS, Order, Source
    from viewer.export.video import require_possible

    options = options.for_protocol(protocol.pose)
    options.check()
    if file.suffix.lower() not in MODELS or clear:
        require_possible(file, film, clear=clear)
    folder = Path(options.atlas)
    here = (folder / "atlas.json").is_file() and options.atlas != BUILTIN
    name = str(folder.resolve()) if here else options.atlas
    return Order(file, protocol, Source(name, options.body(), options.posed()), film, clear)


def _suffixes() -> tuple[str, ...]:
    from viewer.export.tasks import MODELS
    from viewer.export.video import SUFFIXES

    return (*SUFFIXES, *MODELS)


def _film(out: Path, size: str, fps: float | None) -> Film:
    """Read what the video is to be; a mistake is told before anything is built."""
    from viewer.export.encoder import Film

    if fps is None:
        # A GIF counts in hundredths of a second: 25 is even, 30 is not.
        fps = 25.0 if out.suffix.lower() == ".gif" else 30.0
    if not 1.0 <= fps <= 120.0:
        raise InputError(f"--fps 1 to 120 required, received {fps:g}")
    width, height = size_of(size)
    if not (64 <= width <= 7680 and 64 <= height <= 4320):
        raise InputError(f"--size 64x64 to 7680x4320 required, received {size!r}")
    if out.suffix.lower() in (".mp4", ".webm") and (width % 2 or height % 2):
        # Both sides of a video's colour are halved.
        even = width + width % 2, height + height % 2
        say(f"a video has even sides: {even[0]}x{even[1]} instead of {width}x{height}")
        width, height = even
    return Film(width, height, fps)


def _make_folder(out: Path) -> None:
    from viewer.export.atomic import unwritable

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from error


def _made(out: Path) -> Path:
    """Return what stands on the disk; of pictures, their folder."""
    return (out.with_suffix("") if out.suffix.lower() == ".png" else out).resolve()
