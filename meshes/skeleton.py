"""The built-in skeleton: every bone from the skull to the upper femur, sized to a body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Body
from meshes.bones import tags
from meshes.bones.atlas_axis import atlas, axis
from meshes.bones.build_body import sized
from meshes.bones.carried import carried, femur, humerus
from meshes.bones.column import LEVELS, column, discs
from meshes.bones.disc import disc_mesh
from meshes.bones.hip_bone import hip_bone
from meshes.bones.opensim import source_label
from meshes.bones.rib import ribs
from meshes.bones.sacrum import coccyx, sacrum
from meshes.bones.skull import hyoid, mandible, skull
from meshes.bones.sternum import costal_cartilage, sternum
from meshes.bones.vertebra import vertebra
from meshes.catalogue import load_catalogue
from meshes.progress import Progress, silent
from meshes.relax import relaxed
from meshes.structure import Origin, Structure
from meshes.surface import Surface
from meshes.terminology import Provenance, mirror_id

OWN_LICENCE = "Apache-2.0"
OPENSIM_LICENCE = "CC-BY-3.0 / Apache-2.0"

Piece = tuple[str, Surface, tuple[str, ...], bool]


def build_skeleton(body: Body = Body(), progress: Progress = silent) -> dict[str, Structure]:  # noqa: B008
    """Build the bones, costal cartilages and intervertebral discs of a body.

    Parameters
    ----------
    body : Body
        Stature and sex; the reference is a man of 1750 mm (facts, section 1).
    progress : Progress

    Returns
    -------
    dict of str to Structure
        By id, midline bones first, then left and right pairs; right bones are exact mirror images.

    Raises
    ------
    MachineError
        If the package that carries the OpenSim bones is not installed.
    """
    catalogue = load_catalogue()
    found: dict[str, Structure] = {}
    for name, surface, parts, imported in _reference(progress):
        shape = sized(name, surface, body)
        origin = (
            Origin(Provenance.IMPORTED, source_label(), OPENSIM_LICENCE)
            if imported
            else Origin(Provenance.GENERATED, "modelled from measured figures", OWN_LICENCE)
        )
        found[name] = Structure(catalogue[name], shape, origin, parts)
        if name.endswith("_left"):
            twin = mirror_id(name)
            found[twin] = Structure(catalogue[twin], shape.mirrored(), origin, parts)
    progress(1.0, "skeleton")
    return found


def _reference(progress: Progress) -> Iterator[Piece]:
    steps: tuple[tuple[str, Callable[[], tuple[Piece, ...]]], ...] = (
        ("vertebrae", _vertebrae),
        ("ribs and sternum", _cage),
        ("pelvis", _pelvis),
        ("shoulder girdle", _girdle),
        ("skull", _head),
    )
    for done, (what, make) in enumerate(steps):
        progress(done / len(steps), what)
        yield from make()


@lru_cache(maxsize=1)
def _vertebrae() -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for name in LEVELS:
        level = column()[name]
        make = {"C1": atlas, "C2": axis}.get(name, vertebra)
        vertices, faces, normals = make(level)
        part = tags.vertebra_tags(level, vertices[faces].mean(axis=1))
        surface = Surface.of(vertices, faces, normals=normals, part=part)
        pieces.append((f"vertebra_{name}", surface, tags.VERTEBRA, False))
    for disc in discs():
        surface = Surface.of(*disc_mesh(disc))
        pieces.append((f"intervertebral_disc_{disc.name}", surface, (), False))
    return tuple(pieces)


@lru_cache(maxsize=1)
def _cage() -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for number, rib in enumerate(ribs(), start=1):
        part = tags.rib_tags(rib, rib.vertices[rib.faces].mean(axis=1))
        surface = Surface.of(rib.vertices, rib.faces, part=part)
        pieces.append((f"rib_{number}_left", surface, tags.RIB, False))
    for number in range(1, 11):
        surface = Surface.of(*costal_cartilage(number))
        pieces.append((f"costal_cartilage_{number}_left", surface, (), False))
    pieces.append(_solid("sternum", sternum(), tags.STERNUM, tags.sternum_tags))
    return tuple(pieces)


@lru_cache(maxsize=1)
def _pelvis() -> tuple[Piece, ...]:
    return (
        _solid("sacrum", sacrum(), tags.SACRUM, tags.sacrum_tags),
        ("coccyx", Surface.of(*coccyx()), (), False),
        _solid("hip_bone_left", hip_bone(), tags.HIP_BONE, tags.hip_bone_tags),
        _carried("femur_left", femur(), tags.FEMUR, tags.femur_tags),
    )


@lru_cache(maxsize=1)
def _girdle() -> tuple[Piece, ...]:
    return (
        _carried("clavicle_left", carried("clavicle"), (), None),
        _carried("scapula_left", carried("scapula"), tags.SCAPULA, tags.scapula_tags),
        _carried("humerus_left", humerus(), tags.HUMERUS, tags.humerus_tags),
    )


@lru_cache(maxsize=1)
def _head() -> tuple[Piece, ...]:
    return (
        _carried("skull", skull(), tags.SKULL, tags.skull_tags),
        _carried("mandible", mandible(), (), None),
        _solid("hyoid_bone", hyoid(), (), None),
    )


Tagger = Callable[[NDArray[np.float64]], NDArray[np.int16]]


def _solid(
    name: str,
    made: tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]],
    parts: tuple[str, ...],
    tagger: Tagger | None,
) -> Piece:
    vertices, faces, normals = made
    part = None if tagger is None else tagger(vertices[faces].mean(axis=1))
    return name, Surface.of(vertices, faces, normals=normals, part=part), parts, False


def _carried(
    name: str,
    made: tuple[NDArray[np.float64], NDArray[np.int64]],
    parts: tuple[str, ...],
    tagger: Tagger | None,
) -> Piece:
    vertices, faces = made
    settled = relaxed(vertices, faces)  # a blade bent to its place may have come through itself
    if settled is not None:
        vertices = settled.astype(np.float64)
    part = None if tagger is None else tagger(vertices[faces].mean(axis=1))
    return name, Surface.of(vertices, faces, part=part), parts, True
