"""Who draws: processes of this machine, or a Dask cluster; either is an executor.

Both take the same tasks (:mod:`viewer.export.tasks`). What runs when, and what happens when a
worker is lost, is theirs to decide: :class:`concurrent.futures.ProcessPoolExecutor` and Dask
have schedulers, and Palpate has none.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from meshes.errors import InputError, MachineError

#: How long a cluster may take to answer.
_PATIENCE_S = 15.0
#: In a worker process: set when the run is given up.
_given_up: Any = None


@dataclass(frozen=True)
class Crew:
    """Some workers.

    Attributes
    ----------
    executor : Executor
    count : int
        How many tasks it runs at once.
    shares_disk : bool
        Whether the workers write where we read; else they send what they made.
    """

    executor: Executor
    count: int
    shares_disk: bool


@contextmanager
def processes(count: int) -> Iterator[Crew]:
    """Yield a crew of processes of this machine.

    They end when the block does, at the next frame if it ends badly, and with us if we are
    killed.

    Raises
    ------
    InputError
        If the count is not 1 to 256.
    """
    if not 1 <= count <= 256:
        raise InputError(f"--workers 1 to 256 required, received {count}")
    context = multiprocessing.get_context("spawn")  # a forked GL context does not draw
    stop = context.Event()
    executor = ProcessPoolExecutor(count, context, _enlist, (stop,))
    try:
        yield Crew(executor, count, shares_disk=True)
    except BaseException:
        stop.set()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def given_up() -> bool:
    """Whether the run that this process works for has been given up."""
    return _given_up is not None and bool(_given_up.is_set())


def _enlist(stop: Any) -> None:
    global _given_up  # noqa: PLW0603 - one flag per process, set once before any task
    _given_up = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which tells us
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    # A worker waits for tasks on a pipe that it holds both ends of, so it would outlive us.
    parent.join()
    os._exit(1)


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """Yield the workers of a Dask cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, ``tcp://HOST:PORT``.

    Raises
    ------
    InputError
        If this is no address.
    MachineError
        If Dask is not installed, no scheduler answers, it has no workers, or they lack Palpate.
    """
    try:
        import distributed
    except ImportError as error:
        raise MachineError(
            "--dask needs the Python package distributed, which is not installed: "
            "run pip install 'palpate[cluster]'"
        ) from error
    if "://" not in address:
        raise InputError(f"--dask tcp://HOST:PORT required, received {address!r}")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except ValueError as error:
        raise InputError(f"--dask tcp://HOST:PORT required, received {address!r}") from error
    except OSError as error:
        raise MachineError(
            f"no Dask scheduler answers at {address}: start one (dask scheduler) or check the "
            "address"
        ) from error
    with client:
        count = _ready(client, address)
        # Tasks are repeated elsewhere when a worker is lost; what they make is the same.
        executor = client.get_executor(pure=False, retries=2)
        try:
            yield Crew(executor, count, shares_disk=False)
        finally:
            executor.shutdown(wait=False)  # what is left is cancelled


def _ready(client: Any, address: str) -> int:
    """Return how many tasks the cluster runs at once."""
    from viewer.export.segments import code_digest

    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except (OSError, TimeoutError) as error:
        raise MachineError(
            f"the Dask cluster at {address} has no workers: start some (dask worker {address})"
        ) from error
    try:
        found = client.run(code_digest)
    except Exception as error:
        raise MachineError(
            f"a Dask worker at {address} cannot load Palpate ({type(error).__name__}: {error}): "
            "install this version of Palpate where the workers run"
        ) from error
    others = [name for name, digest in found.items() if digest != code_digest()]
    if others:
        raise MachineError(
            f"the Dask worker {others[0]} has another version of Palpate, VTK or ffmpeg, whose "
            "frames would differ: install the same there"
        )
    return max(1, sum(client.nthreads().values()))
