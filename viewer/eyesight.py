"""How colours look to dichromats and in grey, for checking palettes: measures, not pictures.

The three dichromacies after Machado, Oliveira and Fernandes (2009, IEEE TVCG 15:1291, severity
1.0), in linear sRGB; differences as CIEDE2000.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from viewer.palette import RGB

Floats = NDArray[np.float64]

#: Linear RGB to what is seen; ``none`` is full sight.
SIGHT: Mapping[str, Floats] = MappingProxyType(
    {
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
    }
)  # fmt: skip


def seen(colour: RGB, sight: str = "none") -> Floats:
    """Return CIELAB of what an eye sees where a colour (0..255) is shown, shape (3,)."""
    from skimage.color import rgb2lab

    value = np.asarray(colour, dtype=np.float64) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.clip(SIGHT[sight] @ linear, 0.0, 1.0)
    back = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(rgb2lab(back))


def apart(one: RGB, other: RGB, sight: str = "none") -> float:
    """Return how different two colours look (CIEDE2000; 2 is just seen, 20 is plain)."""
    from skimage.color import deltaE_ciede2000

    return float(deltaE_ciede2000(seen(one, sight), seen(other, sight)))


def lightness(colour: RGB) -> float:
    """Return L* of a colour, 0 black to 100 white: what is left of it in a grey print."""
    return float(seen(colour)[0])
