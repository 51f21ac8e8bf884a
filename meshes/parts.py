"""Name the parts of bones that came without: which faces are the acromion, which the lamina.

The rules stand in ``parts.toml`` and speak of landmarks, so they hold for any atlas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from meshes.errors import ReadError
from meshes.finding.rules import Rule, read_rules
from meshes.finding.search import Missing, Search
from meshes.landmarks import Landmarks
from meshes.structure import Structure


@lru_cache(maxsize=1)
def part_rules() -> Mapping[str, tuple[Rule, ...]]:
    """Return the rules that ship with Palpate, by structure id, the first in order winning."""
    rules: dict[str, list[Rule]] = {}
    for rule in read_rules("parts.toml", "tag"):
        rules.setdefault(rule.name.partition("/")[0], []).append(rule)
    return {name: tuple(rows) for name, rows in rules.items()}


def tag_parts(structure: Structure, landmarks: Landmarks) -> Structure:
    """Return the structure with its faces assigned to named parts.

    Parameters
    ----------
    structure : Structure
        A bone; one that has parts already, or that no rule speaks of, is returned as it is.
    landmarks : Landmarks
        Found on the same person's bones. A rule whose landmark is missing is passed over.

    Returns
    -------
    Structure
        With ``parts`` and ``surface.part``; -1 where a face belongs to no part.
    """
    if structure.parts or not structure.surface.triangle_count:
        return structure
    rules = part_rules().get(structure.id, ())
    if not rules:
        return structure
    surface = structure.surface
    corners = surface.vertices[surface.faces].astype(np.float64)
    centres = corners.mean(axis=1)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-12)[:, None]
    search = Search({structure.id: structure}, dict(landmarks.points), dict(landmarks.curves))
    part = np.full(len(centres), -1, dtype=np.int16)
    names: list[str] = []
    for rule in rules:
        seen = search.seen(rule.mirror)
        try:
            bone = seen.bone(structure.id)
            inside = seen.inside(
                bone,
                seen.flipped(centres),
                rule.options.get("within", {}),
                seen.flipped(normals),
            )
        except Missing:
            continue
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ReadError(f"{rule.where}: {rule.name}: {error!r}") from error
        name = rule.name.partition("/")[2]
        if name not in names:
            names.append(name)
        part[inside & (part < 0)] = names.index(name)
    if not names:
        return structure
    return replace(structure, surface=replace(surface, part=part), parts=tuple(names))
