"""Colours: tissues after 3D Slicer's generic anatomy, verdicts that everyone can tell apart.

Tissue colours are those of 3D Slicer's *GenericAnatomyColors* table, from which the plate
colours below are drawn: fascicles of a muscle are spread around the muscle colour, and bone,
skin and fat are lightened because they are shaded here and not shown flat as in Slicer.

Verdict colours follow Okabe and Ito (Color Universal Design, 2008): sky blue, yellow, vermilion
and a purple near black. Any two are more than 20 apart (CIEDE2000) for normal sight and for the
three kinds of dichromacy, and each is more than 12 from skin and muscle (tests/viewer/
test_palette.py). Each comes with a pattern for grey prints, where two of them are alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from annotations.verdict import Verdict
from meshes.catalogue import Entry
from meshes.terminology import System, TissueLayer

RGB = tuple[int, int, int]

#: 3D Slicer's generic anatomy colours, 0..255.
SLICER: Mapping[str, RGB] = MappingProxyType(
    {
        "bone": (241, 214, 145),
        "muscle": (192, 104, 88),
        "skin": (177, 122, 101),
        "connective tissue": (111, 184, 210),
        "nerve": (244, 214, 49),
        "artery": (216, 101, 79),
        "vein": (0, 151, 206),
        "fat": (230, 220, 70),
        "kidney": (185, 102, 83),
        "lung": (197, 165, 145),
        "organ": (166, 84, 94),
    }
)

BACKGROUND: RGB = (250, 249, 247)
INK: RGB = (38, 40, 44)

BELLY: RGB = (176, 68, 55)
FURROW: RGB = (112, 32, 27)
TENDON: RGB = (233, 222, 199)
BONE: RGB = (232, 219, 184)
CARTILAGE: RGB = (196, 211, 214)
LIGAMENT: RGB = (222, 214, 194)
FAT: RGB = (240, 214, 138)
SKIN: RGB = (226, 188, 163)
KIDNEY: RGB = (150, 70, 78)
PLEURA: RGB = (186, 190, 214)
LUNG: RGB = (222, 178, 172)
ORGAN: RGB = (176, 104, 102)
NERVE: RGB = (236, 205, 72)
VESSEL: RGB = (206, 84, 66)
HAND: RGB = (206, 219, 230)

_VERDICT: Mapping[Verdict, RGB] = MappingProxyType(
    {
        Verdict.WORK: (40, 150, 190),
        Verdict.LIGHTEN: (255, 238, 84),
        Verdict.AVOID: (226, 104, 0),
        Verdict.NEVER: (48, 10, 76),
    }
)


def verdict_colour(verdict: Verdict) -> RGB:
    """Return the colour of a verdict, RGB 0..255.

    >>> verdict_colour(Verdict.NEVER)
    (48, 10, 76)
    """
    return _VERDICT[verdict]


def verdict_colours() -> tuple[RGB, ...]:
    """Return the colours of all verdicts in their order."""
    return tuple(_VERDICT[item] for item in Verdict)


def tissue_colour(entry: Entry) -> RGB:
    """Return the plain colour of a structure from its system and layer, RGB 0..255.

    Muscles get the colour of their belly; tendon is mixed in where fibres are known.
    """
    if entry.layer is TissueLayer.SUBCUTANEOUS and entry.system is not System.MUSCULAR:
        return FAT
    if entry.system is System.VISCERAL:
        return _ORGANS.get(entry.base, ORGAN)
    if entry.system is System.ARTICULAR:
        return CARTILAGE if "disc" in entry.base or "cartilage" in entry.base else LIGAMENT
    if entry.system is System.SKELETAL and "cartilage" in entry.base:
        return CARTILAGE
    return _SYSTEMS.get(entry.system, ORGAN)


_SYSTEMS: Mapping[System, RGB] = MappingProxyType(
    {
        System.INTEGUMENTARY: SKIN,
        System.FASCIAL: TENDON,
        System.MUSCULAR: BELLY,
        System.SKELETAL: BONE,
        System.NERVOUS: NERVE,
        System.VASCULAR: VESSEL,
    }
)

_ORGANS: Mapping[str, RGB] = MappingProxyType({"kidney": KIDNEY, "pleura": PLEURA, "lung": LUNG})


def belly_and_tendon(tendon: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return vertex colours of a muscle for formats without shaders, shape (N, 3).

    Parameters
    ----------
    tendon : ndarray, shape (N,)
        0 belly, 1 tendon (``Fibres.tendon``).
    """
    share = np.clip(np.asarray(tendon, dtype=np.float64), 0.0, 1.0)
    share = (share * share * (3.0 - 2.0 * share))[:, None]
    mixed = np.array(BELLY) * (1.0 - share) + np.array(TENDON) * share
    return np.round(mixed).astype(np.uint8)


def unit(colour: RGB) -> tuple[float, float, float]:
    """Return a colour as floats 0..1."""
    return colour[0] / 255.0, colour[1] / 255.0, colour[2] / 255.0


def hexadecimal(colour: RGB) -> str:
    """Return a colour as ``#rrggbb``.

    >>> hexadecimal((40, 150, 190))
    '#2896be'
    """
    return "#{:02x}{:02x}{:02x}".format(*colour)
