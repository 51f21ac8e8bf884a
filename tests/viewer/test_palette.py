from __future__ import annotations

import itertools

import numpy as np
import pytest

from annotations.verdict import Verdict
from meshes.catalogue import load_catalogue
from viewer import palette
from viewer.eyesight import SIGHT, apart, lightness, seen
from viewer.lettering import pattern


def test_greys_are_grey_to_everyone() -> None:
    for sight in SIGHT:
        for value in (0, 90, 255):
            lab = seen((value, value, value), sight)
            assert np.abs(lab[1:]).max() < 1.0
            assert lab[0] == pytest.approx(seen((value, value, value))[0], abs=0.5)


def test_red_and_green_are_alike_to_who_lacks_a_cone() -> None:
    """The simulation does what it is for: these two of equal lightness fall together."""
    red, green = (190, 100, 40), (110, 140, 40)
    assert apart(red, green) > 30.0
    assert apart(red, green, "deutan") < 0.5 * apart(red, green)


@pytest.mark.parametrize("blindness", SIGHT)
def test_verdicts_are_told_apart_by_everyone(blindness: str) -> None:
    for one, other in itertools.combinations(Verdict, 2):
        found = apart(palette.verdict_colour(one), palette.verdict_colour(other), blindness)
        assert found > 20.0, (one, other, found)


@pytest.mark.parametrize("blindness", SIGHT)
def test_verdicts_stand_out_from_skin_and_muscle(blindness: str) -> None:
    for verdict in Verdict:
        for tissue in (palette.SKIN, palette.BELLY):
            found = apart(palette.verdict_colour(verdict), tissue, blindness)
            assert found > 12.0, (verdict, tissue, found)


def test_every_verdict_has_its_own_pattern() -> None:
    ink = {}
    for verdict in Verdict:
        sample = pattern(verdict, 40, 24)[2:-2, 2:-2].astype(float)
        ink[verdict] = float((np.abs(sample - palette.verdict_colour(verdict)).sum(2) > 90).mean())
    assert ink[Verdict.WORK] == 0.0
    assert 0.05 < ink[Verdict.LIGHTEN] < ink[Verdict.AVOID] < ink[Verdict.NEVER] < 0.7


def test_in_a_grey_print_pattern_or_lightness_tells_verdicts_apart() -> None:
    """Where two verdicts are alike in grey, one is plain and the other carries dark strokes."""
    grey = {verdict: lightness(palette.verdict_colour(verdict)) for verdict in Verdict}
    ink = {}
    for verdict in Verdict:
        sample = pattern(verdict, 40, 24)[2:-2, 2:-2].astype(float) @ [0.2126, 0.7152, 0.0722]
        ink[verdict] = float(sample.std())
    for one, other in itertools.combinations(Verdict, 2):
        assert abs(grey[one] - grey[other]) > 15.0 or abs(ink[one] - ink[other]) > 15.0


def test_every_structure_has_a_colour() -> None:
    for entry in load_catalogue().values():
        colour = palette.tissue_colour(entry)
        assert len(colour) == 3
        assert all(0 <= value <= 255 for value in colour)


def test_tendon_is_pale_and_belly_red() -> None:
    colours = palette.belly_and_tendon(np.array([0.0, 0.5, 1.0]))
    assert tuple(colours[0]) == palette.BELLY
    assert tuple(colours[2]) == palette.TENDON
    assert np.all(np.diff(colours.astype(int).sum(axis=1)) > 0)
