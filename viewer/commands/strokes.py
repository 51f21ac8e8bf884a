"""``palpate check``: every stroke of a protocol against the anatomy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import FIRST_TIME, console, print_json, table
from viewer.progress_bar import told_if_long

if TYPE_CHECKING:
    from annotations.clearance import Report, StrokeReport
    from meshes.atlas import Atlas


def check(
    protocol: str,
    /,
    *,
    json: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Check every stroke of a protocol; exit 0 clean, 1 findings, 2 unusable file.

    Parameters
    ----------
    protocol : str
        A protocol file, or the name of one that comes with Palpate.
    json : bool
        Print one JSON document.
    """
    from annotations.clearance import check as check_protocol
    from annotations.protocol import open_protocol

    # Before the atlas, so that a mistake in the file does not wait for it.
    strokes = open_protocol(protocol)
    atlas = options.for_protocol(strokes.pose).open()
    with told_if_long(f"checking {strokes.title}; {FIRST_TIME}"):
        report = check_protocol(atlas, strokes)
    if json:
        print_json(report.to_json())
    else:
        _print(report, atlas)
    return 0 if report.clean else 1


def _print(report: Report, atlas: Atlas) -> None:
    out = console()
    out.print(f"[bold]{report.protocol}[/bold] on {atlas.title}, {_pose_words(atlas.pose)}")
    if report.not_to_do:
        out.print("This protocol shows what not to do: findings are expected.")
    page = table("stroke", "verdict", "clearance mm", "findings")
    for stroke in report.strokes:
        page.add_row(stroke.name, stroke.verdict.word, _clearance(stroke), _findings(stroke))
    out.print(page)
    count = sum(len(stroke.findings) for stroke in report.strokes)
    out.print("clean" if report.clean else f"{count} findings")
    out.print("[dim]Palpate teaches; it does not diagnose.[/dim]")


def _pose_words(pose: str) -> str:
    return "at rest" if pose == "rest" else pose.replace("_", " ")


def _clearance(stroke: StrokeReport) -> str:
    return "\n".join(
        f"{name.replace('_', ' ')} {value:.0f}" for name, value in stroke.clearance_mm.items()
    )


def _findings(stroke: StrokeReport) -> str:
    lines = [
        f"{item.verdict.word} at {item.t_s:.1f} s ({item.side}): {item.structure}, {item.rule}"
        for item in stroke.findings
    ]
    if stroke.shift_mm is not None:
        way = "outward" if stroke.shift_mm > 0 else "inward"
        lines.append(f"a shift of {abs(stroke.shift_mm):.0f} mm {way} would clear it")
    lines += [f"lighten: {rule}" for rule in stroke.advice]
    return "\n".join(lines)
