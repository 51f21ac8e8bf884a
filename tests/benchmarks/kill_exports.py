"""Kill an export at random moments and look at what is under the final name.

``python -m tests.benchmarks.kill_exports --kills 100`` exports a small film of the phantom to
every format in turn, each time in a fork of this process that is killed (SIGKILL) at a random
moment of what an export takes. After every kill either nothing stands under the final name, or a
film that decodes without a word and has all its frames. A film that the kills let through is
compared with one that was left in peace, frame by frame, and then begun anew.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

from tests.films import frame_hashes
from tests.viewer.strokes import ATLAS, two_hands
from viewer.export import segments
from viewer.export.encoder import Film
from viewer.export.video import save_video

SUFFIXES = (".mp4", ".webm", ".gif", ".png")
FILM = Film(96, 72, 50.0)
FRAMES = 100


def exported(out: Path) -> None:
    """Export in this process (a fork), and end it."""
    code = 1
    try:
        save_video(out, ATLAS, two_hands(), FILM)
        code = 0
    except BaseException as error:  # noqa: BLE001 - a fork must not return into its parent
        print(f"export failed: {error}", file=sys.stderr)
    finally:
        os._exit(code)


def started(out: Path) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        exported(out)
    return child


def contents(out: Path) -> list[str]:
    """What stands under the final name, as frame hashes; empty if nothing does."""
    folder = out.with_suffix("") if out.suffix == ".png" else out
    if not folder.exists():
        return []
    if out.suffix == ".png":
        found = sorted(folder.glob("*.png"))
        assert [int(path.stem[-5:]) for path in found] == list(range(1, FRAMES + 1)), found
        return [one for path in found for one in frame_hashes(path)]
    return frame_hashes(out)


def clear(out: Path) -> None:
    shutil.rmtree(out.with_suffix(""), ignore_errors=True)
    out.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=[item[1:] for item in SUFFIXES])
    asked = parser.parse_args()
    suffixes = SUFFIXES if asked.format is None else (f".{asked.format}",)
    segments.SEGMENT_S = 0.2
    segments.code_digest()  # once, before any fork
    chance = random.Random(asked.seed)
    folder = Path(tempfile.mkdtemp(prefix="palpate-kills-"))
    wanted: dict[str, list[str]] = {}
    lasts: dict[str, float] = {}
    for suffix in suffixes:
        out = folder / f"peace{suffix}"
        for _ in range(2):  # the first also fills caches
            clear(out)
            start = time.monotonic()
            assert os.waitpid(started(out), 0)[1] == 0
            lasts[suffix] = time.monotonic() - start
        wanted[suffix] = contents(out)
        assert len(wanted[suffix]) >= FRAMES - 1, suffix
    kills = whole = resumed = 0
    while kills < asked.kills:
        suffix = suffixes[kills % len(suffixes)]
        out = folder / f"film{suffix}"
        kept = list(folder.glob(f".film{suffix}.segments/*/[0-9]*"))
        child = started(out)
        time.sleep(chance.uniform(0.0, 1.05 * lasts[suffix]))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        kills += os.WIFSIGNALED(status)
        resumed += bool(kept)
        found = contents(out)
        if found:
            assert found == wanted[suffix], f"{out.name}: {len(found)} frames, not the film"
            whole += 1
            clear(out)
    for suffix in suffixes:  # what is left is completed
        out = folder / f"film{suffix}"
        assert os.waitpid(started(out), 0)[1] == 0
        assert contents(out) == wanted[suffix], suffix
    left = sorted(item.name for item in folder.iterdir() if item.name.startswith("."))
    assert not left, left
    shutil.rmtree(folder)
    print(
        f"{kills} kills over {', '.join(suffixes)}: {whole} films whole under their name, none "
        f"broken; {resumed} runs went on with finished pieces; all completed at the end"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
