"""The verdict at every skin vertex for a technique at a pressure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotations.pressure import Pressure
from annotations.rule import Rule, load_rules
from annotations.safety import measured_skin
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.per_atlas import PerAtlas

if TYPE_CHECKING:
    from meshes.atlas import Atlas


@dataclass(frozen=True, eq=False)
class CautionField:
    """Verdicts on the skin.

    Attributes
    ----------
    technique, pressure
    verdict : ndarray, shape (N,), uint8
        One :class:`Verdict` per skin vertex.
    rule : ndarray, shape (N,), int16
        Index into ``rules`` of the rule that decides, -1 where no rule forbids anything.
    rules : tuple of Rule
        Strictest wins; of equals, the first in the file.
    """

    technique: Technique
    pressure: Pressure
    verdict: NDArray[np.uint8]
    rule: NDArray[np.int16]
    rules: tuple[Rule, ...]

    def share(self, verdict: Verdict) -> float:
        """Return the share of skin vertices with this verdict, 0..1."""
        return float(np.mean(self.verdict == verdict)) if len(self.verdict) else 0.0


def caution_field(atlas: Atlas, technique: Technique, pressure: Pressure) -> CautionField:
    """Return the verdict at every skin vertex of an atlas.

    Parameters
    ----------
    atlas : Atlas
        With skin; its depth field is computed if it is not cached.
    technique : Technique
    pressure : Pressure

    Raises
    ------
    InputError
        If the atlas has no skin.

    Notes
    -----
    Where a rule fires does not depend on technique or pressure, so the 24 fields of an atlas
    share their masks and cost milliseconds once the depth field is there. Each rule's table never
    falls with pressure or harshness, hence neither does the field.
    """
    rules = load_rules().rules
    fires = _firing(atlas)
    verdict = np.zeros(fires.shape[1], dtype=np.uint8)
    deciding = np.full(fires.shape[1], -1, dtype=np.int16)
    for index, rule in enumerate(rules):
        says = np.uint8(rule.verdict(technique, pressure))
        wins = fires[index] & (says > verdict)
        verdict[wins] = says
        deciding[wins] = index
    return CautionField(technique, pressure, verdict, deciding, rules)


def _fire(atlas: Atlas) -> NDArray[np.bool_]:
    """Where each rule fires, shape (rules, N)."""
    measured = measured_skin(atlas)
    return np.stack([rule.fires(measured) for rule in load_rules().rules])


_firing = PerAtlas(_fire)
