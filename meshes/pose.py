"""Poses: the shoulder girdle moved as rigid bones; soft tissue is laid anew over them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshes.errors import InputError, UnknownName
from meshes.frame import Affine
from meshes.landmarks import Landmarks
from meshes.structure import Structure
from meshes.terminology import mirror_id

REST = "rest"
_STEP_MM = 0.5
_FLIP = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Pose:
    """A pose at fraction 1 (pose.toml).

    Attributes
    ----------
    title : str
    axis_mm : tuple of float
        x and y of the vertical axis that the scapula travels around.
    protraction, upward_rotation, humerus_rotation : float
        Degrees.
    elevation_mm : float
    humerus : tuple of float
        Direction from shoulder to elbow at the end.
    """

    title: str
    axis_mm: tuple[float, float]
    protraction: float
    upward_rotation: float
    elevation_mm: float
    humerus: tuple[float, float, float]
    humerus_rotation: float


@lru_cache(maxsize=1)
def load_poses() -> Mapping[str, Pose]:
    """Return the poses by name."""
    text = files(__package__).joinpath("pose.toml").read_text(encoding="utf-8")
    return {
        name: _pose({k: tuple(v) if isinstance(v, list) else v for k, v in row.items()})
        for name, row in tomllib.loads(text).items()
    }


def _pose(row: dict[str, Any]) -> Pose:
    return Pose(**row)


def parse_pose(text: str) -> tuple[str, float]:
    """Split ``NAME[:0..1]`` into a name and a fraction.

    Raises
    ------
    UnknownName
        If there is no such pose.
    InputError
        If the fraction is no number in 0..1.

    Examples
    --------
    >>> parse_pose("arm_across_body:0.5")
    ('arm_across_body', 0.5)
    >>> parse_pose("rest")
    ('rest', 0.0)
    """
    name, colon, share = text.partition(":")
    if name != REST and name not in load_poses():
        raise UnknownName("pose", name, [REST, *load_poses()])
    try:
        fraction = float(share) if colon else (0.0 if name == REST else 1.0)
    except ValueError:
        fraction = -1.0
    if not 0.0 <= fraction <= 1.0:
        raise InputError(f"pose {text!r}: a fraction in 0..1 is required, received {share!r}")
    return name, fraction


def posed(
    structures: Mapping[str, Structure], landmarks: Landmarks, name: str, fraction: float
) -> tuple[dict[str, Structure], Landmarks]:
    """Move the bones of both shoulder girdles.

    Parameters
    ----------
    structures : mapping of str to Structure
        A skeleton at rest.
    landmarks : Landmarks
        Its landmarks.
    name : str
    fraction : float
        0 returns what came in.

    Returns
    -------
    tuple of dict and Landmarks
    """
    if fraction == 0.0:
        return dict(structures), landmarks
    moves = _moves(structures, landmarks, load_poses()[name], fraction)
    moves |= {mirror_id(bone): _mirrored(move) for bone, move in moves.items()}
    moved = {
        bone: _moved(item, moves[bone]) if bone in moves else item
        for bone, item in structures.items()
    }

    def follow(mark: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
        bone = mark.partition("/")[0]
        return moves[bone](points) if bone in moves else points

    return moved, Landmarks(
        {mark: follow(mark, at) for mark, at in landmarks.points.items()},
        {mark: follow(mark, line) for mark, line in landmarks.curves.items()},
        {bone: move.linear for bone, move in moves.items()},
    )


def _moves(
    structures: Mapping[str, Structure], marks: Landmarks, pose: Pose, fraction: float
) -> dict[str, Affine]:
    """Return how each bone of the left girdle moves."""
    root = marks.point("scapula_left/spine_root")
    blade = _unit(
        np.cross(
            marks.point("scapula_left/inferior_angle") - root,
            marks.point("scapula_left/glenoid") - root,
        )
    )
    if blade[1] < 0.0:
        blade = -blade
    # Seen from behind, the left glenoid rises when the blade turns about its posterior normal.
    upward = _about(root, blade, -fraction * pose.upward_rotation)
    axis = np.array([*pose.axis_mm, 0.0])
    carried = _about(axis, np.array([0.0, 0.0, 1.0]), -fraction * pose.protraction)
    rise = Affine(np.eye(3), np.array([0.0, 0.0, fraction * pose.elevation_mm]))
    scapula = upward.then(carried).then(rise)
    scapula = _clear_of_ribs(structures, scapula, axis)

    sternal = marks.point("clavicle_left/sternal_end")
    acromial = marks.point("clavicle_left/acromial_end")
    scapula = _held_by_clavicle(scapula, root, sternal, acromial)
    clavicle = _swing(sternal, acromial - sternal, scapula(acromial) - sternal)

    head = marks.point("humerus_left/head")
    shaft = marks.point("humerus_left/deltoid_tuberosity") - head
    hanging = _unit(scapula.linear @ shaft)
    target = np.array(pose.humerus)
    swung = _unit((1.0 - fraction) * hanging + fraction * _unit(target))
    joint = scapula(head)
    turned = scapula.then(_swing(joint, hanging, swung))
    humerus = turned.then(_about(joint, swung, fraction * pose.humerus_rotation))
    return {"scapula_left": scapula, "clavicle_left": clavicle, "humerus_left": humerus}


def _clear_of_ribs(
    structures: Mapping[str, Structure], move: Affine, axis: NDArray[np.float64]
) -> Affine:
    """Carry the scapula outward until it is as far from the cage as at rest."""
    cage = [item.surface.vertices for name, item in structures.items() if name.startswith("rib_")]
    blade = structures["scapula_left"].surface.vertices[::3].astype(np.float64)
    if not cage:
        return move
    from scipy.spatial import cKDTree

    tree = cKDTree(np.concatenate(cage))
    rest_gap = float(tree.query(blade)[0].min())
    centre = move(blade).mean(axis=0) - axis
    outward = _unit(np.array([centre[0], centre[1], 0.0]))
    for step in range(80):
        shifted = move.shifted(step * _STEP_MM * outward)
        if float(tree.query(shifted(blade))[0].min()) >= rest_gap:
            return shifted
    return shifted


def _held_by_clavicle(
    move: Affine,
    root: NDArray[np.float64],
    sternal: NDArray[np.float64],
    acromial: NDArray[np.float64],
) -> Affine:
    """Turn the scapula about the upright through its root until the clavicle spans to it.

    The clavicle keeps its length, so the blade turns inward less than it travels.
    """
    length = float(np.linalg.norm(acromial - sternal))
    upright = np.array([0.0, 0.0, 1.0])
    turns = [move.then(_about(move(root), upright, step)) for step in np.arange(-6.0, 18.01, 0.25)]
    misses = [abs(float(np.linalg.norm(turn(acromial) - sternal)) - length) for turn in turns]
    return turns[int(np.argmin(misses))]


def _about(centre: NDArray[np.float64], axis: NDArray[np.float64], degrees: float) -> Affine:
    from scipy.spatial.transform import Rotation

    linear = Rotation.from_rotvec(np.radians(degrees) * _unit(axis)).as_matrix()
    return Affine(linear, centre - linear @ centre)


def _swing(
    centre: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> Affine:
    """Return the shortest turn about a centre that takes one direction into another."""
    first, last = _unit(start), _unit(end)
    axis = np.cross(first, last)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-12:
        return Affine(np.eye(3), np.zeros(3))
    return _about(centre, axis, float(np.degrees(np.arctan2(sine, float(first @ last)))))


def _moved(item: Structure, move: Affine) -> Structure:
    return Structure(item.entry, item.surface.moved(move), item.origin, item.parts)


def _mirrored(move: Affine) -> Affine:
    return Affine(move.linear * np.outer(_FLIP, _FLIP), move.offset * _FLIP)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))
