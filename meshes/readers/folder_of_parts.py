"""From loose meshes, each known by a structure's id, to the structures of an atlas."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import SetAside
from meshes.catalogue import load_catalogue
from meshes.frame import Affine
from meshes.readers.mend import Mesh, close_holes, join, rim, stitch, tangles, turn_outward, weld
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance


@dataclass
class Parts:
    """Meshes gathered by structure, with a report of what was set aside or could not be mended.

    Attributes
    ----------
    title, licence : str
        Of the source, for the provenance of each structure.
    set_aside : list of SetAside
    """

    title: str
    licence: str
    set_aside: list[SetAside] = field(default_factory=list)
    _meshes: dict[str, list[tuple[str, Mesh]]] = field(default_factory=dict)
    _sources: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._meshes)

    def leave(self, source: str, reason: str) -> None:
        """Record that a source mesh is not in the atlas, or has a fault there."""
        self.set_aside.append(SetAside(source, reason))

    def add(self, target: str, source: str, mesh: Mesh) -> None:
        """Mend a mesh and keep it as a structure (``id``) or one part of it (``id/part``)."""
        structure, _, part = target.partition("/")
        there = self._meshes.setdefault(structure, [])
        if any(part == other for other, _ in there):
            self.leave(source, f"second mesh for {target}; the first was kept")
            return
        mended = turn_outward(close_holes(stitch(weld(mesh))))
        there.append((part, mended))
        self._sources.setdefault(structure, []).append(source)
        gaps, knots = len(rim(mended)), tangles(mended)
        if gaps or knots:
            self.leave(
                source,
                f"kept, not watertight: {gaps} open edges, {knots} edges with more than two faces",
            )

    def mesh(self, structure: str) -> Mesh | None:
        """Return what has been gathered for a structure, in source millimetres."""
        there = self._meshes.get(structure)
        return join([mesh for _, mesh in there]) if there else None

    def structures(self, placed: Affine) -> dict[str, Structure]:
        """Return the structures in catalogue order, moved by ``placed``."""
        return {
            entry: self._structure(entry, placed)
            for entry in load_catalogue()
            if entry in self._meshes
        }

    def _structure(self, structure: str, placed: Affine) -> Structure:
        entry = load_catalogue()[structure]
        meshes = self._meshes[structure]
        names = tuple(part.id for part in entry.parts if any(part.id == name for name, _ in meshes))
        part: NDArray[np.int16] | None = None
        if names:
            number = [names.index(name) if name else -1 for name, _ in meshes]
            part = np.repeat(number, [len(mesh.faces) for _, mesh in meshes]).astype(np.int16)
        mesh = join([mesh for _, mesh in meshes])
        faces = mesh.faces[:, ::-1] if placed.flips else mesh.faces
        return Structure(
            entry,
            Surface.of(placed(mesh.vertices), faces, part=part),
            Origin(
                Provenance.IMPORTED,
                f"{self.title}, {', '.join(self._sources[structure])}",
                self.licence,
            ),
            names,
        )
