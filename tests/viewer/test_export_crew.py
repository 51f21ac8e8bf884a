"""The same film by one process, two processes and a Dask cluster of two worker processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotations.protocol import open_protocol
from meshes.errors import InputError, MachineError
from meshes.store import save_atlas
from tests.films import frame_hashes
from tests.phantom import phantom_atlas
from viewer.export import crew as crews
from viewer.export import segments
from viewer.export.batch import _shared_out, save_orders
from viewer.export.bodies import read_bodies
from viewer.export.crew import cluster, processes
from viewer.export.encoder import Film
from viewer.export.segments import cut
from viewer.export.tasks import Order, Source

ROOT = Path(__file__).resolve().parents[2]
FILM = Film(96, 72, 4.0)
PROTOCOL = """
title = "Short"
[[stroke]]
name = "Down the gutter"
technique = "gliding"
pressure = "light"
hand = "palm"
side = "left"
speed_cm_s = 20
repetitions = 1
[stroke.path]
parallel_cm = 5
from = "T4"
to = "L1"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a protocol, and the phantom as an atlas that any process can open."""
    made = tmp_path_factory.mktemp("crew")
    save_atlas(phantom_atlas(), made / "phantom")
    (made / "short.toml").write_text(PROTOCOL)
    return made


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "SEGMENT_S", 1.5)


def order(folder: Path, name: str) -> Order:
    source = Source(str(folder / "phantom"))
    return Order(folder / name, open_protocol(folder / "short.toml"), source, FILM)


@pytest.fixture(scope="module")
def alone(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SEGMENT_S", 1.5)
        save_orders([order(folder, "alone.mp4")])
    return folder / "alone.mp4"


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A Dask scheduler with two worker processes on loopback, started as its users do."""
    distributed = pytest.importorskip(
        "distributed", reason="no Dask (pip install 'palpate[cluster]')"
    )
    tool = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    command = [*tool, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    quiet = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "false"}
    head = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=quiet)
    address = ""
    assert head.stderr is not None
    for line in head.stderr:
        found = re.search(r"Scheduler at:\s+(tcp://\S+)", line)
        if found:
            address = found[1]
            break
    assert address, "the scheduler did not start"
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nworkers", "2"]
    worker += ["--nthreads", "1", "--no-dashboard"]
    hands = subprocess.Popen(
        worker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=quiet
    )
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield address
    with distributed.Client(address, set_as_default=False) as client:
        client.shutdown()
    for process in (hands, head):
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    head.stderr.close()


def test_two_processes_draw_the_frames_of_one(folder: Path, alone: Path) -> None:
    told: list[float] = []
    with processes(2) as crew:
        save_orders([order(folder, "two.mp4")], crew, lambda done, _what: told.append(done))
    assert len(frame_hashes(alone)) > 12
    assert frame_hashes(folder / "two.mp4") == frame_hashes(alone)
    assert (folder / "two.mp4").read_bytes() == alone.read_bytes()
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert not list(folder.glob(".*"))


def test_a_dask_cluster_draws_the_frames_of_one(folder: Path, alone: Path, scheduler: str) -> None:
    with cluster(scheduler) as crew:
        assert crew.count == 2
        orders = [order(folder, name) for name in ("dask.mp4", "dask.gif", "dask.html")]
        save_orders(orders, crew)
    assert frame_hashes(folder / "dask.mp4") == frame_hashes(alone)
    assert len(frame_hashes(folder / "dask.gif")) > 10
    assert "</html>" in (folder / "dask.html").read_text(encoding="utf-8")[-20:]
    assert not list(folder.glob(".*"))


def test_one_that_cannot_be_made_does_not_stop_the_others(folder: Path) -> None:
    broken = folder / "broken.toml"
    broken.write_text(PROTOCOL.replace("parallel_cm = 5", 'fibres = "no_such_muscle"'))
    source = Source(str(folder / "phantom"))
    orders = [
        Order(folder / "bad.mp4", open_protocol(broken), source, FILM),
        order(folder, "good.mp4"),
    ]
    with pytest.raises(Exception, match=r"1 of 2 files were not written; the first: .*no_such"):
        save_orders(orders)
    assert not (folder / "bad.mp4").exists()
    assert len(frame_hashes(folder / "good.mp4")) > 12


def test_what_stops_a_crew_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_PATIENCE_S", 1.0)
    with pytest.raises(InputError, match="1 to 256"), processes(0):
        pass
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="tcp://HOST:PORT"), cluster("somewhere"):
        pass
    with (
        pytest.raises(MachineError, match="no Dask scheduler answers"),
        cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_workers_end_with_a_parent_that_is_killed(folder: Path) -> None:
    command = [sys.executable, "-m", "viewer.cli", "export", "short.toml", "--atlas", "./phantom"]
    command += ["--out", "killed.mp4", "--size", "96x72", "--workers", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        command, cwd=folder, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        children: set[int] = set()
        waited = time.monotonic() + 60.0
        while len(children) < 3 and time.monotonic() < waited:  # the tracker and two workers
            assert parent.poll() is None
            children = set(children_of(parent.pid))
            time.sleep(0.05)
    finally:
        parent.kill()
        parent.wait()
    waited = time.monotonic() + 15.0
    while any(alive(child) for child in children) and time.monotonic() < waited:
        time.sleep(0.1)
    assert not [child for child in children if alive(child)]
    assert not (folder / "killed.mp4").exists()


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    if not path.exists():
        pytest.skip("no /proc to find child processes in")
    return [int(word) for word in path.read_text().split()]


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_every_piece_is_one_workers() -> None:
    pieces = cut(1000, 10.0)
    for count in (1, 2, 7, 100):
        parts = _shared_out(pieces, count)
        assert tuple(item for part in parts for item in part) == pieces
        assert max(len(part) for part in parts) <= 6


def test_a_file_of_bodies(tmp_path: Path) -> None:
    path = tmp_path / "bodies.toml"
    path.write_text('[[body]]\nname = "small"\nstature = 158\nsex = "female"\n[[body]]\nname="b"\n')
    rows = read_bodies(path)
    assert [row.name for row in rows] == ["small", "b"]
    assert (rows[0].stature, rows[0].sex, rows[0].adiposity) == (158.0, "female", None)
    path.write_text('[[body]]\nname = "small"\nstature = 300\n')
    with pytest.raises(InputError, match=r"bodies\.toml:3: stature.*200"):
        read_bodies(path)
    path.write_text('[[body]]\nname = "a"\n[[body]]\nname = "a"\n')
    with pytest.raises(InputError, match="'a' twice"):
        read_bodies(path)
