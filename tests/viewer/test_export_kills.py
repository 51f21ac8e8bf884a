from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the exports to be killed are forks")
def test_a_killed_export_leaves_no_broken_film_and_is_resumed() -> None:
    """Four kills of a small MP4.

    ``python -m tests.benchmarks.kill_exports --kills 100`` does a hundred of every format.
    """
    script = ROOT / "tests" / "benchmarks" / "kill_exports.py"
    run = subprocess.run(
        [sys.executable, str(script), "--kills", "4", "--format", "mp4"],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    assert re.match(r"4 kills .* none broken; .* all completed", run.stdout), run.stdout
