from __future__ import annotations

import itertools

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from annotations.verdict import Verdict
from meshes.catalogue import load_catalogue
from viewer import palette
from viewer.lettering import pattern

#: Linear RGB to what a dichromat sees (Machado, Oliveira and Fernandes 2009, severity 1.0).
BLINDNESS = {
    "none": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip


def seen(colour: palette.RGB, blindness: str) -> np.ndarray:
    value = np.array(colour) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.clip(BLINDNESS[blindness] @ linear, 0.0, 1.0)
    back = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(rgb2lab(back))


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_verdicts_are_told_apart_by_everyone(blindness: str) -> None:
    for one, other in itertools.combinations(Verdict, 2):
        apart = deltaE_ciede2000(
            seen(palette.verdict_colour(one), blindness),
            seen(palette.verdict_colour(other), blindness),
        )
        assert apart > 20.0, (one, other, apart)


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_verdicts_stand_out_from_skin_and_muscle(blindness: str) -> None:
    for verdict in Verdict:
        for tissue in (palette.SKIN, palette.BELLY):
            apart = deltaE_ciede2000(
                seen(palette.verdict_colour(verdict), blindness), seen(tissue, blindness)
            )
            assert apart > 12.0, (verdict, tissue, apart)


def test_every_verdict_has_its_own_pattern() -> None:
    ink = {}
    for verdict in Verdict:
        sample = pattern(verdict, 40, 24)[2:-2, 2:-2].astype(float)
        ink[verdict] = float((np.abs(sample - palette.verdict_colour(verdict)).sum(2) > 90).mean())
    assert ink[Verdict.WORK] == 0.0
    assert 0.05 < ink[Verdict.LIGHTEN] < ink[Verdict.AVOID] < ink[Verdict.NEVER] < 0.7


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
