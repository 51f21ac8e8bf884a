"""Films made by a crew: laid, drawn in pieces, joined as soon as their pieces are there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from meshes.errors import MachineError, PalpateError
from meshes.progress import Progress, part_of, silent
from viewer.export.atomic import unwritable, whole_file
from viewer.export.crew import Crew
from viewer.export.segments import Segment, Store
from viewer.export.tasks import MODELS, Order, draw, lay, model, save_model
from viewer.export.video import PIECE_OF, Plan, finish, plan_of, save_plan

#: A task's share: several per worker, so that none waits long for the last, but few, because a
#: scene is set up for each.
_TASKS_PER_WORKER = 3
_MOST_PER_TASK = 6
_ASKED_EVERY_S = 0.5
#: Shares of an order's work.
_LAYING, _JOINING = 0.1, 0.03


def save_orders(
    orders: Sequence[Order], crew: Crew | None = None, progress: Progress = silent
) -> None:
    """Make all files; each appears when it is whole.

    One that cannot be made does not stop the others.

    Parameters
    ----------
    orders : sequence of Order
    crew : Crew, optional
        Who draws; this process unless given.
    progress : Progress

    Raises
    ------
    PalpateError
        The first that went wrong, after the others are done.
    """
    failed = _here(orders, progress) if crew is None else _Batch(orders, crew, progress).run()
    if not failed:
        return
    count = f"{len(failed)} of {len(orders)} files were not written; the first: "
    raise _told(failed[0], count if len(orders) > 1 else "")


def _here(orders: Sequence[Order], progress: Progress) -> list[PalpateError]:
    from annotations.compose import protocol_timeline

    failed: list[PalpateError] = []
    for number, order in enumerate(orders):
        share = part_of(progress, number / len(orders), (number + 1) / len(orders))
        try:
            atlas = order.source.open(part_of(share, 0.0, _LAYING / 2))
            laying = part_of(share, _LAYING / 2, _LAYING)
            timeline = protocol_timeline(atlas, order.protocol, laying)
            rest = part_of(share, _LAYING, 1.0)
            if order.out.suffix.lower() in MODELS:
                save_model(order.out, atlas, timeline, rest)
            else:
                plan = plan_of(order.out, atlas, timeline, order.film, clear=order.clear)
                save_plan(order.out, plan, atlas, rest)
        except PalpateError as error:
            failed.append(error)
    return failed


def _told(error: PalpateError, before: str) -> PalpateError:
    # An error's own class may take more than its text.
    made = PalpateError(f"{before}{error}")
    made.exit_code = error.exit_code
    return made


@dataclass(eq=False)
class _Film:
    """One order under way."""

    order: Order
    plan: Plan | None = None
    store: Store | None = None
    left: int = 0
    over: bool = False
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def done(self) -> float:
        if self.over:
            return 1.0
        if self.plan is None or self.store is None:
            return 0.0
        whole = len(self.plan.segments)
        there = whole - len(self.store.missing(self.plan.segments))
        return _LAYING + (1.0 - _LAYING - _JOINING) * there / whole


class _Batch:
    def __init__(self, orders: Sequence[Order], crew: Crew, progress: Progress) -> None:
        self._crew = crew
        self._progress = progress
        self._films = [_Film(order) for order in orders]
        self._waiting: dict[Future[Any], tuple[_Film, tuple[Segment, ...]]] = {}
        self._failed: list[PalpateError] = []

    def run(self) -> list[PalpateError]:
        try:
            for film in self._films:
                task = model if film.order.out.suffix.lower() in MODELS else lay
                self._submit(film, (), task, film.order)
            while self._waiting:
                done, _ = wait(self._waiting, _ASKED_EVERY_S, FIRST_COMPLETED)
                for future in done:
                    self._took(*self._waiting.pop(future), future)
                self._progress(
                    sum(film.done for film in self._films) / len(self._films),
                    "drawing" if any(film.plan for film in self._films) else "laying the strokes",
                )
        finally:
            for film in self._films:
                film.held.close()
        return self._failed

    def _submit(self, film: _Film, part: tuple[Segment, ...], task: Any, *given: Any) -> None:
        self._waiting[self._crew.executor.submit(task, *given)] = (film, part)

    def _took(self, film: _Film, part: tuple[Segment, ...], future: Future[Any]) -> None:
        if film.over:
            return
        try:
            made = future.result()
            if isinstance(made, Plan):
                self._start(film, made)
            elif isinstance(made, bytes):
                _write(film.order.out, made)
                film.over = True
            else:
                self._add(film, part, made)
        except BrokenExecutor as error:
            raise MachineError(
                "a worker process ended before its work was done (out of memory?): run it again, "
                "with fewer --workers; it goes on with the finished parts"
            ) from error
        except PalpateError as error:
            self._failed.append(error)
            film.over = True
            film.held.close()

    def _start(self, film: _Film, plan: Plan) -> None:
        film.plan, key = plan, plan.key
        film.store = Store(film.order.out, key, PIECE_OF[plan.suffix])
        film.held.enter_context(film.store.opened())
        missing = film.store.missing(plan.segments)
        out = film.order.out.absolute() if self._crew.shares_disk else None
        for part in _shared_out(missing, self._crew.count):
            film.left += 1
            self._submit(film, part, draw, plan, key, film.order.source, part, out)
        self._finish(film)

    def _add(self, film: _Film, part: tuple[Segment, ...], made: tuple[bytes, ...]) -> None:
        assert film.store is not None
        if made:
            for segment, data in zip(part, made, strict=True):
                _write(film.store.path(segment), data)
        film.left -= 1
        self._finish(film)

    def _finish(self, film: _Film) -> None:
        if film.left == 0 and film.plan is not None and film.store is not None:
            finish(film.plan, film.store)
            film.held.close()
            film.over = True


def _shared_out(missing: tuple[Segment, ...], workers: int) -> list[tuple[Segment, ...]]:
    """Split into tasks of neighbouring pieces."""
    length = min(max(1, len(missing) // (workers * _TASKS_PER_WORKER)), _MOST_PER_TASK)
    return [missing[start : start + length] for start in range(0, len(missing), length)]


def _write(path: Any, data: bytes) -> None:
    with whole_file(path) as beside:
        try:
            beside.write_bytes(data)
        except OSError as error:
            raise unwritable(path, error) from error
