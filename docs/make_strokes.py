"""Draw the library's strokes as short videos: run ``.venv/bin/python docs/make_strokes.py``.

One small MP4 per protocol into docs/gallery, each stroke once on each side it is written for.
The routine is left out: its strokes are the others'. Names as arguments draw those alone.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from annotations.compose import protocol_timeline
from annotations.protocol import Protocol, library, open_protocol
from meshes.build import builtin
from viewer.export.encoder import Film
from viewer.export.ffmpeg import encoder_program
from viewer.export.video import save_video

OUT = Path(__file__).with_name("gallery")
FILM = Film(544, 306, 12.0)
#: Slower and smaller than what palpate export writes, for a gallery in a repository.
ENCODING = ("-c:v", "libx264", "-preset", "slow", "-crf", "30", "-pix_fmt", "yuv420p",
            "-movflags", "+faststart", "-map_metadata", "0")  # fmt: skip
#: Largest file, bytes.
MOST = 600_000
LEFT_OUT = frozenset({"back_routine"})


def short(protocol: Protocol) -> Protocol:
    """Return a protocol with every stroke done once."""
    once = [item.model_copy(update={"repetitions": 1}) for item in protocol.strokes]
    return protocol.model_copy(update={"strokes": once})


def main() -> None:
    """Write the videos and say how large each is."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = sorted(set(library()) - LEFT_OUT)
    parser.add_argument("protocols", nargs="*", default=names)
    OUT.mkdir(exist_ok=True)
    for name in parser.parse_args().protocols:
        protocol = short(open_protocol(name))
        atlas = builtin(pose=protocol.pose)
        path = OUT / f"stroke_{name}.mp4"
        timeline = protocol_timeline(atlas, protocol)
        with TemporaryDirectory() as folder:
            whole = Path(folder) / path.name
            save_video(whole, atlas, timeline, FILM)
            words = ("-y", "-v", "error", "-i", str(whole), *ENCODING, str(path))
            subprocess.run([encoder_program(), *words], check=True)
        size = path.stat().st_size
        print(f"{path.name}: {timeline.duration_s:.0f} s, {size / 1000:.0f} kB")
        if size > MOST:
            raise SystemExit(f"{path.name}: at most {MOST / 1000:.0f} kB required")


if __name__ == "__main__":
    main()
