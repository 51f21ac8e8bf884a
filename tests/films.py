"""Looking into exported films with tools that are not ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from viewer.export.ffmpeg import encoder_program


def frame_hashes(path: Path) -> list[str]:
    """MD5 of every decoded frame; an error of the decoder fails the test."""
    run = subprocess.run(
        [encoder_program(), "-v", "error", "-i", str(path), "-map", "0:v", "-fps_mode",
         "passthrough", "-f", "framemd5", "-"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert not run.stderr, run.stderr
    lines = [line for line in run.stdout.splitlines() if not line.startswith("#")]
    return [line.rsplit(",", 1)[1].strip() for line in lines]


def frame_at(path: Path, number: int) -> np.ndarray:
    """One decoded frame, shape (H, W, 3); ``path`` may be a folder of pictures."""
    if path.is_dir():
        found = sorted(path.glob("*.png"))[number]
        return np.asarray(Image.open(found).convert("RGB"))
    run = subprocess.run(
        [encoder_program(), "-v", "error", "-i", str(path), "-vf", f"select=eq(n\\,{number})",
         "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"],
        capture_output=True, check=True,
    )  # fmt: skip
    import io

    return np.asarray(Image.open(io.BytesIO(run.stdout)).convert("RGB"))


def probed(path: Path) -> dict[str, Any]:
    """What ffprobe says of a film's picture track, with the times of its frames."""
    if shutil.which("ffprobe") is None:
        pytest.skip("no ffprobe (Debian package ffmpeg)")
    run = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_format", "-show_streams",
         "-show_entries", "frame=pts,media_type", "-select_streams", "v", "-of", "json", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    page = json.loads(run.stdout)
    pts = [int(row["pts"]) for row in page["frames"]]
    return {**page["streams"][0], "format": page["format"], "pts": pts}
