"""What may be done at one site: the verdict, the rules that fired and the millimetres behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from annotations.pressure import Pressure
from annotations.quantity import Measured, measure, measure_at
from annotations.rule import Rule, load_rules
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.per_atlas import PerAtlas

if TYPE_CHECKING:
    from annotations.site import Site
    from meshes.atlas import Atlas


@dataclass(frozen=True)
class Fired:
    """A rule that speaks at a site.

    Attributes
    ----------
    id, title : str
    verdict : Verdict
    reason : str
        With the measured millimetres filled in.
    statements : tuple of str
        Source statements, S1..S23.
    measured : dict of str to float
        Millimetres behind it; what is infinite or not measured is left out.
    source, confidence : str
    """

    id: str
    title: str
    verdict: Verdict
    reason: str
    statements: tuple[str, ...]
    measured: dict[str, float]
    source: str
    confidence: str


@dataclass(frozen=True)
class Judgement:
    """The strictest verdict at a site, with every rule that has something to say about it.

    Attributes
    ----------
    site : str
    technique, pressure
    verdict : Verdict
    rules : tuple of Fired
        Strictest first, in the order of the rule file; last, where one may work, what makes the
        place worth it.
    """

    site: str
    technique: Technique
    pressure: Pressure
    verdict: Verdict
    rules: tuple[Fired, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``palpate safety --json`` prints."""
        return {
            "site": self.site,
            "technique": self.technique.value,
            "pressure": self.pressure.value,
            "verdict": self.verdict.word,
            "rules": [
                {
                    "id": fired.id,
                    "verdict": fired.verdict.word,
                    "reason": fired.reason,
                    "statements": list(fired.statements),
                    "measured": dict(fired.measured),
                    "source": fired.source,
                    "confidence": fired.confidence,
                }
                for fired in self.rules
            ],
        }


def judge(atlas: Atlas, site: Site, technique: Technique, pressure: Pressure) -> Judgement:
    """Return what may be done at a site with a technique at a pressure.

    Parameters
    ----------
    atlas : Atlas
        With skin; its depth field is computed if it is not cached.
    site : Site
        From ``annotations.site.find_site``.
    technique, pressure
    """
    here = _measured_at(atlas, site)
    speaking = [rule for rule in load_rules().rules if bool(rule.fires(here)[0])]
    fired = [
        _fired(rule, here, rule.verdict(technique, pressure))
        for rule in speaking
        if rule.verdict(technique, pressure) > Verdict.WORK
    ]
    fired.sort(key=lambda item: -item.verdict)
    verdict = fired[0].verdict if fired else Verdict.WORK
    if verdict <= Verdict.LIGHTEN:
        fired += [_fired(rule, here, Verdict.WORK) for rule in speaking if rule.affirms]
    return Judgement(site.text, technique, pressure, verdict, tuple(fired))


def measured_skin(atlas: Atlas) -> Measured:
    """Return the rules' quantities at every skin vertex (kept as long as the atlas lives)."""
    return _measured(atlas)


def _measured_at(atlas: Atlas, site: Site) -> Measured:
    """Measure at a site, or take it from the whole skin where that was measured already."""
    from meshes.depth_field import depth_field

    whole = _measured.held(atlas)
    if whole is None:
        return measure_at(atlas, depth_field(atlas), load_rules().quantities, site)
    return whole.at(atlas["skin"].surface.faces[site.face], site.barycentric)


def _measure(atlas: Atlas) -> Measured:
    from meshes.depth_field import depth_field

    return measure(atlas, depth_field(atlas), load_rules().quantities)


_measured = PerAtlas(_measure)


def _fired(rule: Rule, here: Measured, verdict: Verdict) -> Fired:
    values = {
        name: round(float(here.values[name][0]), 1)
        for name in rule.measured
        if name != "level" and np.isfinite(here.values[name][0])
    }
    words = {name: f"{value:.0f} mm" for name, value in values.items()}
    reason = rule.reason
    if rule.reason_beside and any(
        f"{{{name}}}" in reason and name not in words for name in rule.measured
    ):
        reason = rule.reason_beside
    return Fired(
        rule.id,
        rule.title,
        verdict,
        reason.format_map(_Unmeasured(words)),
        rule.statements,
        values,
        rule.source,
        rule.confidence,
    )


class _Unmeasured(dict[str, str]):
    """Stands in for a quantity that was not measured here."""

    def __missing__(self, key: str) -> str:
        return "an unknown depth"
