"""What every imported skeleton gets: landmarks found on its bones and names on their parts."""

from __future__ import annotations

from collections.abc import Mapping

from meshes.landmarks import Landmarks
from meshes.structure import Structure


def finish(structures: Mapping[str, Structure]) -> tuple[Landmarks, dict[str, Structure]]:
    """Find the landmarks of an atlas and tag the parts of bones that came without.

    Parameters
    ----------
    structures : mapping of str to Structure
        In the common frame.

    Returns
    -------
    landmarks : Landmarks
    structures : dict of str to Structure
        The same structures, bones with their parts.
    """
    from meshes.landmark_finder import find_landmarks
    from meshes.parts import tag_parts
    from meshes.terminology import System

    landmarks = find_landmarks(structures)
    tagged = {
        key: tag_parts(item, landmarks)
        if item.system is System.SKELETAL and item.surface.part is None
        else item
        for key, item in structures.items()
    }
    return landmarks, tagged
