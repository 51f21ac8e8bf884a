"""One web page that works from disk: the torso to turn and peel, the strokes to play.

Everything is in the one file: three.js (from the package ``jupyter-threejs-sage``, read at export
time), the page's own script, and the data as base64. No request is made to anywhere. The page
shades with the GLSL of :mod:`viewer.shading`, as the window does,
peels by a table that :func:`viewer.resolve.resolve` filled, and plays
samples of :meth:`annotations.timeline.Timeline.sample`, so that it shows what a video shows.
"""

from __future__ import annotations

import base64
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from annotations.contraindication import by_action
from annotations.rule import load_rules
from annotations.timeline import Timeline
from meshes.atlas import Atlas
from meshes.errors import MachineError
from meshes.progress import Progress, silent
from viewer.export.atomic import whole_file
from viewer.export.html.content import content_of

_THREE = ("jupyter_threejs_sage", "static/r130/three.min.js")


def save_html(path: Path, atlas: Atlas, timeline: Timeline, progress: Progress = silent) -> None:
    """Write a timeline as one self-contained web page; it appears when it is whole.

    Parameters
    ----------
    path : Path
    atlas : Atlas
    timeline : Timeline
    progress : Progress

    Raises
    ------
    MachineError
        If three.js is not installed.
    WriteError
        If the file cannot be written.
    """
    script = three_js()
    page, blob = content_of(atlas, timeline, progress)
    with whole_file(Path(path)) as beside:
        beside.write_text(_page(script, page, blob), encoding="utf-8")


def three_js() -> str:
    """Return three.js, release 130 (MIT), from the package that carries it.

    Raises
    ------
    MachineError
        If the package is missing.
    """
    package, name = _THREE
    try:
        return (files(package) / name).read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError) as error:
        raise MachineError(
            "a web page needs three.js and it was not found: run pip install jupyter-threejs-sage"
        ) from error


def embedded(page: dict[str, Any]) -> str:
    r"""Return JSON that may stand in a script element: nothing in it ends the element.

    >>> embedded({"title": "</script>"})
    '{"title": "\\u003c/script>"}'
    """
    text = json.dumps(page, ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c")


def before_you_press() -> str:
    """Return what no verdict can know about the person, as HTML: lists under what to do."""
    pieces = []
    for action, items in by_action().items():
        rows = "".join(
            f"<li><b>{_escaped(item.title)}.</b> {_escaped(item.reason)}</li>" for item in items
        )
        pieces.append(f"<h2>{_escaped(action.label)}</h2><ul>{rows}</ul>")
    return "".join(pieces) + f"<p>{_escaped(load_rules().notice)}</p>"


def _page(script: str, page: dict[str, Any], blob: bytes) -> str:
    here = files("viewer.export.html")

    def own(name: str) -> str:
        return (here / name).read_text(encoding="utf-8")

    pieces = {
        "@TITLE@": _escaped(page["title"]),
        "@STYLE@": own("page.css"),
        "@BEFORE@": before_you_press(),
        "@THREE@": script.replace("</script", "<\\/script"),
        "@PAGE@": embedded(page),
        "@BLOB@": base64.b64encode(blob).decode("ascii"),
        "@SCRIPT@": own("controls.js") + own("scene.js") + own("page.js"),
    }
    # One pass: what is put in is not searched again.
    return re.sub("|".join(pieces), lambda found: pieces[found[0]], own("page.html"))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
