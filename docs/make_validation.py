"""Write docs/validation.md: every check of the built-in torso with its value, range and source.

python docs/make_validation.py            # the built-in torso
python docs/make_validation.py --bodies   # and six other bodies against their own regressions
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from meshes.atlas import Body
from meshes.build import builtin
from meshes.checks.table import all_checks
from meshes.validate import Finding, Report, validate

PAGE = Path(__file__).with_name("validation.md")

#: ANSUR II, stature (cm) and BMI at the 5th, 50th and 95th percentile (anatomy facts, 8.1).
BODIES = {
    "man, 5th percentile": Body(164.8, "male", 21.4),
    "man, 50th percentile": Body(175.5, "male", 27.5),
    "man, 95th percentile": Body(187.0, "male", 34.8),
    "woman, 5th percentile": Body(152.5, "female", 20.3),
    "woman, 50th percentile": Body(162.6, "female", 25.3),
    "woman, 95th percentile": Body(174.0, "female", 31.7),
}

INTRODUCTION = """# Validation of the built-in torso

Written by `python docs/make_validation.py --bodies`; do not edit. `palpate atlas validate` runs
the same checks on any atlas.

A check takes a published figure, measures the same thing on the meshes, and asks for the range
that the anatomy facts accept. Only figures that were retrieved (R), computed from retrieved data
(C) or read in a retrieved compilation (S) count, not the specimens that the torso was built
from; the order of layers under 51 sites counts too. The facts' own estimates of muscle
thickness (ENG, T, M; low or medium confidence) are checked as well, and are no more than that.
*Given* marks figures that a generator was also handed, so that agreement shows only that they
came through.

Left out on purpose: figures the facts mark as recalled; figures of people standing (lordosis,
heights of acromion and jugular notch), since the torso lies as its sources do; figures without
an accepted range or without a landmark to measure them from (chords of ribs, superior angle of
the scapula, the nerves of the neck, the vertebral artery).
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bodies", action="store_true", help="check other bodies too (minutes)")
    options = parser.parse_args(arguments)
    report = validate(builtin())
    parts = [INTRODUCTION, counted(report), failures(report)]
    parts.append("## All checks\n\n" + table(report.findings))
    if options.bodies:
        parts.append(bodies())
    parts.append(not_applicable(report))
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    print(f"{PAGE}: {report.passed} of {len(report.findings)} passed")


def counted(report: Report) -> str:
    own = [item for item in report.findings if not item.check.fed]
    good = sum(item.passed for item in own)
    return (
        f"**{report.passed} of {len(report.findings)} checks pass** "
        f"({100.0 * report.passed / len(report.findings):.1f} %); of the {len(own)} that no "
        f"generator was given, {good}.\n"
    )


def failures(report: Report) -> str:
    if not report.failures:
        return ""
    return "## What fails\n\n" + table(report.failures)


def table(findings: Sequence[Finding]) -> str:
    lines = [
        "| check | value | required | unit | source | confidence | given | |",
        "| --- | ---: | ---: | --- | --- | --- | --- | --- |",
    ]
    for item in findings:
        low, high = item.required
        check = item.check
        lines.append(
            f"| {check.id} | {item.value:.3g} | {low:.4g} to {high:.4g} | {check.unit} "
            f"| {check.source} | {check.confidence} | {'given' if check.fed else ''} "
            f"| {'' if item.passed else '**fails** '}{item.detail.replace('|', ' or ')} |"
        )
    return "\n".join(lines) + "\n"


def bodies() -> str:
    checks = [check for check in all_checks() if check.ansur is not None]
    lines = ["## Other bodies, each against its own ANSUR II regression (5 %)\n"]
    lines.append(
        "| body | " + " | ".join(check.id.removeprefix("ansur.") for check in checks) + " |"
    )
    lines.append("| --- |" + " ---: |" * len(checks))
    for name, body in BODIES.items():
        report = validate(builtin(body), checks)
        found = {item.check.id: item for item in report.findings}
        cells = [deviation(found.get(check.id)) for check in checks]
        lines.append(
            f"| {name} ({body.stature_cm:g} cm, BMI {body.bmi:g}) | " + " | ".join(cells) + " |"
        )
    lines.append("\nDeviation from the regression; bold where it exceeds 5 %.\n")
    return "\n".join(lines)


def deviation(item: Finding | None) -> str:
    if item is None or item.value is None:
        return ""
    off = item.value / (sum(item.required) / 2.0) - 1.0
    text = f"{100.0 * off:+.1f} %"
    return text if item.passed else f"**{text}**"


def not_applicable(report: Report) -> str:
    lines = ["## Not applicable\n"]
    lines += [f"- {item.check.id}: {item.detail}" for item in report.not_applicable]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
