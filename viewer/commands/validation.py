"""``palpate atlas validate``: how far an atlas agrees with published anatomy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from viewer.commands.options import DEFAULT_ATLAS, AtlasOptions
from viewer.commands.output import console, print_json, table

if TYPE_CHECKING:
    from meshes.validate import Finding, Report


def validate(
    name: Annotated[str | None, Parameter(show_default=False)] = None,
    /,
    *,
    every: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
    options: AtlasOptions = DEFAULT_ATLAS,
) -> int:
    """Check an atlas against published figures; exit 0 if all pass, 1 if some fail.

    Parameters
    ----------
    name : str
        Name of an atlas, or its folder; the built-in torso unless given.
    every : bool
        List the checks that passed too.
    json : bool
        Print one JSON document.
    """
    from meshes.validate import validate as validate_atlas
    from viewer.progress_bar import ProgressBar

    atlas = (options if name is None else replace(options, atlas=name)).open()
    with ProgressBar(f"checking {atlas.name}") as progress:
        report = validate_atlas(atlas, progress=progress)
    if json:
        print_json(report.as_json())
    else:
        _print(report, every=every)
    return 1 if report.failures else 0


def _print(report: Report, *, every: bool) -> None:
    out = console()
    shown = report.findings if every else report.failures
    if shown:
        page = table("", "check", "value", "required", "unit", "confidence", "source",
                     right=("value",))  # fmt: skip
        for item in shown:
            page.add_row(*_row(item))
        out.print(page)
    out.print(
        f"{report.atlas}: {report.passed} checks passed, {len(report.failures)} failed, "
        f"{len(report.not_applicable)} do not apply"
    )


def _row(item: Finding) -> tuple[str, ...]:
    low, high = item.required
    check = item.check
    value = "" if item.value is None else f"{item.value:.1f}"
    return (
        "pass" if item.passed else "FAIL",
        check.id if item.passed or not item.detail else f"{check.id} ({item.detail})",
        value,
        f"{low:g} to {high:g}",
        check.unit,
        check.confidence,
        check.source,
    )
