"""A structure: a catalogue entry with a shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.catalogue import Entry
from meshes.surface import Surface
from meshes.terminology import Provenance, Side, System, TissueLayer


@dataclass(frozen=True)
class Origin:
    """Where a shape came from and under which terms.

    Attributes
    ----------
    kind : Provenance
    source : str
        Data set, file or generator, in words a reader can follow.
    licence : str
        SPDX id or the licence's name.
    """

    kind: Provenance
    source: str
    licence: str


@dataclass(frozen=True, eq=False)
class Structure:
    """One named piece of anatomy with its shape.

    Attributes
    ----------
    entry : Entry
        Names, ids, layer and attachments from the catalogue.
    surface : Surface
        Full detail, mm, LPS.
    origin : Origin
        Provenance and licence of the shape.
    parts : tuple of str
        Names of the parts that ``surface.part`` indexes.
    """

    entry: Entry
    surface: Surface
    origin: Origin
    parts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """English snake_case id, side last."""
        return self.entry.id

    @property
    def side(self) -> Side:
        """The subject's side."""
        return self.entry.side

    @property
    def system(self) -> System:
        """Anatomical system."""
        return self.entry.system

    @property
    def layer(self) -> TissueLayer:
        """Peel layer."""
        return self.entry.layer

    def part_faces(self, part: str) -> NDArray[np.intp]:
        """Return the indices of the faces that belong to a part.

        Returns
        -------
        ndarray of int, shape (K,)
            Empty where the surface has no such part.
        """
        if self.surface.part is None or part not in self.parts:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(self.surface.part == self.parts.index(part))

    def part_of_face(self, face: int) -> str | None:
        """Return the name of the part that a face belongs to, if any."""
        if self.surface.part is None:
            return None
        index = int(self.surface.part[face])
        return self.parts[index] if index >= 0 else None
