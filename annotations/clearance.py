"""Whether a protocol may be played on this body: every stroke against its own caution field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotations.caution import CautionField, caution_field
from annotations.level import LEVELS
from annotations.patch import Patches, patches
from annotations.path import lay
from annotations.protocol import Protocol, StrokeSpec
from annotations.safety import measured_skin
from annotations.skin_curve import SkinCurve
from annotations.stroke import pace
from annotations.verdict import Verdict
from meshes.depth_field import DepthField, depth_field
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

#: What a clearance is reported to, and the quantity it is read from.
CLEARANCES = {
    "spinous_line": "spinous_mm",
    "scapular_spine": "scapular_spine_mm",
    "rib_tip": "floating_rib_tip_mm",
    "kidney": "kidney_margin_mm",
}
_STEP_MM = 2.0
_SHIFTS_MM = (5, -5, 10, -10, 15, -15, 20, -20, 30, -30, 40, -40)


@dataclass(frozen=True)
class Finding:
    """A place where a stroke does what the rules tell it to leave.

    Attributes
    ----------
    t_s : float
        When the hand first comes there, on the protocol's clock.
    at_mm : tuple of float
        Skin point, mm.
    structure : str
        What lies there.
    verdict : Verdict
    rule : str
        Id of the deciding rule.
    statements : tuple of str
    side : str
    share : float
        Share of the way over which this rule is broken, 0..1.
    """

    t_s: float
    at_mm: tuple[float, float, float]
    structure: str
    verdict: Verdict
    rule: str
    statements: tuple[str, ...]
    side: str
    share: float


@dataclass(frozen=True)
class StrokeReport:
    """One stroke, checked.

    Attributes
    ----------
    name : str
    verdict : Verdict
        The strictest anywhere under the hand; ``lighten`` is advice, not a finding.
    clearance_mm : dict of str to float
        Least distance of the contact patch; absent where there is nothing near.
    findings : tuple of Finding
    advice : tuple of str
        Ids of rules that ask to lighten somewhere on the way.
    shift_mm : float or None
        Lateral shift (positive: outward) that would clear every finding, if one does.
    """

    name: str
    verdict: Verdict
    clearance_mm: dict[str, float]
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]
    shift_mm: float | None


@dataclass(frozen=True)
class Report:
    """A protocol, checked on an atlas."""

    protocol: str
    atlas: str
    pose: str
    not_to_do: bool
    strokes: tuple[StrokeReport, ...]

    @property
    def clean(self) -> bool:
        """Whether no stroke has a finding."""
        return not any(stroke.findings for stroke in self.strokes)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``palpate check --json`` prints."""
        return {
            "protocol": self.protocol,
            "atlas": self.atlas,
            "pose": self.pose,
            "not_to_do": self.not_to_do,
            "clean": self.clean,
            "strokes": [_stroke_json(stroke) for stroke in self.strokes],
        }


def check(atlas: Atlas, protocol: Protocol) -> Report:
    """Check every stroke of a protocol over the whole contact patch, place by place.

    A finding is a verdict of avoid or never; the contact patch is all skin within the hand's
    radius, so a hand that only touches a forbidden place with its edge is found too.
    """
    now = 0.0
    reports = []
    for index, spec in enumerate(protocol.strokes):
        with protocol.at_stroke(index):
            report, took = _check_stroke(atlas, spec, now, seek_shift=not protocol.not_to_do)
        reports.append(report)
        now += took
    return Report(protocol.title, atlas.name, atlas.pose, protocol.not_to_do, tuple(reports))


def _check_stroke(
    atlas: Atlas, spec: StrokeSpec, start_s: float, *, seek_shift: bool
) -> tuple[StrokeReport, float]:
    now = start_s
    verdict = Verdict.WORK
    clearance: dict[str, float] = {}
    findings: list[Finding] = []
    advice: dict[str, None] = {}
    for group in spec.rounds:
        ends = []
        for side in group:
            walk = _Walk.of(atlas, spec, side)
            verdict = max(verdict, walk.verdict)
            for name, value in walk.clearance(atlas).items():
                clearance[name] = min(clearance.get(name, np.inf), value)
            findings += walk.findings(atlas, now)
            advice.update(dict.fromkeys(walk.advice()))
            ends.append(walk.duration_s)
        now += spec.repetitions * (max(ends) + spec.pause_s)
    report = StrokeReport(
        spec.name,
        verdict,
        clearance,
        tuple(findings),
        tuple(advice),
        _clearing_shift(atlas, spec) if findings and seek_shift else None,
    )
    return report, now - start_s


@dataclass(frozen=True, eq=False)
class _Walk:
    """One hand on its way: places 2 mm apart, what is under each, and when it is there."""

    side: Side
    places: SkinCurve
    times: NDArray[np.float64]
    under: Patches
    field: CautionField
    worst: NDArray[np.uint8]
    vertex: NDArray[np.intp]
    duration_s: float

    @classmethod
    def of(cls, atlas: Atlas, spec: StrokeSpec, side: Side) -> _Walk:
        curve = lay(atlas, spec.path, side)
        line = curve.on(atlas)
        steps = np.linalg.norm(np.diff(line, axis=0), axis=1) if len(line) > 1 else np.empty(0)
        length = np.concatenate([[0.0], np.cumsum(steps)])
        timed = pace(spec, float(length[-1]))
        count = max(1, int(length[-1] / _STEP_MM) + 1)
        rows = np.unique(np.linspace(0, len(curve) - 1, count).round().astype(int))
        places = SkinCurve(curve.face[rows], curve.weights[rows])
        under = patches(atlas, places, spec.contact_hand.radius_mm)
        field = caution_field(atlas, spec.technique, spec.pressure)
        worst, vertex = under.strictest(field)
        times = np.interp(length[rows], timed.way, timed.times)
        if length[-1] > 0.0:
            times[-1] = timed.times[-1]
        else:
            times[:] = 0.0
        return cls(side, places, times, under, field, worst, vertex, float(timed.times[-1]))

    @property
    def verdict(self) -> Verdict:
        return Verdict(int(self.worst.max()))

    def clearance(self, atlas: Atlas) -> dict[str, float]:
        values = measured_skin(atlas).values
        found = {name: self.under.least(values[quantity]) for name, quantity in CLEARANCES.items()}
        return {name: round(value, 1) for name, value in found.items() if np.isfinite(value)}

    def advice(self) -> list[str]:
        ids = self.field.rule[self.vertex[self.worst == Verdict.LIGHTEN]]
        return [self.field.rules[int(index)].id for index in np.unique(ids)]

    def findings(self, atlas: Atlas, start_s: float) -> list[Finding]:
        deciding = np.where(self.worst >= Verdict.AVOID, self.field.rule[self.vertex], np.int16(-1))
        vertices = atlas["skin"].surface.vertices
        depth = depth_field(atlas)
        found = []
        for index in np.unique(deciding[deciding >= 0]):
            rule = self.field.rules[int(index)]
            rows = np.flatnonzero(deciding == index)
            row = int(rows[0])
            at = vertices[self.vertex[row]].astype(float)
            named = rule.structure.format(
                side="left" if at[0] >= 0.0 else "right",
                vertebra=_vertebra_at(atlas, int(self.vertex[row])),
            )
            found.append(
                Finding(
                    t_s=round(start_s + float(self.times[row]), 2),
                    at_mm=(round(float(at[0]), 1), round(float(at[1]), 1), round(float(at[2]), 1)),
                    structure=named or _structure_at(depth, int(self.vertex[row])),
                    verdict=Verdict(int(self.worst[rows].max())),
                    rule=rule.id,
                    statements=rule.statements,
                    side=self.side.value,
                    share=round(len(rows) / len(deciding), 3),
                )
            )
        return found


def _vertebra_at(atlas: Atlas, vertex: int) -> str:
    """Return the vertebra (or the sacrum) whose tip is level with a skin vertex."""
    number = float(measured_skin(atlas).values["level"][vertex])
    level = LEVELS[int(np.clip(round(number), 0, len(LEVELS) - 1))]
    return "sacrum" if level.startswith("S") else f"vertebra_{level}"


def _structure_at(depth: DepthField, vertex: int) -> str:
    """Return the first bone below a skin vertex, else the first structure, else the skin."""
    if depth.first_bone[vertex] >= 0:
        return depth.bones[int(depth.first_bone[vertex])]
    if depth.surface_structure[vertex] >= 0:
        return depth.names[int(depth.surface_structure[vertex])]
    return "skin"


def _clearing_shift(atlas: Atlas, spec: StrokeSpec) -> float | None:
    """Return the least lateral shift of the path after which nothing is found, if there is one."""
    lateral, back, up = spec.path.shift_mm
    for shift in _SHIFTS_MM:
        moved = spec.path.model_copy(update={"shift_mm": (lateral + shift, back, up)})
        trial = spec.model_copy(update={"path": moved})
        walks = [_Walk.of(atlas, trial, side) for group in spec.rounds for side in group]
        if all(walk.verdict < Verdict.AVOID for walk in walks):
            return float(shift)
    return None


def _stroke_json(stroke: StrokeReport) -> dict[str, Any]:
    return {
        "name": stroke.name,
        "verdict": stroke.verdict.word,
        "clearance_mm": {name: stroke.clearance_mm.get(name) for name in CLEARANCES},
        "findings": [
            {
                "t_s": finding.t_s,
                "at_mm": list(finding.at_mm),
                "structure": finding.structure,
                "verdict": finding.verdict.word,
                "rule": finding.rule,
                "statements": list(finding.statements),
                "side": finding.side,
                "share": finding.share,
            }
            for finding in stroke.findings
        ],
        "advice": list(stroke.advice),
        "suggested_shift_mm": stroke.shift_mm,
    }
