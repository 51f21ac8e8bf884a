"""Validation: how far an atlas agrees with published anatomy, check by check.

The same checks run on any atlas. A check whose structures or landmarks an atlas lacks is not
applicable: it is listed, and not counted. Figures that the built-in torso was generated from are
no checks of it; the tables hold only what was retrieved, computed from retrieved data, or read
in a retrieved compilation, and the order of layers under 51 sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from meshes.atlas import Atlas
from meshes.checks.measures import MEASURES
from meshes.checks.table import Check, all_checks
from meshes.depth_order import check_row
from meshes.depth_order_table import Row, depth_order_rows
from meshes.errors import InputError, PalpateError, UnknownName
from meshes.progress import Progress, silent

_SIDE = "{side}"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check : Check
    required : (float, float)
        Accepted range for this atlas's body.
    value : float or None
        Measured; None where the check does not apply.
    detail : str
        Which side, what was met, or why the check does not apply.
    """

    check: Check
    required: tuple[float, float]
    value: float | None
    detail: str = ""

    @property
    def applies(self) -> bool:
        """Whether the atlas holds what the check is about."""
        return self.value is not None

    @property
    def passed(self) -> bool:
        """Whether the value lies in the accepted range."""
        low, high = self.required
        return self.value is not None and low <= self.value <= high

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``atlas validate --json`` lists."""
        check = self.check
        return {
            "id": check.id,
            "passed": self.passed,
            "value": self.value,
            "required": list(self.required),
            "unit": check.unit,
            "source": check.source,
            "confidence": check.confidence,
            "kind": check.measure,
            "generator_input": check.fed,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class Report:
    """All findings on one atlas.

    Attributes
    ----------
    atlas : str
        Its name.
    findings : tuple of Finding
        Checks that apply, in the order of the tables.
    not_applicable : tuple of Finding
    """

    atlas: str
    findings: tuple[Finding, ...]
    not_applicable: tuple[Finding, ...]

    @cached_property
    def failures(self) -> tuple[Finding, ...]:
        """What failed."""
        return tuple(item for item in self.findings if not item.passed)

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return len(self.findings) - len(self.failures)

    def as_json(self) -> dict[str, Any]:
        """Return the document of ``atlas validate --json``."""
        return {
            "atlas": self.atlas,
            "checks": [item.as_json() for item in self.findings],
            "passed": self.passed,
            "failed": len(self.failures),
            "not_applicable": [
                {"id": item.check.id, "reason": item.detail} for item in self.not_applicable
            ],
        }


def validate(
    atlas: Atlas, checks: Iterable[Check] | None = None, progress: Progress = silent
) -> Report:
    """Run checks on an atlas.

    Parameters
    ----------
    atlas : Atlas
        In the rest pose.
    checks : iterable of Check, optional
        Of the tables; all of them and the depth-order rows if not given.
    progress : Progress

    Raises
    ------
    InputError
        If the atlas is posed: the figures are those of a body at rest.
    """
    if atlas.pose != "rest":
        raise InputError(f"the checks are for a body at rest, received pose {atlas.pose!r}")
    chosen = list(all_checks() if checks is None else checks)
    rows = depth_order_rows() if checks is None else ()
    total = len(chosen) + len(rows)
    found = []
    for number, check in enumerate(chosen):
        found.append(run_check(atlas, check))
        progress((number + 1) / total, check.id)
    for number, row in enumerate(rows, len(chosen)):
        found.append(_run_row(atlas, row))
        progress((number + 1) / total, row.site)
    return Report(
        atlas.name,
        tuple(item for item in found if item.applies),
        tuple(item for item in found if not item.applies),
    )


def run_check(atlas: Atlas, check: Check) -> Finding:
    """Measure what one check asks for; of two sides the one that is further off counts."""
    required = check.required(atlas.body)
    if not check.concerns(atlas.body):
        return Finding(check, required, None, f"figure for {check.sex}s")
    measure = MEASURES[check.measure]
    sided = _names_side(check.options)
    best: tuple[float, float, str] | None = None
    reason = ""
    for side in ("left", "right") if sided else ("",):
        try:
            value = float(measure(atlas, **_for_side(check.options, side)))
        except UnknownName as error:
            reason = str(error)
            continue
        except PalpateError as error:
            reason = f"cannot be measured: {error}"
            continue
        off = max(required[0] - value, value - required[1])
        if best is None or off > best[0]:
            best = (off, value, side)
    if best is None:
        return Finding(check, required, None, reason)
    value = best[1] if np.isfinite(best[1]) else 0.0
    return Finding(check, required, value, best[2] if np.isfinite(best[1]) else "not met")


def _names_side(value: Any) -> bool:
    if isinstance(value, str):
        return _SIDE in value
    if isinstance(value, Mapping):
        return any(_names_side(item) for item in value.values())
    return isinstance(value, list) and any(_names_side(item) for item in value)


def _for_side(options: Mapping[str, Any], side: str) -> dict[str, Any]:
    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(_SIDE, side)
        return [filled(item) for item in value] if isinstance(value, list) else value

    return {name: filled(value) for name, value in options.items()}


def _run_row(atlas: Atlas, row: Row) -> Finding:
    """Count the layers of a depth-order row that are missing or out of order."""
    check = Check(
        f"depth_order.{row.n}",
        "depth_order",
        0.0,
        0.0,
        "layers",
        "facts 9 (GRAY, MOORE; checked on ZA)",
        row.confidence,
        options={"site": row.site},
    )
    result = check_row(atlas, row)
    if result.skipped:
        return Finding(check, (0.0, 0.0), None, f"{row.site}: {result.skipped}")
    if not result.judged:
        reason = f"{row.site}: too little is there to judge ({'; '.join(result.not_there)})"
        return Finding(check, (0.0, 0.0), None, reason)
    if len(result.not_held) == len(row.layers):
        return Finding(check, (0.0, 0.0), None, f"{row.site}: the atlas holds none of its layers")
    wrong = len(result.missing) + len(result.misplaced)
    words = [f"missing {name}" for name in result.missing]
    words += [f"{name} too shallow" for name in result.misplaced]
    return Finding(check, (0.0, 0.0), float(wrong), "; ".join([row.site, *words]))
