"""What every imported atlas gets: landmarks, names on the parts of bones, fibre coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from meshes.landmarks import Landmarks
from meshes.structure import Structure


def finish(
    structures: Mapping[str, Structure], upright: Iterable[str] = ()
) -> tuple[Landmarks, dict[str, Structure]]:
    """Find landmarks, tag the parts of bones, and read off the muscles' fibres.

    Parameters
    ----------
    structures : mapping of str to Structure
        In the common frame.
    upright : iterable of str
        Vertebrae whose spinous process ends in an upright edge (``meshes.readers.tip``).

    Returns
    -------
    landmarks : Landmarks
    structures : dict of str to Structure
        The same structures; bones with their parts, muscles with their fibre coordinates.
    """
    from meshes.landmark_finder import find_landmarks
    from meshes.parts import tag_parts
    from meshes.readers.fibres import with_fibres
    from meshes.readers.tip import with_upright_tips
    from meshes.terminology import System

    landmarks = with_upright_tips(find_landmarks(structures), structures, upright)
    tagged = {
        key: tag_parts(item, landmarks)
        if item.system is System.SKELETAL and item.surface.part is None
        else item
        for key, item in structures.items()
    }
    return landmarks, with_fibres(tagged, landmarks)
