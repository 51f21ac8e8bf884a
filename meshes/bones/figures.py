"""Read the figures beside the code: one TOML per bone family, parsed once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray


@cache
def figures(family: str) -> Mapping[str, Any]:
    """Return the parsed ``meshes/bones/<family>.toml``."""
    text = files(__package__).joinpath(f"{family}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def vector(values: Any) -> NDArray[np.float64]:
    """Return a TOML array as floats."""
    return np.asarray(values, dtype=np.float64)


def median(yz: Any) -> NDArray[np.float64]:
    """Return the point of the median plane with the given (y, z)."""
    return np.array([0.0, float(yz[0]), float(yz[1])])
